"""Workers where the ledger, the disk or the memory fails: what is answered is handed over, once."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import update

from evaluator import work
from evaluator.work import Worker
from tests import ledgers
from tests.conftest import make_run
from tests.slow_cases import slow
from tests.test_ledger_faults import impatient, locked
from tests.test_work import long_ago, wait_in_queue
from warehouse.ledger import queue
from warehouse.ledger.opening import Ledger, ledger_address, open_ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find, history
from warehouse.ledger.tables import submissions

__all__ = ["impatient"]  # a fixture
ledger = ledgers.own_ledger
MEMORY = Path("/sys/fs/cgroup/memory")
UNTIL = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.05)"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A run that is finished already; its command ends once this file is there."""
    path = tmp_path / "gate"
    make_run("baseline:majority")
    monkeypatch.setattr(work, "command", lambda *_: [sys.executable, "-c", UNTIL, str(path)])
    monkeypatch.setattr(work, "BEAT", 0.25)
    for module in (work, sys.modules["evaluator.daemon"]):
        monkeypatch.setattr(module, "AGAIN", 0.25)
    return path


@contextmanager
def working(worker: Worker) -> Iterator[threading.Thread]:
    """A worker that takes one submission, beside whatever happens in the block; ended after it."""
    thread = threading.Thread(target=worker.work, kwargs={"once": True})
    thread.start()
    try:
        yield thread
        thread.join(60)
        assert not thread.is_alive()
    finally:
        worker.stop.set()
        thread.join()


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        Event().wait(0.05)  # another process or thread brings it about, and tells nobody
    pytest.fail("It did not come about.")


def steps(ledger: Ledger, number: int) -> list[State]:
    return [event.state for event in history(ledger, number)][3:]


def test_a_ledger_that_is_locked_for_many_beats_ends_no_run(
    ledger: Ledger, impatient: float, gate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = wait_in_queue(ledger, "baseline:majority", "seed-0")
    with working(Worker(ledger, "w", Event())):
        until(lambda: find(ledger, number).state == State.RUNNING)
        with locked(ledger_address()):
            until(lambda: capsys.readouterr().err.count("does not answer") > 0)
            until(lambda: capsys.readouterr().err.count("does not answer") > 0)
            gate.touch()  # the run ends while nobody can be told
            until(lambda: capsys.readouterr().err.count("does not answer") > 0)
            assert find(ledger, number).state == State.RUNNING
    assert steps(ledger, number) == ["running", "ingesting"]
    assert impatient


@pytest.mark.postgres
def test_answers_are_handed_over_once_a_database_that_was_stopped_is_back(
    gate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ledgers.serve_postgres() as server:
        ledger = open_ledger(server.address)
        number = wait_in_queue(ledger, "baseline:majority", "seed-0")
        with working(Worker(ledger, "w", Event())):
            until(lambda: find(ledger, number).state == State.RUNNING)
            server.stop()
            gate.touch()
            until(lambda: capsys.readouterr().err.count("does not answer") > 0)
            server.start()
        assert steps(ledger, number) == ["running", "ingesting"]
        ledger.close()


def test_a_worker_that_is_stopped_while_the_ledger_is_locked_ends_and_nothing_is_lost(
    ledger: Ledger, impatient: float, gate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = wait_in_queue(ledger, "baseline:majority", "seed-0")
    worker = Worker(ledger, "w", Event())
    with working(worker) as thread:
        until(lambda: find(ledger, number).state == State.RUNNING)
        with locked(ledger_address()):
            gate.touch()
            until(lambda: capsys.readouterr().err.count("does not answer") > 0)
            worker.stop.set()
            thread.join(60)
            assert not thread.is_alive()
    assert find(ledger, number).state == State.RUNNING
    long_ago(ledger)
    Worker(open_ledger(), "next", Event()).work(once=True)  # which saw no ledger that was away
    assert steps(ledger, number) == ["running", "pending", "running", "ingesting"]
    assert impatient


NONSENSE = [
    ({"tasks": "sample\0"}, "not-understood"),
    ({"protocol": "other-essays"}, "crashed"),
    ({"tasks": "nine and a half"}, "unknown-task"),
    ({"tasks": "sample," * 100_000}, "not-understood"),
    (
        {"protocol": "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")},
        "unknown-protocol",
    ),
    ({"precision": "float7"}, "crashed"),
    ({"model": ""}, "model-not-found"),
]


@pytest.mark.parametrize(("change", "code"), [*NONSENSE[:3], *slow(NONSENSE[3:])])
def test_nonsense_in_the_queue_fails_and_the_next_goes_on(
    change: dict[str, str], code: str, ledger: Ledger
) -> None:
    odd = wait_in_queue(ledger, "baseline:majority", "seed-0")
    with ledger.write() as connection:
        connection.execute(update(submissions).values(change))
    good = wait_in_queue(ledger, "baseline:random", "seed-0")
    worker = Worker(ledger, "w", Event())
    assert [worker.work(once=True), worker.work(once=True)] == [1, 1]
    assert (find(ledger, odd).state, find(ledger, odd).code) == (State.FAILED, code)
    assert find(ledger, odd).message
    assert find(ledger, good).state == State.INGESTING


@pytest.mark.parametrize("megabytes", [300, pytest.param(600, marks=pytest.mark.slow)])
def test_a_run_without_enough_memory_says_so_and_the_next_goes_on(
    megabytes: int, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = (
        wait_in_queue(ledger, "toy:llama"),
        wait_in_queue(ledger, "baseline:random", "seed-0"),
    )
    size = megabytes * 2**20

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    with monkeypatch.context() as patch:
        patch.setattr(work, "die_with_parent", limit)
        Worker(ledger, "w", Event()).work(once=True)
    found = find(ledger, large)
    assert (found.state, found.code) == (State.FAILED, "out-of-memory"), found.log
    assert "memory" in str(found.message)
    Worker(ledger, "w", Event()).work(once=True)
    assert find(ledger, small).state == State.INGESTING


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group whose processes may use 250 MB together, or the kernel kills one."""
    path = MEMORY / f"test-{os.getpid()}"
    try:
        path.mkdir()
        (path / "memory.limit_in_bytes").write_text(str(250 * 2**20))
    except OSError:
        pytest.skip(f"no {MEMORY} to write to; it needs root, and version 1 of control groups")
    yield path
    path.rmdir()


def test_a_run_that_the_kernel_kills_for_want_of_memory_says_so(
    group: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = wait_in_queue(ledger, "toy:llama")

    def join_group() -> None:
        (group / "cgroup.procs").write_text(str(os.getpid()))

    monkeypatch.setattr(work, "die_with_parent", join_group)
    Worker(ledger, "w", Event()).work(once=True)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.FAILED, "killed"), found.log
    assert "memory did not suffice" in str(found.message)


@pytest.fixture
def small_disk(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder on a disk of 512 KB, and the ledger on another."""
    data_folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(data_folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no small disk; mounting one needs root")
    elsewhere = data_folder.with_name("ledger.sqlite")
    monkeypatch.setenv("LEADERBOARD_LEDGER", f"sqlite:///{elsewhere}")
    yield data_folder
    subprocess.run(["umount", str(data_folder)], check=True)


def fill_up(path: Path, left: int) -> None:
    """Fill the disk, but for about so many bytes."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(path, path.stat().st_size - left)


@pytest.mark.parametrize("left", [0, 16_384])
def test_a_disk_without_room_for_log_or_answers_is_told_and_gone_on_with(
    left: int, small_disk: Path
) -> None:
    ledger = open_ledger()
    number = wait_in_queue(ledger, "baseline:majority", "seed-0")
    fill_up(small_disk / "filler", left)
    Worker(ledger, "w", Event()).work(once=True)
    found = find(ledger, number)
    assert (found.state, found.code, found.attempt) == (State.PENDING, "disk-full", 1), found.log
    assert "No space is left on the disk" in str(found.message)
    assert queue.claim(ledger, "w") is None, "it rests"
    long_ago(ledger)
    (small_disk / "filler").unlink()
    Worker(ledger, "w", Event()).work(once=True)
    assert find(ledger, number).state == State.INGESTING
    ledger.close()
