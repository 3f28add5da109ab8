"""Why a model is not among the rows shown."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from dashboard import absences
from tests.test_tables import entries

ROWS: tuple[dict[str, Any], ...] = (
    {"model": "acme/here", "entry": "1", "lane": "ours"},
    {"model": "acme/partial", "entry": "2", "lane": "ours", "tasks_complete": 3},
    {"model": "acme/hidden", "entry": "3", "lane": "ours"},
    {"model": "acme/hidden", "entry": "4", "lane": "other"},
    {"model": "acme/elsewhere", "entry": "5", "lane": "other", "tasks_complete": 2},
    {"model": "acme/elsewhere", "entry": "6", "lane": "ours", "headline": False},
    {"model": "bad/doubted", "entry": "7", "lane": "ours", "suspect": True, "note": "All A."},
)
QUARANTINE = pl.DataFrame(
    [
        ("import", "acme-broken.jsonl", 3, "no such question", "{}"),
        ("import", "acme-broken.jsonl", 4, "no such question", "{}"),
        ("runs", None, None, "no run.json", "ghost"),
    ],
    schema=["source", "file", "line", "reason", "content"],
    orient="row",
)
RUNS = pl.DataFrame(
    [
        ("acme/hidden", True, datetime(2026, 2, 1)),
        ("acme/hidden", False, datetime(2026, 1, 1)),
        ("acme/twice", False, datetime(2026, 1, 1)),
        ("acme/twice", False, datetime(2026, 1, 2)),
    ],
    schema=["model", "current", "finished_at"],
    orient="row",
)


def explain(name: str) -> list[str]:
    rows = entries(*ROWS)
    in_lane = rows.filter(lane="ours", headline=True)
    located = absences.locate(rows, in_lane, in_lane.filter(pl.col("model") != "acme/hidden"))
    return absences.explain(name, located, QUARANTINE, RUNS)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("acme/HERE ", ["acme/here is here."]),
        (
            "partial",
            ["acme/partial is here. It has no average: 3 of 9 tasks are complete."],
        ),
        (
            "hidden",
            [
                "acme/hidden is in this lane, and your filters hide it.",
                "1 earlier run of acme/hidden, the last of 2026-01-01, is replaced: the Model page "
                "lists it under Runs, with the reason.",
            ],
        ),
        ("doubted", ["bad/doubted is here. Its scores are doubted: All A."]),
        (
            "elsewhere",
            [
                "acme/elsewhere was asked otherwise. It is in: other (2 of 9 tasks complete), "
                "ours (demonstration questions)."
            ],
        ),
        ("broken", ["In quarantine: acme-broken.jsonl, 2 lines: no such question"]),
        ("ghost", ["In quarantine: runs, 1 line: no run.json"]),
        (
            " type:nobody",
            [
                "Nothing of “type:nobody” is in the warehouse. To ask a model: "
                "python -m evaluator run --model NAME --tasks all"
            ],
        ),
    ],
)
def test_where_a_model_is_stands_in_a_sentence(name: str, told: list[str]) -> None:
    assert explain(name) == told


def test_a_part_of_a_name_finds_several_models_and_not_too_many() -> None:
    assert len(explain("acme/")) == 5  # one has an earlier run
    many = entries(*({"model": f"acme/{number}", "entry": str(number)} for number in range(7)))
    located = absences.locate(many, many, many)
    told = absences.explain("acme", located, QUARANTINE.clear(), RUNS)
    assert len(told) == absences.MOST_MODELS + 1
    assert told[-1] == "2 more models are called so."
