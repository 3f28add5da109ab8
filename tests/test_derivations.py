"""What is derived when something is loaded: all that follows from it, and as if made at once."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evaluator.baselines import BASELINES
from evaluator.files import write_table
from evaluator.tasks import NINE
from ingest import loading, runs
from tests.conftest import ask, make_run
from tests.test_ingest_predictions import import_and_load, write_jsonl
from tests.test_scores import SOME_RIGHT, World
from warehouse import db, sheets

OF_SAMPLE = {"lane": "loglikelihood-0shot", "task": "sample"}
TABLES = ("answer_sheets", "scores", "leaderboard", *sheets.MADE_OF_SHEETS)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def sure_of(letter: str, confidence: float) -> list[float]:
    """Log-probabilities of four choices, of which `letter` has this probability."""
    rest = (1 - confidence) / 3
    return [math.log(confidence if other == letter else rest) for other in "ABCD"]


def test_calibration_compares_confidence_and_accuracy_bin_by_bin(world: World) -> None:
    random = np.random.default_rng(0)
    confidences = random.uniform(0.26, 0.999, 60)
    right = random.uniform(size=60) < 0.6
    letters = np.where(right, "A", "B").tolist()
    world.answer("sample", ["A"] * 60, run=letters)
    for number, (letter, confidence) in enumerate(zip(letters, confidences, strict=True)):
        world.connection.execute(
            "update predictions set logprobs = $logs, confidence = $sure "
            "where sample = (select number from samples where sample_id = $key)",
            {
                "logs": sure_of(letter, confidence),
                "sure": confidence,
                "key": f"test-{number}",
            },
        )
    bins = np.ceil(confidences * 10)
    expected = sum(
        abs(right[bins == each].mean() - confidences[bins == each].mean()) * np.mean(bins == each)
        for each in np.unique(bins)
    )
    (found,) = [row for row in world.derive("scores") if row["slice"] == "all"]
    assert found["calibration_error"] == pytest.approx(expected, abs=1e-6)
    assert found["confidence_when_wrong"] == pytest.approx(confidences[~right].mean(), abs=1e-6)


def test_the_confidence_of_wrong_answers_is_empty_where_none_is_wrong(world: World) -> None:
    world.answer("sample", ["A"], run=["A"])
    world.connection.execute("update predictions set confidence = 0.7")
    (found,) = [row for row in world.derive("scores") if row["slice"] == "all"]
    assert found["calibration_error"] == pytest.approx(0.3, abs=1e-6)
    assert found["confidence_when_wrong"] is None


def test_a_case_asked_twice_weighs_as_much_as_one_asked_once(world: World) -> None:
    world.answer("mmlu_anatomy", ["A"] * 3, run=["A", "B", "A"])
    world.answer("pubmedqa", ["A"] * 2, run=["A", "A"])
    world.answer("sample", ["A"], run=["B"])  # never mixes with the nine
    world.connection.execute("update samples set cluster_id = task || sample_id")
    world.connection.execute(
        "update samples set cluster_id = 'one' where sample_id = 'test-0'"
        " or (task = 'mmlu_anatomy' and sample_id = 'test-1')"
    )
    found = {
        row["task"]: (row["distinct_n"], row["distinct_accuracy"])
        for row in world.derive("scores")
        if row["slice"] == "all"
    }
    third = 1 / 3
    assert found["mmlu_anatomy"] == pytest.approx((third + third + 1, (third + 1) / (5 * third)))
    assert found["pubmedqa"] == pytest.approx((third + 1, 1))
    assert found["sample"] == (1, 0)


def test_the_deduplicated_average_is_the_share_of_distinct_questions(world: World) -> None:
    world.score("run", SOME_RIGHT)
    weights = {task: (10 + place, place / 10) for place, task in enumerate(NINE)}
    for task, (n, accuracy) in weights.items():
        world.connection.execute(
            "update scores set distinct_n = $n, distinct_accuracy = $p where task = $task",
            {"n": n, "p": accuracy, "task": task},
        )
    (row,) = world.derive("leaderboard")
    right = sum(n * accuracy for n, accuracy in weights.values())
    assert row["deduplicated_average"] == pytest.approx(
        right / sum(n for n, _ in weights.values()), abs=1e-12
    )
    world.connection.execute("update run_tasks set predictions = 1 where task = 'pubmedqa'")
    (row,) = world.derive("leaderboard")
    assert row["deduplicated_average"] is None


def dump() -> dict[str, pl.DataFrame]:
    """Every derived table of the snapshot in use."""
    opened = db.open_warehouse()
    try:
        connection = opened._connection
        return {
            table: connection.sql(f"select * from {table} order by all").pl() for table in TABLES
        }
    finally:
        opened.close()


def load_runs(folder: Path) -> None:
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.finished(folder / "runs"), None)


def test_runs_loaded_one_by_one_derive_the_same_as_all_at_once(data_folder: Path) -> None:
    for model in BASELINES:
        make_run(model)
        load_runs(data_folder)
    make_run("baseline:random", again=True)  # replaces the first in every table
    load_runs(data_folder)
    step_by_step = dump()
    with loading.open_draft("again", rebuild=True):
        pass
    at_once = dump()
    assert {table for table in TABLES if not step_by_step[table].equals(at_once[table])} == set()
    assert step_by_step["rank_intervals"]["runs"].to_list() == [3, 3, 3]


def test_a_run_that_turns_out_partial_loses_its_rank(data_folder: Path) -> None:
    run_id = make_run("baseline:majority").run_id
    load_runs(data_folder)
    assert ask("rank_intervals", **OF_SAMPLE)["run_id"].to_list() == [run_id]
    folder = data_folder / "runs" / run_id
    answers = folder / "sample.parquet"
    write_table(answers, pl.read_parquet(answers).head(91))
    record = (folder / "run.json").read_text()
    assert record.count('"predictions": 92') == 1
    (folder / "run.json").write_text(record.replace('"predictions": 92', '"predictions": 91'))
    load_runs(data_folder)
    assert ask("rank_intervals", **OF_SAMPLE).is_empty()
    assert ask("sample_stats", task="sample").height == 91


def test_what_was_not_loaded_is_not_made_again(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run("baseline:random")
    load_runs(data_folder)
    asked = []
    ranked = sheets.list_rankings

    def list_rankings(changed: pl.DataFrame) -> list[tuple[str, str]]:
        asked.append(changed.drop("model").rows())
        return ranked(changed)

    monkeypatch.setattr(sheets, "list_rankings", list_rankings)
    with loading.open_draft("nothing of a run") as draft:
        draft.changed = True
    second = make_run("baseline:majority").run_id
    load_runs(data_folder)
    assert asked == [[], [(2, second, "sample", "loglikelihood-0shot")]]


def test_a_run_changes_the_ranks_of_its_lane_and_tasks_and_the_average() -> None:
    columns = {"run_id": ["a", "b", "b"], "task": ["x", "x", "y"], "lane": ["one", "one", "two"]}
    assert sheets.list_rankings(pl.DataFrame(columns)) == [
        ("one", "average"),
        ("one", "x"),
        ("two", "average"),
        ("two", "y"),
    ]


def test_only_a_run_that_answered_all_of_a_task_is_ranked(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    rows = [{"sample_id": f"sample-{n:03}", "prediction": "A"} for n in range(1, 93)]
    ranked = []
    for answers in (rows[:-1], rows):
        write_jsonl(folder, answers)
        made = import_and_load(folder)
        ranked.append(ask("rank_intervals", lane="other-test", task="sample")["run_id"].to_list())
    assert ranked == [[], [made.name]]
    assert ask("sample_stats", task="sample")["runs"].unique().to_list() == [1]
