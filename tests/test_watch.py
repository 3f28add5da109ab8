"""Does `python -m ingest watch` load each run folder once it is finished, and only one of them?"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from ingest import watch
from tests.conftest import REPOSITORY, ask, make_run
from warehouse import locating, settings, snapshots
from warehouse.errors import WarehouseInUse


class Stopped(Exception):
    """Ends a watch."""


def watch_while(*steps: Callable[[], object]) -> list[str]:
    """Watch, with a step after each look; returns what was told."""
    told: list[str] = []
    left: Iterator[Callable[[], object]] = iter(steps)

    def pause() -> None:
        step = next(left, None)
        if step is None:
            raise Stopped
        step()

    with pytest.raises(Stopped):
        watch.watch(told.append, pause, None)
    return told


def nothing() -> None:
    pass


def test_a_run_is_loaded_at_the_next_look_after_it_is_finished() -> None:
    made: list[str] = []
    told = watch_while(
        lambda: made.append(make_run("baseline:random").run_id),
        nothing,
        lambda: made.append(make_run("baseline:majority").run_id),
        nothing,
    )
    assert told == [f"Loaded {run} (snapshot {number})." for number, run in enumerate(made, 1)]
    assert sorted(ask("run_keys")["run_id"]) == sorted(made)
    assert ask("snapshots").height == 2


def test_a_refused_run_is_told_once_and_again_when_its_record_changes() -> None:
    folder = settings.runs_folder() / make_run("baseline:random").run_id
    good = (folder / "run.json").read_text()

    def write(text: str, at: int) -> None:
        (folder / "run.json").write_text(text)
        os.utime(folder / "run.json", ns=(at, at))

    write("{", 1)
    told = watch_while(nothing, nothing, lambda: write(good, 2), nothing)
    assert [said.partition(":")[0] for said in told] == [
        f"Refused {folder.name}",
        f"Loaded {folder.name} (snapshot 2).",
    ]
    assert ask("quarantine").is_empty()


@pytest.mark.files
def test_a_look_while_another_process_writes_is_made_again() -> None:
    run_id = make_run("baseline:random").run_id
    writing = locating.find_store().write(lambda: False)
    writing.__enter__()
    told = watch_while(nothing, lambda: writing.__exit__(None, None, None), nothing)
    assert told[0].startswith("Error: Another process is writing")
    assert told[1:] == [f"Loaded {run_id} (snapshot 1)."]


@pytest.mark.files
def test_a_full_disk_is_told_and_the_watch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_run("baseline:random").run_id
    honest = snapshots.publish

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "publish", full)
    later: list[str] = []

    def mend() -> None:
        monkeypatch.setattr(snapshots, "publish", honest)
        later.append(make_run("baseline:majority").run_id)

    told = watch_while(nothing, mend, nothing)
    assert told == [
        "Error: [Errno 28] No space left on device",
        f"Loaded {', '.join(sorted([first, *later]))} (snapshot 1).",
    ]


def test_a_second_watch_is_refused() -> None:
    def watch_again() -> None:
        with pytest.raises(WarehouseInUse, match="Another process is watching"):
            watch.watch(print, nothing, None)

    watch_while(watch_again)


@pytest.mark.slow
def test_a_killed_watch_is_simply_started_again() -> None:
    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "ingest", "watch", "--every", "0.1"]
        return subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=environment
        )

    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    first = make_run("baseline:random").run_id
    for number, run_id in ((1, first), (2, None)):
        made = run_id or make_run("baseline:majority").run_id
        process = start()
        assert process.stdout is not None
        assert process.stdout.readline() == f"Loaded {made} (snapshot {number}).\n"
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert ask("run_keys").height == 2


SMALL_FILES = """
import resource, sys
from ingest import cli, watch
from warehouse import settings

looks = []
limit = int(sys.argv[1])
room = resource.getrlimit(resource.RLIMIT_FSIZE)

def pause():
    looks.append("")
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit if len(looks) < 2 else room[0], room[1]))
    if len(looks) == 4:
        raise SystemExit(0)

resource.setrlimit(resource.RLIMIT_FSIZE, (limit, room[1]))
watch.watch(lambda said: print(said, flush=True), pause, None)
"""


@pytest.mark.files
@pytest.mark.parametrize(
    "limit",
    [
        100_000,
        *(pytest.param(limit, marks=pytest.mark.slow) for limit in (3_000, 200_000, 1_000_000)),
    ],
)
def test_a_disk_that_is_full_for_a_while_is_told_and_what_waits_is_loaded_then(limit: int) -> None:
    run_id = make_run("baseline:random").run_id
    done = subprocess.run(
        [sys.executable, "-c", SMALL_FILES, str(limit)],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("Error: ")
    assert "too large" in first or "disk" in first
    assert last == f"Loaded {run_id} (snapshot 1)."
    assert not list(settings.snapshots_folder().glob(".draft*"))
