"""Whether the published snapshot is what it should be: for a person, and for cron."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from warehouse import db, locating, rules, settings


def find_faults() -> Iterator[str]:
    """Yield all that is wrong with the snapshot in use, one text a fault.

    Raises `NoSnapshot`, `BrokenSnapshot` or `OldSchema` where it cannot be opened at all.
    """
    snapshot = locating.find_store().current()
    warehouse = db.Warehouse(snapshot)
    records = dict(warehouse.ask("run_keys").iter_rows())
    warehouse.close()
    with snapshot.connect() as connection:
        try:
            read_all(connection)
            yield from rules.find_breaches(connection, range(1, last_number(connection) + 1))
        except duckdb.Error as error:
            yield f"{snapshot.name} is damaged: {error}"
    yield from compare_records(records, settings.runs_folder())


def last_number(connection: duckdb.DuckDBPyConnection) -> int:
    ((last,),) = connection.sql("select coalesce(max(number), 0) from runs").fetchall()
    return int(last)


def read_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every block of every table, so that DuckDB compares each with its checksum."""
    for (table,) in connection.execute(db.read_query("tables")).fetchall():
        connection.table(table).aggregate("bit_xor(hash(columns(*)))").fetchall()


def compare_records(records: dict[str, str], folder: Path) -> Iterator[str]:
    """Compare each loaded run's record with that in its folder, which is the truth."""
    for run_id, record_hash in records.items():
        path = folder / run_id / "run.json"
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        except OSError as error:
            yield f"{run_id} is loaded, but its record cannot be read: {error}"
            continue
        if found != record_hash:
            yield (
                f"{path} has changed since it was loaded (hash {found}, loaded {record_hash}). "
                "python -m ingest runs loads it anew."
            )
