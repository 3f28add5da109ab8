"""Works on the queue: takes what waits, asks its model in a process of its own, and hands over.

The model is asked by the ordinary command, so that a crash, a kill for want of memory or an endless
loop is that process's alone, and the lease is prolonged whatever the model does.
"""

import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import click

from evaluator import progress, records
from evaluator.daemon import keep_taking
from evaluator.progress import Identity, Pace
from evaluator.tasks import choose_tasks
from warehouse.ledger import outcomes, queue, workers
from warehouse.ledger.errors import LeaseLost, LedgerOutOfReach
from warehouse.ledger.opening import Ledger
from warehouse.ledger.submissions import Submission, Why

PR_SET_PDEATHSIG = 1  # of prctl(2)
BEAT = queue.LEASE.total_seconds() / 4
IDLE = 5.0  # seconds between two looks into an empty queue
PATIENCE = 60.0  # seconds in which a run that is told to stop keeps what it has
TAIL = outcomes.LONGEST_LOG
STOPPED = Why("worker-stopped", "The worker was told to stop. What is answered is kept.")
PASSING = frozenset({"download-failed", "timed-out", "disk-full", "run-in-use"})
"""Faults of the moment: another attempt may go well."""
TOLD = re.compile(r".*^Error \(([\w-]+)\): (.+)", re.MULTILINE | re.DOTALL)  # the last
TOKEN = re.compile(r"\bhf_[A-Za-z0-9]{8,}")
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|KEY|LEDGER", re.IGNORECASE)


@dataclass(frozen=True)
class Worker:
    """One that works on the queue."""

    ledger: Ledger
    name: str
    stop: Event
    """Set from outside, it ends the work."""
    mirror: Path | None = None
    """A folder with the questions; None to have them from the Hub."""

    def work(self, *, once: bool = False) -> int:
        """Take submissions until told to stop, or but one; returns how many were taken."""

        def take() -> Submission | None:
            beat()
            return queue.claim(self.ledger, self.name)

        with workers.present(self.ledger, self.name, "worker") as beat:
            return keep_taking(take, self.run, self.stop, IDLE, once=once)

    def run(self, submission: Submission) -> None:
        """Ask the model of a submission, and write down what came of it."""
        log = log_file(submission)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            child = subprocess.Popen(
                command(submission, self.mirror),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us alone; we tell it
                preexec_fn=die_with_parent,  # noqa: PLW1509 - a worker has one thread
            )
        try:
            if self.accompany(submission, child):
                self.conclude(submission, child.wait(), read_tail(log))
            else:
                end(child)
                queue.let_go(self.ledger, submission.number, self.name, STOPPED)
        except LeaseLost:  # it is cancelled, or another's by now
            end(child)
        except BaseException:
            end(child)
            raise

    def accompany(self, submission: Submission, child: "subprocess.Popen[bytes]") -> bool:
        """Prolong the lease until the run ends; False where we are to stop before.

        A ledger out of reach is asked again at the next beat: the lease outlasts four.
        """
        who, pace = identity(submission), Pace()
        while child.poll() is None:
            if self.stop.is_set():
                return False
            try:
                found = pace.add_left(progress.read_progress(who))
                queue.beat(self.ledger, submission.number, self.name, found)
                workers.report(self.ledger, self.name, "worker", submission.number)
            except LedgerOutOfReach as error:
                click.echo(str(error), err=True)
            self.wait_for(child)
        return True

    def wait_for(self, child: "subprocess.Popen[bytes]") -> None:
        """Until the next beat, the run's end, or the word to stop."""
        for _ in range(round(BEAT * 4)):
            if self.stop.wait(0.25) or child.poll() is not None:
                return

    def conclude(self, submission: Submission, status: int, log: str) -> None:
        """Hand over what was answered, or say why it was not."""
        number = submission.number
        if status == 0:
            tasks = frozenset(task.name for task in choose_tasks(submission.tasks))
            run_id = progress.find_finished(identity(submission), tasks)
            if run_id is not None:
                outcomes.hand_over(self.ledger, number, self.name, run_id, log)
                return
        why = explain(status, log)
        if why.code in PASSING:
            queue.try_again(self.ledger, number, self.name, why)
        else:
            outcomes.fail(self.ledger, number, self.name, why, log)


def die_with_parent() -> None:
    """Linux ends this process with the worker, however that ends; shards keep what is answered."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def explain(status: int, log: str) -> Why:
    """Why a run ended without its answers, for programs and in words."""
    if status == -signal.SIGKILL:
        words = "The system ended the run at once, most often because the memory did not suffice."
        return Why("killed", words)
    if status < 0:
        return Why("crashed", f"The run ended by signal {-status}. Its log says more.")
    if told := TOLD.match(log):
        return Why(told[1], " ".join(told[2].split()))
    return Why("crashed", f"The run ended with status {status}. Its log says more.")


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


def read_tail(path: Path) -> str:
    """The end of a log, without secrets."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 4 * TAIL, 0))
        return scrub(file.read().decode("utf-8", errors="replace"), os.environ)[-TAIL:]


def scrub(text: str, environment: Mapping[str, str]) -> str:
    """Take out access tokens, and whatever the environment calls a secret."""
    for name, value in environment.items():
        if SECRET.search(name) and len(value) >= 8:
            text = text.replace(value, f"<{name}>")
    return TOKEN.sub("<token>", text)
