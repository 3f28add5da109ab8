"""From scores to a figure, and to the sentence beside it."""

import polars as pl
import pytest

from dashboard import charts

SCORES = pl.DataFrame(
    {
        "label": ["b", "a", "c"],
        "accuracy": [0.5, 0.7, 0.68],
        "low": [0.45, 0.65, None],
        "high": [0.55, 0.75, None],
        "tier": [None, None, None],
    },
    schema_overrides={"tier": pl.Int64},
)


def test_the_best_stands_on_top_with_its_interval() -> None:
    dots = charts.accuracy_intervals(SCORES).data[0]
    assert list(dots.y) == ["b", "c", "a"]  # a category axis counts from below
    assert list(dots.x) == [0.5, 0.68, 0.7]
    assert list(dots.error_x.array) == pytest.approx([0.05, 0, 0.05])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.05, 0, 0.05])
    assert not dots.error_x.symmetric


def test_only_the_best_are_drawn_and_the_figure_grows_with_them() -> None:
    many = pl.DataFrame({"label": [str(number) for number in range(100)]}).with_columns(
        accuracy=pl.int_range(100) / 100,
        low=pl.lit(0.0),
        high=pl.lit(1.0),
        tier=pl.lit(None, pl.Int64),
    )
    figure = charts.accuracy_intervals(many)
    assert list(figure.data[0].y) == [str(number) for number in range(60, 100)]
    assert figure.layout.height == 110 + 40 * charts.ROW_HEIGHT
    assert charts.accuracy_intervals(SCORES).layout.height == 110 + 3 * charts.ROW_HEIGHT


def test_a_label_is_text_and_shown_as_typed() -> None:
    text = """<a href="x">'A' & "B"</a>"""
    labels = charts.accuracy_intervals(SCORES.head(1).with_columns(label=pl.lit(text))).data[0].y
    # Plotly reads &lt; &gt; and &amp;, and shows any other entity as it stands
    assert list(labels) == ["""&lt;a href="x"&gt;'A' &amp; "B"&lt;/a&gt;"""]


def test_names_that_look_like_numbers_stay_names() -> None:
    figure = charts.accuracy_intervals(SCORES.with_columns(label=pl.Series(["1", "2", "10"])))
    assert figure.layout.yaxis.type == "category"
    assert figure.layout.xaxis.tickformat == ".0%"


@pytest.mark.parametrize(
    ("highs", "said"),
    [
        ([0.75, 0.55], "no other interval reaches into that range."),
        ([0.75, 0.65], "one other interval reaches into that range."),
        ([0.75, 0.70, 0.66, 0.64], "2 other intervals reach into that range."),
    ],
)
def test_the_finding_counts_the_intervals_that_reach_the_best(
    highs: list[float], said: str
) -> None:
    scores = pl.DataFrame(
        {
            "label": [str(high) for high in highs],
            "accuracy": [high - 0.05 for high in highs],
            "low": [high - 0.10 for high in highs],
            "high": highs,
            "tier": [None] * len(highs),
        }
    )
    assert charts.finding(scores) == f"The highest score is 70.0%, within 65.0% to 75.0%; {said}"


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([2, 1, 2], "no other model shown is in its tier."),
        ([2, 1, 1], "one other model shown is in its tier."),
        ([1, 1, 1], "2 other models shown are in its tier."),
    ],
)
def test_the_finding_counts_the_tier_of_the_best_where_there_are_tiers(
    tiers: list[int], said: str
) -> None:
    scores = SCORES.with_columns(tier=pl.Series(tiers))
    assert charts.finding(scores) == f"The highest score is 70.0%, within 65.0% to 75.0%; {said}"


def test_each_second_tier_lies_on_a_band_and_each_is_named() -> None:
    layout = charts.accuracy_intervals(SCORES.with_columns(tier=pl.Series([2, 1, 2]))).layout
    assert [(shape.y0, shape.y1) for shape in layout.shapes] == [(-0.5, 1.5)]
    assert [(note.text, note.y) for note in layout.annotations] == [("Tier 1", 2), ("Tier 2", 1)]


def test_a_baseline_is_a_line_with_its_score() -> None:
    layout = charts.accuracy_intervals(SCORES, 0.25).layout
    assert [(shape.x0, shape.x1) for shape in layout.shapes] == [(0.25, 0.25)]
    assert [note.text for note in layout.annotations] == ["best baseline 25.0%"]
    assert not charts.accuracy_intervals(SCORES).layout.shapes


def test_the_finding_claims_nothing_without_an_interval_or_another_model() -> None:
    assert charts.finding(SCORES.head(1)) == "The highest score is 50.0%."
    unsure = SCORES.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    assert charts.finding(unsure) == "The highest score is 70.0%."


def test_the_finding_writes_no_negative_zero() -> None:
    """The Wilson interval of no right answer begins at 0, give or take a rounding error."""
    none = SCORES.with_columns(accuracy=pl.lit(0.0), low=pl.lit(-1e-17), high=pl.lit(0.04))
    assert "-0.0%" not in charts.finding(none)
