"""What marks of maintainers do to rows, and to what a reader may choose."""

from datetime import datetime

import polars as pl
import pytest

from dashboard import marking
from tests.test_tables import entries

DAY = datetime(2026, 1, 2)
MARKS = pl.DataFrame(
    [("a/bad", "hidden", "Bad", DAY), ("a/odd", "flagged", "Odd!", DAY)],
    schema=marking.MARKS,
    orient="row",
)
RUNS = pl.DataFrame(
    {
        "run_id": ["r1", "r2", "r3", "r4"],
        "model": ["a/bad", "a/bad", "b/worse", "a/good"],
        "hidden": [True, True, True, False],
    }
)


def test_hidden_rows_go_flags_come_and_the_order_stays() -> None:
    rows = entries(*({"model": f"a/{name}"} for name in ("odd", "bad", "good"))).drop("flag")
    assert marking.apply(rows, MARKS).select("model", "flag").rows() == [
        ("a/odd", "Odd!"),
        ("a/good", None),
    ]
    assert marking.apply(rows, MARKS.clear())["flag"].dtype == pl.String


@pytest.mark.parametrize(
    ("column", "asked", "offered"),
    [
        ("run_id", [], ["r4"]),
        ("run_id", ["r2", "nonsense"], ["r1", "r2", "r4"]),
        ("model", ["b/worse"], ["r3", "r4"]),
    ],
)
def test_a_hidden_model_is_chosen_from_where_it_is_asked_for(
    column: str, asked: list[str], offered: list[str]
) -> None:
    assert marking.offered(RUNS, column, asked)["run_id"].to_list() == offered


def test_a_mark_is_described_as_the_end_of_a_sentence() -> None:
    found = [marking.find(MARKS, model) for model in ("a/bad", "a/odd", "a/good")]
    assert [mark and marking.describe(mark) for mark in found] == [
        "hidden from the leaderboard since 2026-01-02: Bad.",
        "flagged since 2026-01-02: Odd!",
        None,
    ]
