"""Tells the ledger what became of the answers that workers handed over."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import polars as pl

from evaluator.errors import UnknownTask
from evaluator.records import RUN_FILE
from evaluator.tasks import choose_tasks
from warehouse import db, settings
from warehouse.errors import NoSnapshot
from warehouse.ledger import opening, outcomes, workers
from warehouse.ledger.errors import IllegalMove
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Submission, Why, find_all

WATCHER = "ingest watch"
GRACE = timedelta(minutes=10)
"""In which a run folder that is handed over may still be on its way here."""
GONE = (
    "Its run folder {} is not where answers are published: it was removed, or the machines do not "
    "share their run folders. A retry asks what is not there anew."
)
NONE: Mapping[str, str] = MappingProxyType({})


def find_waiting() -> dict[str, datetime]:
    """From each run for which a submission waits to when that began."""
    ledger = opening.open_ledger()
    try:
        workers.report(ledger, WATCHER, "watcher")
        waiting = find_all(ledger, (State.INGESTING,))
    finally:
        ledger.close()
    return {str(one.run_id): one.since for one in waiting}


def settle(faults: Mapping[str, str] = NONE) -> list[str]:
    """Finish each submission whose every answer is published; returns what came of it, in words.

    One of a run that was tried and not loaded has failed, with the reason: `faults` has those that
    were tried since it waits, each with what the load said. What was not tried goes on waiting, but
    not for ever where its folder is gone.
    """
    ledger = opening.open_ledger()
    try:
        waiting = find_all(ledger, (State.INGESTING,))
        return [said for one in reversed(waiting) if (said := settle_one(ledger, one, faults))]
    finally:
        ledger.close()


def settle_one(ledger: Ledger, submission: Submission, faults: Mapping[str, str]) -> str:
    number = submission.number
    snapshot, why = judge(submission, faults)
    waited = ledger.clock() - submission.since
    if snapshot is None and why is None and waited > GRACE and not has_folder(submission):
        why = Why("run-missing", GONE.format(submission.run_id))
    try:
        if why is not None:
            outcomes.fail_to_publish(ledger, number, WATCHER, why)
            return f"Submission {number} has failed: {why.message}"
        if snapshot is not None:
            outcomes.finish(ledger, number, WATCHER, snapshot)
            return f"Submission {number} is finished: {submission.run_id}."
    except IllegalMove:  # someone else has told the ledger
        return ""
    return ""


def judge(submission: Submission, faults: Mapping[str, str]) -> tuple[int | None, Why | None]:
    """The snapshot in which every answer is, or why there will be none; neither while it waits."""
    run_id = str(submission.run_id)
    try:
        warehouse = db.open_warehouse()
    except NoSnapshot:
        return None, explain_fault(faults.get(run_id))
    try:
        missing = find_missing(warehouse.ask, submission)
        if missing:
            return None, Why(
                "incomplete", f"The run lacks answers: {'; '.join(missing).rstrip('.')}."
            )
        if missing is not None:
            return warehouse.snapshot.number, None
        refused = find_refusal(warehouse.ask, submission) if run_id in faults else None
        return None, Why("refused", refused) if refused else explain_fault(faults.get(run_id))
    finally:
        warehouse.close()


def explain_fault(fault: str | None) -> Why | None:
    return Why("refused", fault) if fault else None


def has_folder(submission: Submission) -> bool:
    return (settings.runs_folder() / str(submission.run_id) / RUN_FILE).exists()


Ask = Callable[..., pl.DataFrame]


def find_missing(ask: Ask, submission: Submission) -> list[str] | None:
    """What the snapshot lacks of the run that was asked for; None where it has no such run."""
    run_id = str(submission.run_id)
    runs = ask("runs").filter(run_id=run_id)
    if runs.is_empty():
        return None
    run = runs.row(0, named=True)
    expected = {"model": submission.model, "revision": submission.commit}
    expected["lane"] = submission.protocol
    wrong = [f"its {name} is {run[name]}" for name, value in expected.items() if run[name] != value]
    if run["precision"] not in (submission.precision, None):
        wrong.append(f"its precision is {run['precision']}")
    scores = ask("run_scores", run_ids=[run_id])
    answered = {task: (n, of) for task, n, of in scores.select("task", "n", "expected").rows()}
    try:
        tasks = choose_tasks(submission.tasks)
    except UnknownTask as error:  # of another time
        return [*wrong, str(error)]
    for task in tasks:
        n, of = answered.get(task.name, (0, 0))
        if not of:
            wrong.append(f"{task.name} is not in it")
        elif n < of:
            wrong.append(f"{task.name} has {n:,} of {of:,} answers")
    return wrong


def find_refusal(ask: Ask, submission: Submission) -> str | None:
    """Why the run was refused as a whole; None where it was not."""
    whole = pl.col("file").fill_null("") == ""  # not of one line of it
    rows = ask("quarantine").filter(pl.col("source") == submission.run_id, whole)
    return str(rows["reason"][0]) if rows.height else None
