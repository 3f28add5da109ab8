"""Opens the ledger: a file of the data folder, or the PostgreSQL of `LEADERBOARD_LEDGER`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, TimeoutError

from warehouse import settings
from warehouse.ledger import engines
from warehouse.ledger.errors import LedgerOutOfReach, NewerLedger
from warehouse.ledger.presence import ledger_exists
from warehouse.ledger.steadiness import Steadiness

MIGRATIONS = Path(__file__).with_name("migrations")
OURS = (DataError, IntegrityError, ProgrammingError)
"""Faults of what was asked, and not of the database."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ledger:
    """An open ledger; safe to share between threads."""

    engine: Engine
    clock: Callable[[], datetime] = now
    steadiness: Steadiness = field(default_factory=Steadiness)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that others see whole or not at all; SQLite has one at a time."""
        with explained(self.engine, self.steadiness), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of everything, and keeps nobody waiting."""
        with explained(self.engine, self.steadiness), self.engine.connect() as connection:
            yield connection.execution_options(**{engines.READING: True})

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(address: str | None = None, clock: Callable[[], datetime] | None = None) -> Ledger:
    """Open the ledger at a database URL, and make or migrate it where it needs that.

    Without a `clock`, PostgreSQL's own counts: its users' clocks may differ, and a lease must not
    depend on whose it is. Raises `BadLedgerAddress`, `LedgerOutOfReach` or `NewerLedger`.
    """
    engine = engines.make_engine(address or ledger_address())
    engines.require_whole(engine)
    engines.prepare(engine)
    with explained(engine):
        migrate(engine)
    engines.hold_to_file(engine)
    if clock is not None:
        return Ledger(engine, clock, Steadiness(lambda: clock().timestamp()))
    steadiness = Steadiness()
    if engine.dialect.name == "postgresql":
        return Ledger(engine, partial(ask_time, engine, steadiness), steadiness)
    return Ledger(engine, now, steadiness)


def is_made(address: str | None = None) -> bool:
    """Whether there is a ledger to read; looks, and makes none.

    Raises `BadLedgerAddress` or `LedgerOutOfReach`.
    """
    if not (address or ledger_exists()):
        return False
    engine = engines.make_engine(address or ledger_address())
    if engine.dialect.name == "sqlite":
        return Path(engine.url.database or "").is_file()
    with explained(engine), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() is not None


def ask_time(engine: Engine, steadiness: Steadiness) -> datetime:
    """What time it is where the database is."""
    with explained(engine, steadiness), engine.connect() as connection:
        asked: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return asked.astimezone(UTC)


def ledger_address() -> str:
    """`LEADERBOARD_LEDGER`, or the URL of `ledger.sqlite` in the data folder."""
    if address := os.environ.get("LEADERBOARD_LEDGER"):
        return address
    file = settings.ledger_file().absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{file}"


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
def explained(engine: Engine, steadiness: Steadiness | None = None) -> Iterator[None]:
    """Turn what a database says into what a person can act on; its password is not told."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:  # all connections may be waiting for it
        gone = isinstance(error, DBAPIError) and error.connection_invalidated
        if isinstance(error, OURS) and not gone:
            raise
        if steadiness:
            steadiness.break_off()
        place = engine.url.render_as_string(hide_password=True)
        said = first_line(error.orig if isinstance(error, DBAPIError) else error)
        raise LedgerOutOfReach(
            f"The ledger at {place} does not answer: {said} Nothing was written. "
            "See that it runs, has room on its disk, and is held locked by nothing; then try again."
        ) from error


def first_line(error: BaseException | None) -> str:
    line = (str(error).strip().splitlines() or ["no reason given"])[0]
    return line if line.endswith(".") else f"{line}."
