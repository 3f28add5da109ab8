"""Works on the queue: takes what waits, asks its model in a process of its own, and hands over.

The model is asked by the ordinary command, so that a crash, a kill for want of memory or an endless
loop is that process's alone, and the lease is prolonged whatever the model does.
"""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from evaluator import progress, records
from evaluator.daemon import AGAIN, insist, keep_taking, try_to
from evaluator.endings import NO_ROOM, UNREADABLE, explain, explain_start, is_full, read_tail
from evaluator.progress import Identity, Pace
from evaluator.tasks import choose_tasks
from warehouse.ledger import outcomes, queue, workers
from warehouse.ledger.errors import LeaseLost
from warehouse.ledger.opening import Ledger
from warehouse.ledger.submissions import Submission, Why

PR_SET_PDEATHSIG = 1  # of prctl(2)
BEAT = queue.LEASE.total_seconds() / 4
IDLE = 5.0  # seconds between two looks into an empty queue
PATIENCE = 60.0  # seconds in which a run that is told to stop keeps what it has
REST = 30.0  # seconds for which a machine on which nothing can run takes nothing
STOPPED = Why("worker-stopped", "The worker was told to stop. What is answered is kept.")
UNWELL = ("disk-full", "not-started")
"""Faults of this machine, which every submission would meet."""


@dataclass(frozen=True)
class Worker:
    """One that works on the queue."""

    ledger: Ledger
    name: str
    stop: Event
    """Set from outside, it ends the work."""
    mirror: Path | None = None
    """A folder with the questions; None to have them from the Hub."""
    engine: tuple[str, ...] = ()
    """The options that say what asks; none to load models here."""

    def work(self, *, once: bool = False) -> int:
        """Take submissions until told to stop, or but one; returns how many were taken."""

        def take() -> Submission | None:
            beat()
            return queue.claim(self.ledger, self.name)

        def act(submission: Submission) -> None:
            if self.run(submission) in UNWELL and not once:
                self.stop.wait(REST)  # lest the whole queue goes the same way

        with workers.present(self.ledger, self.name, "worker") as beat:
            return keep_taking(take, act, self.stop, IDLE, once=once)

    def run(self, submission: Submission) -> str | None:
        """Ask the model of a submission, and write down what came of it.

        Returns the code of what hindered it, or None.
        """
        log = log_file(submission)
        try:
            child = self.start(submission, log)
        except (OSError, ValueError) as error:
            with suppress(LeaseLost):
                self.give_up(submission, explain_start(error))
            return explain_start(error).code
        try:
            if self.accompany(submission, child):
                return self.conclude(submission, child.wait(), read_tail(log))
            end(child)
            queue.let_go(self.ledger, submission.number, self.name, STOPPED)
        except LeaseLost:  # it is cancelled, or another's by now
            end(child)
        except BaseException:
            end(child)
            raise
        return None

    def start(self, submission: Submission, log: Path) -> "subprocess.Popen[bytes]":
        """Raises `OSError` or `ValueError` for what is no command line."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            return subprocess.Popen(
                [*command(submission, self.mirror), *self.engine],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us alone; we tell it
                preexec_fn=die_with_parent,  # noqa: PLW1509 - a worker has one thread
            )

    def accompany(self, submission: Submission, child: "subprocess.Popen[bytes]") -> bool:
        """Prolong the lease until the run ends; False where we are to stop before.

        A ledger out of reach is asked again soon, lest the lease runs out before the next beat.
        """
        who, pace = identity(submission), Pace()

        def beat() -> None:
            found = pace.add_left(progress.read_progress(who))
            queue.beat(self.ledger, submission.number, self.name, found)
            workers.report(self.ledger, self.name, "worker", submission.number)

        while child.poll() is None:
            if self.stop.is_set():
                return False
            self.wait_for(child, BEAT if try_to(beat) else AGAIN)
        return True

    def wait_for(self, child: "subprocess.Popen[bytes]", seconds: float) -> None:
        """Until the next beat, the run's end, or the word to stop."""
        for _ in range(round(seconds * 4)):
            if self.stop.wait(0.25) or child.poll() is not None:
                return

    def conclude(self, submission: Submission, status: int, log: str) -> str | None:
        """Hand over what was answered, or say why it was not; returns the code of that."""
        why = explain(status, log)
        if status == 0:
            tasks = frozenset(task.name for task in choose_tasks(submission.tasks))
            run_id = progress.find_finished(identity(submission), tasks)
            if run_id is not None:
                whose = (self.ledger, submission.number, self.name)
                insist(partial(outcomes.hand_over, *whose, run_id, log), self.stop)
                return None
            why = UNREADABLE
        elif why.code == "crashed" and is_full(log_file(submission).parent):
            why = NO_ROOM  # which is why nothing says so
        self.give_up(submission, why, log)
        return why.code

    def give_up(self, submission: Submission, why: Why, log: str = "") -> None:
        """End an attempt that came to nothing: for good, or until after a rest."""
        act = queue.try_again if why.code in queue.PASSING else outcomes.fail
        insist(partial(act, self.ledger, submission.number, self.name, why, log), self.stop)


def die_with_parent() -> None:
    """Linux ends this process with the worker, however that ends; shards keep what is answered."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end(child: "subprocess.Popen[bytes]") -> None:
    """Tell a run to stop and keep what it has; after `PATIENCE`, and for its children, at once."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def command(submission: Submission, mirror: Path | None) -> list[str]:
    """What one would type to make the same run."""
    words = [sys.executable, "-m", "evaluator", "run", "--model", submission.model]
    words += ["--revision", str(submission.commit), "--precision", submission.precision]
    words += ["--protocol", submission.protocol, "--tasks", submission.tasks]
    if submission.weights != "original":
        words += ["--weights", submission.weights, "--base-revision", str(submission.base_commit)]
        words += ["--base", submission.base] if submission.base else []
    return [*words, "--data", str(mirror)] if mirror else words


def identity(submission: Submission) -> Identity:
    return Identity(
        *(submission.model, str(submission.commit), submission.precision, submission.protocol),
        *(submission.weights, submission.base_commit),
    )


def log_file(submission: Submission) -> Path:
    folder = records.runs_folder().parent / "logs"
    return folder / f"{submission.number}-{submission.attempt}.log"
