"""Snapshots as tests look at them and change them, be they files or versions of a lake."""

import duckdb

from warehouse import locating
from warehouse.file_store import FileStore
from warehouse.lake import store as lake


def kept() -> object:
    """All that is kept, to the byte where it is files: equal as long as nothing is published."""
    store = locating.find_store()
    if isinstance(store, FileStore):
        return {path.name: path.read_bytes() for path in store.folder.iterdir()}
    return [(snapshot.number, snapshot.version) for snapshot in store.all()]


def tamper(statement: str) -> None:
    """Change the snapshot in use, as no program of ours does."""
    store = locating.find_store()
    if isinstance(store, FileStore):
        with duckdb.connect(str(store.current().path)) as connection:
            connection.execute(statement)
        return
    assert isinstance(store, lake.LakeStore)
    with store._alone() as turn, store._begin() as connection:
        connection.execute(statement)
        lake.commit(connection, turn, f"snapshot {store.current().number}", "tampered with")


def no_drafts() -> bool:
    """Whether nothing is left of what was not published; a lake's files nobody sees."""
    store = locating.find_store()
    return not isinstance(store, FileStore) or not list(store.folder.glob(".draft-*"))
