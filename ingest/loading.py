"""Opens a draft that is up to date: where tables or questions are not, it is made from scratch."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from evaluator.tasks import TASKS
from ingest import clusters, refused_requests, reported, runs, samples
from warehouse import db, drafts
from warehouse.drafts import Draft
from warehouse.errors import BrokenSnapshot, NoSnapshot, OldSchema
from warehouse.ledger.presence import ledger_exists


@contextmanager
def open_draft(
    reason: str,
    *,
    mirror: Path | None = None,
    rebuild: bool = False,
    without: Collection[str] = (),
) -> Iterator[Draft]:
    """Open a draft to load into; a rebuild, wanted or needed, first loads all that was kept, but
    for the runs that it is to do `without`.

    What all may read of the ledger is copied at the end, so that it is as new as can be.

    Questions that were not kept are read from the `mirror`, else from the Hub.
    """
    with drafts.open_draft(reason, empty=lambda: rebuild or is_outdated()) as draft:
        samples.load_catalogue(draft)
        if draft.empty:
            load_kept(draft, mirror, without)
        yield draft
        if ledger_exists():
            from ingest import ledger_copy  # half a second of imports, and most have no ledger

            ledger_copy.copy(draft)
        if draft.new_questions:
            draft.load("clusters", clusters.find_clusters(draft.ask("questions")))


def is_outdated() -> bool:
    """Whether the snapshot is missing, damaged, of other tables, or its tasks are not those of now.

    Tasks that people added since then are no reason: they can join.
    """
    try:
        warehouse = db.open_warehouse()
    except (NoSnapshot, BrokenSnapshot, OldSchema):
        return True
    try:
        known = warehouse.ask("tasks")
    finally:
        warehouse.close()
    added = ~pl.col("task").is_in([*TASKS]) & ~pl.col("task").is_in(known["task"].implode())
    catalogue = samples.catalogue_frame().filter(~added).drop("samples_hash").sort("task")
    return (
        not known.sort("task")
        .select(catalogue.columns)
        .equals(catalogue.cast(known.select(catalogue.columns).schema))
    )


def load_kept(draft: Draft, mirror: Path | None, without: Collection[str]) -> None:
    """Load every question, published score and run that was loaded, and what was refused."""
    for task in samples.kept_tasks():
        samples.load_questions(draft, task, mirror)
    for path in reported.kept_files():
        reported.load_reported(draft, path)
    refused_requests.load_kept(draft)
    kept = [folder for folder in runs.find_folders([]) if folder.name not in without]
    runs.load_runs(draft, kept, mirror)
