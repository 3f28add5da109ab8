"""What ingest says of each question: its picks, difficulty, discrimination, and doubtful keys."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scipy.stats import pearsonr

from ingest import loading, predictions, runs
from tests.conftest import ask
from tests.test_ingest_predictions import plan_of
from tests.test_scores import World
from warehouse import sheets
from warehouse.errors import LoadFailed

GOLDS = ["A", "B", "C", "D", "A", "B", "C", "D"]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def load(world: World, letters: Mapping[str, Sequence[str | None]]) -> None:
    """A run of pubmedqa for each name, with these predictions."""
    world.answer("pubmedqa", GOLDS, **letters)
    for run in letters:
        world.score(run, {"pubmedqa": 0}, model=run, of={"pubmedqa": 1})
    world.connection.execute("delete from scores")
    world.derive("scores")


def statistics(world: World, sample_id: str) -> dict[str, Any]:
    (row,) = [row for row in world.derive("sample_stats") if row["sample_id"] == sample_id]
    return row


def test_a_question_counts_its_runs_picks_and_unreadable_answers(world: World) -> None:
    load(
        world,
        {
            "a": GOLDS,
            "b": ["A", "A", "A", "A"],  # left the others out
            "c": [None, None, "C", "C", *GOLDS[4:]],
            "d": ["B", *GOLDS[1:]],
        },
    )
    assert statistics(world, "test-0") == {
        "lane": "loglikelihood-0shot",
        "task": "pubmedqa",
        "sample_id": "test-0",
        "runs": 4,
        "picks": [2, 1, 0, 0],
        "unreadable": 1,
        "difficulty": 0.5,
        "discrimination": None,
        "only_wrong": None,
    }
    last = statistics(world, "test-7")
    assert (last["runs"], last["picks"], last["difficulty"]) == (3, [0, 0, 0, 3], 1.0)


def test_discrimination_correlates_with_the_rest_of_the_exam(world: World) -> None:
    runs: dict[str, list[str | None]] = {
        f"run-{number}": [
            gold if (number * 7 + place * 5) % 11 < number else "X"
            for place, gold in enumerate(GOLDS)
        ]
        for number in range(12)
    }
    load(world, {run: [None if x == "X" else x for x in letters] for run, letters in runs.items()})
    for place in range(len(GOLDS)):
        here = [float(letters[place] == GOLDS[place]) for letters in runs.values()]
        rest = [
            sum(letter == gold for letter, gold in zip(letters, GOLDS, strict=True)) - right
            for letters, right in zip(runs.values(), here, strict=True)
        ]
        found = statistics(world, f"test-{place}")["discrimination"]
        assert found == pytest.approx(pearsonr(here, rest).statistic, abs=1e-12), place


def test_discrimination_is_empty_where_all_did_alike_or_few_answered(world: World) -> None:
    ten = {f"run-{number}": ["A", "B", "C"[: number % 2] or "D"] for number in range(10)}
    load(world, ten)
    assert statistics(world, "test-0")["discrimination"] is None  # all were right
    nine = {f"few-{number}": ["A", "AB"[number % 2]] for number in range(9)}
    world.connection.execute("delete from samples; delete from predictions; delete from runs;")
    world.connection.execute("delete from run_tasks; delete from models; delete from sample_stats")
    load(world, nine)
    assert statistics(world, "test-1")["discrimination"] is None


def test_who_alone_was_wrong_is_named_from_five_runs_on(world: World) -> None:
    right = dict.fromkeys("abc", GOLDS)
    load(world, right | {"d": ["B", *GOLDS[1:]], "e": [*GOLDS[:6], None, "A"], "f": GOLDS[:7]})
    named = {row["sample_id"]: row["only_wrong"] for row in world.derive("sample_stats")}
    alone = {"test-0": "d", "test-6": "e", "test-7": "e"}
    assert named == {f"test-{place}": None for place in range(8)} | alone
    world.connection.execute("delete from run_tasks where run_id in ('a', 'b')")
    world.connection.execute("delete from sample_stats")  # four runs are left
    assert {row["only_wrong"] for row in world.derive("sample_stats")} == {None}


def load_voters(world: World, picks: Sequence[str | None], **models: str) -> None:
    """Runs that all know 100 questions but the first, on which they pick these letters."""
    golds = ["A"] * 100
    runs = {f"r{number}": [letter, *golds[1:]] for number, letter in enumerate(picks)}
    world.answer("pubmedqa", golds, **runs)
    for run in runs:
        world.score(run, {"pubmedqa": 0}, model=models.get(run, run), of={"pubmedqa": 1})
    world.connection.execute("delete from scores")
    world.derive("scores")


@pytest.mark.parametrize(
    ("picks", "found"),
    [
        ("BBBBB", [("A", "B", 5, 5, 0)]),
        ("BBBBA", [("A", "B", 5, 4, 1)]),
        (("B", "B", "B", "B", None), [("A", "B", 5, 4, 0)]),
        ("BBBB", []),  # too few
        ("BBBAA", []),  # too many for the key
        ("BBBCC", []),  # they agree only that the key is wrong
        ("AAAAA", []),
    ],
)
def test_a_key_is_suspect_where_strong_models_agree_on_another(
    world: World, picks: Sequence[str | None], found: list[Any]
) -> None:
    load_voters(world, picks)
    expected = [
        {"task": "pubmedqa", "sample_id": "test-0", "gold": gold, "suspected": suspected}
        | {"strong": strong, "agreeing": agreeing, "right_picks": right}
        for gold, suspected, strong, agreeing, right in found
    ]
    assert world.derive("suspect_keys") == expected


def test_weak_models_have_no_vote(world: World) -> None:
    load_voters(world, "BBBBB")
    world.connection.execute("update scores set interval_low = 0.6 where run_id = 'r4'")
    assert world.derive("suspect_keys") == []


def test_a_model_has_one_vote_in_however_many_lanes(world: World) -> None:
    load_voters(world, "BBBBBB", r5="r4")
    world.connection.execute("update runs set lane = 'other' where run_id = 'r5'")
    (found,) = world.derive("suspect_keys")
    assert (found["strong"], found["agreeing"]) == (5, 5)


def test_real_models_contradict_keys_that_are_wrong(test_data: Path, tmp_path: Path) -> None:
    answers = sorted((test_data / "predictions").glob("m*-*/*/mmlu_anatomy.jsonl"))
    assert len(answers) == 8
    for path in answers:
        folder = tmp_path / path.parent.name
        folder.mkdir()
        shutil.copy(path, folder)
        plan = plan_of(path.parent.name, f"other-{path.parent.parent.name}")
        predictions.import_predictions(folder, plan, "test", test_data / "hub")
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.find_folders([]), None)
    found = ask("suspect_keys").select("sample_id", "gold_choice", "suspected_choice")
    assert ("test-33", "Erect", "Prone") in found.rows()  # "a patient lies face down"
    assert ("test-55", "Downward", "Outward") in found.rows()  # "the foot is abducted"
    assert found.height == 3


def test_a_sheet_of_another_length_is_refused_with_what_to_do() -> None:
    assert sheets.stack(pl.Series(["AB", "-C"]), 2).tolist() == [[65, 66], [45, 67]]
    assert sheets.stack(pl.Series([], dtype=pl.String), 2).shape == (0, 2)
    with pytest.raises(LoadFailed, match="ingest rebuild"):
        sheets.stack(pl.Series(["AB", "ABC"]), 2)
