"""Answers that are given several times, or in words, as ingest loads them."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from evaluator.tables import OLDEST
from ingest import runs
from tests import lakes, several_runs
from tests.conftest import ask
from tests.several_runs import DRAWN, ONCE, REASONED, ROTATED, SAMPLES, WAYS, Several, read_rows
from warehouse import settings

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
Way = tuple[str, str]
FACTS = ("sample_id", "repeat", "tokens", "written_tokens", "seconds", "cost", "finish")


@pytest.fixture
def alone(several: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> several_runs.Adopt:
    """Copies runs of `several` into a data folder of the test's own; returns their folders."""

    def adopt(*ways: Way) -> list[Path]:
        sources = [settings.runs_folder() / several[1][way] for way in ways]
        lakes.use_own(monkeypatch, tmp_path / "own")
        runs.find_folders(sources)
        return [settings.runs_folder() / source.name for source in sources]

    return adopt


def test_a_run_that_asks_several_times_is_complete(several: Several) -> None:
    found = several_runs.select(
        "select model, lane, predictions, expected from run_tasks join runs using (run_id)"
    )
    assert sorted(found.rows()) == sorted((*way, 92, 92) for way in WAYS)
    ranked = several_runs.select("select run_id from ranked_runs")
    assert {*ranked["run_id"]} == {*several[1].values()}


def test_how_each_answer_was_given_is_kept_but_of_choices_scored_once(several: Several) -> None:
    counted = several_runs.select(
        "select run_id, count(*) from answers join runs on number = run group by run_id"
    )
    times = sum(len(sample.choices) for sample in SAMPLES)
    sizes = {ROTATED: times, DRAWN: 3 * 92, REASONED: 92}
    assert dict(counted.rows()) == {
        several[1][way]: sizes[way[1]] for way in WAYS if way[1] != ONCE
    }
    run_id = several[1]["toy:llama", REASONED]
    given = several_runs.select(
        "select answers.*, sample_id from answers join samples on samples.number = sample "
        f"join runs on runs.number = run where run_id = '{run_id}' order by sample"
    )
    for one, other in zip(given.rows(named=True), read_rows(run_id), strict=True):
        assert [one[name] for name in FACTS] == [other[name] for name in FACTS]
        assert one["thought"] is (other["thinking"] is not None)
        for name in ("logprobs_before", "logprobs_after"):
            assert one[name] == pytest.approx(other[name], rel=1e-6)
    assert Counter(given["finish"])["limit"] > 0, "a toy hardly ever ends by itself"


def test_answers_are_forgotten_with_their_run(alone: several_runs.Adopt) -> None:
    (folder,) = alone(("toy:llama", REASONED))
    several_runs.load()
    path = folder / "sample.parquet"
    changed = pl.read_parquet(path).with_columns(written_tokens=pl.lit(7, pl.Int32))
    changed.write_parquet(path)
    with (folder / "run.json").open("a") as file:
        file.write(" ")  # another record: the run is loaded anew
    several_runs.load()
    found = several_runs.select("select written_tokens, count(*) from answers group by all")
    assert found.rows() == [(7, 92)]


def test_folders_of_all_ages_load_together(alone: several_runs.Adopt) -> None:
    folders = alone(*WAYS)
    path = min(folders) / "sample.parquet"  # the first that is read decides no other's columns
    pl.read_parquet(path).select(OLDEST).write_parquet(path)
    several_runs.load()
    assert ask("quarantine").is_empty()
    assert ask("runs").height == len(WAYS)


def test_an_older_record_of_repeats_is_complete_too(alone: several_runs.Adopt) -> None:
    """Before `answered` was recorded, repeats were counted as if they were questions."""
    (folder,) = alone(("baseline:random", ROTATED))
    record = folder / "run.json"
    record.write_text(record.read_text().replace('"answered": 92', '"answered": null'))
    several_runs.load()
    assert ask("leaderboard_rows").select("answered", "partial_tasks").rows() == [(92, [])]


def test_a_record_that_counts_other_questions_is_refused(alone: several_runs.Adopt) -> None:
    (folder,) = alone(("baseline:random", ROTATED))
    record = folder / "run.json"
    record.write_text(record.read_text().replace('"answered": 92', '"answered": 91'))
    several_runs.load()
    (reason,) = ask("quarantine")["reason"]
    assert reason.endswith("sample.parquet has 92 answered questions, but run.json says 91.")
