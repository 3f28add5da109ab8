"""What a store of snapshots does; who asks need not know whether it is a folder or a lake."""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Protocol

import duckdb

WRITING_MEMORY = "600MB"  # of DuckDB while it writes; what does not fit goes to disk


class Snapshot(Protocol):
    """A published state of the warehouse, which never changes."""

    @property
    def number(self) -> int: ...

    @property
    def version(self) -> int:
        """Tells snapshots of one number apart: `make clean` begins to count anew."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def size(self) -> int:
        """Bytes that it takes."""

    def explain(self, error: duckdb.Error) -> str:
        """What to say to a person of an error in reading it, and what helps."""

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open it for reading; raises `duckdb.Error` where it is damaged."""

    def cursor(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one thread, in which table names stand for its tables."""


def spill_folder(name: str) -> dict[str, str]:
    """A setting of DuckDB: the folder of one database of this process for what memory cannot hold.

    Two that share one read each other's rows. DuckDB makes it when it needs it, and removes it.
    """
    return {"temp_directory": str(Path(gettempdir()) / f"leaderboard-{os.getpid()}-{name}")}


@dataclass
class Workspace:
    """Where the next snapshot is made: nobody else sees what is in it until it is published."""

    connection: duckdb.DuckDBPyConnection
    number: int
    """Of the snapshot that this becomes."""
    empty: bool
    """Whether it has no tables yet."""
    reason: str | None = None
    """Why it is to be published, said once it may be; without one it is thrown away."""


class Store(Protocol):
    """The snapshots that are kept in one place."""

    @property
    def name(self) -> str:
        """What messages call it: no secret is in it."""

    @property
    def needs(self) -> str:
        """What may not suffice to write it, as messages say it."""

    def current(self) -> Snapshot:
        """The snapshot in use; raises `NoSnapshot` where none is."""

    def find(self, number: int) -> Snapshot:
        """Raises `UnknownSnapshot`."""

    def all(self) -> Sequence[Snapshot]:
        """Every snapshot, oldest first."""

    def use(self, number: int) -> None:
        """Put a snapshot of that number in use."""

    def write(
        self, empty: Callable[[], bool], number: int | None = None
    ) -> AbstractContextManager[Workspace]:
        """Give a workspace with what is in use, or an `empty` one, and publish it at the end,
        as the `number` that is wanted or the next.

        No two writers are in it at once. Raises `WarehouseInUse` where another one is, and
        `BrokenSnapshot` or `OldSchema` where what is in use cannot be gone on with.
        """

    def tidy(self) -> None:
        """Remove what no snapshot needs, and have what is left read quickly."""

    def watch(self) -> AbstractContextManager[object]:
        """Be the only one that watches for runs; raises `WarehouseInUse`."""
