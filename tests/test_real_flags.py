"""Flags of real models' answers to real questions."""

import shutil
from collections import Counter
from pathlib import Path

import polars as pl

from ingest import loading, predictions, runs
from tests.conftest import ask
from tests.test_ingest_predictions import plan_of
from warehouse import locating, verification

MODELS = ("DeepSeek-V3", "Llama-3.3-70B-Instruct-Turbo", "claude-3-5-sonnet", "gpt-4o", "o3-mini")
TASK = "medqa_4options"


def load(test_data: Path, folder: Path) -> pl.DataFrame:
    """Five models' answers to MedQA; a row per flag."""
    for model in MODELS:
        source = folder / model
        source.mkdir()
        answers = test_data / "predictions" / "medagents-zero-shot" / model / f"{TASK}.jsonl"
        shutil.copyfile(answers, source / answers.name)
        predictions.import_predictions(source, plan_of(model), "test", test_data / "hub")
    with loading.open_draft("test", mirror=test_data / "hub") as draft:
        runs.load_runs(draft, runs.find_folders([]), test_data / "hub")
    with locating.find_store().current().connect() as connection:
        return connection.sql("select * from flags order by all").pl()


def test_flags_of_real_answers_are_what_the_answers_say(test_data: Path, tmp_path: Path) -> None:
    found = load(test_data, tmp_path)
    answers = pl.concat(
        ask("run_answers", run_id=run).with_columns(run_id=pl.lit(run))
        for run in ask("run_keys")["run_id"]
    )
    right = answers.group_by("sample_id").agg(right=pl.col("correct").sum())
    wrong = answers.filter(~pl.col("correct")).join(right, on="sample_id")
    counts = Counter(found["flag"])
    assert counts["only_wrong"] == wrong.filter(right=4).height
    assert counts["all_wrong"] == wrong.filter(right=0).height
    assert counts["confident"] == 0, "they come without probabilities"
    assert counts["only_wrong"] > 100
    assert counts["all_wrong"] > 50
    assert set(found.filter(flag="only_wrong").select("alike", "out_of").rows()) == {(4, 4)}
    suspect = ask("suspect_keys")
    voted = wrong.join(suspect, on="sample_id").filter(prediction=pl.col("suspected"))
    assert counts["suspect_key"] == voted.height > 0
    marked = found.filter(flag="contraindicated")
    scores = "select sum(contraindicated) from scores where slice = 'all'"
    with locating.find_store().current().connect() as connection:
        assert connection.sql(scores).fetchall() == [
            (marked.unique(("run_id", "sample_id")).height,)
        ]
    assert marked.filter(pl.col("source").is_null() | pl.col("words").is_null()).is_empty()
    assert list(verification.find_faults()) == []
