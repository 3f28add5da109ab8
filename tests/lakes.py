"""Lakes for tests, whose catalogues are in a PostgreSQL that lives as long as the tests do.

`LEADERBOARD_TEST_WAREHOUSE` has every test keep its snapshots in a lake of its own: `lake` with its
files on disk, `s3` with its files in a bucket of moto's server.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import sql

from tests.ledgers import make_database, serve_postgres
from tests.ports import free_port
from warehouse.lake import addresses, store
from warehouse.lake.catalogue import PREFIX

KIND = os.environ.get("LEADERBOARD_TEST_WAREHOUSE", "files")
BUCKET = "lakes"
KEYS = {"AWS_ACCESS_KEY_ID": "it's-a-test", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}
SERVERS = ExitStack()
"""Those that were started, until the tests end."""


@cache
def catalogues() -> str:
    """The address of the PostgreSQL that keeps the lakes' catalogues."""
    return SERVERS.enter_context(serve_postgres()).address


@cache
def bucket() -> str:
    """A bucket of an S3 server on loopback, whose keys are in the environment from now on."""
    return SERVERS.enter_context(serve_bucket())


@contextmanager
def serve_bucket() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port := free_port(), verbose=False)
    server.start()
    address = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        urlopen(Request(f"{address}/{BUCKET}", method="PUT")).close()
        yield f"s3://{BUCKET}"
    server.stop()


def name_lake(database: str) -> str:
    """The lake of a database, as `LEADERBOARD_WAREHOUSE` names it."""
    return f"{PREFIX}{database}"


def copy_lake(place: str) -> str:
    """A new lake with what is in another one, out of which everybody is thrown first."""
    old, name = place.split("/")[3].split("?", maxsplit=1)[0], f"lake_{uuid4().hex}"
    server = place.removeprefix(PREFIX).replace(f"/{old}?", "/postgres?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [old]
        )
        connection.execute(
            sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, old)))
        )
    return place.replace(f"/{old}?", f"/{name}?")


def use_lake(patch: pytest.MonkeyPatch, files: str) -> str:
    """Have an empty lake with its `files` there be the warehouse."""
    place = name_lake(make_database(catalogues()))
    patch.setenv("LEADERBOARD_WAREHOUSE", place)
    patch.setenv("LEADERBOARD_WAREHOUSE_FILES", files)
    patch.setattr(store, "PATIENCE", 5)
    addresses.opened.cache_clear()  # each has a connection
    return place


def use_own(patch: pytest.MonkeyPatch, data: Path) -> None:
    """Have `data` be the data folder, with an empty warehouse of the kind that is tested."""
    patch.setenv("LEADERBOARD_DATA", str(data))
    for name in ("LEADERBOARD_WAREHOUSE", "LEADERBOARD_WAREHOUSE_FILES"):
        patch.delenv(name, raising=False)
    if KIND == "lake":
        use_lake(patch, str(data.with_name(f"{data.name}-lake")))
    if KIND == "s3":
        use_lake(patch, f"{bucket()}/{uuid4().hex}")


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    with SERVERS:
        yield


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test's own lake with its files on disk, empty: it is the warehouse."""
    return use_lake(monkeypatch, str(tmp_path / "lake"))


@pytest.fixture
def lake_on_s3(monkeypatch: pytest.MonkeyPatch) -> str:
    """The same with its files in a bucket."""
    return use_lake(monkeypatch, f"{bucket()}/{uuid4().hex}")
