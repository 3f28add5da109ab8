"""Keeps snapshots as DuckDB files in a folder: write, audit, publish with one writer at a time.

A draft is a private copy of the current snapshot. Whatever fails before it has its number, a killed
process included, leaves the current snapshot as it was.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse import settings, snapshots
from warehouse.errors import BrokenSnapshot, NoSnapshot, WarehouseInUse
from warehouse.snapshots import Snapshot
from warehouse.stores import WRITING_MEMORY, Workspace


@dataclass(frozen=True)
class FileStore:
    """A `warehouse.stores.Store` of files."""

    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder)

    @property
    def needs(self) -> str:
        return f"the disk of {self.folder} or the memory"

    def current(self) -> Snapshot:
        return snapshots.current_snapshot(self.folder)

    def find(self, number: int) -> Snapshot:
        return snapshots.find_snapshot(self.folder, number)

    def all(self) -> Sequence[Snapshot]:
        return snapshots.list_snapshots(self.folder)

    def use(self, number: int) -> None:
        snapshots.point_current(self.folder, number)

    @contextmanager
    def write(self, empty: Callable[[], bool], number: int | None = None) -> Iterator[Workspace]:
        folder = self.folder
        with self._alone():
            remove_leftovers(folder)
            keep = settings.read_settings().keep_snapshots
            number = number or snapshots.next_number(folder)
            path = folder / f".draft-{number:06}.duckdb"
            try:
                copied = not empty() and copy_current(folder, path)
                with connect(path, copied=copied) as connection:
                    workspace = Workspace(connection, number, empty=not copied)
                    yield workspace
                    if workspace.reason is not None:
                        connection.execute("checkpoint")
                if workspace.reason is not None:
                    snapshots.publish(path, folder, number)
                    snapshots.remove_old(folder, keep)
            finally:
                remove_leftovers(folder)

    def _alone(self) -> AbstractContextManager[None]:
        """Be the only one that writes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return locked(
            self.folder / ".lock",
            f"Another process is writing {self.folder}. Wait for it, then run the command again.",
        )

    def tidy(self) -> None:
        with self._alone():
            remove_leftovers(self.folder)
            if self.all():
                snapshots.remove_old(self.folder, settings.read_settings().keep_snapshots)

    def watch(self) -> AbstractContextManager[object]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return locked(self.folder / ".watch", f"Another process is watching for {self.folder}.")


@contextmanager
def connect(path: Path, *, copied: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a draft; raises `BrokenSnapshot` where it is `copied` from one that is damaged.

    A draft keeps no journal, which a checkpoint makes superfluous: one that is left unfinished is
    thrown away.
    """
    connection = duckdb.connect(
        config={"memory_limit": WRITING_MEMORY, "temp_directory": f"{path}.tmp"}
    )
    try:
        attach(connection, path, copied=copied)
        # a missing table is an error, never a Python variable of that name
        connection.execute("set python_enable_replacements = false")
        yield connection
    finally:
        connection.close()


def attach(connection: duckdb.DuckDBPyConnection, path: Path, *, copied: bool) -> None:
    """Have table names stand for those of a draft."""
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as draft (recovery_mode no_wal_writes)")
    except duckdb.IOException as error:
        if not copied or "write" in str(error):
            raise
        raise BrokenSnapshot(
            f"The snapshot in use in {path.parent} is damaged ({error}). python -m ingest rebuild "
            "remakes it."
        ) from error
    connection.execute("use draft")


def copy_current(folder: Path, path: Path) -> bool:
    """Copy the current snapshot to `path`; returns whether there was one."""
    try:
        snapshot = snapshots.current_snapshot(folder)
    except NoSnapshot:
        return False
    shutil.copyfile(snapshot.path, path)
    return True


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Let one process at a time go on; a killed one lets go by itself.

    Raises `WarehouseInUse`, which says `busy`, where another is inside.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WarehouseInUse(busy) from error
        yield


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left; only called under the lock."""
    for path in folder.glob(".draft-*"):
        if path.is_dir():  # where DuckDB spills what does not fit into memory
            shutil.rmtree(path)
        else:
            path.unlink()
