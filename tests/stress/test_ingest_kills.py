"""An ingest killed anywhere leaves the old snapshot readable, and the next one is right."""

import multiprocessing
import random
import shutil
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from evaluator.baselines import BASELINES
from tests.conftest import load_everything, make_run
from tests.stress.events import PATIENCE
from tests.stress.ingests import ingest, stack
from warehouse import db, locating, settings, snapshots

pytestmark = pytest.mark.slow
FRESH = multiprocessing.get_context("spawn")  # as its commands start, with no threads yet
COMMANDS = ("runs", "rebuild")
PARTS = 4  # of the events, so that two processes share them
Tables = dict[str, list[tuple[Any, ...]]]


def run(data: Path, command: str, stop_at: int | None = None, seconds: float | None = None) -> int:
    """Return how the process ended: 0, or the negative signal that killed it."""
    process = FRESH.Process(target=ingest, args=(data, command, stop_at, seconds))
    process.start()
    process.join(PATIENCE + 5)
    if process.exitcode is None:
        process.kill()
        pytest.fail(f"The ingest hangs. {stack(data).read_text()}")
    stack(data).unlink()
    return process.exitcode


def read_tables() -> Tables:
    """Every row of every table of the snapshot in use, but for the list of snapshots."""
    with locating.find_store().current().connect() as connection:
        names = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {
            name: sorted(connection.table(name).fetchall(), key=repr)
            for (name,) in names
            if name != "snapshots"
        }


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A published run, and two that are finished and not loaded yet."""
    data: Path = tmp_path_factory.mktemp("before")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(data))
        first, *others = BASELINES
        make_run(first)
        load_everything()
        for model in others:
            make_run(model)
    yield data


@cache
def unbroken(before: Path, command: str) -> tuple[list[str], Tables, Tables]:
    """The events of an ingest that nothing stops, and the tables before and after it."""
    data = before.with_name(f"unbroken-{command}")
    shutil.copytree(before, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(data))
        old = read_tables()
        assert run(data, command) == 0
        (journal,) = data.glob("events.*")
        return journal.read_text().splitlines(), old, read_tables()


def faults(before: Path, data: Path, command: str, **stop: Any) -> list[str]:
    """What is wrong after an ingest was killed, and after the same command was given again."""
    _, old, new = unbroken(before, command)
    shutil.copytree(before, data)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(data))
        if run(data, command, **stop) not in (-signal.SIGKILL, -signal.SIGALRM, 0):
            found.append("it ended by itself, with an error")
        if read_tables() not in (old, new):
            found.append("the snapshot in use is neither the old nor the new one")
        if run(data, command) != 0:
            found.append("the next ingest fails")
        elif read_tables() != new:
            found.append("the next ingest gives other tables")
        folder = settings.snapshots_folder()
        if left := [path.name for path in folder.glob(".*") if path.name != ".lock"]:
            found.append(f"left over: {left}")
        for snapshot in snapshots.list_snapshots(folder):
            db.Warehouse(snapshot).close()  # raises where it is not whole
    shutil.rmtree(data)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_there_are_events_of_each_kind(before: Path, command: str) -> None:
    events, _, new = unbroken(before, command)
    kinds = {event.split()[0].removeprefix("before-") for event in events}
    copied = {"half-copied"} if command == "runs" else set()
    expected = {"fsync", "name", "write", "connect", "load", "derive", "audit"}
    assert {kind for kind in kinds if not kind.startswith("after-")} == expected | copied
    assert len(events) > 25
    assert len(new["runs"]) == len(BASELINES)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_anything_it_does(before: Path, tmp_path: Path, command: str, part: int) -> None:
    events, *_ = unbroken(before, command)
    found = {}
    for place in range(part, len(events), PARTS):
        if wrong := faults(before, tmp_path / str(place), command, stop_at=place):
            found[f"{place}: {events[place]}"] = wrong
    assert found == {}


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_by_the_clock(before: Path, tmp_path: Path, command: str) -> None:
    chance = random.Random(command)
    moments = [chance.uniform(0.01, 0.6) for _ in range(10)]
    found = {
        moment: wrong
        for moment in moments
        if (wrong := faults(before, tmp_path / str(moment), command, seconds=moment))
    }
    assert found == {}
