"""Every query of the charts, asked of the small warehouse."""

from typing import Any

import pytest

from tests import small_warehouse
from tests.small_warehouse import Case, check_answer
from tests.test_scores import wilson
from warehouse import db

world = small_warehouse.world  # the fixture
LANE = {"lane": "other-x"}
SAMPLE = {"lane": "other-x", "task": "sample"}
MARKED = SAMPLE | {"skip": 0, "page_size": 9}


def subject(
    run: str, task: tuple[str, str, str], name: str | None, right: int, n: int
) -> tuple[Any, ...]:
    """A row of subject_scores; `task` has its name, title and benchmark."""
    interval = [pytest.approx(end, abs=1e-9) for end in wilson(right, n)]
    return (run, task[0], name, *task[1:], "closed", n, right, right / n, *interval)


DEMONSTRATION = ("sample", "Demonstration", "Demonstration")
ANATOMY = ("mmlu_anatomy", "Anatomy", "MMLU")
CASES: list[Case] = [
    (
        "subject_scores",
        LANE | {"board": "sample"},
        [
            subject("a-2", DEMONSTRATION, "Obstetrics", 1, 2),
            subject("b-1", DEMONSTRATION, "Obstetrics", 1, 2),
            subject("a-2", DEMONSTRATION, "Surgery", 0, 1),
            subject("b-1", DEMONSTRATION, "Surgery", 1, 1),
        ],
    ),
    (
        "subject_scores",
        LANE | {"board": "nine"},
        [subject("a-2", ANATOMY, None, 1, 2), subject("b-1", ANATOMY, None, 1, 2)],
    ),
    ("difficulties", SAMPLE, [(10, 2, 3, 0, 0, 0, 0, None)]),
    (
        "letters",  # A picks: all of the first question, and half of the second
        SAMPLE,
        [
            ("A", 3, pytest.approx(1 / 2), pytest.approx(1 / 3), pytest.approx(1 / 6)),
            ("B", 3, pytest.approx(1 / 3), pytest.approx(1 / 3), pytest.approx(0.5 / 3**0.5)),
            ("C", 3, pytest.approx(1 / 6), pytest.approx(1 / 3), pytest.approx(1 / 6)),
            ("D", 3, 0, 0, 0),
        ],
    ),
    ("marked_questions", MARKED | {"mark": "nobody"}, []),
    ("marked_questions", MARKED | {"mark": "everybody"}, []),
    ("marked_questions", MARKED | {"mark": "negative"}, []),
]


@pytest.mark.parametrize("case", CASES, ids=[query for query, *_ in CASES])
def test_a_query_of_the_charts_answers(world: db.Warehouse, case: Case) -> None:
    check_answer(world, case)
