"""Checker, worker and watcher killed at everything they do: each submission still ends once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluator import cli
from ingest import watch
from tests.conftest import REPOSITORY, ask
from tests.forks import fork
from tests.stress.events import Happen, Sitting, count_events, hook_disk
from tests.stress.ingests import hook_database
from tests.test_upkeep import MAINTAINER
from tests.test_work import long_ago
from warehouse.ledger import upkeep
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, find, find_all, history, submit

pytestmark = pytest.mark.slow
ROLES = ("checker", "worker", "watcher")
TELLING = ("before-transaction", "in-transaction", "after-transaction", "name")
STEPS = ("submitted", "checking", "pending", "running", "ingesting", "finished")
ASKED = Asked(
    model="baseline:random", precision="float32", protocol="loglikelihood-0shot", tasks="sample"
)


def act(data: Path, role: str, stop_at: int | None) -> None:
    """Do one thing of a role, in a process of its own that does not get past an event."""
    os.environ["LEADERBOARD_DATA"] = str(data)
    happen = count_events(Sitting(stop_at=stop_at), data)
    hook_disk(happen)
    hook_ledger(happen, data / "ledger.sqlite")
    if role == "watcher":
        hook_database(lambda kind: happen(kind, data / "warehouse"))
        with pytest.raises(SystemExit):
            watch.watch(print, lambda: sys.exit(0), None)
        return
    command = {"checker": "check-queue", "worker": "work"}[role]
    done = CliRunner().invoke(cli.main, [command, "--once", "--name", role])
    assert done.exit_code == 0, done.output


def hook_ledger(happen: Happen, file: Path) -> None:
    """Tell of each transaction that writes: before it, when it is about to be final, and after."""
    honest = Ledger.write

    @contextmanager
    def write(self: Ledger) -> Iterator[Any]:
        happen("before-transaction", file)
        with honest(self) as connection:
            yield connection
            happen("in-transaction", file)
        happen("after-transaction", file)

    setattr(Ledger, "write", write)  # noqa: B010


def run(data: Path, role: str, stop_at: int | None = None) -> int:
    """Return how the process ended: 0, or the negative signal that killed it."""
    process = fork(act, data, role, stop_at)
    process.join(120)
    assert process.exitcode is not None, f"the {role} hangs"
    return process.exitcode


@contextmanager
def queue_in(data: Path) -> Iterator[Ledger]:
    """A ledger with a submission that nobody has taken yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(data))
        ledger = open_ledger()
        submit(ledger, ASKED, MAINTAINER)
        yield ledger
        ledger.close()


@cache
def events_of(role: str, data: Path) -> list[str]:
    """What each does where nothing stops it."""
    with queue_in(data) as ledger:
        for one in ROLES:
            assert run(data, one) == 0
            journal = max(data.glob("events.*"), key=lambda path: path.stat().st_mtime_ns)
            if one == role:
                return journal.read_text().splitlines()
        assert find(ledger, 1).state == State.FINISHED
    raise AssertionError


def faults(data: Path, role: str, stop_at: int) -> list[str]:
    """What is wrong where one was killed and others went on."""
    with queue_in(data) as ledger:
        for one in ROLES:
            if one == role and (code := run(data, one, stop_at)) not in (0, -signal.SIGKILL):
                return [f"it ended by itself: {code}"]
            long_ago(ledger)
            if code := run(data, one):
                return [f"the next {one} ends with {code}"]
        steps = Counter(event.state for event in history(ledger, 1))
        found = []
        if find(ledger, 1).state != State.FINISHED or steps[State.FINISHED] != 1:
            found.append(f"it is {find(ledger, 1).state} after {dict(steps)}")
        if any(steps[State(step)] > 2 for step in STEPS):
            found.append(f"it took its steps too often: {dict(steps)}")
        if list(ask("runs")["run_id"]) != [find(ledger, 1).run_id]:
            found.append("its run is not in the warehouse, or others are")
        return found


@pytest.mark.parametrize("role", ROLES)
def test_killed_at_anything_it_does(role: str, tmp_path: Path) -> None:
    events = events_of(role, tmp_path / "unbroken")
    assert len(events) > 8, events
    assert {"before-transaction", "in-transaction"} <= {line.split()[0] for line in events}
    found = {
        f"{place}: {name}": wrong
        for place, name in enumerate(events)
        if (role != "watcher" or name.split()[0] in TELLING)  # its loading is tested elsewhere
        and (wrong := faults(tmp_path / str(place), role, place))
    }
    assert found == {}


BRISK = """
import sys
from datetime import timedelta
from warehouse.ledger import queue
queue.LEASE, queue.REST = timedelta(seconds=8), timedelta(seconds=1)
"""
COMMANDS = {
    "checker": (f"{BRISK}from evaluator.cli import run_safely; run_safely()", "check-queue"),
    "worker": (f"{BRISK}from evaluator.cli import run_safely; run_safely()", "work"),
    "watcher": (f"{BRISK}from ingest.cli import run_safely; run_safely()", "watch", "--every", "1"),
}
CROWD = ("checker", "worker", "worker", "watcher")
SUBMISSIONS, TOYS = 50, 4
SECONDS = 110  # in which processes are killed
PATIENCE = 300  # seconds in which all is to be finished then


def start(role: str) -> "subprocess.Popen[bytes]":
    script, *arguments = COMMANDS[role]
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_fifty_submissions_are_each_finished_once_whatever_is_killed(data_folder: Path) -> None:
    chance, kills = random.Random(5), Counter[str]()
    ledger = open_ledger()
    for place in range(SUBMISSIONS):
        model = "toy:llama" if place % (SUBMISSIONS // TOYS) == 1 else "baseline:random"
        asked = ASKED.model_copy(update={"model": model, "revision": str(place)})
        submit(ledger, asked, MAINTAINER)
    crowd = [(role, start(role)) for role in CROWD]
    until, end = time.monotonic() + SECONDS, time.monotonic() + SECONDS + PATIENCE
    try:
        while any(one.state != State.FINISHED for one in find_all(ledger)):
            assert time.monotonic() < end, Counter(one.state for one in find_all(ledger))
            time.sleep(chance.uniform(0.2, 4))
            for one in find_all(ledger, (State.FAILED, State.REJECTED)):
                assert one.code in ("worker-died", "check-died"), one
                upkeep.retry(ledger, one.number, MAINTAINER, "It was killed too often.")
            place = chance.randrange(len(crowd))
            role, process = crowd[place]
            assert process.poll() is None, f"a {role} ended by itself"
            if time.monotonic() < until:
                process.kill()
                process.wait()
                kills[role] += 1
                crowd[place] = role, start(role)
    finally:
        for _, process in crowd:
            process.terminate()
        for _, process in crowd:
            process.wait(60)
    found = find_all(ledger)
    for one in found:
        steps = [event.state for event in history(ledger, one.number)]
        assert steps.count(State.FINISHED) == 1
        assert steps[-1] == State.FINISHED
    runs = list(ask("runs")["run_id"])
    assert sorted(runs) == sorted(str(one.run_id) for one in found)
    assert len(set(runs)) == SUBMISSIONS
    assert all(kills[role] > 2 for role in ROLES), kills
    assert data_folder.exists()
    ledger.close()
