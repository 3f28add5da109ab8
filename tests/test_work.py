"""A worker with a real queue and real runs: handed over, failed with the reason, or given back."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import update

from evaluator import endings, progress, records, work
from evaluator.daemon import keep_taking
from evaluator.progress import Identity
from evaluator.work import Worker
from tests import ledgers
from tests.conftest import REPOSITORY
from warehouse.ledger import outcomes, queue, upkeep
from warehouse.ledger.errors import LedgerOutOfReach
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Submission, find, history, submit
from warehouse.ledger.tables import submissions
from warehouse.ledger.workers import find_workers

COMMAND = [sys.executable, "-m", "evaluator", "work"]


ledger = ledgers.own_ledger  # the fixture


def wait_in_queue(ledger: Ledger, model: str, commit: str = "seed-7", tasks: str = "sample") -> int:
    asked = Asked(model=model, precision="float32", protocol="loglikelihood-0shot", tasks=tasks)
    number = submit(ledger, asked, Person("a@example.org"))
    assert queue.claim_check(ledger, "checker")
    assert outcomes.accept(ledger, number, "checker", commit) == State.PENDING
    return number


def long_ago(ledger: Ledger) -> None:
    """Have everything be in its state, and held, since long ago."""
    past = datetime(2026, 1, 1, tzinfo=UTC)
    with ledger.write() as connection:
        connection.execute(update(submissions).values(since=past))
        held = update(submissions).where(submissions.c.holder.is_not(None))
        connection.execute(held.values(held_until=past))


def start_worker(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=REPOSITORY, env=os.environ, stdout=subprocess.PIPE, text=True
    )


def until_it_runs(ledger: Ledger, number: int, worker: "subprocess.Popen[str]") -> Submission:
    """The submission once its run has a folder: the model is being asked, or about to be."""
    while not (find(ledger, number).progress or list(records.runs_folder().glob("*/plan.json"))):
        assert worker.poll() is None
        Event().wait(0.05)  # another process makes it, and tells nobody
    return find(ledger, number)


def test_what_waits_is_asked_and_handed_over(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "toy:llama")
    assert Worker(ledger, "w", Event()).work(once=True) == 1
    found = find(ledger, number)
    assert (found.state, found.attempt, found.code) == (State.INGESTING, 1, "answered")
    run = records.read_run(records.runs_folder() / str(found.run_id))
    assert (run.plan.model.name, run.plan.model.revision) == ("toy:llama", "seed-7")
    assert "sample" in str(found.log)
    assert find_workers(ledger) == [], "it ended as it should"
    assert progress.count(records.runs_folder() / str(found.run_id), ["sample"]) == {
        **{"task": 1, "tasks": 1, "name": "sample"},
        **{"answered": 92, "of": 92, "done": 92, "all": 92},
    }
    assert Worker(ledger, "w", Event()).work(once=True) == 0


def test_a_run_that_is_there_already_is_handed_over_at_once(ledger: Ledger) -> None:
    first = wait_in_queue(ledger, "baseline:majority", "seed-0")
    Worker(ledger, "w", Event()).work(once=True)
    upkeep_person = Person("m", is_maintainer=True)
    outcomes.fail_to_publish(ledger, first, "watcher", work.STOPPED)
    upkeep.retry(ledger, first, upkeep_person, "again")
    Worker(ledger, "w", Event()).work(once=True)
    found = find(ledger, first)
    assert found.state == State.INGESTING
    assert "Already done" in str(found.log)


@pytest.mark.parametrize(
    ("model", "commit", "tasks", "code"),
    [
        ("toy:llama", "seven", "sample", "model-not-found"),
        ("baseline:majority", "seed-0", "no_such_task", "unknown-task"),
    ],
)
def test_what_cannot_be_run_fails_with_the_reason(
    model: str, commit: str, tasks: str, code: str, ledger: Ledger
) -> None:
    number = wait_in_queue(ledger, model, commit, tasks)
    Worker(ledger, "w", Event()).work(once=True)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.FAILED, code)
    assert found.message
    assert "Error" not in found.message
    assert found.message in str(found.log)


def test_a_fault_of_the_moment_is_tried_three_times(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "baseline:majority", "seed-0", tasks="mmlu_anatomy")
    for attempt in (1, 2, 3):
        assert Worker(ledger, "w", Event()).work(once=True) == 1  # the Hub is out of reach in tests
        assert Worker(ledger, "w", Event()).work(once=True) == 0, "it rests"
        found = find(ledger, number)
        assert (found.attempt, found.state) == (attempt, State.PENDING if attempt < 3 else "failed")
        assert "Error (download-failed)" in str(found.log)
        long_ago(ledger)
    assert found.code == "download-failed"


@pytest.mark.slow
def test_a_worker_that_is_killed_leaves_what_another_goes_on_with(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "toy:llama")
    worker = start_worker("--name", "first")
    held = until_it_runs(ledger, number, worker)
    worker.kill()
    worker.wait()
    assert held.holder == "first"
    assert queue.claim(ledger, "second") is None  # the lease is not over
    long_ago(ledger)
    assert start_worker("--once", "--name", "second").wait() == 0
    found = find(ledger, number)
    assert (found.state, found.attempt) == (State.INGESTING, 2)
    assert "lease-expired" in [event.code for event in history(ledger, number)]


def test_a_worker_that_is_told_to_stop_gives_it_back(ledger: Ledger) -> None:
    number = wait_in_queue(ledger, "toy:llama")
    worker = start_worker("--name", "w")
    until_it_runs(ledger, number, worker)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    found = find(ledger, number)
    assert (found.state, found.attempt, found.code) == (State.PENDING, 0, "worker-stopped")
    Worker(ledger, "next", Event()).work(once=True)
    assert find(ledger, number).state == State.INGESTING


def test_progress_is_read_from_the_folder(data_folder: Path) -> None:
    who = Identity("toy:llama", "seed-7", "float32", "loglikelihood-0shot")
    assert progress.read_progress(who) == {}
    assert progress.find_finished(who, frozenset({"sample"})) is None
    assert not data_folder.exists()


def test_the_time_left_is_told_from_the_speed_of_this_attempt() -> None:
    times = iter([0.0, 10.0, 30.0])
    pace = progress.Pace(lambda: next(times))
    assert pace.add_left({}) == {}
    before = {"done": 500, "all": 1000}  # of an earlier attempt
    assert pace.add_left({**before}) == before
    assert pace.add_left({"done": 500, "all": 1000}) == before
    assert pace.add_left({"done": 560, "all": 1000}) == {"done": 560, "all": 1000, "left": 220.0}


def test_a_log_tells_no_secret() -> None:
    said = "token hf_abcdefghijkl and correct-horse-battery at https://me:pw@x"
    kept = endings.scrub(said, {"MY_API_KEY": "correct-horse-battery", "HOME": "/root"})
    assert kept == "token <token> and <MY_API_KEY> at https://me:pw@x"


@pytest.mark.parametrize(
    ("status", "log", "code"),
    [
        (-9, "", "killed"),
        (-11, "", "crashed"),
        (1, "…\nError (out-of-memory): It needs\n40 GB.\n", "out-of-memory"),
        (1, "Error (quoted): of the model\n1 of 2\nError (timed-out): Late.\n", "timed-out"),
        (1, "Traceback", "crashed"),
    ],
)
def test_an_end_is_explained(status: int, log: str, code: str) -> None:
    why = endings.explain(status, log)
    assert why.code == code
    assert why.message
    assert "\n" not in why.message


def test_a_ledger_out_of_reach_for_a_moment_ends_no_worker(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stop, answers = Event(), iter(["away", "none"])

    def take() -> Submission | None:
        if next(answers) == "away":
            raise LedgerOutOfReach("It does not answer.")
        stop.set()
        return None

    assert keep_taking(take, lambda _: None, stop, 0, once=False) == 0
    assert capsys.readouterr().err == "It does not answer.\n"
