"""Every named query has a case; here are those of what is loaded."""

import inspect
import re
import sys
from types import ModuleType

import polars as pl
import pytest

from evaluator.tasks import TASKS
from tests import (
    small_warehouse,
    test_answer_queries,
    test_chart_queries,
    test_error_queries,
    test_flags,
    test_ledger_queries,
    test_model_queries,
    test_outdated_runs,
    test_question_queries,
    test_run_queries,
    test_score_queries,
)
from tests.small_warehouse import EARLY, IMPORTED, LATE, RUNS, SIZES, Case, check_answer
from warehouse import db

world = small_warehouse.world  # a fixture
ASKED = re.compile(r'\bask\("(\w+)"')
CASES: list[Case] = [
    (
        "answered_tasks",
        {},
        [
            (number, run, task, "other-x", RUNS[run][0])
            for number, run in enumerate(RUNS, 1)
            for task in ("mmlu_anatomy", "sample")
        ],
    ),
    ("quarantine", {}, [("x", "f", 1, "bad", None), ("x", "f", 2, "bad", "text")]),
    ("reported_files", {}, [("f.csv", "hash")]),
    ("reported_keys", {}, [("published-1", "pubmedqa", "f.csv")]),
    ("run_numbers", {}, [(run, number) for number, run in enumerate(RUNS, 1)]),
    ("run_keys", {}, [(run, f"hash of {run}") for run in RUNS]),
    ("run_answers", {"run_id": "none"}, []),
    (
        "run_answers",
        {"run_id": "b-1"},
        [
            ("mmlu_anatomy", "t-0", 0, "B", "A", False, None, None),
            ("mmlu_anatomy", "t-1", 0, "D", "D", True, None, None),
            ("sample", "s-1", 0, None, "A", False, None, None),
            ("sample", "s-2", 0, "B", "B", True, None, None),
            ("sample", "s-3", 0, "C", "C", True, None, None),
        ],
    ),
    (
        "runs",
        {},
        [
            ("a-2", "a", *IMPORTED, 5, 2, 0, ["mmlu_anatomy", "sample"], LATE, True, False),
            ("a-1", "a", *IMPORTED, 4, 4, 0, ["mmlu_anatomy", "sample"], EARLY, False, False),
            ("b-1", "b", *IMPORTED, 5, 3, 1, ["mmlu_anatomy", "sample"], LATE, True, False),
        ],
    ),
]  # fmt: skip


FILES = (
    test_answer_queries,
    test_chart_queries,
    test_error_queries,
    test_flags,
    test_ledger_queries,
    test_model_queries,
    test_outdated_runs,
    test_question_queries,
    test_run_queries,
    test_score_queries,
    sys.modules[__name__],
)


def queries_of(file: ModuleType) -> set[str]:
    """The queries of its cases, and those that its tests ask by name."""
    cases: list[Case] = getattr(file, "CASES", [])
    return {query for query, *_ in cases} | set(ASKED.findall(inspect.getsource(file)))


def test_every_query_has_a_case() -> None:
    assert set().union(*map(queries_of, FILES)) == set(db.list_queries())


@pytest.mark.parametrize("case", CASES, ids=[query for query, *_ in CASES])
def test_a_query_answers(world: db.Warehouse, case: Case) -> None:
    check_answer(world, case)


def test_snapshots_say_how_the_warehouse_came_to_be(world: db.Warehouse) -> None:
    (row,) = world.ask("snapshots").drop("published_at").rows()
    assert row == (1, "made by hand", db.schema_version())


def test_tasks_say_what_is_loaded(world: db.Warehouse) -> None:
    found = world.ask("tasks")
    assert found["task"].to_list() == list(TASKS)
    assert found.filter("loaded").select("task", "size", "samples_hash").rows() == [
        (task, SIZES[task], f"hash of {task}") for task in ("mmlu_anatomy", "sample")
    ]


def test_the_dictionary_explains_every_column_of_every_table(world: db.Warehouse) -> None:
    found = world.ask("dictionary")
    (gold,) = found.filter(table_name="samples", column_name="gold").rows()
    assert gold[1:] == ("One row per question.", "gold", "VARCHAR", "Letter of the correct choice.")
    assert {"graded", "leaderboard", "predictions"} <= set(found["table_name"])
    views = (
        *("current_run_tasks", "flagged_answers", "flags", "graded", "other_keys", "ranked_runs"),
        *("rekeyed_slices", "reviewed_keys", "scores_by_key", "shown_run_tasks", "train_overlaps"),
    )
    assert found.filter(pl.col("comment").is_null())["table_name"].unique().sort().to_list() == [
        *views
    ]
