"""Asks the rules in `checks/`: each is a query for the rows that break it.

A rule that reads predictions reads those of the runs in the table `loaded` alone: a publish asks it
of what it loads, and `verify` of all runs; either of a hundred runs after the other.
"""

from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from warehouse import db

SHOWN_ROWS = 10
TOGETHER = 100  # runs whose predictions are read at a time, so that memory stays flat


def read_scope(name: str) -> str:
    return (db.HERE / "scope" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def list_rules() -> tuple[Path, ...]:
    return tuple(sorted((db.HERE / "checks").glob("*.sql")))


def is_scoped(rule: Path) -> bool:
    """Whether a rule reads the predictions of the loaded runs alone."""
    return " loaded using " in rule.read_text(encoding="utf-8")


def find_breaches(connection: duckdb.DuckDBPyConnection, numbers: range) -> list[str]:
    """Return what each broken rule says and finds, of all tables and the runs of these numbers.

    Leaves some of them in the table `loaded`. `connection` may be read-only.
    """
    found = {rule: [ask(connection, rule)] for rule in list_rules() if not is_scoped(rule)}
    connection.execute(read_scope("nothing"))
    for first in range(numbers.start, numbers.stop, TOGETHER):
        load_runs_between(connection, first, min(first + TOGETHER, numbers.stop) - 1)
        for rule in filter(is_scoped, list_rules()):
            found.setdefault(rule, []).append(ask(connection, rule))
    breaches = {rule: pl.concat(rows) for rule, rows in sorted(found.items())}
    return [describe_breach(rule, rows) for rule, rows in breaches.items() if rows.height]


def ask(connection: duckdb.DuckDBPyConnection, rule: Path) -> pl.DataFrame:
    return connection.sql(rule.read_text(encoding="utf-8")).pl()


def load_runs_between(connection: duckdb.DuckDBPyConnection, first: int, last: int) -> None:
    """Have these runs, both included, in the table `loaded`."""
    for statement in read_scope("runs_between").strip().split(";\n"):
        between = {"first": first, "last": last}
        used = db.parameters_of(statement)
        connection.execute(statement, {name: between[name] for name in used})


def describe_breach(rule: Path, rows: pl.DataFrame) -> str:
    with pl.Config(
        tbl_rows=SHOWN_ROWS,
        tbl_cols=-1,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        fmt_str_lengths=60,
    ):
        head = f"{rule.stem}: {db.headline(rule)} ({rows.height} rows)"
        return f"{head}\n{rows.head(SHOWN_ROWS)}"
