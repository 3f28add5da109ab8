"""Opens a published snapshot and answers named questions; each question is a file in `queries/`."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse import locating, stores
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

    def __init__(self, snapshot: stores.Snapshot) -> None:
        self.snapshot = snapshot
        try:
            self._connection = snapshot.connect()
            # a missing table is an error, never a Python variable of that name
            self._connection.execute("set python_enable_replacements = false")
            check_schema(self._connection, snapshot.name)
        except duckdb.Error as error:
            raise BrokenSnapshot(snapshot.explain(error)) from error

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
        try:
            with self.cursor() as cursor:
                return cursor.execute(sql, parameters).pl()  # half the time of `cursor.sql`
        except (duckdb.ConversionException, duckdb.BinderException) as error:
            raise WrongParameters(f"{query}: {error}") from error
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            raise BrokenSnapshot(self.snapshot.explain(error)) from error

    def write_table(self, table: str, path: Path) -> None:
        """Write a table as a Parquet file, in the order of its rows."""
        with self.cursor() as cursor:
            cursor.table(table).write_parquet(str(path), compression="zstd")

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """What one thread reads with."""
        cursor = self.snapshot.cursor(self._connection)
        try:
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        self._connection.close()


def open_warehouse(number: int | None = None) -> Warehouse:
    """Open the snapshot in use, or the one of that `number`."""
    store = locating.find_store()
    if number is not None:
        return Warehouse(store.find(number))
    snapshot = store.current()
    try:
        return Warehouse(snapshot)
    except BrokenSnapshot:
        if (newer := store.current()) == snapshot:
            raise
        return Warehouse(newer)  # published, and the older one removed, in the meantime


def check_schema(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Raise `OldSchema` where the tables of what is called `name` are not those of this program."""
    if (version := read_version(connection)) != schema_version():
        raise OldSchema(
            f"{name} has tables of version {version}, this program expects {schema_version()}. "
            "python -m ingest rebuild remakes it."
        )


def read_version(connection: duckdb.DuckDBPyConnection) -> str:
    try:
        found = connection.execute("select max_by(schema_version, snapshot) from snapshots")
        return str(found.fetchall()[0][0])  # all: a lake's catalogue would wait for who reads one
    except duckdb.CatalogException:
        return "unknown"


def read_schema() -> str:
    return (HERE / "schema.sql").read_text(encoding="utf-8")


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
