"""The queries of scores and ranks, asked of the small warehouse."""

from typing import Any

import pytest

from tests import small_warehouse
from tests.small_warehouse import CLUSTERS, EARLY, LATE, Case, check_answer
from tests.test_scores import wilson
from warehouse import db

world = small_warehouse.world  # a fixture


def score(run: str, where: str, counts: tuple[int, int, int], *sure: Any) -> tuple[Any, ...]:
    """A row of `scores`: where is slice and value, counts are n, right and unreadable.

    `sure` are the calibration error and the confidence when wrong, where there are any.
    """
    n, right, _ = counts
    p = right / n
    error = (p * (1 - p) / (n - 1)) ** 0.5 if n > 1 else None
    interval = [pytest.approx(end, abs=1e-9) for end in wilson(right, n)]
    rest = [right / n - 0.25 * (n - right) / n, counts[2] / n, *(sure or (None, None))]
    close = [value if value is None else pytest.approx(value, abs=1e-6) for value in rest]
    key = (run[0], "other-x", None, *where.split(":"))
    return (*key, *counts, p, error, *interval, *close, run)


def one_score(scores: dict[str, Any]) -> dict[str, Any]:
    """The score of a row that is of one task beside the nine."""
    return {name.replace("sample", "accuracy"): value for name, value in scores.items()}


def entry(run: str, shares: dict[str, tuple[int, int]], **facts: Any) -> dict[str, Any]:
    """A row of `leaderboard_rows`, where it is not empty."""
    scores: dict[str, Any] = {task: right / n for task, (right, n) in shares.items()}
    for task, (right, n) in shares.items():
        for end, value in zip(("low", "high"), wilson(right, n), strict=True):
            scores[f"{task}_{end}"] = pytest.approx(value, abs=1e-9)
    same = {"entry": run, "run_id": run, "origin": "imported", "lane": "other-x", "revision": "r"}
    nine = "sample" not in shares
    counts = {"type": "closed", "headline": nine, "partial_tasks": []}
    counts |= {"board": "nine"} if nine else {"board": "sample", **one_score(scores)}
    counts |= {"licence": "mit", "architecture": "Net"}
    known = (
        {"overlapping": ["MMLU", "MedQA"]}
        if run == "b-1"
        else {"released_at": EARLY, "overlapping": []}
    )
    counts |= {"tasks_complete": int(nine), "tasks_answered": int(nine)}
    return same | counts | known | {"suspect": False, "finished_at": LATE} | facts | scores


PUBLISHED = {
    "entry": "published-1", "origin": "published", "lane": "reported-x", "model": "p",
    "type": "closed", "board": "nine", "headline": True, "tasks_complete": 1, "tasks_answered": 1,
    "partial_tasks": [], "overlapping": [], "suspect": True, "source_url": "https://a.org",
    "pubmedqa": 0.5,
}  # fmt: skip
ROWS = [
    entry("a-2", {"sample": (1, 3)}, model="a", answered=3, unreadable=0),
    entry("a-2", {"mmlu_anatomy": (1, 2)}, model="a", answered=2, unreadable=0),
    entry("b-1", {"sample": (2, 3)}, model="b", answered=3, unreadable=1),
    entry("b-1", {"mmlu_anatomy": (1, 2)}, model="b", answered=2, unreadable=0),
    PUBLISHED,
]
SHOWN = (
    "lane",
    "board",
    "model",
    "accuracy",
    "tasks_complete",
    "mmlu_anatomy",
    "pubmedqa",
    "sample",
    "origin",
    "entry",
)
SAMPLE = {"task": "sample"}
OF_SAMPLE = {"task": "sample", "lane": "other-x"}
CASES: list[Case] = [
    (
        "compare",
        {"run_id": "a-1", "other_id": "b-1"},
        [
            ("mmlu_anatomy", "Anatomy", 1, 0, 1, 0, 0, 0),
            ("sample", "Demonstration", 3, 2, 1, 0, 0, 2),
        ],
    ),
    ("compare", {"run_id": "a-1", "other_id": "none"}, []),
    (
        "kinds",  # surgery is one question, of which nothing tells how much chance is in it
        {},
        [
            ("mmlu_anatomy", None, "Anatomy", "MMLU", True, 2),
            ("sample", "Obstetrics", "Demonstration", "Demonstration", False, 2),
        ],
    ),
    (
        "mixed_keys",
        {"tasks": ("sample",)},
        [
            ("sample", CLUSTERS["one"], "A", "Obstetrics"),
            ("sample", CLUSTERS["two"], "B", "Surgery"),
            ("sample", CLUSTERS["three"], "C", "Obstetrics"),
        ],
    ),
    (
        "mixed_picks",
        {"lane": "other-x", "tasks": ("mmlu_anatomy", "sample")},
        [("a-2", "AAAAB", None), ("b-1", "BD-BC", None)],
    ),
    ("leaderboard", {}, [{k: row[k] for k in SHOWN if k in row} for row in ROWS]),
    ("leaderboard_rows", {}, ROWS),
    (
        "rank_intervals",
        OF_SAMPLE,
        [  # of the 27 equally likely draws of three questions, b-1 is better in 20
            (1, 1, 2, 1, pytest.approx(20 / 27, abs=0.05), "b", "r", None, "closed", "b-1"),
            (2, 1, 2, 1, pytest.approx(7 / 27, abs=0.05), "a", "r", None, "closed", "a-2"),
        ],
    ),
    ("ranked_sheets", OF_SAMPLE, [("a-2", "AAB", None), ("b-1", "-BC", None)]),
    ("ranked_sheets", OF_SAMPLE | {"task": "average"}, []),
    ("sheets", OF_SAMPLE, [("a-2", "AAB"), ("b-1", "-BC")]),
    ("strong_sheets", SAMPLE, []),  # tests/test_question_statistics.py has some
    (
        "scores",
        {"task": "sample"},
        [
            score("b-1", "all:all", (3, 2, 1)),
            score("a-2", "all:all", (3, 1, 0), 0.6, 0.6),
            score("a-2", "safety:children", (1, 1, 0), 0.6, None),
            score("b-1", "safety:children", (1, 0, 1)),
            score("a-2", "safety:dosing", (2, 1, 0), 0.65, 0.7),
            score("b-1", "safety:dosing", (2, 1, 1)),
            score("a-2", "subject:Obstetrics", (2, 1, 0), 0.65, 0.7),
            score("b-1", "subject:Obstetrics", (2, 1, 1)),
            score("b-1", "subject:Surgery", (1, 1, 0)),
            score("a-2", "subject:Surgery", (1, 0, 0), 0.5, 0.5),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[query for query, *_ in CASES])
def test_a_query_answers(world: db.Warehouse, case: Case) -> None:
    check_answer(world, case)
