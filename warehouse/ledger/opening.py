"""Opens the ledger: a file of the data folder, or the PostgreSQL of `LEADERBOARD_LEDGER`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from warehouse import settings
from warehouse.ledger.errors import BadLedgerAddress, LedgerOutOfReach, NewerLedger

MIGRATIONS = Path(__file__).with_name("migrations")
PATIENCE = 30.0  # seconds that a writer waits for others
READING = "reading"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ledger:
    """An open ledger; safe to share between threads."""

    engine: Engine
    clock: Callable[[], datetime] = now

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that others see whole or not at all; SQLite has one at a time."""
        with explained(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of everything, and keeps nobody waiting."""
        with explained(self.engine), self.engine.connect() as connection:
            yield connection.execution_options(**{READING: True})

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(address: str | None = None, clock: Callable[[], datetime] | None = None) -> Ledger:
    """Open the ledger at a database URL, and make or migrate it where it needs that.

    Without a `clock`, PostgreSQL's own counts: its users' clocks may differ, and a lease must not
    depend on whose it is. Raises `BadLedgerAddress`, `LedgerOutOfReach` or `NewerLedger`.
    """
    engine = make_engine(address or ledger_address())
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    with explained(engine):
        migrate(engine)
    if clock is None:
        clock = partial(ask_time, engine) if engine.dialect.name == "postgresql" else now
    return Ledger(engine, clock)


def is_made(address: str | None = None) -> bool:
    """Whether there is a ledger to read; looks, and makes none.

    Raises `BadLedgerAddress` or `LedgerOutOfReach`.
    """
    address = address or os.environ.get("LEADERBOARD_LEDGER")
    if not address:
        return settings.ledger_file().exists()
    engine = make_engine(address)
    if engine.dialect.name == "sqlite":
        return Path(engine.url.database or "").is_file()
    with explained(engine), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is not None


def make_engine(address: str) -> Engine:
    """Raises `BadLedgerAddress`."""
    try:
        url = make_url(address)
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise BadLedgerAddress(f"{url.get_backend_name()} is neither sqlite nor postgresql.")
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, connect_args=connect_arguments(url.get_backend_name()))
    except (ArgumentError, NoSuchModuleError) as error:
        raise BadLedgerAddress(
            f"LEADERBOARD_LEDGER is no database URL ({error}). It may be "
            "postgresql://user:password@host/name; without it the ledger is a file of the data "
            "folder."
        ) from error


def ask_time(engine: Engine) -> datetime:
    """What time it is where the database is."""
    with explained(engine), engine.connect() as connection:
        asked: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return asked.astimezone(UTC)


def ledger_address() -> str:
    """`LEADERBOARD_LEDGER`, or the URL of `ledger.sqlite` in the data folder."""
    if address := os.environ.get("LEADERBOARD_LEDGER"):
        return address
    file = settings.ledger_file().absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{file}"


def connect_arguments(backend: str) -> dict[str, Any]:
    if backend == "sqlite":
        return {"timeout": PATIENCE, "isolation_level": None}
    return {"connect_timeout": 10, "options": f"-c lock_timeout={int(PATIENCE * 1000)}"}


def prepare_sqlite(engine: Engine) -> None:
    """Readers and one writer at once; a writer takes its turn before it reads, so never in vain."""

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("begin" if reads else "begin immediate")


def newest_version() -> str:
    """The version of the tables that this program makes."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def migrate(engine: Engine) -> None:
    """Bring the tables up to this program; whoever comes second finds it done."""
    script = ScriptDirectory(str(MIGRATIONS))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
    if found == script.get_current_head():
        return
    if found and found not in {one.revision for one in script.walk_revisions()}:
        raise NewerLedger(
            f"The ledger has tables of version {found}, which this program does not know. "
            "Run the program that made them, or restore a backup of before."
        )
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_advisory_xact_lock(20261127)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn what a database says into what a person can act on; its password is not told."""
    try:
        yield
    except DBAPIError as error:
        known = error.connection_invalidated or isinstance(error, OperationalError)
        if not (known or is_damage(error.orig)):
            raise
        place = engine.url.render_as_string(hide_password=True)
        raise LedgerOutOfReach(
            f"The ledger at {place} does not answer: {first_line(error.orig)} Nothing was written. "
            "See that it runs, has room on its disk, and is held locked by nothing; then try again."
        ) from error


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite finds that the file is none of its own, or not any more."""
    return getattr(error, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def first_line(error: BaseException | None) -> str:
    line = (str(error).strip().splitlines() or ["no reason given"])[0]
    return line if line.endswith(".") else f"{line}."
