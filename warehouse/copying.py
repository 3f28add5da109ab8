"""Copies a snapshot from one store to another, and compares what came of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse import db, drafts, locating, snapshots, stores
from warehouse.errors import BrokenSnapshot, CopyDiffers, NotEmpty, OldSchema

BATCH = 100_000  # rows that are in memory at a time
CHECKSUM = "coalesce(sum(hash(*columns(*)) % 4294967296), 0)::bigint"


class Tally(NamedTuple):
    """What tells whether two tables have the same rows, in whatever order."""

    rows: int
    checksum: int
    """Of all rows: the sum of a part of each one's hash."""


def copy_snapshot(opened: db.Warehouse, target: stores.Store) -> dict[str, Tally]:
    """Publish in `target`, under its own number, what is `opened`.

    Returns the tally of each table, the same in both. Raises `NotEmpty` where `target` has come as
    far, `BrokenSnapshot` where not all of it can be read, and `CopyDiffers` where a table's rows
    came out otherwise: then nothing was published.
    """
    snapshot = opened.snapshot

    def begin_anew() -> bool:
        refuse_older(snapshot, target)  # asked once nobody else can publish any more
        return True

    with drafts.explained(target), target.write(begin_anew, snapshot.number) as workspace:
        workspace.connection.execute(db.read_schema())
        tallies = dict(copy_tables(opened, workspace.connection))
        workspace.reason = f"copied from {snapshot.name}"
    return tallies


def native_file(opened: db.Warehouse) -> Path:
    """The snapshot as a DuckDB file: its own, or, where it is of a lake, a copy that stays.

    Copies that the lake has gone back behind, or that are of another lake, go.
    """
    if isinstance(opened.snapshot, snapshots.Snapshot):
        return opened.snapshot.path
    copies, number = locating.file_store(), opened.snapshot.number
    for copy in copies.all():
        if copy.number >= number:
            if copy.number == number and is_same(copy, opened):
                copies.use(number)
                return copy.path
            copy.path.unlink()
    copy_snapshot(opened, copies)
    return copies.find(number).path


def is_same(copy: snapshots.Snapshot, opened: db.Warehouse) -> bool:
    """Whether a file holds what is `opened`: both were published alike."""
    try:
        other = db.Warehouse(copy)
    except (BrokenSnapshot, OldSchema):
        return False
    try:
        return other.ask("snapshots").equals(opened.ask("snapshots"))
    finally:
        other.close()


def refuse_older(snapshot: stores.Snapshot, target: stores.Store) -> None:
    """Raise `NotEmpty` where the target has a snapshot of that number, or later ones."""
    there = max((each.number for each in target.all()), default=0)
    if there >= snapshot.number:
        raise NotEmpty(
            f"{target.name} has snapshot {there} already, and this would be {snapshot.number}. "
            "Copy to a place that has come less far, or to a new one."
        )


def copy_tables(
    opened: db.Warehouse, target: duckdb.DuckDBPyConnection
) -> Iterator[tuple[str, Tally]]:
    """Fill the tables of `target`; yields each with its tally, which is that of the copied one."""
    with opened.cursor() as source:
        for table in opened.ask("tables")["table_name"]:
            try:
                wanted = tally(source, table)  # first, for it reads all that there is to copy
            except duckdb.Error as error:
                raise BrokenSnapshot(opened.snapshot.explain(error)) from error
            target.register("incoming", source.table(table).to_arrow_reader(BATCH))
            target.execute(f"insert into {table} by name from incoming")
            target.unregister("incoming")
            if wanted != (found := tally(target, table)):
                raise CopyDiffers(
                    f"Nothing was published: of {table}, {found.rows:,} rows came out (checksum "
                    f"{found.checksum}) of {wanted.rows:,} ({wanted.checksum}). Look to the disk, "
                    "then run the command again."
                )
            yield table, found


def tally(connection: duckdb.DuckDBPyConnection, table: str) -> Tally:
    rows = connection.table(table).aggregate(f"count(*), {CHECKSUM}").fetchall()
    return Tally(*rows[0])
