"""Opens a published snapshot and answers named questions; each question is a file in `queries/`."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse import settings, snapshots
from warehouse.errors import BrokenSnapshot, OldSchema, UnknownQuery, WrongParameters

HERE = Path(__file__).parent
MAKERS = (
    "schema.sql",
    "derived/*.sql",
    "load/*.sql",
    "sheets.py",
    "queries/keys.sql",
    "queries/*sheets.sql",
    "statistics/exams.py",
    "statistics/items.py",
    "statistics/ranks.py",
)
"""The files that say what is in the tables; those of `statistics/` beside them serve pages."""
COMMENT = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
PARAMETER = re.compile(r"\$([a-z_]+)")


class Warehouse:
    """One published snapshot, open for reading. Safe to share between threads."""

    def __init__(self, snapshot: snapshots.Snapshot) -> None:
        self.snapshot = snapshot
        try:
            self._connection = duckdb.connect(str(snapshot.path), read_only=True)
        except duckdb.Error as error:
            raise BrokenSnapshot(
                f"{snapshot.path} is damaged ({error}). python -m warehouse snapshots --use N goes "
                "back to an older one; python -m ingest rebuild remakes it."
            ) from error
        # a missing table is an error, never a Python variable of that name
        self._connection.execute("set python_enable_replacements = false")
        if (version := self.schema_version()) != schema_version():
            raise OldSchema(
                f"{snapshot.path} has tables of version {version}, this program expects "
                f"{schema_version()}. python -m ingest rebuild remakes it."
            )

    def ask(self, query: str, **parameters: Any) -> pl.DataFrame:
        """Return the answer to `queries/<query>.sql`, one row a row.

        Raises `UnknownQuery`, or `WrongParameters` when not exactly its parameters are given.
        """
        sql = read_query(query)
        expected = parameters_of(sql)
        if expected != set(parameters):
            raise WrongParameters(
                f"{query} takes {', '.join(sorted(expected)) or 'no parameter'}, "
                f"not {', '.join(sorted(parameters)) or 'none'}."
            )
        cursor = self._connection.cursor()
        try:
            return cursor.execute(sql, parameters).pl()  # half the time of `cursor.sql`
        except (duckdb.ConversionException, duckdb.BinderException) as error:
            raise WrongParameters(f"{query}: {error}") from error
        finally:
            cursor.close()

    def write_table(self, table: str, path: Path) -> None:
        """Write a table as a Parquet file, in the order of its rows."""
        cursor = self._connection.cursor()
        try:
            cursor.table(table).write_parquet(str(path), compression="zstd")
        finally:
            cursor.close()

    def schema_version(self) -> str:
        try:
            row = self._connection.execute("select max_by(schema_version, snapshot) from snapshots")
            return str((row.fetchone() or [""])[0])
        except duckdb.CatalogException:
            return "unknown"

    def close(self) -> None:
        self._connection.close()


def open_warehouse(number: int | None = None) -> Warehouse:
    """Open the snapshot in use, or the one of that `number`."""
    folder = settings.warehouse_folder()
    if number is not None:
        return Warehouse(snapshots.find_snapshot(folder, number))
    snapshot = snapshots.current_snapshot(folder)
    try:
        return Warehouse(snapshot)
    except BrokenSnapshot:
        if (newer := snapshots.current_snapshot(folder)) == snapshot:
            raise
        return Warehouse(newer)  # published, and the older one removed, in the meantime


@cache
def schema_version() -> str:
    """Hash (12 hex digits) of the table definitions and of all that fills the tables."""
    paths = [path for pattern in MAKERS for path in sorted(HERE.glob(pattern))]
    content = b"".join(path.read_bytes() for path in paths)
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def read_query(name: str) -> str:
    path = HERE / "queries" / f"{name}.sql"
    if name not in list_queries():
        raise UnknownQuery(f"No query is named {name!r}. There are: {', '.join(list_queries())}.")
    return path.read_text(encoding="utf-8")


@cache
def list_queries() -> Mapping[str, str]:
    """Return each query's name with its first comment line, which is its documentation."""
    return {path.stem: headline(path) for path in sorted((HERE / "queries").glob("*.sql"))}


def headline(path: Path) -> str:
    """The first line of a SQL file, without its dashes."""
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("--").strip()


def parameters_of(sql: str) -> set[str]:
    """The `$names` that `sql` uses outside comments and strings."""
    return set(PARAMETER.findall(COMMENT.sub("", sql)))
