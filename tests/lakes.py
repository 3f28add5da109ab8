"""Lakes for tests: one of each test's own, in a PostgreSQL that lives as long as the tests do.

`LEADERBOARD_TEST_WAREHOUSE` has every test keep its snapshots in one: `lake` with its files on
disk, `s3` with its files in a bucket of moto's server.
"""

import os
from collections.abc import Iterator
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest
from moto.server import ThreadedMotoServer
from psycopg import sql

from tests.ledgers import make_database, serve_postgres
from tests.ports import free_port
from warehouse.lake import store
from warehouse.locating import DUCKLAKE

KIND = os.environ.get("LEADERBOARD_TEST_WAREHOUSE", "files")
BUCKET = "lakes"
KEYS = {"AWS_ACCESS_KEY_ID": "it's-a-test", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}


def name_lake(database: str) -> str:
    """The lake of a database, as `LEADERBOARD_WAREHOUSE` names it."""
    return f"{DUCKLAKE}postgres:{database}"


def copy_lake(place: str) -> str:
    """A new lake with what is in another one, out of which everybody is thrown first."""
    old, name = place.split("/")[3].split("?", maxsplit=1)[0], f"lake_{uuid4().hex}"
    server = place.removeprefix(f"{DUCKLAKE}postgres:").replace(f"/{old}?", "/postgres?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [old]
        )
        connection.execute(
            sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, old)))
        )
    return place.replace(f"/{old}?", f"/{name}?")


@pytest.fixture(scope="session")
def lake_server() -> Iterator[str]:
    """The address of the PostgreSQL that keeps the lakes' catalogues."""
    with serve_postgres() as server:
        yield server.address


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """The address of a bucket of an S3 server on loopback, whose keys are in the environment."""
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    address = f"http://127.0.0.1:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        urlopen(Request(f"{address}/{BUCKET}", method="PUT")).close()
        yield f"s3://{BUCKET}"
    server.stop()


@pytest.fixture
def lake(
    lake_server: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> str:
    """An empty lake of the test's own with its files on disk: it is the warehouse."""
    monkeypatch.setattr(store, "PATIENCE", 5)
    place = name_lake(make_database(lake_server))
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE", place)
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE_FILES", str(tmp_path_factory.mktemp("lake")))
    return place


@pytest.fixture
def lake_on_s3(lake: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same with its files in a bucket."""
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE_FILES", f"{bucket}/{uuid4().hex}")
    return lake
