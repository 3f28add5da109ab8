"""Who stands where, and who cannot be told apart."""

from typing import Any

import polars as pl
import pytest

from dashboard import places
from tests.test_tables import entries

AVERAGES = (0.8, 0.79, 0.6, 0.5)
ROWS = tuple(
    {"model": name, "run_id": name, "average": score}
    for name, score in zip("abcd", AVERAGES, strict=True)
)
INTERVALS = pl.DataFrame(
    [("a", 1, 1, 2, 1, 0.6), ("b", 2, 1, 2, 1, 0.4), ("c", 3, 3, 3, 2, 0.0)],
    schema=["run_id", *places.RANKS],
    orient="row",
)


def texts(ranked: pl.DataFrame) -> list[tuple[Any, ...]]:
    return ranked.select("model", places.rank_text()).rows()


def test_a_rank_comes_with_its_range() -> None:
    ranked = places.rank(entries(*ROWS), "average", INTERVALS)
    assert texts(ranked) == [("a", "   1 (1–2)"), ("b", "   2 (1–2)"), ("c", "   3"), ("d", None)]
    assert ranked["tier"].to_list() == [1, 1, 2, None]
    assert ranked["best_share"].to_list() == [0.6, 0.4, 0.0, None]


def test_ranks_sort_as_text_as_they_do_as_numbers() -> None:
    ranks = pl.DataFrame(
        {"rank": [1000, 9, 10], "rank_low": [998, 9, 9], "rank_high": [1000, 9, 12]}
    )
    shown = ranks.select(places.rank_text())["rank"].to_list()
    assert sorted(shown) == ["   9", "  10 (9–12)", "1000 (998–1000)"]


def test_a_doubted_run_has_its_place_and_no_rank() -> None:
    rows = entries(ROWS[0] | {"suspect": True}, *ROWS[1:])
    ranked = places.rank(rows, "average", INTERVALS)
    assert ranked.select("model", "rank", "tier").rows()[:2] == [("a", None, None), ("b", 2, 1)]


def test_without_ranges_equal_scores_share_a_rank_and_no_score_has_none() -> None:
    rows = entries(
        *(
            {"model": name, "average": score}
            for name, score in zip("dcba", (0.5, None, 0.7, 0.7), strict=True)
        ),
        {"model": "e", "average": 0.9, "suspect": True},
    )
    for none in (None, INTERVALS.clear()):
        ranked = places.rank(rows, "average", none)
        assert ranked.select("model", "rank", "rank_low", "tier").rows() == [
            ("e", None, None, None),
            ("a", 1, None, None),
            ("b", 1, None, None),
            ("d", 3, None, None),
            ("c", None, None, None),
        ]


def test_rows_shown_can_be_ranked_among_themselves() -> None:
    ranked = places.rank(entries(*ROWS), "average", INTERVALS).filter(pl.col("model") != "a")
    among = places.rank_among(ranked, "average")
    assert texts(among) == [("b", "   1"), ("c", "   2"), ("d", None)]
    assert among["tier"].to_list() == [1, 2, None]


def test_pins_stay_on_top_whatever_the_filters() -> None:
    ranked = places.rank(entries(*ROWS), "average", INTERVALS)
    shown = places.pin(ranked, pl.col("average") > 0.55, ["c", "d", "nobody"])
    assert shown.select("model", "pinned").rows() == [
        ("c", True),
        ("d", True),
        ("a", False),
        ("b", False),
    ]


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([1, 1, 2, 3], "The first 2 of 4 cannot be told apart; 3 tiers in all."),
        ([1, 2, 2, 2], "The first of 4 is told apart from the others; 2 tiers in all."),
        ([1, 1, 1, None], "None of the 3 ranked models can be told apart."),
        ([1, None, None, None], "Only one model is ranked."),
    ],
)
def test_tiers_are_told_in_a_sentence(tiers: list[int | None], said: str) -> None:
    ranked = entries(*ROWS).with_columns(tier=pl.Series(tiers))
    assert places.describe_tiers(ranked, "average") == said


@pytest.mark.parametrize(
    ("run_id", "score", "why"),
    [
        (None, "average", "the answers behind the scores are not here"),
        ("r", "weighted_average", "they are made for the average and for each task"),
        ("r", "average", "no model here answered all of the questions"),
    ],
)
def test_why_there_are_no_tiers_is_told(run_id: str | None, score: str, why: str) -> None:
    ranked = entries({"run_id": run_id}).with_columns(tier=pl.lit(None, pl.Int64))
    said = f"These ranks have no range and no tiers: {why}."
    assert places.describe_tiers(ranked, score) == said
