"""Where snapshots are kept.

`LEADERBOARD_WAREHOUSE` names a folder of DuckDB files, or a DuckLake by its catalogue in PostgreSQL
(`ducklake:postgres:dbname=lake host=db`), whose tables are Parquet files on a shared disk or S3.
"""

import re
from pathlib import Path

from warehouse import settings
from warehouse.errors import BrokenSettings
from warehouse.file_store import FileStore
from warehouse.stores import Store

DUCKLAKE = "ducklake:"
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def find_store(place: str | None = None) -> Store:
    """The store of `place`, a folder or a lake; by default of `LEADERBOARD_WAREHOUSE`.

    Raises `BrokenSettings` where it is no lake that we know.
    """
    place = place or settings.warehouse_place()
    if not place.startswith(DUCKLAKE):
        if ADDRESS.match(place):  # which may have a password, and is not repeated
            raise BrokenSettings(
                "LEADERBOARD_WAREHOUSE is an address, but none of a lake. Expected a folder, or "
                "ducklake:postgres: and what PostgreSQL is found by."
            )
        return FileStore(Path(place))
    from warehouse.lake.addresses import open_lake  # a tenth of a second, and most have no lake

    return open_lake(place)


def file_store() -> FileStore:
    """Snapshots as files, for those who need one: of a lake, what it was copied to."""
    store = find_store()
    return store if isinstance(store, FileStore) else FileStore(settings.copies_folder())
