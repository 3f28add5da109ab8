"""What goes wrong with a lake is said, without its secrets, and nothing is lost or half there."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import psycopg
import pytest
from click.testing import CliRunner

from tests.conftest import ask, load_everything, make_run
from tests.ledgers import make_database, serve_postgres
from tests.test_lake import catalogue, files, open_store, publish
from warehouse import cli, copying, db, locating, settings
from warehouse.errors import (
    BrokenSettings,
    BrokenSnapshot,
    LakeUnreachable,
    LoadFailed,
    NoExtension,
)
from warehouse.lake import opening, store
from warehouse.lake.catalogue import Catalogue

PASSWORD = "it's a secret"


def test_no_message_has_the_catalogues_password(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"postgresql://me:{quote(PASSWORD)}@127.0.0.1:1/lake"
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE", f"ducklake:postgres:{address}")
    with pytest.raises(LakeUnreachable) as said:
        db.open_warehouse()
    with pytest.raises(duckdb.IOException) as raw:
        opening.open_lake(open_store().catalogue, "/nowhere", {})
    for text in (str(said.value), open_store().name, str(raw.value)):
        assert PASSWORD not in text
        assert quote(PASSWORD) not in text
        assert "127.0.0.1" in text


def test_a_lake_whose_catalogue_wants_a_password_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serve_postgres() as server:
        with psycopg.connect(server.address, autocommit=True) as connection:
            connection.execute("alter user tester password 'it''s a secret'")
        address = make_database(server.address)
        (server.folder / "data" / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        server.stop()
        server.start()
        with_password = address.replace("tester@", f"tester:{quote(PASSWORD)}@")
        monkeypatch.setenv("LEADERBOARD_WAREHOUSE", f"ducklake:postgres:{with_password}")
        monkeypatch.setenv("LEADERBOARD_WAREHOUSE_FILES", str(tmp_path / "files"))
        publish("first")
        assert ask("snapshots")["reason"].to_list() == ["first"]


@pytest.mark.parametrize(
    "place",
    [
        *("ducklake:sqlite:lake.db", "ducklake:postgres:dbname", "ducklake:lake.duckdb"),
        "postgresql://me:s3cret@db/lake",
        "Ducklake:postgres:dbname=lake password=s3cret",
        "ducklake:postgres:dbname=lake password='s3cret",
        "ducklake:postgres:postgresql://me:50%off-s3cret@db/lake",
        "ducklake:postgres:postgresql://me:x/s3cret@db/lake",
        "ducklake:postgres:postgresql://me:x@s3cret@db/lake",
    ],
)
def test_what_is_no_lake_of_ours_is_said_so(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE", place)
    with pytest.raises(BrokenSettings, match=r"[Ee]xpected\b.*\bducklake:postgres:") as said:
        db.open_warehouse()
    assert "s3cret" not in str(said.value)


@pytest.mark.usefixtures("lake")
@pytest.mark.parametrize("published", [0, 1])
def test_a_commit_whose_answer_is_lost_publishes_nothing(
    published: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckLake removes the files of a commit that it takes for failed."""
    for number in range(published):
        publish(str(number))
    honest, commits = store.commit, iter([True])

    def lose(connection: duckdb.DuckDBPyConnection, *rest: Any) -> None:
        before = set(files())
        honest(connection, *rest)
        if next(commits, False):
            for path in set(files()) - before:
                path.unlink()
            raise duckdb.TransactionException("Failed to commit: the connection is lost")

    monkeypatch.setattr(store, "commit", lose)
    with pytest.raises(LoadFailed, match="Nothing was published"):
        publish("lost")
    assert [snapshot.number for snapshot in open_store().all()] == [1, 1][: 2 * published]
    publish("again")
    assert open_store().current().number == published + 2
    assert ask("snapshots")["reason"].to_list() == ["again", *map(str, range(published))]


@pytest.mark.usefixtures("lake")
def test_tidying_up_makes_no_lake() -> None:
    done = CliRunner().invoke(cli.main, ["tidy"])
    assert "holds no snapshot yet" in str(done.exception)
    with catalogue() as connection:
        assert connection.execute("select to_regclass('ducklake_snapshot')").fetchall() == [(None,)]


@pytest.mark.usefixtures("lake")
def test_a_lake_whose_files_are_said_to_be_elsewhere_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("first")
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE_FILES", "/elsewhere")
    with pytest.raises(BrokenSettings, match="LEADERBOARD_WAREHOUSE_FILES is /elsewhere, but"):
        db.open_warehouse()


@pytest.mark.usefixtures("lake")
def test_a_copy_of_what_cannot_be_read_names_where_it_is_from(tmp_path: Path) -> None:
    make_run("baseline:random")
    load_everything()
    opened, target = db.open_warehouse(), locating.find_store(str(tmp_path / "target"))
    for path in files():
        path.unlink()
    with pytest.raises(BrokenSnapshot, match="Look to PostgreSQL and to the lake's files"):
        copying.copy_snapshot(opened, target)
    opened.close()
    assert target.all() == []


@pytest.mark.usefixtures("lake")
def test_a_lake_without_its_files_is_said_so() -> None:
    make_run("baseline:random")
    load_everything()
    opened = db.open_warehouse()
    for path in files():
        path.unlink()
    with pytest.raises(BrokenSnapshot, match="Look to PostgreSQL and to the lake's files"):
        opened.ask("runs")
    opened.close()
    with pytest.raises(BrokenSnapshot):
        db.open_warehouse()
    with pytest.raises(LoadFailed, match="cannot be read"):
        publish("on top of it")
    load_everything()
    assert ask("runs").height == 1


def test_what_a_lake_needs_is_named_where_it_is_not_installed(
    lake: str,  # noqa: ARG001 - it is the warehouse
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    monkeypatch.setenv("HOME", "/nowhere")
    with pytest.raises(NoExtension, match=r"pip install duckdb-extension-ducklake==1\.5\.5"):
        publish("first")


def test_readers_go_on_when_the_catalogue_is_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serve_postgres() as server:
        place = f"ducklake:postgres:{make_database(server.address)}"
        monkeypatch.setenv("LEADERBOARD_WAREHOUSE", place)
        monkeypatch.setenv("LEADERBOARD_WAREHOUSE_FILES", str(tmp_path / "files"))
        publish("first")
        reader = db.open_warehouse()
        server.stop()
        with pytest.raises(LakeUnreachable, match="Look to PostgreSQL"):
            open_store().current()
        with pytest.raises(BrokenSnapshot, match="Look to PostgreSQL"):
            reader.ask("snapshots")
        server.start()
        assert open_store().current().number == 1
        assert reader.ask("snapshots")["reason"].to_list() == ["first"]
        reader.close()


@pytest.mark.usefixtures("lake")
def test_a_lake_that_is_lost_while_it_commits_leaves_open_whether_it_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lose(*_: object) -> None:
        raise duckdb.TransactionException("Failed to commit: the connection is lost")

    def unreachable(*_: object) -> bool:
        raise LakeUnreachable("The lake's catalogue cannot be reached.")

    monkeypatch.setattr(store, "commit", lose)
    monkeypatch.setattr(Catalogue, "withdraw", unreachable)
    with pytest.raises(LakeUnreachable, match=r"Whether snapshot 1 was published .* is not known"):
        publish("lost")


@pytest.mark.usefixtures("lake")
def test_no_two_databases_spill_into_one_folder() -> None:
    """DuckDB gives the files in it the same names, and one would read the other's rows."""
    publish("first")
    opened = [open_store().current().connect() for _ in range(2)]
    asked = "select current_setting('temp_directory')"
    folders = {connection.execute(asked).fetchall()[0][0] for connection in opened}
    assert len(folders) == 2
    assert all(str(os.getpid()) in folder for folder in folders)
    for connection in opened:
        connection.close()


def test_a_server_of_ones_own_is_named_with_how_it_is_spoken_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DuckDB would go to Amazon's where it cannot read the address."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "s3.example.org:9000")
    with pytest.raises(BrokenSettings, match="is to begin with https://"):
        opening.make_secret()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://s3.example.org:9000/")
    assert "endpoint 's3.example.org:9000', url_style 'path', use_ssl 'False'" in (
        opening.make_secret()
    )


def test_a_relative_place_is_the_same_from_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE_FILES", "files/")
    monkeypatch.chdir(tmp_path)
    assert settings.lake_files() == str(tmp_path / "files")


def test_no_secret_of_an_address_is_in_its_name() -> None:
    secret = "dbname=lake host=db password=s3cret sslpassword=s3cret"
    assert Catalogue(secret).name == "dbname=lake host=db"
