"""What the model page says of runs, subjects and confidences, from frames made by hand."""

from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard import confidence, model_charts, models, receipts, subjects
from warehouse.statistics.intervals import wilson

COMMIT = "17af9355ef89fba60de966eabaeba797c695f86e"
RUN: dict[str, Any] = {
    "model": "acme/likely-7b",
    "revision": COMMIT,
    "type": "open weights",
    "parameters": 7_000_000_000,
    "architecture": "LlamaForCausalLM",
    "licence": "llama3",
    "weights": "original",
    "base": None,
    "base_revision": None,
    "released_at": datetime(2024, 4, 18),
    "precision": "bfloat16",
}


@pytest.mark.parametrize(
    ("change", "address"),
    [
        ({}, f"https://huggingface.co/acme/likely-7b/tree/{COMMIT}"),
        ({"revision": "unknown"}, "https://huggingface.co/acme/likely-7b"),
        ({"type": "closed"}, None),
        ({"model": "gpt-4o"}, None),
        ({"model": "a/b/c"}, None),
        ({"model": "../x"}, None),
        ({"model": "acme/x?y=<b>"}, None),
        ({"model": "acme/x\n"}, None),
    ],
)
def test_only_a_hub_id_leads_to_the_hub(change: dict[str, str], address: str | None) -> None:
    assert models.hub_address(RUN | change) == address


def test_the_facts_of_a_model_are_those_that_are_known() -> None:
    assert models.model_facts(RUN) == (
        "open weights · 7B · LlamaForCausalLM · licence llama3 · released April 2024 · bfloat16 · "
        "revision 17af9355ef89"
    )
    unknown = dict.fromkeys(("parameters", "architecture", "licence", "precision", "released_at"))
    assert models.model_facts(RUN | unknown | {"revision": f"sha256:{COMMIT}"}) == (
        "open weights · revision sha256:17af9355ef89"
    )


def test_the_facts_of_an_adapter_say_what_it_is_added_to() -> None:
    added = {"weights": "adapter", "base": "acme/base", "base_revision": COMMIT}
    assert models.model_facts(RUN | added) == (
        "open weights · 7B · LlamaForCausalLM · adapter of acme/base at 17af9355ef89 · "
        "licence llama3 · released April 2024 · bfloat16 · revision 17af9355ef89"
    )


def test_a_card_that_names_a_benchmark_is_told_with_care() -> None:
    named = {"overlapping": ["MedQA", "MMLU"], "trained_on": ["bigbio/med_qa", "cais/mmlu", "x"]}
    assert models.explain_overlap(named) == (
        "Its model card names MedQA, MMLU among what it was trained on (bigbio/med_qa, cais/mmlu, "
        "x). Perhaps only the part made for training; if more, its scores there say little."
    )
    assert models.explain_overlap({"overlapping": [], "trained_on": ["x"]}) is None


def answered(run_id: str, day: int, **tasks: tuple[int, str]) -> list[dict[str, Any]]:
    """The rows of a run: for each task how many of 100 it answered, and which run counts."""
    return [
        {"run_id": run_id, "revision": COMMIT, "precision": "bfloat16", "lane": "other-x"}
        | {"finished_at": datetime(2026, 1, day), "suspect": None, "task": task}
        | {"task_title": task.title(), "predictions": n, "expected": 100, "counting_id": counts}
        for task, (n, counts) in tasks.items()
    ]


def runs_of(*rows: list[dict[str, Any]], doubted: str = "") -> pl.DataFrame:
    frame = pl.DataFrame([row for run in rows for row in run], infer_schema_length=None)
    bad = pl.when(pl.col("run_id") == doubted).then(pl.lit("copied"))
    return models.list_runs(frame.with_columns(bad.alias("suspect")))


def test_a_run_says_whether_it_counts_and_why_not() -> None:
    new = answered("new", 3, one=(100, "new"), two=(50, "old"))
    old = answered("old", 2, one=(100, "new"), two=(100, "old"))
    first = answered("first", 1, one=(100, "new"))
    runs = runs_of(new, old, first)
    assert dict(runs.select("run_id", "standing").iter_rows()) == {
        "new": "current for 1 of 2 tasks: another run answered more",
        "old": "current for 1 of 2 tasks: a later run answered as much",
        "first": "replaced: another run answered more",
    }
    assert runs["partial"].to_list() == ["Two 50 of 100", "", ""]
    assert models.best_run(runs) == "old"
    assert models.run_names(runs)[2] == "other-x · bfloat16 · 17af9355ef89 · replaced"


def test_a_doubtful_run_makes_room_for_another() -> None:
    doubted = answered("doubted", 2, one=(100, "sound"))
    runs = runs_of(doubted, answered("sound", 1, one=(80, "sound")), doubted="doubted")
    why = "replaced: it is doubtful, and another run is not"
    assert runs["standing"].to_list() == [why, "current"]
    assert models.best_run(runs) == "sound"
    alone = runs_of(answered("doubted", 2, one=(100, "doubted")), doubted="doubted")
    assert alone["standing"].to_list() == ["doubtful"]


def test_runs_of_one_name_are_told_apart() -> None:
    runs = runs_of(answered("a", 2, one=(9, "a")), answered("b", 1, two=(9, "b")))
    names = models.run_names(runs)
    assert [name.rpartition(" · ")[2] for name in names] == ["a", "b"]


def test_a_rank_stands_with_its_interval() -> None:
    assert models.rank_text({"rank": 3, "rank_low": 2, "rank_high": 7, "ranked": 1200}) == (
        "3 (2–7) of 1,200"
    )
    assert models.rank_text({"rank": None}) is None


def subject(name: str, right: int, n: int, median: float | None = 0.5) -> dict[str, Any]:
    low, high = (float(end) for end in wilson(right, n))
    return {
        "board": "nine", "slice": "subject", "slice_value": name, "n": n, "correct": right,
        "accuracy": right / n, "interval_low": low, "interval_high": high, "field": 9,
        "field_median": median,
    }  # fmt: skip


FIELD = pl.DataFrame(
    [
        subject("Anatomy", 70, 100),
        subject("Surgery", 60, 100),
        subject("Skin", 29, 29),
        subject("Dental", 250, 1000),
        subject("ENT", 9, 40),
        subject("Unasked", 50, 100, None),
    ]
)


def test_only_what_is_beyond_chance_is_named() -> None:
    rows = subjects.compare(FIELD, "subject")
    order = ["Skin", "Anatomy", "Surgery", "Dental", "ENT"]
    assert rows["slice_value"].to_list() == order
    assert rows["is_small"].to_list() == [True, False, False, False, False]
    assert rows["is_sure"].to_list() == [False, True, False, True, True]
    assert rows["difference"].to_list() == pytest.approx([50, 20, 10, -25, -27.5])
    assert subjects.finding(rows, "Subjects") == (
        "Of 4 subjects with 30 questions or more, 1 above and 2 below the field's median beyond "
        "chance"
    )
    assert subjects.strongest(rows) == (
        "Strongest: Anatomy +20.0 points over the field's median (n=100)."
    )
    assert subjects.weakest(rows) == (
        "Weakest: ENT 27.5 points under the field's median (n=40), Dental 25.0 points (n=1,000)."
    )


def test_more_subjects_need_a_greater_difference() -> None:
    alone = subjects.compare(pl.DataFrame([subject("Anatomy", 62, 100)]), "subject")
    assert alone["is_sure"].to_list() == [True]
    many = [subject(f"s{number}", 50, 100) for number in range(20)]
    among = subjects.compare(pl.DataFrame([subject("Anatomy", 62, 100), *many]), "subject")
    assert not among["is_sure"].any()
    assert subjects.finding(among, "Subjects").startswith("None of 21 subjects")
    assert subjects.strongest(among) == subjects.weakest(among) == ""


def test_equal_runs_are_seldom_told_apart() -> None:
    random = np.random.default_rng(5)
    claims = 0
    for _ in range(300):
        right = random.binomial(100, 0.5, 25)
        rows = [subject(f"s{number}", int(count), 100) for number, count in enumerate(right)]
        claims += bool(subjects.compare(pl.DataFrame(rows), "subject")["is_sure"].any())
    assert claims < 300 * 0.08


def test_the_demonstration_is_compared_only_where_it_is_alone() -> None:
    board = pl.when(slice_value="Skin").then(pl.lit("nine")).otherwise(pl.lit("sample"))
    shown = FIELD.with_columns(board=board)
    assert subjects.compare(shown, "subject")["slice_value"].to_list() == ["Skin"]
    alone = FIELD.with_columns(board=pl.lit("sample"))
    assert subjects.compare(alone, "subject").height == 5
    two = FIELD.with_columns(
        board=pl.when(slice_value="Skin").then(pl.lit("ward")).otherwise(pl.lit("icu"))
    )
    assert subjects.compare(two, "subject").height == 4
    assert subjects.compare(FIELD, "safety").is_empty()


def test_the_plot_tells_sure_from_unsure_by_shape_and_small_by_grey() -> None:
    figure = model_charts.differences(subjects.compare(FIELD, "subject"))
    main, small = figure.data
    assert list(main.y) == ["ENT (40)", "Dental (1,000)", "Surgery (100)", "Anatomy (100)"]
    assert list(main.marker.symbol) == ["diamond", "diamond", "circle-open", "diamond"]
    assert (list(small.y), small.marker.color) == (["Skin (29)"], model_charts.GREY)
    assert list(figure.layout.yaxis.categoryarray) == [*main.y, "Skin (29)"]
    ends = np.array(wilson(70, 100)) * 100 - 50
    assert main.x[3] - main.error_x.arrayminus[3] == pytest.approx(ends[0])
    assert main.x[3] + main.error_x.array[3] == pytest.approx(ends[1])


def test_a_subject_is_text_and_cut_where_long() -> None:
    assert model_charts.subject_label("<b>" * 20, 7) == f"{'&lt;b&gt;' * 9}&lt;… (7)"


def answers(sure: float, right: int, n: int, task: str = "one") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "task": [task] * n,
            "subject": pl.Series([None] * n, dtype=pl.String),
            "confidence": pl.Series([sure] * n, dtype=pl.Float64),
            "correct": [True] * right + [False] * (n - right),
        }
    )


@pytest.mark.parametrize(
    ("sure", "said"),
    [
        (0.9, "Surer than it is right: on average it is 90.0% sure and 50.0% right "),
        (0.52, "As sure as it is right, within chance: on average it is 52.0% sure and "),
        (0.3, "Less sure than it is right: on average it is 30.0% sure and 50.0% right "),
    ],
)
def test_trust_is_said_as_far_as_the_interval_goes(sure: float, said: str) -> None:
    sentence = confidence.trust(answers(sure, 50, 100))
    assert sentence.startswith(said)
    assert sentence.endswith("(95% interval 40.4% to 59.6%, n=100).")


def test_refusing_is_said_to_help_only_where_it_does() -> None:
    knows = pl.concat([answers(0.9, 80, 80), answers(0.4, 0, 20)])
    start = "If it may refuse the 20% of questions it is least sure of, its error "
    assert confidence.refusing(knows) == (
        f"{start}falls from 20.0% to 0.0% (95% interval 0.0% to 4.6%)."
    )
    turned = knows.with_columns(confidence=1 - pl.col("confidence"))
    assert confidence.refusing(turned).startswith(f"{start}rises from 20.0% to 25.0% (")
    assert confidence.refusing(answers(0.5, 50, 100)) == (
        f"{start}goes from 50.0% to 50.0%, too small a change to be sure of."
    )
    assert confidence.refusing(answers(0.5, 1, 1)) == ""


def test_confidences_are_parted_by_task_without_the_demonstration() -> None:
    tasks = pl.DataFrame(
        {"task": ["one", "two", "sample"], "title": ["One", "Two", "Demonstration"]}
    ).with_columns(headline=pl.col("task") != "sample")
    both = pl.concat([answers(0.5, 1, 2), answers(0.5, 3, 4, "sample")])
    parts = confidence.of_tasks(both, tasks)
    assert {name: part.height for name, part in parts.items()} == {
        "All tasks": 2, "One": 2, "Demonstration": 4,
    }  # fmt: skip
    alone = confidence.of_tasks(answers(0.5, 3, 4, "sample"), tasks)
    assert {name: part.height for name, part in alone.items()} == {"Demonstration": 4}
    beside = pl.concat([both.filter(task="sample"), answers(0.5, 1, 3, "two")])
    parts_beside = confidence.of_tasks(beside, tasks.with_columns(headline=False))
    assert {name: part.height for name, part in parts_beside.items()} == {
        "Two": 3, "Demonstration": 4,
    }  # fmt: skip
    (whole, *_) = confidence.task_rows(parts).rows()
    assert whole == (
        "All tasks",
        2,
        0.0,
        None,  # an interval, and what chance makes, are not told of two answers
        None,
        50,
        50,
        None,
        None,
    )


def test_confidences_are_parted_by_subject_where_a_task_has_several() -> None:
    tasks = pl.DataFrame({"task": ["one"], "title": ["One"], "headline": [True]})
    both = pl.concat([answers(0.5, 1, 2), answers(0.5, 3, 4).with_columns(subject=pl.lit("Skin"))])
    parts = confidence.of_tasks(both, tasks)
    assert {name: part.height for name, part in parts.items()} == {"All tasks": 6, "One": 6}
    surgery = answers(0.5, 1, 1).with_columns(subject=pl.lit("Surgery"))
    parts = confidence.of_tasks(pl.concat([both, surgery]), tasks)
    assert [*parts] == ["All tasks", "One", "One: Skin", "One: Surgery"]
    assert parts["One: Skin"].height == 4


def test_the_calibration_error_stands_with_its_interval_and_that_of_chance() -> None:
    said = confidence.miscalibration(answers(0.9, 500, 1000))
    assert said.startswith("Its calibration error is 40.0% (95% interval 36.9% to 43.1%)")
    assert said.endswith("; a perfectly calibrated model would have 0.8% by chance.")
    assert confidence.miscalibration(answers(0.9, 0, 0)) == ""
    assert confidence.miscalibration(answers(0.9, 0, 4)) == (
        "Its calibration error is 90.0%, of too few answers (n=4) to say how sure that is."
    )


def test_the_reliability_diagram_shows_each_bin_with_its_count_and_interval() -> None:
    bins = confidence.reliability(pl.concat([answers(0.35, 2, 10), answers(0.85, 9, 9)]))
    assert bins.select("sure_from", "n", "accuracy").rows() == [
        (pytest.approx(0.3), 10, 0.2),
        (0.8, 9, 1.0),
    ]
    dots, counts, diagonal = model_charts.reliability(bins).data
    assert list(dots.x) == pytest.approx([0.35, 0.85])
    assert list(dots.y) == [0.2, 1.0]
    low, high = wilson([2, 9], [10, 9])
    assert np.array(dots.y) - np.array(dots.error_y.arrayminus) == pytest.approx(low)
    assert np.array(dots.y) + np.array(dots.error_y.array) == pytest.approx(high)
    assert list(counts.text) == ["10", "9"]
    assert (diagonal.x, diagonal.y) == ((0, 1), (0, 1))


def test_a_long_risk_curve_is_thinned_and_keeps_its_ends() -> None:
    many = answers(0.5, 600, 1000).with_columns(confidence=pl.int_range(1000, 0, -1) / 1000)
    risks = confidence.risks(many)
    assert risks.height == confidence.MOST_POINTS
    assert (risks["coverage"][0], risks["coverage"][-1]) == (0.001, 1.0)
    assert (risks["error"][0], risks["error"][-1]) == (0.0, pytest.approx(0.4))
    (line,) = model_charts.risk_curve(risks).data
    assert list(line.y) == risks["error"].to_list()


def test_a_prompt_that_is_missing_says_why() -> None:
    assert "not on this machine" in receipts.no_prompt(folder=False)
    assert "did not keep it" in receipts.no_prompt(folder=True)
