"""The queries of what maintainers are told and what was submitted, each asked of a few rows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from ingest import ledger_copy, samples
from warehouse import db, drafts
from warehouse.stores import Workspace

EARLY, LATE = datetime(2026, 1, 1), datetime(2026, 2, 2)
LANE = "loglikelihood-0shot"
SUBMISSION: dict[str, Any] = {
    "number": 1, "model": "m", "revision": "c", "precision": "float32", "lane": LANE,
    "tasks": "nine", "weights": "original", "base": None, "state": "finished", "code": "published",
    "message": None, "submitted_at": EARLY, "since": LATE, "snapshot": 3, "run_id": "m-1",
    "submitter": "submitter-1",
}  # fmt: skip


@pytest.fixture
def draft() -> Iterator[drafts.Draft]:
    """A warehouse with a catalogue and no runs; its questions have the hash `now`."""
    connection = duckdb.connect()
    connection.execute((db.HERE / "schema.sql").read_text(encoding="utf-8"))
    opened = drafts.Draft(Workspace(connection, 1, empty=True))
    opened.load("tasks", samples.catalogue_frame().with_columns(samples_hash=pl.lit("now")))
    yield opened
    connection.close()


def load_submissions(draft: drafts.Draft, *changes: dict[str, Any]) -> None:
    rows = [SUBMISSION | change for change in changes]
    draft.load("submissions", pl.DataFrame(rows, schema=ledger_copy.SUBMISSIONS))


def test_submissions_come_newest_first(draft: drafts.Draft) -> None:
    load_submissions(draft, {}, {"number": 2, "state": "failed", "snapshot": None})
    assert draft.ask("submissions").rows(named=True) == [
        SUBMISSION | {"number": 2, "state": "failed", "snapshot": None},
        SUBMISSION,
    ]


def test_marks_come_by_model(draft: drafts.Draft) -> None:
    rows = [("z", "hidden", "Bad.", EARLY), ("a", "flagged", "Odd.", LATE)]
    draft.load("model_marks", pl.DataFrame(rows, schema=ledger_copy.MARKS, orient="row"))
    assert draft.ask("model_marks").rows() == [rows[1], rows[0]]
