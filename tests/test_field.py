"""What the scores of a lane say of its models: frames, sentences and figures."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from dashboard import field, field_charts, question_charts, questions, subject_map

ROW: dict[str, Any] = {
    "run_id": "run",
    "model": "lab/one",
    "precision": "bfloat16",
    "note": None,
    "flag": None,
    "type": "open weights",
    "suspect": False,
    "partial_tasks": [],
    "parameters": None,
    "released_at": None,
    "cost_per_1000": None,
    "average": 0.5,
    "average_low": 0.45,
    "average_high": 0.55,
    "weighted_average": 0.5,
    "deduplicated_average": 0.5,
}
TYPES: dict[str, Any] = {
    "partial_tasks": pl.List(pl.String),
    "parameters": pl.Int64,
    "released_at": pl.Datetime,
    "cost_per_1000": pl.Float64,
    "note": pl.String,
    "flag": pl.String,
}


def rows_of(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [ROW | {"run_id": f"run-{n}"} | change for n, change in enumerate(changes)]
    return pl.DataFrame(rows, schema_overrides=TYPES)


FIELD = rows_of(
    {"model": "a/small", "parameters": 10**9, "average": 0.4, "average_low": 0.3,
     "released_at": datetime(2024, 1, 5)},
    {"model": "b/large", "parameters": 10**11, "average": 0.7, "released_at": datetime(2025, 6, 1)},
    {"model": "c/middle", "parameters": 7 * 10**9, "average": 0.6,
     "released_at": datetime(2025, 7, 1)},
    {"model": "d/unknown", "average": 0.65},
    {"model": "baseline:majority", "type": "baseline", "average": 0.3},
    {"model": "e/doubted", "average": 0.99, "suspect": True, "parameters": 10**6},
)  # fmt: skip


def test_a_field_is_of_models_that_are_real_and_not_doubted() -> None:
    scored = field.score_rows(FIELD, "average")
    assert [field.name_model(label) for label in scored["label"]] == [
        "b/large", "d/unknown", "c/middle", "a/small"
    ]  # fmt: skip
    assert field.best_baseline(FIELD, "average") == 0.3
    alone = field.score_rows(FIELD.filter(type="baseline"), "average")
    assert alone.height == 1, "where nothing else is there"


def test_the_frontier_is_of_those_that_nobody_before_beats() -> None:
    scored = field.score_rows(FIELD, "average")
    by_size = field.frontier(scored, "parameters")
    assert by_size["accuracy"].to_list() == [0.4, 0.6, 0.7]
    assert field.frontier(scored, "released_at")["accuracy"].to_list() == [0.4, 0.7]


def test_findings_say_sizes_times_and_spread() -> None:
    scored = field.score_rows(FIELD, "average")
    assert field.say_size(scored) == (
        "Below 10B weights the best is c/middle with 60.0%, 10.0 points behind b/large with 100B"
    )
    assert field.say_time(scored) == (
        "The best score rose from 40.0% (January 2024) to 70.0% (June 2025)"
    )
    assert field.say_spread(scored, 0.3) == (
        "Half of 4 models lie between 55.0% and 66.2%; one is not surely above the best baseline"
    )
    assert field.say_spread(scored.head(1), None) == "1 model with this score"
    unknown = scored.with_columns(parameters=pl.lit(None, pl.Int64))
    assert field.say_size(unknown) == "Accuracy by number of weights"


def test_a_small_model_may_be_the_best_of_all() -> None:
    scored = field.score_rows(FIELD.filter(pl.col("model") != "b/large"), "average")
    assert field.say_size(scored).endswith("c/middle with 60.0%, the best of all sizes")


def test_pairs_that_change_places_are_counted() -> None:
    rows = rows_of(
        {"model": "a", "average": 0.9, "weighted_average": 0.5},
        {"model": "b", "average": 0.8, "weighted_average": 0.7},
        {"model": "c", "average": 0.7, "weighted_average": 0.6},
        {"model": "d", "average": 0.7, "weighted_average": 0.1},
    )
    ranks = field.rank_markings(rows)
    assert ranks["average_rank"].to_list() == [1, 2, 3, 3]
    assert ranks["weighted_average_rank"].to_list() == [3, 1, 2, 4]
    assert field.say_markings(ranks) == (
        "2 of 6 pairs change places when large tasks count more; a moves most, by 2 places"
    )
    assert field.say_markings(field.rank_markings(rows_of({}, {"model": "x", "average": 0.6}))) == (
        "Nobody changes places when large tasks count more"
    )
    drawn = field_charts.markings(ranks)
    assert drawn.data[0].y == (1, 3, 1)
    assert drawn.layout.yaxis.range == (4.6, 0.4)


def test_negative_marking_takes_off_a_quarter_for_each_wrong_answer() -> None:
    assert field.negative_marking(1) == 1
    assert field.negative_marking(0.2) == pytest.approx(0)


def test_a_chart_against_size_has_every_known_model_and_names_the_best() -> None:
    scored = field.score_rows(FIELD, "average")
    drawn = field_charts.against_size(scored, 0.3)
    dots, stairs = drawn.data
    assert sorted(dots.x) == [10**9, 7 * 10**9, 10**11]
    assert stairs.text == ("small", "middle", "large")
    assert drawn.layout.xaxis.type == "log"
    assert drawn.layout.annotations[0].text == "best baseline 30.0%"
    hostile = field.score_rows(rows_of({"model": "x/<b>", "parameters": 5}, {}), "average")
    assert field_charts.against_size(hostile, None).data[1].text == ("&lt;b&gt;",)


def test_a_chart_against_cost_says_what_the_best_and_the_cheapest_cost() -> None:
    dear = {"model": "lab/dear", "average": 0.7, "cost_per_1000": 12.5}
    cheap = {"model": "lab/cheap", "average": 0.6, "cost_per_1000": 0.25}
    scored = field.score_rows(rows_of(dear, cheap, {"model": "lab/unknown"}), "average")
    assert field.say_cost(scored) == (
        "Of those whose cost is known, the best, lab/dear with 70.0%, costs US$12.50 for 1,000 "
        "answers; the cheapest, lab/cheap, costs US$0.25 and is 10.0 points behind"
    )
    priced = field.score_rows(rows_of(dear, cheap | {"cost_per_1000": 0.0012}), "average")
    assert field.say_cost(priced) == (
        "The best, lab/dear with 70.0%, costs US$12.50 for 1,000 answers; the cheapest, lab/cheap, "
        "costs US$0.0012 and is 10.0 points behind"
    )
    assert field.say_cost(scored.filter(label="lab/dear · bfloat16")) == "Accuracy by cost"
    best = field.score_rows(rows_of(dear | {"cost_per_1000": 0.1}, cheap), "average")
    assert field.say_cost(best).endswith("US$0.10 for 1,000 answers, the least of all")
    dots, stairs = field_charts.against_cost(scored, None).data
    assert sorted(dots.x) == [0.25, 12.5]
    assert stairs.text == ("cheap", "dear")


def test_a_spread_counts_models_by_score() -> None:
    drawn = field_charts.spread(field.score_rows(FIELD, "average"), None)
    assert sorted(drawn.data[0].x) == [0.4, 0.6, 0.65, 0.7]


KINDS = pl.DataFrame(
    [
        {"run_id": run_id, "task": task, "subject": subject, "title": title, "type": "closed",
         "benchmark": "MedMCQA" if subject else "MMLU", "n": n, "correct": right,
         "accuracy": right / n,
         "interval_low": 0.1, "interval_high": 0.9}
        for run_id, subject, task, title, n, right in (
            ("a", "Surgery", "medmcqa", "MedMCQA", 40, 10),
            ("b", "Surgery", "medmcqa", "MedMCQA", 40, 30),
            ("a", "Skin", "medmcqa", "MedMCQA", 10, 1),
            ("b", "Skin", "medmcqa", "MedMCQA", 10, 2),
            ("a", None, "mmlu_anatomy", "Anatomy", 100, 90),
        )
    ]
)  # fmt: skip


def test_a_map_has_a_cell_per_model_and_subject_and_greys_few_questions() -> None:
    assert subject_map.finding(KINDS) == (
        "The median model is right on 50% of MedMCQA: Surgery (n=40) and on 90% of MMLU: Anatomy "
        "(n=100)"
    )
    names = {"b": "lab/b<", "a": "lab/a"}
    rows = subject_map.arrange(KINDS, [*names])
    assert rows["kind"].unique(maintain_order=True).to_list() == [
        "MedMCQA: Surgery", "MMLU: Anatomy", "MedMCQA: Skin"
    ]  # fmt: skip
    drawn = subject_map.draw(rows, names)
    large, small = drawn.data
    assert [list(line) for line in small.text] == [["(20)", "(10)"], ["", ""], ["", ""]]
    assert [list(line) for line in large.text] == [["", ""], ["", "90"], ["75", "25"]]
    assert drawn.layout.xaxis.ticktext == ("lab/b&lt;", "lab/a")
    assert subject_map.export(rows, names).columns == [
        "model", "run_id", "task", "subject", "n", "correct", "accuracy", "interval_low",
        "interval_high",
    ]  # fmt: skip


def test_the_map_of_one_kind_claims_nothing() -> None:
    assert subject_map.finding(KINDS.filter(subject="Skin")) == (
        "Too few kinds of questions to compare"
    )


BINS = {"bin": [0, 19], "runs": 12, "n": [10, 90], "discrimination": [0.1, 0.3]}


@pytest.mark.parametrize(
    ("nobody", "everybody", "negative", "said"),
    [
        (5, 40, 3, "Of 100 questions, every model is right on 40 and no model is right on 5 and "
         "better models miss 3 more often than others"),
        (0, 40, 0, "Of 100 questions, every model is right on 40"),
        (0, 0, 0, "All of 100 questions tell models apart"),
    ],
)  # fmt: skip
def test_questions_that_tell_nobody_apart_are_counted(
    nobody: int, everybody: int, negative: int, said: str
) -> None:
    bins = pl.DataFrame(
        BINS | {"nobody": [nobody, 0], "everybody": [0, everybody], "negative": [negative, 0]}
    )
    assert questions.say_difficulty(bins) == said
    assert question_charts.difficulties(bins).data[0].x.tolist() == pytest.approx([0.025, 0.975])


def test_a_preference_for_a_letter_is_told_where_it_is_sure() -> None:
    letters = pl.DataFrame(
        {"letter": ["A", "B"], "n": 100, "picked": [0.6, 0.4], "keyed": [0.5, 0.5],
         "error": [0.02, 0.2]}
    )  # fmt: skip
    assert questions.say_letters(letters) == (
        "Models pick A 10.0 points more often than it is the key (±3.9)"
    )
    assert questions.say_letters(letters.filter(letter="B")) == (
        "Models pick each letter about as often as it is the key"
    )
    assert question_charts.letter_bars(letters).data[0].marker.pattern.shape == "/"
