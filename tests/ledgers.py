"""Ledgers for tests: a SQLite file, and a real PostgreSQL that lives as long as the tests do."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.ports import free_port
from warehouse.ledger.opening import Ledger, open_ledger

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=''")


class Clock:
    """A clock that goes on as a test has it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)
        self.passed = 0.0
        """Seconds since then, whatever was done to the clock."""

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed += seconds

    def jump(self, seconds: float) -> None:
        """Someone sets the clock, or the machine wakes up."""
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server, which may be stopped and started again."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://tester@/postgres?host={self.folder}&port={self.port}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, as another user where we are root, as which it does not run."""
        command = [str(BINARIES[-1].with_name(program)), "-D", str(self.folder / "data")]
        user = "postgres" if os.getuid() == 0 else None
        subprocess.run(
            [*command, *arguments], user=user, check=True, capture_output=True, cwd=self.folder
        )

    def start(self) -> None:
        settings = " ".join(
            f"-c {one}" for one in (*QUICK, f"unix_socket_directories={self.folder}")
        )
        log = str(self.folder / "log")
        self.run("pg_ctl", "-w", "-o", f"-p {self.port} {settings}", "-l", log, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "fast", "stop")


@contextmanager
def serve_postgres() -> Iterator[Postgres]:
    """A server of the tests' own, reached through a socket, until the block ends."""
    if not BINARIES:
        pytest.skip("no PostgreSQL; apt-get install postgresql, or .ci/run installs it")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short, as the name of a socket must be
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    server = Postgres(folder, free_port())
    server.run("initdb", "-A", "trust", "-U", "tester", "--no-sync")
    server.start()
    try:
        yield server
    finally:
        with suppress(subprocess.CalledProcessError):  # a test may have stopped it
            server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests do."""
    with serve_postgres() as server:
        yield server.address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty ledger, on either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return make_database(request.getfixturevalue("postgres"))


def make_database(server: str) -> str:
    """A new database on the server."""
    name = f"ledger_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def own_ledger(data_folder: Path) -> Iterator[Ledger]:
    """The one in the test's data folder, where the commands find it."""
    assert not data_folder.exists()
    opened = open_ledger()
    yield opened
    opened.close()


@pytest.fixture
def ledger(address: str, clock: Callable[[], datetime]) -> Iterator[Ledger]:
    opened = open_ledger(address, clock)
    yield opened
    opened.close()
