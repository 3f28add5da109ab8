"""The queries of questions, keys and wrong answers, asked of the small warehouse."""

import pytest

from evaluator.tasks import TASKS
from tests import small_warehouse
from tests.small_warehouse import (
    CHOICES,
    CLUSTERS,
    QUESTIONS,
    Case,
    check_answer,
    probabilities_of,
)
from warehouse import db

world = small_warehouse.world  # a fixture
S2 = {"task": "sample", "sample_id": "s-2"}
A2_SHARES = pytest.approx(probabilities_of("s-2"), abs=1e-6)
SAMPLE = {"task": "sample"}
CASES: list[Case] = [
    ("duplicates", S2, [("mmlu_anatomy", "t-0", "Anatomy", "A")]),
    ("duplicates", {"task": "sample", "sample_id": "s-1"}, []),
    (
        "keys",
        SAMPLE,
        [
            ("sample", "s-1", CLUSTERS["one"], "A", 4),
            ("sample", "s-2", CLUSTERS["two"], "B", 4),
            ("sample", "s-3", CLUSTERS["three"], "C", 4),
        ],
    ),
    (
        "keys",
        {"task": "average"},  # of the nine only Anatomy is loaded
        [
            ("mmlu_anatomy", key, CLUSTERS[content], gold, 4)
            for _, key, _, gold, _, _, content in QUESTIONS[3:]
        ],
    ),
    (
        "gold_letters",
        {},
        [(task, gold, 1) for task, _, _, gold, *_ in QUESTIONS[3:] + QUESTIONS[:3]],
    ),
    (
        "coverage",
        {},
        [
            ("mmlu_anatomy", 3, "choices", "4", 2),
            ("mmlu_anatomy", 3, "subject", "Anatomy", 2),
            ("sample", 9, "choices", "4", 3),
            ("sample", 9, "forbidden", "", 1),
            ("sample", 9, "safety", "children", 1),
            ("sample", 9, "safety", "dosing", 2),
            ("sample", 9, "subject", "Obstetrics", 2),
            ("sample", 9, "subject", "Surgery", 1),
        ],
    ),
    ("missing_pictures", {}, []),  # tests/test_findings.py has some, as of the next
    ("repeated_choices", {}, []),
    (
        "picks",
        S2 | {"run_id": "a-2"},
        [
            ("b-1", "b", "closed", "other-x", None, "r", 0, "B", True, None, None, True),
            ("a-2", "a", "closed", "other-x", None, "r", 0, "A", False, pytest.approx(0.5),
             A2_SHARES, True),
        ],
    ),
    (
        "picks",
        {"task": "sample", "sample_id": "s-1", "run_id": "a-1"},
        [
            ("a-1", "a", "closed", "other-x", None, "r", 0, "A", True, None, None, False),
            ("a-2", "a", "closed", "other-x", None, "r", 0, "A", True, pytest.approx(0.4),
             None, True),
            ("b-1", "b", "closed", "other-x", None, "r", 0, None, False, None, None, True),
        ],
    ),
    (
        "question",
        S2,
        [
            {
                "task": "sample", "sample_id": "s-2", "position": 1, "question": "Which nerve?",
                "choices": CHOICES, "gold": "B", "subject": "Surgery", "topic": "Fever",
                "safety_tags": [], "safety_evidence": [], "content_hash": "two",
                "cluster_id": CLUSTERS["two"], "previous_id": "s-1", "next_id": "s-3",
                "task_title": "Demonstration", "benchmark": "Demonstration", "headline": False,
                "dataset": "embedded", "revision": TASKS["sample"].revision,
            }
        ],
    ),
    ("question", {"task": "sample", "sample_id": "t-0"}, []),
    (
        "questions",
        {},
        [
            (task, key, None, question, CHOICES, gold, content, CLUSTERS[content])
            for task, key, question, gold, _, _, content in [*QUESTIONS[3:], *QUESTIONS[:3]]
        ],
    ),
    (
        "sample_choices",
        {},
        [
            (task, key, [*TASKS].index(task) * 100_000 + place, 4, gold)
            for places in (range(3, 5), range(3))
            for place in places
            for task, key, _, gold, *_ in [QUESTIONS[place]]
        ],
    ),
    (
        "sample_stats",
        SAMPLE,
        [
            ("other-x", "s-1", 2, 0.5, None, "A", [1, 0, 0, 0], 1, None),
            ("other-x", "s-2", 2, 0.5, None, "B", [1, 1, 0, 0], 0, None),
            ("other-x", "s-3", 2, 0.5, None, "C", [0, 1, 1, 0], 0, None),
        ],
    ),
    ("suspect_keys", {}, []),  # tests/test_question_statistics.py has some
    (
        "twins",
        {},
        [
            ("mmlu_anatomy", "t-0", "A", "Which nerve?", True, True, "sample/s-2"),
            ("sample", "s-2", "B", "Which nerve?", True, True, "mmlu_anatomy/t-0"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[query for query, *_ in CASES])
def test_a_query_answers(world: db.Warehouse, case: Case) -> None:
    check_answer(world, case)
