"""Write, audit, publish: how anything gets into the warehouse.

A draft is a private copy of the current snapshot. The rules in `checks/` judge what is loaded into
it; only then does it become the next snapshot. Whatever fails before that, a killed process
included, leaves the current snapshot as it was.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from warehouse import db, rules, settings, sheets, snapshots
from warehouse.errors import AuditFailed, LoadFailed, NoRoom, NoSnapshot, WarehouseInUse

NO_ROOM = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)
"""What DuckDB says when it cannot write; after the last one it can do nothing any more."""
NOT_WRITTEN = "Could not write file"
"""The same, said of a commit; an error of another kind may have it from a text that was loaded."""
MEMORY = "600MB"  # of DuckDB; what does not fit goes to disk beside the draft


class Draft:
    """A snapshot in the making."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        self._connection = connection
        self._connection.execute(rules.read_scope("nothing"))
        self.number = number
        """Of the snapshot that this becomes, if anything changes."""
        self.changed = False
        self.new_questions = False
        """Whether questions were loaded, so that clusters and all numbers are to be made anew."""
        self.regrouped: set[str] = set()
        """Models that are hidden from now on, or no longer: the field of their lanes is another."""
        self.rekeyed: set[str] = set()
        """Tasks of which keys are disputed or ruled otherwise: their scores by key are others."""

    def load(self, table: str, rows: pl.DataFrame) -> None:
        """Put `rows` into `table` as `load/<table>.sql` says, which replaces what they replace."""
        if rows.is_empty():
            return
        self._execute(f"load/{table}", incoming=rows)
        self.changed = True
        self.new_questions |= table == "samples"

    def _execute(self, name: str, **frames: pl.DataFrame) -> None:
        """Run the SQL file `name`, in which `frames` are tables."""
        for table, rows in frames.items():
            self._connection.register(table, rows.to_arrow())
        self._connection.execute((db.HERE / f"{name}.sql").read_text(encoding="utf-8"))
        for table in frames:
            self._connection.unregister(table)

    def ask(self, query: str, **parameters: str) -> pl.DataFrame:
        """Answer a named query from the draft, unpublished rows included."""
        return self._connection.sql(db.read_query(query), params=parameters).pl()

    def derive(self) -> None:
        """Make the tables that follow from the others, anew for what was loaded.

        A run that is loaded changes the ranks and questions of its lane and tasks, and no others;
        so does a run of a model that is hidden or shown again. Another key changes scores alone.
        """
        answered, changed = self.ask("answered_tasks"), self._list_changed()
        rekeyed = answered.filter(pl.col("task").is_in(self.rekeyed))
        scored = pl.concat([changed, rekeyed]).unique()
        for _, some in scored.group_by(pl.col("run") // rules.TOGETHER, maintain_order=True):
            self._execute("derived/scores", changed=some)
        for table in ("counted_runs", "leaderboard"):
            self._execute(f"derived/{table}")
        regrouped = answered.filter(pl.col("model").is_in(self.regrouped))
        self.load("forget_field", regrouped)
        for table, make in sheets.MADE_OF_SHEETS.items():
            for rows in make(self.ask, pl.concat([changed, regrouped])):
                self.load(table, rows)

    def _list_changed(self) -> pl.DataFrame:
        """The runs and tasks (`run_id`, `task`, `lane`) whose scores are not those loaded."""
        answered = self.ask("answered_tasks")
        if self.new_questions:
            return answered
        return answered.join(self._connection.table("loaded").pl(), on="run", how="semi")

    def audit(self) -> None:
        """Ask every rule for the rows that break it; raises `AuditFailed` with them."""
        loaded = self._connection.sql("select min(run), max(run) + 1 from loaded").fetchall()
        if broken := rules.find_breaches(self._connection, range(*(end or 0 for end in loaded[0]))):
            raise AuditFailed(
                "Nothing was published: what was to be loaded breaks "
                f"{len(broken)} rule{'s' if len(broken) > 1 else ''}.\n\n" + "\n\n".join(broken)
            )


@contextmanager
def open_draft(reason: str, *, empty: bool = False) -> Iterator[Draft]:
    """Copy the current snapshot, or begin `empty`; on leaving, audit and publish what changed.

    Nothing is published when nothing was loaded. Raises `AuditFailed`, `LoadFailed`, `NoRoom`,
    `WarehouseInUse` where another process is writing, and `OldSchema` where only a rebuild helps.
    """
    folder = settings.warehouse_folder()
    folder.mkdir(parents=True, exist_ok=True)
    busy = f"Another process is writing {folder}. Wait for it, then run the command again."
    with locked(folder / ".lock", busy):
        remove_leftovers(folder)
        number = snapshots.next_number(folder)
        path = folder / f".draft-{number:06}.duckdb"
        try:
            copied = not empty and copy_current(folder, path)
            with explained(folder), connect(path) as connection:
                if not copied:
                    connection.execute((db.HERE / "schema.sql").read_text(encoding="utf-8"))
                draft = Draft(connection, number)
                yield draft
                if draft.changed:
                    draft.load("snapshots", describe_snapshot(number, reason))
                    draft.derive()
                    draft.audit()
                    connection.execute("checkpoint")
            if draft.changed:
                snapshots.publish(path, folder, number)
                snapshots.remove_old(folder, settings.read_settings().keep_snapshots)
        finally:
            remove_leftovers(folder)


@contextmanager
def connect(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(path), config={"memory_limit": MEMORY})
    try:
        # a missing table is an error, never a Python variable of that name
        connection.execute("set python_enable_replacements = false")
        yield connection
    finally:
        connection.close()


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Say in our words what the database refuses, and whether that lies in what is loaded."""
    try:
        yield
    except duckdb.Error as error:
        uncommitted = isinstance(error, duckdb.TransactionException) and NOT_WRITTEN in str(error)
        if isinstance(error, NO_ROOM) or uncommitted:
            raise NoRoom(
                f"Nothing was published: the disk of {folder} or the memory does not suffice "
                f"({error}). Make room, then run the command again."
            ) from error
        raise LoadFailed(
            f"Nothing was published: the database refused what was to be loaded ({error})."
        ) from error


def copy_current(folder: Path, path: Path) -> bool:
    """Copy the current snapshot to `path`; returns whether there was one."""
    try:
        snapshot = snapshots.current_snapshot(folder)
    except NoSnapshot:
        return False
    db.Warehouse(snapshot).close()  # raises OldSchema
    shutil.copyfile(snapshot.path, path)
    return True


def describe_snapshot(number: int, reason: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "snapshot": [number],
            "schema_version": [db.schema_version()],
            "published_at": [datetime.now(UTC).replace(tzinfo=None)],
            "reason": [reason],
        }
    )


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
