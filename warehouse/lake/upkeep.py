"""What a lake needs beside reading and writing; whoever does it is the only one that writes."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb

from warehouse import db
from warehouse.lake.opening import DATABASE

HERE = Path(__file__).parent
PAST = "past"
A_DAY = "older_than => now() - interval 1 day"
EVERY = 50
"""After so many publishes small files are joined: each publish adds some for every table."""


@cache
def read_clearing() -> str:
    return (HERE / "clear.sql").read_text(encoding="utf-8")


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove every table, view and macro; readers still have those of their version."""
    for (statement,) in connection.execute(read_clearing()).fetchall():
        connection.execute(statement)


def restore(connection: duckdb.DuckDBPyConnection) -> None:
    """Have in every table what it holds in the version that is attached as `past`."""
    clear(connection)
    connection.execute(db.read_schema())
    for (table,) in connection.execute(db.read_query("tables")).fetchall():
        connection.execute(f"insert into {table} by name from {PAST}.{table}")


def expire(connection: duckdb.DuckDBPyConnection, versions: Sequence[int]) -> None:
    """Forget these versions, and a day later the files that only they read."""
    if versions:
        call(connection, "expire_snapshots", "versions => $versions", versions=list(versions))
        call(connection, "cleanup_old_files", A_DAY)


def compact(connection: duckdb.DuckDBPyConnection) -> None:
    """Join small files, write those anew of which much is deleted, remove what killed writers left.

    What was left is known by its age, since a writer of another program could be at work.
    """
    call(connection, "merge_adjacent_files")
    call(connection, "rewrite_data_files")
    call(connection, "cleanup_old_files", A_DAY)
    call(connection, "delete_orphaned_files", A_DAY)


def call(
    connection: duckdb.DuckDBPyConnection, function: str, *options: str, **parameters: list[int]
) -> None:
    """Call one of DuckLake's own functions (https://ducklake.select/docs/stable/duckdb/maintenance)."""
    said = ", ".join((f"'{DATABASE}'", *options))
    connection.execute(f"call ducklake_{function}({said})", parameters)
