"""The numbers: accuracy, its error and interval, the average, and which run is current."""

import math
import statistics
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from scipy.stats import binomtest

from evaluator.tasks import NINE, TASKS
from ingest import frames, samples
from tests.conftest import ask
from warehouse import db, rules, sheets

LETTERS = "ABCD"
ALL_RIGHT = {task: TASKS[task].size for task in NINE}
SOME_RIGHT = {  # the numbers of right answers of one model, made up
    "medqa_4options": 800,
    "medmcqa": 2000,
    "pubmedqa": 381,
    "mmlu_anatomy": 90,
    "mmlu_clinical_knowledge": 200,
    "mmlu_college_biology": 100,
    "mmlu_college_medicine": 111,
    "mmlu_medical_genetics": 77,
    "mmlu_professional_medicine": 150,
}


RUN: dict[str, Any] = {
    "model": "m",
    "revision": "r",
    "precision": "float32",
    "lane": "loglikelihood-0shot",
    "origin": "evaluated",
    "started_at": datetime(2026, 1, 1),
    "finished_at": datetime(2026, 1, 1),
    "command": "",
    "versions": "{}",
    "hardware": "{}",
    "record_hash": "",
}


class World:
    """An empty warehouse that is filled by hand and derived at once."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute((db.HERE / "schema.sql").read_text(encoding="utf-8"))
        self.connection.execute(rules.read_scope("nothing"))
        self.insert("tasks", samples.catalogue_frame())

    def insert(self, table: str, rows: pl.DataFrame) -> None:
        self.connection.register("incoming", rows.to_arrow())
        self.connection.execute(f"insert into {table} by name select * from incoming")
        self.connection.unregister("incoming")

    def load(self, table: str, rows: pl.DataFrame) -> None:
        """As ingest does."""
        self.connection.register("incoming", rows.to_arrow())
        path: Path = db.HERE / "load" / f"{table}.sql"
        self.connection.execute(path.read_text(encoding="utf-8"))
        self.connection.unregister("incoming")

    def answer(self, task: str, golds: Sequence[str], **predictions: Sequence[str | None]) -> None:
        """Load questions with these golds, and a run per keyword with these predictions."""
        ids = [f"test-{number}" for number in range(len(golds))]
        questions = [
            {
                "task": task,
                "sample_id": ids[number],
                "position": number,
                "question": "Which?",
                "choices": list(LETTERS),
                "gold": gold,
                "subject": ("Surgery", "Cardiology", None)[number % 3],
                "safety_tags": ["dosing", "elderly"][: number % 3],
                "safety_evidence": [],
                "content_hash": ids[number],
                "cluster_id": ids[number],
            }
            for number, gold in enumerate(golds)
        ]
        self.load("samples", pl.DataFrame(questions, schema=samples.SAMPLES))
        for run, letters in predictions.items():
            if run not in [known for (known,) in self.rows("select run_id from runs")]:
                self.load("runs", pl.DataFrame([RUN | {"run_id": run}]))
            rows = {"sample_id": ids[: len(letters)], "prediction": list(letters)}
            frame = pl.DataFrame(rows, schema_overrides={"prediction": pl.String})
            numbers = self.ask("sample_choices")
            answers = frame.with_columns(
                run_id=pl.lit(run),
                task=pl.lit(task),
                repeat=pl.lit(0),
                logprobs=pl.lit(None, pl.List(pl.Float32)),
            ).join(numbers.rename({"number": "sample"}), on=["task", "sample_id"])
            self.load("predictions", frames.predictions_frame(answers, self.ask("run_numbers")))
            self.load("answer_sheets", frames.answer_sheets_frame(answers, numbers))

    def ask(self, query: str, **parameters: object) -> pl.DataFrame:
        return self.connection.sql(db.read_query(query), params=parameters).pl()

    def score(self, run: str, right: dict[str, int], **facts: Any) -> None:
        """Load the scores of a run straight away; `of` says how many it answered, if not all."""
        answered: dict[str, int] = facts.pop("of", {})
        row = RUN | {"run_id": run, "record_hash": run} | facts
        numbers = self.rows(f"select number from runs where run_id = '{run}'")
        self.connection.execute("delete from runs where run_id = $run", {"run": run})
        if numbers:  # of a run that has answered: only its facts are new
            self.insert("runs", pl.DataFrame([row | {"number": numbers[0][0]}]))
        else:
            self.load("runs", pl.DataFrame([row]))
        model = {"model": row["model"], "revision": row["revision"], "type": "open weights"}
        model["trained_on"] = []
        known = self.rows("select model, revision from models")
        if (row["model"], row["revision"]) not in known:
            self.insert("models", pl.DataFrame([model]))
        for task, correct in right.items():
            self.insert_score(run, task, correct, answered.get(task, TASKS[task].size))

    def insert_score(self, run: str, task: str, correct: int, n: int) -> None:
        self.connection.execute(
            "insert into run_tasks by name select $run as run_id, $task as task, '' as revision, "
            "'' as samples_hash, $n as predictions, $size as expected",
            {"run": run, "task": task, "n": n, "size": TASKS[task].size},
        )
        self.connection.execute(
            "insert into scores by name select $run as run_id, $task as task, 'all' as slice, "
            "'all' as slice_value, $n as n, $k as correct, 3 as unreadable, $k / $n as accuracy, "
            "wilson_low($k / $n, $n) as interval_low, wilson_high($k / $n, $n) as interval_high, "
            "'original' as key_version, 0 as pointwise, 3 / $n as unreadable_share, "
            "$n / 2 as distinct_n, $k / $n / 2 as distinct_accuracy, 0 as contraindicated",
            {"run": run, "task": task, "n": n, "k": correct},
        )

    def derive(self, table: str) -> list[dict[str, Any]]:
        changed = self.connection.sql(
            "select distinct run, run_id, task, lane from graded join runs using (run_id)"
        ).pl()
        if table in sheets.MADE_OF_SHEETS:
            for rows in sheets.MADE_OF_SHEETS[table](self.ask, changed):
                self.load(table, rows)
        else:
            self.connection.register("changed", changed.to_arrow())
            path: Path = db.HERE / "derived" / f"{table}.sql"
            self.connection.execute(path.read_text(encoding="utf-8"))
            self.connection.unregister("changed")
        return self.connection.sql(f"select * from {table} order by all").pl().to_dicts()

    def leaderboard(self, *columns: str) -> list[tuple[Any, ...]]:
        """The derived leaderboard, these columns of it, in the order of the first."""
        return [tuple(row[name] for name in columns) for row in self.derive("leaderboard")]

    def rows(self, sql: str) -> list[Any]:
        return self.connection.sql(sql).fetchall()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def wilson(correct: int, n: int) -> tuple[float, float]:
    interval = binomtest(correct, n).proportion_ci(confidence_level=0.95, method="wilson")
    return float(interval.low), float(interval.high)


def test_the_interval_is_wilsons(world: World) -> None:
    counts = [(k, n) for n in (*range(1, 41), 92, 100) for k in range(n + 1)]
    counts += [(k, n) for n in (1273, 4183, 70450) for k in (0, 1, n // 3, n - 1, n)]
    world.connection.register(
        "counts", pl.DataFrame(counts, schema=["k", "n"], orient="row").to_arrow()
    )
    found = world.rows("select k, n, wilson_low(k / n, n), wilson_high(k / n, n) from counts")
    assert len(found) == len(counts)
    for k, n, low, high in found:
        assert (low, high) == pytest.approx(wilson(k, n), abs=1e-9), (k, n)


def test_the_error_is_the_sample_deviation_over_the_root_of_n(world: World) -> None:
    runs = {
        f"run-{n}-{k}": ["A"] * k + ["B"] * (n - k) for n in (1, 2, 3, 7, 30) for k in range(n + 1)
    }
    world.answer("sample", ["A"] * 30, **runs)
    found = {row["run_id"]: row for row in world.derive("scores") if row["slice"] == "all"}
    assert found.keys() == runs.keys()
    for run, letters in runs.items():
        outcomes, n = [float(letter == "A") for letter in letters], len(letters)
        error = statistics.stdev(outcomes) / math.sqrt(n) if n > 1 else None
        low, high = wilson(letters.count("A"), n)
        assert found[run] == {
            "run_id": run,
            "task": "sample",
            "slice": "all",
            "slice_value": "all",
            "key_version": "original",
            "n": n,
            "correct": letters.count("A"),
            "unreadable": 0,
            "accuracy": pytest.approx(sum(outcomes) / n, abs=1e-12),
            "stderr": error if error is None else pytest.approx(error, abs=1e-12),
            "interval_low": pytest.approx(low, abs=1e-9),
            "interval_high": pytest.approx(high, abs=1e-9),
            "pointwise": pytest.approx((1.25 * sum(outcomes) - 0.25 * n) / n, abs=1e-12),
            "unreadable_share": 0.0,
            "calibration_error": None,
            "confidence_when_wrong": None,
            "distinct_n": n,
            "distinct_accuracy": pytest.approx(sum(outcomes) / n, abs=1e-12),
            "confident_wrong": None,
            "contraindicated": 0,
            "repeats": 1,
            "always_right": None,
            "agreement": None,
        }


def test_an_unreadable_answer_is_wrong_and_counted(world: World) -> None:
    world.answer("sample", ["A", "A", "B", "C"], run=["A", None, "B", None])
    (found,) = [row for row in world.derive("scores") if row["slice"] == "all"]
    assert (found["n"], found["correct"], found["unreadable"], found["accuracy"]) == (4, 2, 2, 0.5)
    assert (found["unreadable_share"], found["pointwise"]) == (0.5, (2 - 0.25 * 2) / 4)


def test_each_slice_has_its_score(world: World) -> None:
    # subjects go Surgery, Cardiology, none; safety tags go none, dosing, dosing and elderly
    world.answer("sample", ["A", "A", "A", "A", "A"], run=["A", "B", "A", None, "A"])
    slices = [
        (row["slice"], row["slice_value"], row["n"], row["correct"], row["unreadable"])
        for row in world.derive("scores")
    ]
    assert slices == [
        ("all", "all", 5, 3, 1),
        ("safety", "dosing", 3, 2, 0),
        ("safety", "elderly", 1, 1, 0),
        ("subject", "Cardiology", 2, 1, 0),
        ("subject", "Surgery", 2, 1, 1),
    ]


def test_the_average_is_the_plain_mean_of_the_nine(world: World) -> None:
    world.score("run", SOME_RIGHT)
    shares = {task: right / TASKS[task].size for task, right in SOME_RIGHT.items()}
    mean = sum(shares.values()) / 9
    error = math.sqrt(sum(p * (1 - p) / (TASKS[task].size - 1) for task, p in shares.items())) / 9
    (row,) = world.derive("leaderboard")
    numbers = {name: row[name] for name in (*NINE, "average", "average_low", "average_high")}
    assert numbers == pytest.approx(
        shares
        | {
            "average": mean,
            "average_low": mean - 1.959963984540054 * error,
            "average_high": mean + 1.959963984540054 * error,
        },
        abs=1e-12,
    )
    assert row["weighted_average"] == pytest.approx(sum(SOME_RIGHT.values()) / 7045, abs=1e-12)
    halved = sum(SOME_RIGHT.values()) / 7045 / 2  # as `insert_score` has it
    assert row["deduplicated_average"] == pytest.approx(halved, abs=1e-12)
    assert (row["tasks_complete"], row["tasks_answered"], row["answered"]) == (9, 9, 7045)
    assert (row["unreadable"], row["headline"], row["sample"]) == (27, True, None)
    intervals = {task: (row[f"{task}_low"], row[f"{task}_high"]) for task in NINE}
    for task, interval in intervals.items():
        assert interval == pytest.approx(wilson(SOME_RIGHT[task], TASKS[task].size), abs=1e-9)


def test_an_interval_ends_at_one(world: World) -> None:
    world.score("run", ALL_RIGHT)
    columns = ("average", "average_low", "average_high", "weighted_average")
    assert world.leaderboard(*columns) == [(1.0, 1.0, 1.0, 1.0)]


@pytest.mark.parametrize("partial", NINE)
def test_a_partial_task_leaves_the_average_empty(world: World, partial: str) -> None:
    world.score("run", SOME_RIGHT, of={partial: TASKS[partial].size - 1})
    columns = ("tasks_complete", "tasks_answered", "answered", "average", "average_low")
    assert world.leaderboard(*columns, "average_high", "weighted_average") == [
        (8, 9, 7044, None, None, None, None)
    ]
    share = SOME_RIGHT[partial] / (TASKS[partial].size - 1)
    assert world.leaderboard(partial) == [(pytest.approx(share, abs=1e-12),)]


def test_a_missing_task_leaves_the_average_empty(world: World) -> None:
    world.score("run", {task: right for task, right in ALL_RIGHT.items() if task != "pubmedqa"})
    columns = ("tasks_complete", "tasks_answered", "pubmedqa", "average", "weighted_average")
    assert world.leaderboard(*columns) == [(8, 8, None, None, None)]


EARLY, LATE = datetime(2026, 1, 1), datetime(2026, 2, 2)


def test_the_most_complete_run_is_current_then_the_latest(world: World) -> None:
    less = {"pubmedqa": 499}
    world.score("a-early", SOME_RIGHT, model="a", finished_at=EARLY)
    world.score("a-late-partial", SOME_RIGHT, model="a", finished_at=LATE, of=less)
    world.score("b-early", SOME_RIGHT, model="b", finished_at=EARLY)
    world.score("b-late", SOME_RIGHT, model="b", finished_at=LATE)
    world.score("c-1", SOME_RIGHT, model="c")
    world.score("c-2", SOME_RIGHT, model="c")
    assert world.leaderboard("entry", "run_id") == [
        (run, run) for run in ("a-early", "b-late", "c-2")
    ]


def test_what_was_asked_otherwise_supersedes_nothing(world: World) -> None:
    world.score("run", SOME_RIGHT)
    world.score("run-lane", SOME_RIGHT, lane="other-medagents")
    world.score("run-precision", SOME_RIGHT, precision=None)
    world.score("run-revision", SOME_RIGHT, revision="other")
    assert len(world.leaderboard("entry")) == 4


def test_demonstration_questions_never_mix_with_the_nine(world: World) -> None:
    world.score("both", SOME_RIGHT | {"sample": 92}, model="a")
    world.score("nine", SOME_RIGHT, model="b", finished_at=EARLY)
    world.score("only", {"sample": 46}, model="b", finished_at=LATE)
    plain = sum(right / TASKS[task].size for task, right in SOME_RIGHT.items()) / 9
    average = pytest.approx(plain, abs=1e-12)
    columns = ("entry", "headline", "tasks_complete", "answered", "unreadable", "average")
    assert world.leaderboard(*columns, "sample") == [
        ("both", True, 9, 7045, 27, average, None),
        ("both", False, 0, 92, 3, None, 1.0),
        ("nine", True, 9, 7045, 27, average, None),
        ("only", False, 0, 92, 3, None, 0.5),
    ]


def test_baselines_score_as_counted_by_hand(demo: Path) -> None:  # noqa: ARG001 - it loads them
    # each letter is the gold of 23 of the 92 questions
    found = ask("scores", task="sample").filter(pl.col("slice") == "all", model="baseline:majority")
    low, high = wilson(23, 92)
    assert found.drop("run_id").to_dicts() == [
        {
            "model": "baseline:majority",
            "lane": "loglikelihood-0shot",
            "precision": None,
            "slice": "all",
            "slice_value": "all",
            "n": 92,
            "correct": 23,
            "unreadable": 0,
            "accuracy": 0.25,
            "stderr": pytest.approx(math.sqrt(0.25 * 0.75 / 91), abs=1e-12),
            "interval_low": pytest.approx(low, abs=1e-9),
            "interval_high": pytest.approx(high, abs=1e-9),
            "pointwise": pytest.approx(0.25 - 0.25 * 0.75, abs=1e-12),
            "unreadable_share": 0.0,
            "calibration_error": None,
            "confidence_when_wrong": None,
        }
    ]
