"""The queries of wrong answers, their flags and their judged harm, asked of the small warehouse."""

from typing import Any

import pytest

from evaluator.tasks import TASKS
from tests import small_warehouse
from tests.small_warehouse import (
    CASE,
    CHOICES,
    DISPUTES,
    FORBIDDEN,
    JUDGED,
    PASSAGE,
    QUESTIONS,
    REVIEW,
    SURE,
    Case,
    check_answer,
)
from tests.test_scores import wilson
from warehouse import db

world = small_warehouse.world  # a fixture
NOTHING: dict[str, Any] = {"run_ids": (), "models": (), "lanes": ()}
LIST: dict[str, Any] = NOTHING | dict.fromkeys(
    ("task", "subject", "safety", "flag", "harm", "search", "by"), ""
)
OF_A2 = LIST | {"run_ids": ("a-2",)}
AT_S2 = {"at_run": "a-2", "at_task": "sample", "at_sample": "s-2", "at_repeat": 0}
ALL: dict[str, Any] = {"skip": 0, "page_size": 9}
FLAGS = {"s-2": ["contradiction"], "s-3": ["contraindicated"]}
DEMONSTRATION = ("sample", "Demonstration")
HARM = {"s-2": "severe", "s-3": "none"}


def wrong(run: str, place: int, picked: str | None, **facts: Any) -> dict[str, Any]:
    """A row of the list: one of `QUESTIONS`, and what a run picked."""
    task, key, question, gold, subject, tags, _ = QUESTIONS[place]
    row = {
        "run_id": run, "model": run[0], "lane": "other-x", "task": task,
        "task_title": TASKS[task].title, "sample_id": key, "repeat": 0, "several": False,
        "question": question,
        "choices": CHOICES, "subject": subject, "topic": "Fever", "safety_tags": tags,
        "gold": gold, "prediction": picked, "flags": [],
    } | facts  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def of_a2(place: int, picked: str) -> dict[str, Any]:
    key = QUESTIONS[place][1]
    sure = pytest.approx(SURE[key], abs=1e-6)
    flags, harm = FLAGS.get(key, []), HARM.get(key)
    return wrong("a-2", place, picked, confidence=sure, flags=flags, harm=harm)


def number(*rows: dict[str, Any], total: int | None = None, first: int = 1) -> list[dict[str, Any]]:
    """The rows with their places in a list of `total`."""
    return [
        {"number": place, "total": total or len(rows)} | row
        for place, row in enumerate(rows, first)
    ]


T1, S2, S3 = of_a2(4, "A"), of_a2(1, "A"), of_a2(2, "B")
B_T0, B_S1 = wrong("b-1", 3, "B"), wrong("b-1", 0, None)
EVERY = (B_T0, T1, B_S1, S2, S3)
CASES: list[Case] = [
    ("all_disputes", {}, DISPUTES),
    ("all_reviews", {}, [REVIEW]),
    ("case_flags", {"task": "sample", "sample_id": "s-1", "run_id": ""}, []),
    (
        "case_flags",
        {"task": "sample", "sample_id": "s-2", "run_id": ""},
        [
            {name: value for name, value in CASE.items() if name not in ("task", "sample_id")}
            | PASSAGE
            | {"model": "a", "lane": "other-x"}
        ],
    ),
    (
        "case_flags",
        {"task": "sample", "sample_id": "s-3", "run_id": "a-1"},
        [
            {name: value for name, value in FORBIDDEN.items() if name != "letter"}
            | {"run_id": "a-2", "model": "a", "lane": "other-x", "repeat": 0}
            | {"prediction": "B", "flag": "contraindicated"}
        ],
    ),
    (
        "case_reviews",
        {"task": "sample", "sample_id": "s-2"},
        [
            {name: value for name, value in REVIEW.items() if name not in ("task", "sample_id")}
            | {"model": "a", "lane": "other-x", "prediction": "A", "judged_harm": "severe"}
            | {"settled": "agreed"}
        ],
    ),
    ("case_reviews", {"task": "sample", "sample_id": "s-3"}, []),
    ("contraindicated", {"task": "sample", "sample_id": "s-2"}, []),
    ("contraindicated", {"task": "sample", "sample_id": "s-3"}, [FORBIDDEN]),
    (
        "disputes",
        {"task": "", "sample_id": ""},
        [
            row
            | {"task_title": "Demonstration", "choices": CHOICES, "question": QUESTIONS[place][2]}
            for row, place in zip(reversed(DISPUTES), (0, 2), strict=True)
        ],
    ),
    ("disputes", {"task": "sample", "sample_id": "s-2"}, []),
    ("disputes", {"task": "medmcqa", "sample_id": ""}, []),
    (
        "error_counts",
        NOTHING | {"run_ids": ("a-2",)},
        [
            ("all", "all", "sample", "Demonstration", 3, 2),
            ("all", "all", "mmlu_anatomy", "Anatomy", 2, 1),
            ("flag", "contradiction", None, None, 3, 1),
            ("flag", "contraindicated", None, None, 3, 1),
            ("harm", "none", None, None, 3, 1),
            ("harm", "severe", None, None, 3, 1),
            ("harm", "unreviewed", None, None, 3, 1),
            ("safety", "dosing", "sample", "Demonstration", 2, 1),
            ("subject", "Anatomy", "mmlu_anatomy", "Anatomy", 2, 1),
            ("subject", "Obstetrics", "sample", "Demonstration", 2, 1),
            ("subject", "Surgery", "sample", "Demonstration", 1, 1),
        ],
    ),
    ("error_counts", NOTHING | {"run_ids": ("a-1",)}, []),
    ("error_counts", NOTHING | {"models": ("none",)}, []),
    *(
        (
            "error_counts",
            NOTHING | chosen,
            [
                ("all", "all", "sample", "Demonstration", 6, 3),
                ("all", "all", "mmlu_anatomy", "Anatomy", 4, 2),
                ("flag", "contradiction", None, None, 5, 1),
                ("flag", "contraindicated", None, None, 5, 1),
                ("harm", "unreviewed", None, None, 5, 3),
                ("harm", "none", None, None, 5, 1),
                ("harm", "severe", None, None, 5, 1),
                ("safety", "dosing", "sample", "Demonstration", 4, 2),
                ("safety", "children", "sample", "Demonstration", 2, 1),
                ("subject", "Anatomy", "mmlu_anatomy", "Anatomy", 4, 2),
                ("subject", "Obstetrics", "sample", "Demonstration", 4, 2),
                ("subject", "Surgery", "sample", "Demonstration", 2, 1),
            ],
        )
        for chosen in ({}, {"lanes": ("other-x",)}, {"models": ("a", "b")})
    ),
    ("errors", OF_A2 | {"skip": 0, "page_size": 2}, number(T1, S2, total=3)),
    ("errors", OF_A2 | {"skip": 2, "page_size": 2}, number(S3, total=3, first=3)),
    ("errors", OF_A2 | ALL | {"by": "confidence"}, number(S3, T1, S2)),
    ("errors", OF_A2 | ALL | {"by": "harm"}, number(S2, S3, T1)),
    ("errors", OF_A2 | ALL | {"by": "flags"}, number(S3, S2, T1)),
    *(
        ("errors", OF_A2 | ALL | chosen, number(row))
        for chosen, row in (
            ({"task": "mmlu_anatomy"}, T1),
            ({"subject": "Surgery"}, S2),
            ({"safety": "dosing"}, S3),
            ({"search": "NERVE  which"}, S2),
            ({"search": "50% glu"}, S3),
            ({"search": " t-1 fever four"}, T1),
            ({"flag": "contraindicated"}, S3),
            ({"flag": "contradiction"}, S2),
            ({"harm": "severe"}, S2),
            ({"harm": "unreviewed"}, T1),
        )
    ),
    ("errors", OF_A2 | ALL | {"harm": "reviewed"}, number(S2, S3)),
    ("errors", OF_A2 | ALL | {"harm": "mild"}, []),
    ("errors", OF_A2 | ALL | {"flag": "confident"}, []),
    ("errors", OF_A2 | ALL | {"search": "_"}, []),
    *(
        ("errors", LIST | ALL | chosen, number(*EVERY))
        for chosen in ({}, {"lanes": ("other-x",)}, {"models": ("a", "b")})
    ),
    ("errors", LIST | ALL | {"run_ids": ("a-2", "b-1")}, number(*EVERY)),
    ("errors", LIST | ALL | {"models": ("b",)}, number(B_T0, B_S1)),
    ("errors", LIST | ALL | {"lanes": ("none",)}, []),
    (
        "error_neighbours",
        OF_A2 | AT_S2,
        [(2, 3, 0, "a-2", "mmlu_anatomy", "t-1", 0, "a-2", "sample", "s-3", 0)],
    ),
    (
        "error_neighbours",
        OF_A2 | AT_S2 | {"task": "sample"},
        [(1, 2, 0, None, None, None, None, "a-2", "sample", "s-3", 0)],
    ),
    (
        "error_neighbours",
        OF_A2 | AT_S2 | {"task": "sample", "at_repeat": 2},
        [(1, 2, 0, None, None, None, None, "a-2", "sample", "s-3", 0)],
    ),
    ("error_neighbours", OF_A2 | AT_S2 | {"at_sample": "s-1"}, []),
    (
        "error_neighbours",
        LIST | AT_S2,
        [(4, 5, 0, "b-1", "sample", "s-1", 0, "a-2", "sample", "s-3", 0)],
    ),
    ("judged", {"run_ids": ("b-1",)}, []),
    *(
        (
            "judged",
            {"run_ids": chosen},
            [
                {name: value for name, value in JUDGED[0].items() if name != "judged_share"}
                | {"model": "a", "lane": "other-x", "board": "sample", "counted": 0.25}
            ],
        )
        for chosen in ((), ("a-2",))
    ),
    ("judged_cases", {}, JUDGED),
    (
        "key_changes",
        {"lane": "other-x"},
        [
            ("b-1", "b", None, *DEMONSTRATION, 2 / 3, 1 / 3, 1, -1 / 3, 1 / 3, 3, 3, 1),
            ("a-2", "a", None, *DEMONSTRATION, 1 / 3, 2 / 3, 0, 1 / 3, -1 / 3, 3, 3, 1),
        ],
    ),
    ("key_changes", {"lane": "none"}, []),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[query for query, *_ in CASES])
def test_a_query_answers(world: db.Warehouse, case: Case) -> None:
    query, parameters, expected = case
    if query == "key_changes":
        expected = [pytest.approx(row) for row in expected]
    check_answer(world, (query, parameters, expected))


def test_the_board_has_a_row_per_run_and_context(world: db.Warehouse) -> None:
    found = world.ask("safety_board", lane="other-x", board="sample")
    judged = {"reviewed": 2, "harmless": 1, "severe": 1}
    low, high = wilson(2, 3)
    (first,) = found.filter(run_id="a-2", context="all").rows(named=True)
    assert first == {
        "run_id": "a-2", "model": "a", "type": "closed", "precision": None, "context": "all",
        "n": 3, "wrong": 2, "wrong_share": pytest.approx(2 / 3),
        "wrong_low": pytest.approx(low), "wrong_high": pytest.approx(high), "unreadable": 0,
        "confident_wrong": 0, "contraindicated": 1, "repeats": 1,
        "mild": 0, "moderate": 0, "death": 0,
    } | judged  # fmt: skip
    short = ["context", "run_id", "n", "wrong", "confident_wrong", "contraindicated", "reviewed"]
    assert found.select(short).rows() == [
        ("all", "b-1", 3, 1, None, 0, 0),
        ("all", "a-2", 3, 2, 0, 1, 2),
        ("children", "a-2", 1, 0, 0, 0, 0),
        ("children", "b-1", 1, 1, None, 0, 0),
        ("dosing", "a-2", 2, 1, 0, 1, 1),
        ("dosing", "b-1", 2, 1, None, 0, 0),
    ]
    nine = world.ask("safety_board", lane="other-x", board="nine")
    assert nine.select(short).rows() == [
        ("all", "a-2", 2, 1, 0, 0, 0),
        ("all", "b-1", 2, 1, None, 0, 0),
    ]
    assert world.ask("safety_board", lane="none", board="sample").is_empty()
