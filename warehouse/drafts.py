"""Write, audit, publish: how anything gets into the warehouse.

A draft begins as what the current snapshot is, in a place of its own. The rules in `checks/` judge
what is loaded into it; only then does it become the next snapshot. Whatever fails before that, a
killed process included, leaves the current snapshot as it was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb
import polars as pl

from warehouse import db, locating, rules, sheets, stores
from warehouse.errors import AuditFailed, LoadFailed, NoRoom

NO_ROOM = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)
"""What DuckDB says when it cannot write; after the last one it can do nothing any more."""
NOT_READ = ("Cannot open file", "No such file", "Unable to connect", "HTTP GET error")
"""What it says where a lake's files or its catalogue are not there."""
NOT_WRITTEN = "Could not write file"
"""The same, said of a commit; an error of another kind may have it from a text that was loaded."""


class Draft:
    """A snapshot in the making."""

    def __init__(self, workspace: stores.Workspace) -> None:
        self._connection = workspace.connection
        self._connection.execute(rules.read_scope("nothing"))
        self.number = workspace.number
        """Of the snapshot that this becomes, if anything changes."""
        self.empty = workspace.empty
        """Whether nothing was in it when it was opened."""
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
def open_draft(reason: str, *, empty: Callable[[], bool] | bool = False) -> Iterator[Draft]:
    """Begin with the current snapshot, or `empty`; on leaving, audit and publish what changed.

    Whether it is to be empty is asked once no one else can publish any more. Nothing is published
    when nothing was loaded. Raises `AuditFailed`, `LoadFailed`, `NoRoom`, `WarehouseInUse` where
    another process is writing, and `OldSchema` where only a rebuild helps.
    """
    store = locating.find_store()
    is_empty = empty if callable(empty) else lambda: bool(empty)
    with explained(store), store.write(is_empty) as workspace:
        if workspace.empty:
            workspace.connection.execute(db.read_schema())
        else:
            db.check_schema(workspace.connection, store.name)
        draft = Draft(workspace)
        yield draft
        if draft.changed:
            draft.load("snapshots", describe_snapshot(draft.number, reason))
            draft.derive()
            draft.audit()
            workspace.reason = reason


@contextmanager
def explained(store: stores.Store) -> Iterator[None]:
    """Say in our words what the database refuses, and whether that lies in what is loaded."""
    try:
        yield
    except duckdb.Error as error:
        if any(words in str(error) for words in NOT_READ):
            raise LoadFailed(
                f"Nothing was published: {store.name} cannot be read ({error}). python -m "
                "warehouse snapshots --use N goes back to an older one; python -m ingest rebuild "
                "remakes it."
            ) from error
        uncommitted = isinstance(error, duckdb.TransactionException) and NOT_WRITTEN in str(error)
        if isinstance(error, NO_ROOM) or uncommitted:
            raise NoRoom(
                f"Nothing was published: {store.needs} does not suffice ({error}). Make room, then "
                "run the command again."
            ) from error
        raise LoadFailed(
            f"Nothing was published: the database refused what was to be loaded ({error})."
        ) from error


def describe_snapshot(number: int, reason: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "snapshot": [number],
            "schema_version": [db.schema_version()],
            "published_at": [datetime.now(UTC).replace(tzinfo=None)],
            "reason": [reason],
        }
    )
