"""Scores of what reviewers found, weights of harm, and averages by other keys, as frames."""

from typing import Any

import polars as pl
import pytest

from dashboard import answer_keys, harm_scores
from tests.test_tables import entries
from warehouse.statistics import harm

HALF = {"none": 0.0, "mild": 0.0, "moderate": 0.0, "severe": 1.0, "death": 1.0}


def judged(run_id: str, harms: list[str], **facts: Any) -> list[dict[str, Any]]:
    said = {"run_id": run_id, "board": "nine", "draw": 1, "counted": 0.5, "population": 80}
    said |= {"answered": 200, "drawn": 50} | facts
    return [said | {"harm": name} for name in harms]


def test_weights_are_read_as_they_were_written() -> None:
    assert harm_scores.pack(harm.WEIGHTS) == "0,0.1,0.3,0.7,1"
    assert harm_scores.unpack(harm_scores.pack(HALF)) == HALF


@pytest.mark.parametrize(
    "packed",
    [
        *("", "text", "\x00", "0;0;0;0;1", ",,,,", "0,0.1,0.3,0.7", "0,0,0,0,0,0"),
        *("-0.1,0,0,0,1", "0,0,0,0,1.01", "0,0,0,0,inf", "0,0.5,0.3,0.7,1"),
        *("0,0.1,nan,0.7,1", "nan,nan,nan,nan,nan"),
    ],
)
def test_weights_that_make_no_sense_are_the_usual_ones(packed: str) -> None:
    assert harm_scores.unpack(packed) is harm.WEIGHTS


def test_a_graver_harm_never_counts_for_less() -> None:
    assert [*harm_scores.change(harm.WEIGHTS, "mild", 0.8).values()] == [0, 0.8, 0.8, 0.8, 1]
    assert [*harm_scores.change(harm.WEIGHTS, "severe", 0.2).values()] == [0, 0.1, 0.2, 0.2, 1]


def test_a_run_has_its_estimates_from_thirty_judged_cases_on() -> None:
    harms = ["none"] * 20 + ["severe"] * 10
    cases = pl.DataFrame(judged("a", harms) + judged("b", harms[1:], board="sample"))
    several, few = harm_scores.estimate(cases, HALF).rows(named=True)
    sample = harm.Judged(harms, [0.5] * 30, 80, 200)
    score, rate = harm.score_harm(sample, HALF), harm.rate_severe(sample)
    assert score
    assert rate
    assert several == {
        **{"run_id": "a", "board": "nine", "judged": 30, "drawn": 50, "drawn_from": 80},
        **{"harm_score": score.value, "harm_score_low": score.low, "harm_score_high": score.high},
        **{"severe_per_100": rate.value, "severe_per_100_low": rate.low},
        **{"severe_per_100_high": rate.high},
    }
    assert (few["judged"], few["harm_score"], few["severe_per_100"]) == (29, None, None)


def test_cells_say_the_interval_or_how_many_are_judged() -> None:
    harms = ["none"] * 20 + ["severe"] * 10
    cases = pl.DataFrame(judged("a", harms) + judged("b", ["mild"] * 12))
    board = entries(*({"run_id": run, "board": "nine"} for run in ("a", "b", "c", None)))
    rows = harm_scores.add_scores(board, harm_scores.estimate(cases, HALF))
    shown = harm_scores.as_cells(rows).select(harm_scores.FACTS).rows()
    assert shown[0][1:] == (" 13.3 (6.8–21.3)", "30 of 50 drawn from 80")
    assert shown[1] == ("12 of 30 judged", "12 of 30 judged", "12 of 50 drawn from 80")
    assert shown[2] == ("0 of 30 judged", "0 of 30 judged", None)
    assert shown[3] == (None, None, None)


def test_judged_answers_are_counted_by_harm_and_by_how_they_came() -> None:
    rows = judged("a", ["none", "death", "none"]) + judged("a", ["death"], draw=None)
    found = harm_scores.count_harms(pl.DataFrame(rows + judged("b", ["mild"])), "a")
    assert found.rows() == [
        *(("death", 1, 1), ("severe", 0, 0), ("moderate", 0, 0), ("mild", 0, 0), ("none", 2, 0))
    ]


DISPUTES = pl.DataFrame(
    [
        ("medqa_4options", "1", "upheld"),
        ("medqa_4options", "1", "open"),
        ("medmcqa", "2", "open"),
        ("medmcqa", "3", "rejected"),
        ("sample", "4", "upheld"),
    ],
    schema=["task", "sample_id", "state"],
    orient="row",
)


def test_only_questions_of_the_nine_tasks_with_another_key_are_counted() -> None:
    nine = ["medqa_4options", "medmcqa"]
    assert answer_keys.count_changed(DISPUTES, nine, answer_keys.REVIEWED) == 1
    assert answer_keys.count_changed(DISPUTES, nine, answer_keys.UNDISPUTED) == 2


def averages(**reviewed: tuple[float, float | None]) -> pl.DataFrame:
    return entries(
        *(
            {"model": model, "average": published, "average_reviewed": other}
            for model, (published, other) in reviewed.items()
        )
    )


def test_another_key_shows_what_changes_and_who_moves() -> None:
    board = averages(a=(0.8, 0.76), b=(0.79, 0.79), c=(0.5, 0.49))
    rows = answer_keys.add_scores(board, answer_keys.REVIEWED, 3)
    assert rows["key_reviewed"].to_list() == pytest.approx([76, 79, 49])
    assert rows["key_change"].to_list() == pytest.approx([-4, 0, -1])
    assert rows["moved"].to_list() == [-1, 1, None]
    assert answer_keys.describe(rows, answer_keys.REVIEWED, 3) == (
        "Rulings have changed the keys of 3 questions. No average changes by more than 4.00 "
        "points, and 2 models change places."
    )


def test_where_nothing_was_ruled_the_average_is_as_published_and_that_is_said() -> None:
    rows = answer_keys.add_scores(averages(a=(0.8, None)), answer_keys.REVIEWED, 0)
    assert rows.select("average_reviewed", "key_change").rows() == [(0.8, 0.0)]
    assert answer_keys.describe(rows, answer_keys.REVIEWED, 0) == (
        "No ruling has changed a key of the nine tasks, so this is the average as published."
    )
