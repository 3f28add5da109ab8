"""A reader's own mix of cases: presets, weights and address, and the questions they are made of."""

from pathlib import Path

import polars as pl
import pytest

from dashboard import case_mix, data
from evaluator.tasks import find_task
from ingest import loading, samples
from tests.conftest import ask

KINDS = pl.DataFrame(
    {
        "task": ["medqa_4options", "medmcqa", "medmcqa", "medmcqa", "mmlu_anatomy"],
        "subject": [None, "Dental", "Surgery", "Gynaecology & Obstetrics", None],
        "title": ["MedQA", "MedMCQA", "MedMCQA", "MedMCQA", "Anatomy"],
        "benchmark": ["MedQA", "MedMCQA", "MedMCQA", "MedMCQA", "MMLU"],
        "headline": [True] * 5,
        "n": [100, 50, 30, 10, 20],
    }
)
MEDQA, DENTAL, SURGERY, OBSTETRICS, ANATOMY = case_mix.list_kinds(KINDS)


def test_presets_weigh_tasks_or_questions_alike() -> None:
    presets = case_mix.offer_presets(KINDS)
    third = pytest.approx(100 / 3)
    assert presets["No dentistry"] == {
        MEDQA: third, DENTAL: 0, SURGERY: pytest.approx(25), OBSTETRICS: pytest.approx(25 / 3),
        ANATOMY: third,
    }  # fmt: skip
    assert presets["Obstetrics and gynaecology"][OBSTETRICS] == 100
    assert presets["Every question alike"][MEDQA] == pytest.approx(10000 / 210)
    assert presets["Every task alike"][DENTAL] == pytest.approx(100 / 3 * 50 / 90)
    assert [sum(mix.values()) for mix in presets.values()] == pytest.approx([100] * len(presets))


def test_a_preset_without_questions_is_not_offered() -> None:
    found = case_mix.offer_presets(KINDS.filter(pl.col("task") == "medmcqa"))
    assert [*found] == [
        "No dentistry", "Obstetrics and gynaecology", "Surgery", "Every question alike"
    ]  # fmt: skip
    assert "No dentistry" not in case_mix.offer_presets(KINDS.filter(pl.col("n") != 50))


def test_a_mix_goes_into_an_address_and_back() -> None:
    mix = {OBSTETRICS: 60.5, MEDQA: 40.0, DENTAL: 0.0}
    packed = case_mix.pack(mix)
    assert packed == "medmcqa/Gynaecology & Obstetrics:60.5;medqa_4options/:40"
    assert case_mix.unpack(packed, KINDS) == {OBSTETRICS: 60.5, MEDQA: 40}
    odd = KINDS.with_columns(subject=pl.lit("a;b:c/d"))
    kind = ("medmcqa", "a;b:c/d")
    assert case_mix.unpack(case_mix.pack({kind: 1}), odd) == {kind: 1}


@pytest.mark.parametrize(
    "packed", ["", "nonsense", "medqa_4options/", "medqa_4options/:-1", "medqa_4options/:nan",
               "medqa_4options/:1e9", "medqa_4options/:inf", "other/:1", "\x00;;:::", "%%:1"]
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_no_mix(packed: str) -> None:
    assert case_mix.unpack(packed, KINDS) == {}


def test_the_table_of_weights_shows_shares_and_takes_edits() -> None:
    rows = case_mix.weight_rows(KINDS, {SURGERY: 30.0, ANATOMY: 10.0})
    assert rows.rows() == [
        ("MedQA", 100, None, 0), ("MedMCQA: Dental", 50, None, 0), ("MedMCQA: Surgery", 30, 30, 75),
        ("MedMCQA: Gynaecology & Obstetrics", 10, None, 0), ("MMLU: Anatomy", 20, 10, 25),
    ]  # fmt: skip
    edits: dict[int, dict[str, object]] = {0: {"weight": 5}, 2: {"weight": None}, 4: {}}
    changed = case_mix.change({SURGERY: 30.0, ANATOMY: 10.0}, KINDS, edits)
    assert changed == {SURGERY: 0, ANATOMY: 10, MEDQA: 5}


def test_a_mix_is_told_by_its_largest_shares() -> None:
    mixed = case_mix.describe(KINDS, {MEDQA: 1, SURGERY: 2, DENTAL: 3, OBSTETRICS: 3, ANATOMY: 1})
    assert mixed == (
        "210 questions: MedMCQA: Dental 30%, MedMCQA: Gynaecology & Obstetrics 30%, "
        "MedMCQA: Surgery 20%, MedQA 10%, 1 other 10% together."
    )
    assert case_mix.describe(KINDS, {ANATOMY: 0.1}) == "20 questions: MMLU: Anatomy 100%."


def test_runs_move_against_the_average_among_those_with_both() -> None:
    rows = pl.DataFrame(
        {
            "run_id": ["a", "b", "c", "d", "e"],
            "average": [0.9, 0.8, 0.7, None, 0.95],
            "suspect": [False, False, False, False, True],
        }
    )
    mixed = pl.DataFrame(
        {
            "run_id": ["a", "b", "c", "d", "e"],
            "case_mix": [0.5, 0.7, 0.4, 0.9, 0.6],
            "case_mix_low": 0.0,
            "case_mix_high": 1.0,
        }
    )
    found = case_mix.add_scores(rows, mixed)
    assert found["moved"].to_list() == [-1, 1, None, None, None]
    assert found["case_mix"].to_list() == mixed["case_mix"].to_list()


@pytest.mark.usefixtures("demo")
def test_the_demonstration_is_of_kinds_by_subject() -> None:
    kinds = ask("kinds")
    assert set(kinds["task"]) == {"sample"}
    assert kinds.filter(subject="Obstetrics")["n"].to_list() == [5]
    assert "Obstetrics and gynaecology" in case_mix.offer_presets(kinds)


@pytest.mark.usefixtures("demo")
def test_a_mix_of_all_questions_alike_is_the_accuracy() -> None:
    presets = case_mix.offer_presets(data.kinds())
    found = data.rank_mix("loglikelihood-0shot", presets["Every question alike"])
    scores = ask("scores", task="sample").filter(slice="all")
    expected = dict(scores.select("run_id", "accuracy").iter_rows())
    assert dict(found.select("run_id", "case_mix").iter_rows()) == pytest.approx(expected)
    assert found.sort("case_mix", descending=True)["rank"][0] == 1


def test_tasks_without_subjects_are_one_kind_each(hub: Path) -> None:
    with loading.open_draft("test", mirror=hub) as draft:
        for name in ("medqa_4options", "medmcqa", "mmlu_anatomy"):
            samples.load_questions(draft, find_task(name), hub)
    kinds = ask("kinds")
    counts = kinds.group_by("task").agg(pl.len(), pl.col("n").sum()).sort("task")
    assert counts.rows() == [
        ("medmcqa", 21, 4183),
        ("medqa_4options", 1, 1273),
        ("mmlu_anatomy", 1, 135),
    ]
    assert kinds.filter(subject="Dental")["n"].to_list() == [1318]
