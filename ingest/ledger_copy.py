"""Copies what all may read of the ledger into a draft: submissions, marks, reviews, disputes."""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import polars as pl

from ingest import quarantine, review_copy
from warehouse import db
from warehouse.drafts import Draft
from warehouse.errors import BrokenSnapshot, NoSnapshot, OldSchema
from warehouse.ledger import opening
from warehouse.ledger.marks import find_marks
from warehouse.ledger.opening import Ledger
from warehouse.ledger.public import Public, find_last_event, find_public
from warehouse.ledger.review_public import find_last_said
from warehouse.ledger.states import State

ALONE = timedelta(hours=1)
"""After so long without a snapshot, what moved in the ledger is worth one of its own."""
SAID = (State.REJECTED, State.CANCELLED, State.SUPERSEDED)
"""States whose reason is in the words of the checker or of a person."""
OF_INGEST = ("incomplete", "refused")
"""Codes of failures whose reason is in our own words; what a run said may name its machine."""
SUBMISSIONS = pl.Schema(
    {
        "number": pl.Int64(),
        "model": pl.String(),
        "revision": pl.String(),
        "precision": pl.String(),
        "lane": pl.String(),
        "tasks": pl.String(),
        "weights": pl.String(),
        "base": pl.String(),
        "state": pl.String(),
        "code": pl.String(),
        "message": pl.String(),
        "submitted_at": pl.Datetime("us"),
        "since": pl.Datetime("us"),
        "snapshot": pl.Int64(),
        "run_id": pl.String(),
        "submitter": pl.String(),
    }
)
MARKS = pl.Schema(
    {"model": pl.String(), "kind": pl.String(), "why": pl.String(), "since": pl.Datetime("us")}
)
Seen = set[tuple[str, int]]
"""What a watch has looked at: what it was, and a time or a number that tells its states apart."""


class Copied(NamedTuple):
    """A table that holds what the ledger says."""

    query: str
    """That answers all of it."""
    key: tuple[str, ...]
    """What is unique in it."""
    schema: pl.Schema


TABLES: Mapping[str, Copied] = {
    "model_marks": Copied("model_marks", ("model",), MARKS),
    "submissions": Copied("submissions", ("number",), SUBMISSIONS),
    "judged_cases": Copied("judged_cases", ("case_number",), review_copy.JUDGED),
    "case_reviews": Copied("all_reviews", ("case_number", "reviewer"), review_copy.REVIEWS),
    "key_disputes": Copied("all_disputes", ("number",), review_copy.DISPUTES),
}


class Change(NamedTuple):
    """How a table is to become what the ledger says."""

    gone: pl.DataFrame
    new: pl.DataFrame

    def __bool__(self) -> bool:
        return bool(self.gone.height or self.new.height)


def copy(draft: Draft) -> None:
    """Make the draft's submissions and marks those of the ledger.

    Raises a `LedgerError` where it cannot be read, so that nothing is published: what is hidden
    could be shown again.
    """
    with closing(opening.open_ledger()) as ledger:
        read = {"model_marks": read_marks(ledger), "submissions": read_submissions(ledger)}
        reviews, refused = review_copy.keep_known(draft.ask, review_copy.read(ledger))
    quarantine.replace(draft, review_copy.SOURCE, refused)
    read |= reviews
    known = {table: draft.ask(copied.query) for table, copied in TABLES.items()}
    draft.regrouped |= hidden(known["model_marks"]) ^ hidden(read["model_marks"])
    draft.rekeyed |= review_copy.find_rekeyed(known["key_disputes"], read["key_disputes"])
    for table, rows in read.items():
        change = compare(table, known[table], rows)
        draft.load(f"forget_{table}", change.gone)
        draft.load(table, change.new)


def read_marks(ledger: Ledger) -> pl.DataFrame:
    """A row per model that is hidden or flagged."""
    marks = find_marks(ledger).values()
    rows = [(one.model, one.kind, one.why, in_utc(one.at)) for one in marks]
    return pl.DataFrame(rows, schema=MARKS, orient="row")


def read_submissions(ledger: Ledger) -> pl.DataFrame:
    """A row per submission, with nothing in it that is not for all."""
    return pl.DataFrame([as_row(one) for one in find_public(ledger)], schema=SUBMISSIONS)


def as_row(one: Public) -> dict[str, object]:
    for_all = one.state in SAID or one.code in OF_INGEST
    return one._asdict() | {
        "revision": one.commit,
        "lane": one.protocol,
        "message": one.message if for_all else None,
        "submitted_at": in_utc(one.submitted_at),
        "since": in_utc(one.since),
        "snapshot": one.snapshot,
    }


def in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)


def hidden(marks: pl.DataFrame) -> set[str]:
    return set(marks.filter(kind="hidden")["model"])


def compare(table: str, known: pl.DataFrame, rows: pl.DataFrame) -> Change:
    """What of the `known` rows is gone, and which of the ledger's are new or others."""
    known = known.select(rows.columns).cast(rows.schema)
    return Change(
        gone=known.join(rows, on=TABLES[table].key, how="anti"),
        new=rows.join(known, on=rows.columns, how="anti", nulls_equal=True),
    )


def find_due(seen: Seen) -> Seen:
    """What the ledger says that is worth a snapshot in which nothing else is new, and not `seen`.

    Marks are, at once: someone waits to see that a model is gone, and they are few. A submission
    moves half a dozen times in an hour, reviewers judge a case a minute, and a snapshot is a copy
    of everything, so what moved goes along with the next run that is loaded, and has one of its own
    after `ALONE` without any.
    """
    try:
        warehouse = db.open_warehouse()
    except (NoSnapshot, BrokenSnapshot, OldSchema):
        return set()
    with closing(warehouse), closing(opening.open_ledger()) as ledger:
        number = warehouse.snapshot.number
        due = {name_change("model_marks", warehouse, read_marks(ledger))}
        published: datetime = warehouse.ask("snapshots")["published_at"][0]
        newest = (f"event {find_last_event(ledger)}, said {find_last_said(ledger)}", number)
        if datetime.now(UTC).replace(tzinfo=None) - published >= ALONE and newest not in seen:
            due.add(name_change("submissions", warehouse, read_submissions(ledger)))
            said, _ = review_copy.keep_known(warehouse.ask, review_copy.read(ledger))
            due |= {name_change(table, warehouse, rows) for table, rows in said.items()}
            if due == {""}:  # to read them all at each look would keep an idle machine busy
                seen.add(newest)
    return {(change, 0) for change in due if change} - seen


def name_change(table: str, warehouse: db.Warehouse, rows: pl.DataFrame) -> str:
    """A hash of how the ledger's rows differ from the snapshot's; empty where they do not."""
    change = compare(table, warehouse.ask(TABLES[table].query), rows)
    text = "".join(frame.write_json() for frame in change)
    return hashlib.sha256(text.encode()).hexdigest() if change else ""
