"""Writes and reads the lake: a publish is one transaction of it, and readers stay where they are.

The rules are asked inside the transaction, whose rows nobody else sees before it commits. Each
commit has a version, at which a reader reads to the end, whatever is written meanwhile.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import duckdb
import psycopg
from psycopg import Connection

from warehouse import db, settings
from warehouse.errors import BrokenSettings, LakeUnreachable, NoSnapshot, UnknownSnapshot
from warehouse.lake import opening, upkeep
from warehouse.lake.catalogue import PATIENCE, PREFIX, WATCHING, WRITING, Catalogue
from warehouse.stores import Workspace

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LakeSnapshot:
    """A `warehouse.stores.Snapshot` that is a version of the lake."""

    number: int
    version: int
    store: "LakeStore"

    @property
    def name(self) -> str:
        return f"snapshot {self.number} of {self.store.name}"

    @property
    def options(self) -> opening.Options:
        return {"read_only": True, "snapshot_version": self.version}

    def size(self) -> int:
        return self.store.catalogue.size(self.version)

    def explain(self, error: duckdb.Error) -> str:
        return (
            f"{self.name} cannot be read ({error}). Look to PostgreSQL and "
            "to the lake's files; python -m ingest rebuild remakes what is lost."
        )

    def connect(self) -> duckdb.DuckDBPyConnection:
        return self.store.connect(self.options)

    def cursor(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        cursor = connection.cursor()
        opening.use(cursor)
        return cursor


@dataclass(frozen=True)
class LakeStore:
    """A `warehouse.stores.Store` of versions of one lake."""

    catalogue: Catalogue

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.catalogue.name}"

    @property
    def needs(self) -> str:
        return f"PostgreSQL, the disk of {self.name} or the memory"

    def current(self) -> LakeSnapshot:
        if not (snapshots := self.all()):
            raise NoSnapshot(
                f"{self.name} holds no snapshot yet. python -m ingest makes one, and python -m "
                "warehouse copy brings one from elsewhere."
            )
        return snapshots[-1]

    def find(self, number: int) -> LakeSnapshot:
        snapshots = self.all()
        for snapshot in reversed(snapshots):
            if snapshot.number == number:
                return snapshot
        there = ", ".join(str(snapshot.number) for snapshot in snapshots) or "none"
        raise UnknownSnapshot(f"{self.name} has no snapshot {number}; it has {there}.")

    def all(self) -> Sequence[LakeSnapshot]:
        return [LakeSnapshot(*found, self) for found in self.catalogue.list_versions()]

    def use(self, number: int) -> None:
        """Write what the snapshot held once more, as what is in use from now on."""
        with self._alone() as turn:
            past = self.find(number)
            db.Warehouse(past).close()  # raises BrokenSnapshot and OldSchema
            with self._begin(past) as connection:
                upkeep.restore(connection)
                commit(connection, turn, f"snapshot {number}", f"snapshots --use {number}")

    @contextmanager
    def write(self, empty: Callable[[], bool], number: int | None = None) -> Iterator[Workspace]:
        keep = settings.read_settings().keep_snapshots
        with self._alone() as turn:
            before = self.all()
            anew = not before or empty()
            last = max(self.catalogue.last_number(), *(each.number for each in before), 0)
            with self._begin() as connection:
                if anew:
                    upkeep.clear(connection)
                workspace = Workspace(connection, number or last + 1, empty=anew)
                yield workspace
                if workspace.reason is None:
                    return
                self._publish(turn, workspace, before[-1] if before else None)
                try:
                    self._tidy(connection, keep, compact=workspace.number % upkeep.EVERY == 0)
                except (duckdb.Error, LakeUnreachable) as error:
                    LOG.warning("%s is published; tidying up failed: %s", self.name, error)

    def _publish(
        self, turn: Connection[Any], workspace: Workspace, before: LakeSnapshot | None
    ) -> None:
        """Commit; where the answer to that is lost, be sure that nothing is published.

        DuckLake then removes the files of what PostgreSQL may have committed.
        """
        self.catalogue.give_number(turn, workspace.number)
        said = f"snapshot {workspace.number} {uuid4().hex}"
        try:
            commit(workspace.connection, turn, said, workspace.reason or "")
        except (duckdb.Error, psycopg.OperationalError) as error:
            if self._withdraw(said, workspace.number, error):
                with self._still(turn) as still, self._begin(before) as connection:
                    if before is None:
                        upkeep.clear(connection)
                        connection.execute("commit")
                    else:
                        upkeep.restore(connection)
                        commit(connection, still, f"snapshot {before.number}", "withdrawn")
            raise

    def _withdraw(self, said: str, number: int, error: Exception) -> bool:
        try:
            return self.catalogue.withdraw(said)
        except LakeUnreachable as lost:
            raise LakeUnreachable(
                f"{lost} Whether snapshot {number} was published before that is not known, nor "
                "whether its files are there: python -m warehouse verify tells, and python -m "
                "warehouse snapshots --use N goes back."
            ) from error

    def _still(self, turn: Connection[Any]) -> AbstractContextManager[Connection[Any]]:
        """Our turn, or another one, where the connection is lost that it hung on."""
        try:
            turn.execute("select 1")
        except psycopg.OperationalError:
            return self._alone()
        return nullcontext(turn)

    def watch(self) -> AbstractContextManager[object]:
        return self.catalogue.locked(WATCHING, f"Another process is watching for {self.name}.")

    def tidy(self) -> None:
        """Join small files, and remove those that no snapshot needs any more."""
        keep = settings.read_settings().keep_snapshots
        with self._alone():
            self.current()  # else there is no lake, and connecting would make one
            connection = self.connect(opening.WRITABLE)
            try:
                self._tidy(connection, keep, compact=True)
            finally:
                connection.close()

    def _tidy(self, connection: duckdb.DuckDBPyConnection, keep: int, *, compact: bool) -> None:
        if compact:
            upkeep.compact(connection)
        upkeep.expire(connection, self.catalogue.list_expired(keep))

    def _alone(self) -> AbstractContextManager[Connection[Any]]:
        """Be the only one that writes, once those before have written."""
        busy = (
            f"Others have been writing {self.name} for {PATIENCE // 60} minutes. Wait for them, "
            "then run the command again."
        )
        return self.catalogue.locked(WRITING, busy, PATIENCE)

    @contextmanager
    def _begin(self, past: LakeSnapshot | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A transaction beside the tables of the `past`; what is not committed never was."""
        connection = self.connect(opening.WRITABLE)
        try:
            if past is not None:
                opening.attach(connection, self.catalogue.name, upkeep.PAST, past.options)
            connection.execute("begin")
            yield connection
        finally:
            connection.close()

    def connect(self, options: opening.Options) -> duckdb.DuckDBPyConnection:
        """Open the lake; who writes makes it, where there is none yet."""
        place = settings.lake_files()
        files = self.catalogue.files()
        if files and place and not f"{files.rstrip('/')}/".startswith(f"{place}/"):
            raise BrokenSettings(
                f"LEADERBOARD_WAREHOUSE_FILES is {place}, but the files of {self.name} are in "
                f"{files}. Leave it out, or name that place."
            )
        return opening.open_lake(self.catalogue, files or new_folder(place), options)


def new_folder(place: str | None) -> str:
    """Where to put a new lake's files: a folder with nothing else in it, which it may clean up."""
    place = place or str((settings.data_folder() / "lake").resolve())
    return f"{place}/{uuid4().hex[:12]}/"


def commit(
    connection: duckdb.DuckDBPyConnection, turn: Connection[Any], said: str, reason: str
) -> None:
    """Publish the transaction as what is `said`, if it is still our turn."""
    connection.execute(
        f"call {opening.DATABASE}.set_commit_message('', $reason, extra_info => $said)",
        {"reason": reason, "said": said},
    )
    turn.execute("select 1")  # whoever lost this connection has lost the turn
    connection.execute("commit")
