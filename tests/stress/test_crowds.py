"""Many processes at once on one run: one works, the others say why they do not."""

import random
import signal
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from tests.forks import FORKS
from tests.stress.commands import end, plan_size, read_outcome, start, unbroken
from tests.stress.commands import stop_and_resume as resume
from tests.stress.events import PATIENCE, Sitting

pytestmark = pytest.mark.slow
CROWD = 6


@pytest.mark.parametrize("_", range(3))
def test_of_six_processes_one_works_and_five_refuse(_: int, tmp_path: Path) -> None:
    gate = FORKS.Event()
    crowd = [start(tmp_path, Sitting(held_by=gate)) for _ in range(CROWD)]
    left = [process.sentinel for process in crowd]
    while len(left) > 1 and (gone := wait(left, PATIENCE)):
        left = [sentinel for sentinel in left if sentinel not in gone]
    gate.set()  # nobody has an answer yet
    working = [process for process in crowd if process.sentinel in left]
    ended = [end(tmp_path, process) for process in crowd if process not in working]
    last = [end(tmp_path, process) for process in working]
    assert [it.code for it in last] == [0], "one process works"
    assert [it.code for it in ended] == [1] * (CROWD - 1)
    assert all("(run-in-use): Another process is writing" in it.said for it in ended)
    assert [it.answers for it in ended] == [0] * (CROWD - 1)
    assert read_outcome(tmp_path).differs_from(unbroken(1500)[0]) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_of_which_each_is_killed_some_time_makes_a_whole_run(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    codes: set[int | None] = set()
    for _ in range(6):
        crowd = [start(tmp_path, Sitting(seconds=chance.uniform(0.1, 2.0))) for _ in range(CROWD)]
        ended = [end(tmp_path, process) for process in crowd]
        codes |= {it.code for it in ended}
        assert all("Another process" in it.said for it in ended if it.code == 1)
    assert codes <= {0, 1, -signal.SIGPROF}
    assert plan_size(tmp_path) == 1500
    assert resume(tmp_path) == []
