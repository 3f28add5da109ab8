"""An ingest killed anywhere leaves the old snapshot readable, and the next one is right."""

import faulthandler
import multiprocessing
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evaluator.baselines import BASELINES
from ingest.cli import main
from tests.conftest import load_everything, make_run
from tests.stress.hooks import PATIENCE, Sitting, count_events, hook_disk
from warehouse import db, drafts, locating, settings, snapshots

pytestmark = pytest.mark.slow
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.stress.test_ingest_kills"])
COMMANDS = ("runs", "rebuild")
PARTS = 4  # of the events, so that two processes share them
Tables = dict[str, list[tuple[Any, ...]]]


def ingest(data: Path, command: str, stop_at: int | None, seconds: float | None) -> None:
    """Run ingest, in a process of its own, that is killed at an event or after so long."""
    os.environ["LEADERBOARD_DATA"] = str(data)
    faulthandler.dump_traceback_later(PATIENCE, file=stack(data).open("w"))
    happen = count_events(Sitting(stop_at=stop_at), data)
    hook_disk(happen)
    hook_database(lambda kind: happen(kind, data / "warehouse"))
    if seconds is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    main([command], standalone_mode=False)


def hook_database(happen: Callable[[str], None]) -> None:
    """Tell of each step of a draft, before and after it; and of a copy when half is copied."""

    def hook(owner: Any, name: str) -> None:
        honest = getattr(owner, name)

        def hooked(*arguments: Any, **named: Any) -> Any:
            happen(f"before-{name}")
            answer = honest(*arguments, **named)
            happen(f"after-{name}")
            return answer

        setattr(owner, name, hooked)

    for name in ("load", "derive", "audit"):
        hook(drafts.Draft, name)
    hook(duckdb, "connect")
    copy = shutil.copyfile

    def copy_in_halves(source: Path, target: Path) -> None:
        content = Path(source).read_bytes()
        Path(target).write_bytes(content[: len(content) // 2])
        happen("half-copied")
        copy(source, target)

    setattr(shutil, "copyfile", copy_in_halves)  # noqa: B010


def run(data: Path, command: str, stop_at: int | None = None, seconds: float | None = None) -> int:
    """Return how the process ended: 0, or the negative signal that killed it."""
    process = FORKS.Process(target=ingest, args=(data, command, stop_at, seconds))
    process.start()
    process.join(PATIENCE + 5)
    if process.exitcode is None:
        process.kill()
        pytest.fail(f"The ingest hangs. {stack(data).read_text()}")
    stack(data).unlink()
    return process.exitcode


def stack(data: Path) -> Path:
    """Where an ingest that hangs writes down what it is at."""
    return data.with_name(f"{data.name}.stack")


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
