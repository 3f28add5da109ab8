"""The queries of the model page, asked of the small warehouse."""

from typing import Any

import pytest

from evaluator.tasks import TASKS
from tests import small_warehouse
from tests.conftest import ask
from tests.kept import tamper
from tests.small_warehouse import (
    EARLY,
    QUESTIONS,
    RUNS,
    SIZES,
    SURE,
    Case,
    check_answer,
    load_world,
)
from tests.test_scores import wilson
from warehouse import db, drafts

world = small_warehouse.world  # a fixture


def subject(board: str, where: str, value: str, counts: tuple[int, int], field: list[float]) -> Any:
    """A row of `field`: counts are right and n, the field's accuracies are `field`."""
    right, n = counts
    interval = [pytest.approx(end, abs=1e-9) for end in wilson(right, n)]
    middle = sum(field) / len(field)
    return (board, where, value, n, right, right / n, *interval, len(field), middle)


def whole(task: str, counts: tuple[int, int], complete: bool, *rest: Any) -> tuple[Any, ...]:
    """A row of `model_scores` without unreadable answers: counts are right and n.

    The rest are calibration error, confidence when wrong, and the rank with what belongs to it.
    """
    right, n = counts
    interval = [pytest.approx(end, abs=1e-9) for end in wilson(right, n)]
    sure = [value if value is None else pytest.approx(value, abs=1e-6) for value in rest[:2]]
    return (task, TASKS[task].title, n, complete, right / n, *interval, 0, *sure, *rest[2])


CASES: list[Case] = [
    (
        "asked",
        {"run_id": "a-1", "task": "sample"},
        [(key, place) for place, key in enumerate(("s-1", "s-2", "s-3"))],
    ),
    (
        "confidences",
        {"run_id": "a-2"},
        [
            (
                *(task, task != "sample", subject),
                *(pytest.approx(SURE.get(key, 0.4), abs=1e-6), key in ("s-1", "t-0")),
            )
            for task, key, _, _, subject, *_ in [*QUESTIONS[3:], *QUESTIONS[:3]]
        ],
    ),
    ("confidences", {"run_id": "b-1"}, []),
    ("sure_answers", {"run_id": "b-1"}, [{"answers": 0}]),
    (
        "field",
        {"run_id": "a-2"},
        [
            subject("nine", "subject", "Anatomy", (1, 2), [1 / 2]),
            subject("sample", "safety", "children", (1, 1), [0]),
            subject("sample", "safety", "dosing", (1, 2), [1 / 2]),
            subject("sample", "subject", "Obstetrics", (1, 2), [1 / 2]),
            subject("sample", "subject", "Surgery", (0, 1), [1]),
        ],
    ),
    (
        "field",  # partial in Anatomy, and a-2 is of the same model
        {"run_id": "a-1"},
        [
            subject("sample", "safety", "children", (1, 1), [0]),
            subject("sample", "safety", "dosing", (2, 2), [1 / 2]),
            subject("sample", "subject", "Obstetrics", (2, 2), [1 / 2]),
            subject("sample", "subject", "Surgery", (1, 1), [1]),
        ],
    ),
    (
        "model_runs",
        {"model": "a"},
        [
            (run, "r", "closed", None, "Net", "mit", EARLY, [], [], "original", None, None, None,
             "other-x", "imported",
             RUNS[run][1], None, task, TASKS[task].title, n, SIZES[task], "a-2")
            for run, answered in (("a-2", (2, 3)), ("a-1", (1, 3)))
            for task, n in zip(("mmlu_anatomy", "sample"), answered, strict=True)
        ],
    ),
    (
        "receipt",
        {"run_id": "a-1"},
        [
            {
                "task": task, "task_title": TASKS[task].title, "dataset": TASKS[task].dataset,
                "data_revision": "", "samples_hash": f"hash of {task}", "run_id": "a-1",
                "model": "a", "revision": "r", "weights": "original", "lane": "other-x",
                "origin": "imported", "started_at": EARLY, "finished_at": EARLY, "command": "",
                "versions": "{}", "hardware": "{}", "record_hash": "hash of a-1",
            }
            for task in ("mmlu_anatomy", "sample")
        ],
    ),
    (
        "model_scores",
        {"run_id": "a-2"},
        [
            whole("mmlu_anatomy", (1, 2), True, 0.6, 0.6, (1, 1, 2, 2, 1)),
            whole("sample", (1, 3), True, 0.6, 0.6, (2, 1, 2, 2, 1)),
        ],
    ),
    (
        "model_scores",
        {"run_id": "a-1"},
        [
            whole("mmlu_anatomy", (1, 1), False, None, None, (None,) * 5),
            whole("sample", (3, 3), True, None, None, (None,) * 5),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[query for query, *_ in CASES])
def test_a_query_of_the_page_answers(world: db.Warehouse, case: Case) -> None:
    check_answer(world, case)


@pytest.mark.parametrize(
    "change",
    [
        "update runs set suspect = 'copied' where run_id = 'b-1'",
        "update models set type = 'baseline' where model = 'b'",
        "update models set type = 'random weights' where model = 'b'",
        "update runs set lane = 'other-y' where run_id = 'b-1'",
        "update run_tasks set predictions = 1 where run_id = 'b-1'",
    ],
)
def test_the_field_leaves_out_what_does_not_compare(change: str) -> None:
    with drafts.open_draft("made by hand", empty=True) as draft:
        load_world(draft)
    tamper(change)
    field = ask("field", run_id="a-2")
    assert field["field"].to_list() == [0] * 5
    assert field["field_median"].to_list() == [None] * 5
