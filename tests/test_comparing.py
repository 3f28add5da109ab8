"""What the comparison of runs says, in sentences, tables and figures."""

import numpy as np
import polars as pl
import pytest

from dashboard import comparing, comparison_charts, verdicts
from warehouse.comparisons import DIFFERENCES
from warehouse.statistics.agreement import Agreement

TITLES = {"q": "MedQA", "r": "PubMedQA", "s": "Anatomy"}
BOLD = "<b>o3</b>"


def differences_of(**tasks: tuple[float, float]) -> pl.DataFrame:
    """A row per task with its difference and corrected p-value."""
    rows = [
        {"run_id": "x", "task": task, "n": 100, "only_one": 3, "only_other": 5}
        | {"same_cluster": 0, "difference": lift, "low": lift - 0.1, "high": lift + 0.1}
        | {"p_value": p / 3, "detectable": None, "corrected": p}
        for task, (lift, p) in tasks.items()
    ]
    return pl.DataFrame(rows, schema=DIFFERENCES)


SURE, UNSURE = (0.1, 0.01), (0.1, 0.2)
WORSE = (-0.1, 0.049)


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        (
            {"q": SURE, "r": UNSURE, "s": (-0.1, 0.05)},
            "B is better than A on MedQA; on the other two tasks the data cannot tell.",
        ),
        (
            {"q": WORSE, "r": WORSE, "s": UNSURE},
            "A is better than B on MedQA and PubMedQA; on Anatomy the data cannot tell.",
        ),
        (
            {"q": SURE, "r": WORSE, "s": SURE},
            "B is better than A on MedQA and Anatomy, and worse on PubMedQA.",
        ),
        ({"q": SURE, "r": SURE, "s": SURE}, "B is better than A on all three tasks."),
        ({"q": WORSE}, "A is better than B on MedQA."),
        ({"q": UNSURE, "r": UNSURE}, "On all two tasks the data cannot tell A and B apart."),
        ({"q": UNSURE}, "On MedQA the data cannot tell A and B apart."),
        ({}, "B and A have no question in common."),
        (
            {"average": SURE, "q": SURE, "r": UNSURE},
            "B is better than A on MedQA; on PubMedQA the data cannot tell. On the average of the "
            "nine B is 10.0 points better (0.0 to 20.0).",
        ),
        (
            {"average": UNSURE, "q": UNSURE},
            "On MedQA the data cannot tell A and B apart. On the average of the nine the data "
            "cannot tell.",
        ),
    ],
)
def test_a_sentence_says_what_the_data_can_tell(
    tasks: dict[str, tuple[float, float]], said: str
) -> None:
    assert verdicts.say_difference(differences_of(**tasks), "A", "B", TITLES) == said


def test_two_revisions_fix_and_break_questions() -> None:
    rows = differences_of(average=SURE, q=SURE, r=WORSE)  # the average has them once more
    assert verdicts.say_revisions(rows) == (
        "Two revisions of one model: 10 questions fixed, 6 broken, 184 unchanged."
    )
    runs = pl.DataFrame({"model": ["a", "a", "b"], "revision": ["1", "2", "3"]})
    assert verdicts.are_revisions(runs.head(2))
    assert not verdicts.are_revisions(runs.tail(2))
    assert not verdicts.are_revisions(runs[[0, 0]])


def runs_of(*rows: tuple[str, str, str, str, int, str]) -> pl.DataFrame:
    columns = ["run_id", "model", "revision", "lane", "correct", "type"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        precision=pl.lit(None, pl.String), tasks=pl.lit(["sample"]), current=pl.lit(True)
    )


RUNS = runs_of(
    ("r1", "m", "a" * 40, "x", 5, "closed"),
    ("r2", "m", "b" * 40, "x", 7, "closed"),
    ("r3", "m", "b" * 40, "y", 6, "closed"),
    ("r4", "m", "b" * 40, "y", 6, "closed"),
    ("r5", "n", "c" * 40, "y", 1, "closed"),
    ("r6", "guess", "seed-0", "z", 9, "baseline"),
)


def test_namesakes_are_told_apart_by_the_first_facts_that_do() -> None:
    assert comparing.short_names(RUNS) == {
        "r1": "m · aaaaaaaaaa",
        "r2": "m · bbbbbbbbbb · x",
        "r3": "m · bbbbbbbbbb · y · r3",
        "r4": "m · bbbbbbbbbb · y · r4",
        "r5": "n",
        "r6": "guess",
    }


def test_the_best_real_runs_of_the_fullest_lane_come_first() -> None:
    assert comparing.best_lane(RUNS) == "y"
    assert comparing.best_runs(RUNS, 3) == ["r2", "r3", "r4"]
    replaced = RUNS.with_columns(current=pl.col("run_id") != "r2")
    assert comparing.best_runs(replaced, 1) == ["r3"]
    assert comparing.best_runs(RUNS.tail(2), 2) == ["r6", "r5"]  # one real run compares with none


def test_scores_stand_side_by_side_and_partial_ones_have_a_star() -> None:
    scores = pl.DataFrame(
        {"run_id": ["a", "b", "b"], "task": ["q", "q", "r"], "n": [9, 10, 10]}
        | {"expected": [10] * 3, "accuracy": [0.5, 1.0, 0.125]}
        | {"interval_low": [0.4, 0.9, 0.1], "interval_high": [0.6, 1.0, 0.2]}
    )
    assert comparing.score_rows(scores, TITLES).to_dicts() == [
        {"task": "MedQA", "a": " 50.0 ±10.0 *", "b": "100.0 ±5.0"},
        {"task": "PubMedQA", "a": None, "b": " 12.5 ±5.0"},
    ]


def test_differences_are_in_points_with_a_verdict() -> None:
    rows = comparing.difference_rows(
        differences_of(q=(0.05, 0.0001), r=WORSE, s=UNSURE), {"x": "B"}, TITLES
    )
    assert rows["verdict"].to_list() == ["better", "worse", "cannot tell"]
    assert rows["within"].to_list() == ["-5.0 to +15.0", "-20.0 to +0.0", "+0.0 to +20.0"]
    assert rows["difference"].to_list() == pytest.approx([5, -10, 10])
    assert rows["corrected"].to_list() == ["<0.001", "0.049", "0.200"]
    assert rows["task"].to_list() == ["MedQA", "PubMedQA", "Anatomy"]


def test_only_the_settings_that_differ_are_listed() -> None:
    task = {"task": "MedQA", "data": "1", "questions": "2", "prompts": None}
    facts = {"model": "m", "revision": "v", "precision": None, "lane": "x", "origin": "imported"}
    settings = pl.DataFrame(
        [
            {"run_id": "a", **facts, "versions": '{"torch": "2", "numpy": "1"}'}
            | {"hardware": '{"cores": 2}', "tasks": [task]},
            {"run_id": "b", **facts, "versions": '{"torch": "3", "numpy": "1"}'}
            | {"hardware": "{}", "tasks": [task | {"prompts": "p"}]},
        ]
    )
    assert comparing.setting_rows(settings).rows() == [
        ("Run", "a", "b"),
        ("Versions · torch", "2", "3"),
        ("Hardware · cores", "2", None),
        ("MedQA · prompts", None, "p"),
    ]


def agreement_of(both: int, same: list[int]) -> Agreement:
    """Three runs; `same` of the pairs 0-1, 0-2 and 1-2."""
    picks = np.zeros((3, 3), np.int64)
    picks[np.triu_indices(3, 1)] = same
    wrong = np.full((3, 3), both)
    return Agreement(wrong, picks + picks.T, (picks + picks.T) / wrong)


def test_the_most_alike_come_first_and_few_mistakes_say_nothing() -> None:
    alike = comparing.list_alike(agreement_of(100, [30, 90, 40]), ["a", "b", "c"])
    assert alike.rows() == [
        ("a", "c", 90, 90, 100),
        ("b", "c", 40, 40, 100),
        ("a", "b", 30, 30, 100),
    ]
    assert verdicts.say_agreement(alike) == (
        "a and c share most mistakes: where both are wrong (100 questions), they make the same "
        "choice 90% of the time. Usual here is 40%."
    )
    few = comparing.list_alike(agreement_of(29, [1, 29, 3]), ["a", "b", "c"])
    assert few.is_empty()
    assert verdicts.say_agreement(few).startswith("No two of these models are wrong together on 30")


def test_the_greatest_of_many_agreements_may_be_chance() -> None:
    alike = comparing.list_alike(agreement_of(100, [38, 40, 45]), ["a", "b", "c"])
    assert verdicts.say_agreement(alike) == (
        "No two of these models share so many mistakes that it stands out: where two are wrong, "
        "they usually make the same choice 40% of the time."
    )
    assert verdicts.say_agreement(alike.head(1)) == (
        "Where both b and c are wrong (100 questions), they make the same choice 45% of the time."
    )


def test_a_full_dot_is_a_sure_difference() -> None:
    figure = comparison_charts.difference_intervals(
        differences_of(q=SURE, r=UNSURE), {"x": BOLD}, TITLES
    )
    (dots,) = figure.data
    assert list(dots.marker.symbol) == ["circle", "circle-open"]
    assert list(dots.x) == pytest.approx([10, 10])
    assert list(dots.error_x.array) == pytest.approx([10, 10])
    assert list(figure.layout.yaxis.categoryarray) == ["PubMedQA", "MedQA"]  # counts from below
    assert dots.name == "&lt;b&gt;o3&lt;/b&gt;"
    assert BOLD not in dots.hovertemplate
    assert not figure.layout.showlegend


def test_a_long_name_is_cut_where_namesakes_do_not_differ() -> None:
    assert comparison_charts.shorten("acme/medical-giant-70b-instruct · bfloat16") == (
        "acme/medical-gi…· bfloat16"
    )
    assert comparison_charts.shorten("m" * 26) == "m" * 26


def test_the_map_of_mistakes_keeps_names_with_their_numbers() -> None:
    agreement = agreement_of(100, [30, 90, 40])
    figure = comparison_charts.agreement_map(agreement, ["a", BOLD, "c"], np.array([1, 2, 0]))
    (cells,) = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;o3&lt;/b&gt;", "c", "a"]
    assert np.round(cells.z[0][1:]).tolist() == [40, 30]
    assert np.isnan(np.diag(cells.z)).all()
    assert (cells.zmin, cells.zmax) == (30, 90)


def test_scores_are_told_apart_by_symbols() -> None:
    scores = pl.DataFrame(
        [
            {"run_id": run_id, "task": task, "n": 100, "accuracy": 0.5, "interval_low": 0.4,
             "interval_high": 0.62}
            for run_id in ("x", "y")
            for task in ("q", "r")
        ]
    )  # fmt: skip
    drawn = comparison_charts.score_intervals(scores, {"x": "A", "y": BOLD}, TITLES)
    lower, upper = drawn.data  # counted from below
    assert (upper.name, upper.marker.symbol) == ("A", "circle")
    assert (lower.name, lower.marker.symbol) == ("&lt;b&gt;o3&lt;/b&gt;", "diamond")
    assert [*upper.error_x.array] == pytest.approx([0.12, 0.12])
    assert drawn.layout.yaxis.categoryarray == ("PubMedQA", "MedQA")
