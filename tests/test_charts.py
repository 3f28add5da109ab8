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
    }
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
        accuracy=pl.int_range(100) / 100, low=pl.lit(0.0), high=pl.lit(1.0)
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
        }
    )
    assert charts.finding(scores) == f"The highest score is 70.0%, within 65.0% to 75.0%; {said}"


def test_the_finding_claims_nothing_without_an_interval_or_another_model() -> None:
    assert charts.finding(SCORES.head(1)) == "The highest score is 50.0%."
    unsure = SCORES.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    assert charts.finding(unsure) == "The highest score is 70.0%."


def test_the_finding_writes_no_negative_zero() -> None:
    """The Wilson interval of no right answer begins at 0, give or take a rounding error."""
    none = SCORES.with_columns(accuracy=pl.lit(0.0), low=pl.lit(-1e-17), high=pl.lit(0.04))
    assert "-0.0%" not in charts.finding(none)
