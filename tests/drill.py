"""A busy day at a server, squeezed into minutes: who works there, and what happens when.

An hour takes `HOUR` seconds, and what the program counts in minutes or hours (leases, rests, how
long news may wait to be published) is as much shorter, so that nothing is waited for that long.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.serving import PAGE
from tests.conftest import REPOSITORY
from tests.stress.clinic import PATIENCE, Staff
from warehouse.ledger.cases import Mistake
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.submissions import Asked, submit

HOURS, HOUR = 24, 9.0
NIGHT = 6  # hours at the beginning, in which alone the publisher is killed
LOOK = 0.5  # seconds between two looks at memory and disk
KEPT = 2  # snapshots beside the one in use
SUBMITTERS, REVIEWERS = 12, 4
SHIFT = 3  # hours after which cases come to be reviewed, and a backup is taken
CASES = 12  # that come with each shift
KILLS = {"worker-1": 10, "checker": 5, "watcher": 3}
"""How often each is killed; `worker-2` and the dashboard live through the day."""
BRISK = f"""
import sys
from datetime import timedelta
from ingest import ledger_copy
from warehouse.ledger import queue
queue.LEASE, queue.REST = timedelta(seconds=8), timedelta(seconds=1)
ledger_copy.ALONE = timedelta(seconds={HOUR})
"""
EVALUATE = f"{BRISK}from evaluator.cli import run_safely; run_safely()"
PUBLISH = f"{BRISK}from ingest.cli import run_safely; run_safely()"
COMMANDS = {
    "checker": (EVALUATE, "check-queue"),
    "worker-1": (EVALUATE, "work"),
    "worker-2": (EVALUATE, "work"),
    "watcher": (PUBLISH, "watch", "--every", "1"),
}
RANDOM = Asked(
    model="baseline:random", precision="float32", protocol="loglikelihood-0shot", tasks="sample"
)
KINDS = {
    "answered in no time": ({"model": "baseline:random"}, 8),
    "answered by a network": ({"model": "toy:llama"}, 2),
    "impossible to run": ({"protocol": "loglikelihood-5shot"}, 1),
    "not there": ({"model": "./nowhere"}, 1),
}
"""What is submitted, and how many of each dozen."""


class Look(NamedTuple):
    """What was seen of the server at one moment."""

    hour: float
    resident: dict[str, int]
    """Bytes of each process, without those that it started."""
    snapshots: int
    drafts: int
    """Files of snapshots in the making."""
    disk: int
    """Bytes of all snapshots and drafts."""


@dataclass
class Day:
    """The processes, what befalls them, and what is seen."""

    data: Path
    ledger: Ledger
    staff: Staff
    dashboard: int
    """Its process."""
    seed: int
    wrong: list[Mistake]
    """Answers to be judged, of which some come with each shift."""
    crowd: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    looks: list[Look] = field(default_factory=list)
    backups: list[tuple[Path, "subprocess.Popen[bytes]"]] = field(default_factory=list)
    submitted: Counter[str] = field(default_factory=Counter)
    begun: float = field(default_factory=time.monotonic)

    @property
    def hour(self) -> float:
        return (time.monotonic() - self.begun) / HOUR

    def plan(self) -> list[tuple[float, Callable[[], None]]]:
        """What happens at which hour; the same for the same seed."""
        chance = random.Random(self.seed)
        kinds = [kind for kind, (_, count) in KINDS.items() for _ in range(count)]
        chosen = [kind for _ in range(4) for kind in chance.sample(kinds, len(kinds))]
        plan: list[tuple[float, Callable[[], None]]] = [
            (chance.uniform(0, HOURS - 1), partial(self.submit, place, kind))
            for place, kind in enumerate(chosen)
        ]
        for role, count in KILLS.items():
            latest = NIGHT if role == "watcher" else HOURS
            plan += [(chance.uniform(0.5, latest), partial(self.kill, role)) for _ in range(count)]
        for hour in range(1, HOURS, SHIFT):
            plan.append((hour, self.begin_shift))
            plan.append((hour + chance.uniform(0, SHIFT), self.back_up))
            plan += [
                (hour + chance.uniform(0, 0.2), partial(self.staff.kill, place))
                for place in chance.sample(range(REVIEWERS), 2)
            ]
        return sorted(plan, key=lambda due: due[0])

    def submit(self, place: int, kind: str) -> None:
        who = Person(f"submitter.{place % SUBMITTERS}@example.org")
        facts, _ = KINDS[kind]
        submit(self.ledger, RANDOM.model_copy(update={"revision": str(place)} | facts), who)
        self.submitted[kind] += 1

    def start(self, role: str) -> None:
        script, *arguments = COMMANDS[role]
        with (self.data / f"said.{role}").open("ab") as said:
            self.crowd[role] = subprocess.Popen(
                [sys.executable, "-c", script, *arguments],
                cwd=REPOSITORY,
                env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
                stdout=said,
                stderr=said,
            )

    def kill(self, role: str) -> None:
        """SIGKILL, wherever it is, and start it anew."""
        process = self.crowd[role]
        assert process.poll() is None, f"the {role} ended by itself"
        process.kill()
        process.wait()
        self.kills[role] += 1
        self.start(role)

    def begin_shift(self) -> None:
        """More cases are there to be reviewed, and everyone sits down at them."""
        for process in self.staff.reviewers:
            process.join(PATIENCE)  # the last shift has long gone home
            assert process.exitcode == 0, "a reviewer hangs, or ended otherwise"
        self.staff.answers = self.wrong[: len(self.staff.answers) + CASES]
        self.staff.reviewers[:] = [self.staff.hire(place) for place in range(REVIEWERS)]

    def back_up(self) -> None:
        file = self.data.parent / f"backup.{len(self.backups)}"
        command = [sys.executable, "-m", "warehouse", "backup", str(file)]
        self.backups.append((file, subprocess.Popen(command, cwd=REPOSITORY)))

    def look(self) -> None:
        """See how much memory and disk is taken."""
        pids = {role: process.pid for role, process in self.crowd.items()}
        files = list((self.data / "warehouse").glob("*.duckdb*"))
        self.looks.append(
            Look(
                self.hour,
                {
                    role: resident(pid)
                    for role, pid in {**pids, "dashboard": self.dashboard}.items()
                },
                len([file for file in files if file.stem.isdigit()]),
                len(list((self.data / "warehouse").glob(".draft-*.duckdb"))),
                sum(map(size_of, [*files, *(self.data / "warehouse").glob(".draft-*")])),
            )
        )

    def live(self) -> None:
        """Let the day pass."""
        for role in COMMANDS:
            self.start(role)
        self.begun = time.monotonic()
        plan = self.plan()
        while plan or self.hour < HOURS:
            while plan and plan[0][0] <= self.hour:
                plan.pop(0)[1]()
            self.look()
            time.sleep(LOOK)

    def stop(self) -> None:
        """Have those who work end as they do when they are told to."""
        for process in self.crowd.values():
            process.terminate()
        for process in self.crowd.values():
            process.wait(90)
        for reviewer in self.staff.reviewers:  # they have gone home, unless something went wrong
            reviewer.kill()


def resident(pid: int) -> int:
    """Bytes of memory of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def size_of(path: Path) -> int:
    """Bytes; nothing for what was removed meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
