"""The published snapshots: files `000042.duckdb`, and `current`, which names the one in use.

A snapshot is never changed, and each gets a new name: DuckDB locks a file for one writer or for
many readers, and a reader that holds a file open sees that file to the end, even once unlinked.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.errors import BrokenSnapshot, NoSnapshot, UnknownSnapshot
from warehouse.stores import spill_folder

POINTER = "current"


@dataclass(frozen=True)
class Snapshot:
    """A `warehouse.stores.Snapshot` that is a file."""

    number: int
    path: Path

    @property
    def version(self) -> int:
        return self.path.stat().st_mtime_ns

    @property
    def name(self) -> str:
        return str(self.path)

    def size(self) -> int:
        return self.path.stat().st_size

    def explain(self, error: duckdb.Error) -> str:
        return (
            f"{self.name} is damaged ({error}). python -m warehouse snapshots --use N goes back to "
            "an older one; python -m ingest rebuild remakes it."
        )

    def connect(self) -> duckdb.DuckDBPyConnection:
        name = hashlib.sha256(bytes(self.path.absolute())).hexdigest()[:16]
        return duckdb.connect(str(self.path), read_only=True, config={**spill_folder(name)})

    def cursor(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        return connection.cursor()


def list_snapshots(folder: Path) -> list[Snapshot]:
    """Return every published snapshot, oldest first."""
    paths = [path for path in folder.glob("*.duckdb") if path.stem.isdigit()]
    return [Snapshot(int(path.stem), path) for path in sorted(paths)]


def current_snapshot(folder: Path) -> Snapshot:
    """Return the snapshot in use; raises `NoSnapshot` where none is."""
    try:
        number = int((folder / POINTER).read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise NoSnapshot(
            f"{folder} holds no snapshot yet. `make demo-data` makes one, and so does "
            "python -m ingest."
        ) from error
    except ValueError as error:
        raise BrokenSnapshot(
            f"{folder / POINTER} names no snapshot. python -m warehouse snapshots --use N does."
        ) from error
    return find_snapshot(folder, number)


def find_snapshot(folder: Path, number: int) -> Snapshot:
    path = folder / f"{number:06}.duckdb"
    if not path.exists():
        there = ", ".join(str(snapshot.number) for snapshot in list_snapshots(folder)) or "none"
        raise UnknownSnapshot(f"{folder} has no snapshot {number}; it has {there}.")
    return Snapshot(number, path)


def next_number(folder: Path) -> int:
    """One more than any snapshot that is there, so that no name is used for two contents."""
    return max((snapshot.number for snapshot in list_snapshots(folder)), default=0) + 1


def publish(draft: Path, folder: Path, number: int) -> Snapshot:
    """Give the closed database `draft` its number, then point `current` at it."""
    path = folder / f"{number:06}.duckdb"
    settle(draft, path)
    return point_current(folder, number)


def point_current(folder: Path, number: int) -> Snapshot:
    """Make snapshot `number` the one in use, at once for every reader."""
    snapshot = find_snapshot(folder, number)
    unfinished = folder / f".{POINTER}.unfinished"
    unfinished.write_text(f"{number}\n", encoding="ascii")
    settle(unfinished, folder / POINTER)
    return snapshot


def remove_old(folder: Path, keep: int) -> None:
    """Remove all but the newest `keep` snapshots and the one in use.

    Who has an older one open reads on: its file is gone once the last of them lets go.
    """
    current = current_snapshot(folder)
    for snapshot in list_snapshots(folder)[:-keep]:
        if snapshot != current:
            snapshot.path.unlink(missing_ok=True)


def settle(unfinished: Path, path: Path) -> None:
    """Bring `unfinished` to disk and give it its name, whole or not at all."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
