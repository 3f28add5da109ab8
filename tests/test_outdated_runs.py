"""Which runs a maintainer would ask again, as `outdated_runs` finds them in a few rows."""

from datetime import datetime

import polars as pl

from tests import test_ledger_queries
from tests.test_ledger_queries import EARLY, LANE, LATE, load_submissions
from warehouse import drafts

draft = test_ledger_queries.draft  # a fixture


def add_run(draft: drafts.Draft, run_id: str, lane: str, at: datetime, **asked: str | None) -> None:
    """A run of a model named as the run up to its hyphen."""
    facts = {"run_id": run_id, "model": run_id.partition("-")[0], "revision": "c", "lane": lane}
    texts = {"command": "", "versions": "{}", "hardware": "{}", "record_hash": ""}
    times = {"started_at": at, "finished_at": at, "origin": "evaluated"}
    draft.load("runs", pl.DataFrame([facts | texts | times]))
    task = {"run_id": run_id, "task": "medmcqa", "revision": "r", "samples_hash": "now"}
    counts = {"prompts_hash": "new", "predictions": 9, "expected": 9}
    draft.load("run_tasks", pl.DataFrame([task | counts | asked]))


def test_a_run_with_other_prompts_than_the_newest_is_outdated(draft: drafts.Draft) -> None:
    add_run(draft, "a-1", LANE, EARLY, prompts_hash="old")
    add_run(draft, "b-1", LANE, LATE)
    add_run(draft, "c-1", LANE, EARLY)
    add_run(draft, "d-1", LANE, LATE.replace(day=3), prompts_hash=None)  # which shows none
    add_run(draft, "e-1", f"{LANE}-chat", EARLY, prompts_hash="of its own template")
    add_run(draft, "f-1", f"{LANE}-chat", LATE)
    add_run(draft, "g-1", "other-x", EARLY, prompts_hash="theirs")
    add_run(draft, "h-1", "other-x", LATE)
    assert draft.ask("outdated_runs").rows() == [
        ("a-1", "a", LANE, "medmcqa", "asked with other prompts than the newest run")
    ]


def test_a_run_that_another_replaced_is_not_asked_again(draft: drafts.Draft) -> None:
    add_run(draft, "a-1", LANE, EARLY, prompts_hash="old")
    add_run(draft, "a-2", LANE, LATE)
    assert draft.ask("outdated_runs").is_empty()


def test_a_run_of_other_questions_is_outdated(draft: drafts.Draft) -> None:
    add_run(draft, "a-1", f"{LANE}-chat", EARLY, samples_hash="before")
    assert draft.ask("outdated_runs").rows() == [
        ("a-1", "a", f"{LANE}-chat", "medmcqa", "asked another version of the questions")
    ]


def test_a_submission_whose_run_is_refused_by_now_is_outdated(draft: drafts.Draft) -> None:
    load_submissions(draft, {}, {"number": 2, "run_id": "n-1"}, {"number": 3, "run_id": "m-2"})
    add_run(draft, "m-2", LANE, LATE)
    refused = [("m-1", None, "It was asked other questions."), ("n-1", "x.parquet", "one line")]
    rows = pl.DataFrame(refused, schema=["source", "file", "reason"], orient="row")
    draft.load("quarantine", rows)
    assert draft.ask("outdated_runs").rows() == [
        ("m-1", "m", LANE, None, "It was asked other questions.")
    ]
