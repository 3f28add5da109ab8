"""Does a warehouse in a lake keep what one in files keeps, whoever else writes, reads or dies?"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import psycopg
import pytest
from click.testing import CliRunner

from tests.conftest import REPOSITORY, ask, load_everything, make_run
from warehouse import cli, copying, db, drafts, export, locating, settings
from warehouse.errors import (
    BrokenSnapshot,
    CopyDiffers,
    NotEmpty,
    WarehouseInUse,
)
from warehouse.lake import store
from warehouse.lake.store import LakeStore


def open_store() -> LakeStore:
    found = locating.find_store()
    assert isinstance(found, LakeStore)
    return found


def catalogue() -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(open_store().catalogue.address, autocommit=True)


def files() -> list[Path]:
    """The lake's Parquet files, needed or not."""
    return sorted(Path(os.environ["LEADERBOARD_WAREHOUSE_FILES"]).rglob("*.parquet"))


def publish(reason: str) -> None:
    """Publish a snapshot that differs by what it says of itself."""
    with drafts.open_draft(reason) as draft:
        draft.changed = True


def leaderboard(place: str) -> pl.DataFrame:
    opened = db.Warehouse(locating.find_store(place).current())
    try:
        return opened.ask("leaderboard_rows")
    finally:
        opened.close()


def copy(*places: str) -> str:
    done = CliRunner().invoke(cli.main, ["copy", *places])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_warehouse_is_copied_into_a_lake_and_back_row_by_row(
    demo: Path, lake: str, tmp_path: Path
) -> None:
    native, back = str(demo / "warehouse"), str(tmp_path / "back")
    there = copy(native, lake)
    assert copy(lake, back) == there
    assert "predictions                         276  " in there
    assert there.endswith("rows of 25 tables are the same in both.\n")
    assert leaderboard(lake).equals(leaderboard(native), null_equal=True)
    assert leaderboard(back).equals(leaderboard(native), null_equal=True)
    assert locating.find_store(back).current().number == 1
    with pytest.raises(NotEmpty, match=r"has snapshot 1 already, and this would be 1"):
        CliRunner().invoke(cli.main, ["copy", native, lake], catch_exceptions=False)


def test_a_copy_that_came_out_otherwise_is_not_published(
    demo: Path, lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = copying.tally

    def miscount(connection: object, table: str) -> copying.Tally:
        found = honest(connection, table)  # type: ignore[arg-type]
        return found._replace(checksum=id(connection)) if table == "runs" else found

    monkeypatch.setattr(copying, "tally", miscount)
    with pytest.raises(CopyDiffers, match="Nothing was published: of runs, 3 rows came out"):
        CliRunner().invoke(
            cli.main, ["copy", str(demo / "warehouse"), lake], catch_exceptions=False
        )
    assert open_store().all() == []


@pytest.mark.usefixtures("lake")
def test_the_snapshots_before_are_read_and_put_in_use_again() -> None:
    publish("first")
    publish("second")
    reader = db.open_warehouse()
    open_store().use(1)
    assert ask("snapshots")["reason"].to_list() == ["first"]
    assert reader.ask("snapshots")["reason"].to_list() == ["second", "first"]
    reader.close()
    shown = CliRunner().invoke(cli.main, ["snapshots"]).output.splitlines()
    assert [line.split()[0] for line in shown] == ["1", "2", "1"]
    assert [line.endswith("in use") for line in shown] == [False, False, True]
    publish("third")
    assert open_store().current().number == 3
    assert ask("snapshots")["reason"].to_list() == ["third", "first"]


@pytest.mark.usefixtures("lake")
def test_what_no_snapshot_needs_goes_once_no_reader_can_need_it(data_folder: Path) -> None:
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text("keep_snapshots = 1")
    for number in range(2):
        publish(str(number))
    assert [snapshot.number for snapshot in open_store().all()] == [1, 2]
    reader = db.open_warehouse(1)
    open_store().tidy()
    assert [snapshot.number for snapshot in open_store().all()] == [1, 2]
    assert reader.ask("snapshots").height == 1
    with catalogue() as connection:
        connection.execute(
            "update ducklake_snapshot set snapshot_time = snapshot_time - interval '2 hours'"
        )
    orphan = files()[0].with_name("left-by-a-killed-writer.parquet")
    orphan.write_bytes(b"half")
    stranger = Path(os.environ["LEADERBOARD_WAREHOUSE_FILES"]) / "run.parquet"
    stranger.write_bytes(b"another's")
    for path in (orphan, stranger):
        os.utime(path, (0, 0))
    before = len(files())
    assert CliRunner().invoke(cli.main, ["tidy"]).exit_code == 0
    assert [snapshot.number for snapshot in open_store().all()] == [2]
    with pytest.raises(BrokenSnapshot, match="cannot be read"):
        reader.ask("snapshots")
    reader.close()
    assert not orphan.exists()
    assert stranger.exists(), "only the lake's own folder is tidied up"
    with catalogue() as connection:
        connection.execute(
            "update ducklake_files_scheduled_for_deletion "
            "set schedule_start = schedule_start - interval '2 days'"
        )
    open_store().tidy()
    assert len(files()) < before
    assert ask("snapshots")["reason"].to_list() == ["1", "0"]


KILLED = """
import os, signal
from ingest import loading, runs
with loading.open_draft("killed") as draft:
    runs.load_runs(draft, runs.find_folders([]), None)
    draft.load = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.usefixtures("lake")
def test_a_writer_that_is_killed_leaves_no_trace_and_no_lock() -> None:
    make_run("baseline:random")
    load_everything()
    make_run("baseline:majority")
    before, kept = open_store().all(), len(files())
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=REPOSITORY, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert open_store().all() == before
    assert len(files()) > kept
    load_everything()
    assert ask("runs").height == 2


@pytest.mark.usefixtures("lake")
def test_who_cannot_write_for_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0)
    with (
        drafts.open_draft("first"),
        pytest.raises(WarehouseInUse, match="Others have been writing ducklake:postgres:"),
    ):
        publish("second")


def move_out(run_id: str, folder: Path) -> Path:
    return (settings.runs_folder() / run_id).rename(folder / run_id)


INGEST = [sys.executable, "-m", "ingest", "runs"]


@pytest.mark.slow
@pytest.mark.usefixtures("lake")
def test_what_four_ingest_at_once_is_all_there(tmp_path: Path) -> None:
    made = [make_run("baseline:random", str(number)).run_id for number in range(4)]
    brought = [move_out(run_id, tmp_path) for run_id in made]  # a kept one is loaded by any
    ingesting = [
        subprocess.Popen([*INGEST, str(folder)], cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        for folder in brought
    ]
    seen = []
    while any(process.poll() is None for process in ingesting):
        if open_store().all():
            opened = db.open_warehouse()
            seen.append(opened.ask("run_keys").height)
            opened.close()
    assert [process.returncode for process in ingesting] == [0] * 4
    assert seen == sorted(seen)
    assert sorted(ask("run_keys")["run_id"]) == sorted(made)
    assert [snapshot.number for snapshot in open_store().all()] == [1, 2, 3, 4]


@pytest.mark.slow
def test_a_lake_is_kept_in_a_bucket(lake_on_s3: str, demo: Path, tmp_path: Path) -> None:
    native = str(demo / "warehouse")
    copy(native, lake_on_s3)
    make_run("baseline:random", "7")
    load_everything()
    assert ask("run_keys").height == 4
    assert files() == []
    opened = db.open_warehouse()
    export.export(opened, tmp_path / "out")
    opened.close()
    exported = str(locating.file_store().folder)
    assert leaderboard(exported).equals(leaderboard(lake_on_s3), null_equal=True)


def test_an_export_of_a_lake_is_what_typed_statements_read(lake: str, tmp_path: Path) -> None:
    make_run("baseline:random")
    load_everything()
    assert not settings.copies_folder().exists()
    for name in ("first", "again"):
        opened = db.open_warehouse()
        assert export.export(opened, tmp_path / name) == 1
        opened.close()
    copies = locating.file_store()
    assert [snapshot.number for snapshot in copies.all()] == [1]
    assert (tmp_path / "again" / "leaderboard.duckdb").read_bytes() == copies.find(
        1
    ).path.read_bytes()
    assert leaderboard(str(copies.folder)).equals(leaderboard(lake), null_equal=True)


@pytest.mark.slow
@pytest.mark.usefixtures("lake")
def test_no_number_is_used_for_two_contents(data_folder: Path, tmp_path: Path) -> None:
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text("keep_snapshots = 1")
    for number in range(3):
        publish(str(number))
    opened = db.open_warehouse()
    export.export(opened, tmp_path / "three")
    opened.close()
    open_store().use(2)
    with catalogue() as connection:
        connection.execute(
            "update ducklake_snapshot set snapshot_time = snapshot_time - interval '2 hours'"
        )
    open_store().tidy()
    assert [snapshot.number for snapshot in open_store().all()] == [2]
    opened = db.open_warehouse()
    export.export(opened, tmp_path / "two")
    assert copying.is_same(locating.file_store().current(), opened)
    opened.close()
    publish("other")
    assert open_store().current().number == 4
