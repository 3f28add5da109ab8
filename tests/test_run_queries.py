"""The queries that set chosen runs side by side, asked of the small warehouse."""

from typing import Any

import pytest

from evaluator.tasks import TASKS
from tests import small_warehouse
from tests.small_warehouse import CHOICES, IMPORTED, PICKS, QUESTIONS
from tests.test_scores import wilson
from warehouse import db

world = small_warehouse.world  # a fixture
BOTH = {"run_ids": ("b-1", "a-1")}
PAIR = {"run_id": "a-1", "other_id": "b-1", "task": "", "skip": 0, "page_size": 9}


def only_right(place: int, other: str | None, total: int) -> tuple[Any, ...]:
    """A row of `only_right`: one of `QUESTIONS`, and what the wrong run picked."""
    task, key, question, gold, subject, tags, _ = QUESTIONS[place]
    asked = (task, TASKS[task].title, key, question, CHOICES, subject, tags)
    return (total, *asked, gold, other, 0)


def score(run: str, task: str, right: int, n: int, size: int) -> tuple[Any, ...]:
    interval = (pytest.approx(end, abs=1e-9) for end in wilson(right, n))
    return (run, task, n, size, right / n, *interval)


def test_sheets_of_runs_come_task_by_task(world: db.Warehouse) -> None:
    assert world.ask("run_sheets", **BOTH).rows() == [
        ("a-1", "mmlu_anatomy", "A ", None),
        ("a-1", "sample", "ABC", None),
        ("b-1", "mmlu_anatomy", "BD", None),
        ("b-1", "sample", "-BC", None),
    ]
    assert world.ask("run_sheets", run_ids=("none",)).is_empty()


def test_scores_of_runs_say_of_how_many_questions(world: db.Warehouse) -> None:
    assert world.ask("run_scores", **BOTH).rows() == [
        score("a-1", "mmlu_anatomy", 1, 1, 2),
        score("b-1", "mmlu_anatomy", 1, 2, 2),
        score("a-1", "sample", 3, 3, 3),
        score("b-1", "sample", 2, 3, 3),
    ]


def test_an_instance_has_its_question_and_its_answer(world: db.Warehouse) -> None:
    rows = [
        (task, key, 0, None, question, CHOICES, gold, pick, pick == gold, subject, content)
        for (task, key, question, gold, subject, _, content), pick in zip(
            QUESTIONS, PICKS["b-1"], strict=True
        )
    ]
    found = world.ask("instances", run_id="b-1")
    assert found.rows() == [*rows[3:], *rows[:3]]


def test_scores_to_be_exported_are_of_every_run_that_is_not_hidden(world: db.Warehouse) -> None:
    found = world.ask("exported_scores")
    assert found.select("run_id", "task", "n", "accuracy", "dataset", "split").rows() == [
        (run, task, n, right / n, TASKS[task].dataset, TASKS[task].split)
        for run, counts in (("a-1", (1, 1, 3, 3)), ("a-2", (1, 2, 1, 3)), ("b-1", (1, 2, 2, 3)))
        for task, right, n in (("mmlu_anatomy", *counts[:2]), ("sample", *counts[2:]))
    ]


def test_tables_are_named_without_their_views(world: db.Warehouse) -> None:
    names = world.ask("tables")["table_name"].to_list()
    assert names == sorted(names)
    assert {"predictions", "snapshots"} < {*names}
    assert "graded" not in names


def test_settings_of_runs_hold_those_of_their_tasks(world: db.Warehouse) -> None:
    (row,) = world.ask("run_settings", run_ids=("b-1",)).rows()
    revision, _, precision, lane, origin = IMPORTED
    assert row[:-1] == ("b-1", "b", revision, precision, lane, origin, "{}", "{}")
    assert row[-1] == [
        {"task": "Anatomy", "data": "", "questions": "hash of mmlu_anatomy", "prompts": None},
        {"task": "Demonstration", "data": "", "questions": "hash of sample", "prompts": None},
    ]


def test_what_only_one_has_right_is_listed_in_order(world: db.Warehouse) -> None:
    rows = [only_right(3, "B", 2), only_right(0, None, 2)]
    assert world.ask("only_right", **PAIR).rows() == rows
    assert world.ask("only_right", **PAIR | {"skip": 1}).rows() == rows[1:]
    assert world.ask("only_right", **PAIR | {"page_size": 1}).rows() == rows[:1]
    one = world.ask("only_right", **PAIR | {"task": "sample"})
    assert one.rows() == [only_right(0, None, 1)]
    swapped = world.ask("only_right", **PAIR | {"run_id": "b-1", "other_id": "a-1"})
    assert swapped.is_empty()  # what a run has not answered, it has not got wrong
