"""Ledgers for tests: a SQLite file, and a real PostgreSQL that lives as long as the tests do."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.browser.conftest import free_port
from warehouse.ledger.opening import Ledger, open_ledger

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=''")


class Clock:
    """A clock that goes on as a test has it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of the tests' own, reached through a socket."""
    if not BINARIES:
        pytest.skip("no PostgreSQL; apt-get install postgresql, or .ci/run installs it")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # short, as the name of a socket must be
    programs, port = BINARIES[-1].parent, free_port()
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:  # as which PostgreSQL does not run
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        other = user if os.getuid() == 0 else None
        subprocess.run(command, user=other, check=True, capture_output=True, cwd=folder)

    run("initdb", "-A", "trust", "-U", "tester", "--no-sync")
    settings = " ".join(f"-c {one}" for one in (*QUICK, f"unix_socket_directories={folder}"))
    run("pg_ctl", "-w", "-o", f"-p {port} {settings}", "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://tester@/postgres?host={folder}&port={port}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


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
