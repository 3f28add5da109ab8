"""Connections to the two databases: how long who waits for whom, and what is noticed by itself."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, NoSuchModuleError

from warehouse.ledger.errors import BadLedgerAddress, LedgerOutOfReach

PATIENCE = 30.0  # seconds that a writer waits for others
SHORT = 3.0  # seconds that a reader waits: only who alters tables can hold one up
SILENCE = 20.0  # seconds after which a server of which nothing is heard is taken for gone
READING = "reading"
FILE = "file"


def make_engine(address: str) -> Engine:
    """Raises `BadLedgerAddress`."""
    try:
        url = make_url(address)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise BadLedgerAddress(f"{url.get_backend_name()} is neither sqlite nor postgresql.")
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
            return create_engine(
                url,
                connect_args=postgresql_arguments(),
                json_deserializer=read_json,
                pool_pre_ping=True,  # a server that was started again has none of the old ones
                pool_timeout=SILENCE,
            )
        waits = {"timeout": PATIENCE, "isolation_level": None}
        return create_engine(url, connect_args=waits, json_deserializer=read_json)
    except (ArgumentError, NoSuchModuleError) as error:
        raise BadLedgerAddress(
            f"LEADERBOARD_LEDGER is no database URL ({error}). It may be "
            "postgresql://user:password@host/name; without it the ledger is a file of the data "
            "folder."
        ) from error


def postgresql_arguments() -> dict[str, Any]:
    return {
        "connect_timeout": 5,
        "options": f"-c lock_timeout={int(SHORT * 1000)}",
        "keepalives_idle": int(SILENCE),
        "tcp_user_timeout": int(SILENCE * 1000),
    }


def read_json(text: str) -> Any:
    """What a column holds; None for what is no JSON: one row must not hide all the others."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def prepare(engine: Engine) -> None:
    """Have every transaction begin as it should on its database."""
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    else:
        prepare_postgresql(engine)


def prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READING):
            connection.exec_driver_sql(f"set local lock_timeout = {int(PATIENCE * 1000)}")


def prepare_sqlite(engine: Engine) -> None:
    """Readers and one writer at once; a writer takes its turn before it reads, so never in vain."""

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            connection.execute(f"pragma {pragma}")
        record.info[FILE] = identify(engine)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READING)
        waits = int((SHORT if reads else PATIENCE) * 1000)
        connection.exec_driver_sql(f"pragma busy_timeout = {waits}")
        connection.exec_driver_sql("begin" if reads else "begin immediate")


def hold_to_file(engine: Engine) -> None:
    """Leave a SQLite file that has gone or was replaced, as by a backup: who went on with the old
    one would write into what nobody reads. A missing one is not made anew, as it would be empty."""
    if engine.dialect.name != "sqlite" or identify(engine) is None:
        return

    @event.listens_for(engine, "checkout")
    def notice(_: Any, record: Any, __: Any) -> None:
        if record.info.get(FILE) != identify(engine):
            raise DisconnectionError("another file is in its place")

    @event.listens_for(engine, "do_connect")
    def refuse(*_: Any) -> None:
        if identify(engine) is None:
            raise sqlite3.OperationalError("the file is gone")


def require_whole(engine: Engine) -> None:
    """Raises `LedgerOutOfReach` where only the log of a SQLite file is left, which has its newest
    rows: SQLite would remove it, or read it as that of another file."""
    if engine.dialect.name != "sqlite":
        return
    file = Path(engine.url.database or "")
    log = file.parent / f"{file.name}-wal"
    if log.exists() and not file.exists():
        raise LedgerOutOfReach(
            f"There is no {file}, but {log.name} is there, which is a part of it. Stop what uses "
            f"the ledger, and move {file.name} and all that begins so together, back or away."
        )


def identify(engine: Engine) -> tuple[int, int] | None:
    """Which file is in the ledger's place; None where there is none, or it is not in a file."""
    try:
        found = Path(engine.url.database or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
