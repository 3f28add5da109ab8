"""All of the ledger as one file, the same from either database, and back into either.

Lines of JSON, compressed: what made it, a line per row, and how many these are, so that a file cut
short is known as one. It has what is private, so only its owner may read it.
"""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from warehouse.ledger.errors import BackupRefused
from warehouse.ledger.opening import Ledger, newest_version
from warehouse.ledger.review_tables import NUMBERED
from warehouse.ledger.tables import Moment, metadata

VERSION, TABLE, ROW, END = "ledger", "table", "row", "rows"
"""The keys of the lines."""


def back_up(ledger: Ledger, path: Path) -> int:
    """Write the ledger to `path` while others go on using it; returns how many rows it has.

    A file of that name is replaced once the new one is whole.
    """
    new, count = path.with_name(f"{path.name}.part"), 0
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with gzip.open(raw, "wt", encoding="utf-8") as file, ledger.read() as connection:
            file.write(json.dumps({VERSION: newest_version()}) + "\n")
            for table in metadata.sorted_tables:
                rows = select(table).order_by(*table.primary_key)
                for row in connection.execute(rows).mappings():
                    line = {TABLE: table.name, ROW: dict(row)}
                    file.write(json.dumps(line, default=datetime.isoformat) + "\n")
                    count += 1
            file.write(json.dumps({END: count}) + "\n")
        raw.flush()
        os.fsync(raw.fileno())
    new.replace(path)
    return count


def restore(ledger: Ledger, path: Path) -> int:
    """Fill an empty ledger from the file that `back_up` wrote; returns how many rows it had.

    Raises `BackupRefused`, and then nothing was written.
    """
    count = 0
    with ledger.write() as connection:
        for table in metadata.sorted_tables:
            if connection.execute(select(func.count()).select_from(table)).scalar():
                raise BackupRefused(
                    "The ledger is not empty, and nothing in it is ever replaced. Name another one "
                    "in LEADERBOARD_LEDGER, or stop what uses it and move ledger.sqlite away, with "
                    "ledger.sqlite-wal and -shm where these are."
                )
        for name, row in read_rows(path):
            table = metadata.tables[name]
            try:
                connection.execute(insert(table).values(read_row(table, row)))
            except IntegrityError as error:
                raise BackupRefused(f"{path} does not hold together: {error.orig}") from error
            count += 1
        if connection.dialect.name == "postgresql":
            count_on(connection)
    return count


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The table and the content of each row of a backup."""
    count = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            made = json.loads(next(file)).get(VERSION)
            if made != newest_version():
                raise BackupRefused(
                    f"{path} is of a ledger of version {made}, and this program's is of "
                    f"{newest_version()}. Restore it with the program that made it, and then "
                    "open the ledger with this one."
                )
            for line in map(json.loads, file):
                if END in line:
                    if line[END] == count:
                        return
                    break
                yield line[TABLE], line[ROW]
                count += 1
    except (OSError, EOFError, ValueError, KeyError, AttributeError, StopIteration) as error:
        raise BackupRefused(
            f"{path} cannot be read as a backup: {error or 'it is empty'}"
        ) from error
    raise BackupRefused(f"{path} ends before its end: it has {count} rows. Take another backup.")


def read_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value)
        if value and isinstance(table.c[name].type, Moment)
        else value
        for name, value in row.items()
    }


def count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    for name in ("submissions", "events", "marks", *NUMBERED):
        connection.execute(
            text(
                f"select setval(pg_get_serial_sequence('{name}', 'number'), "
                f"coalesce((select max(number) from {name}), 0) + 1, false)"
            )
        )
