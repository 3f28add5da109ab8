"""Tells the ledger what became of the answers that workers handed over."""

from collections.abc import Callable

import polars as pl

from evaluator.tasks import choose_tasks
from warehouse import db
from warehouse.errors import NoSnapshot
from warehouse.ledger import opening, outcomes, workers
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Submission, Why, find_all

WATCHER = "ingest watch"


def settle() -> list[str]:
    """Finish each submission whose every answer is published; returns what came of it, in words.

    One whose run was refused has failed, with the reason. What is not loaded yet goes on waiting.
    """
    ledger = opening.open_ledger()
    try:
        workers.report(ledger, WATCHER, "watcher")
        waiting = find_all(ledger, (State.INGESTING,))
        if not waiting:
            return []
        return [said for one in reversed(waiting) if (said := settle_one(ledger, one))]
    finally:
        ledger.close()


def settle_one(ledger: Ledger, submission: Submission) -> str:
    try:
        warehouse = db.open_warehouse()
    except NoSnapshot:
        return ""
    try:
        number, missing = warehouse.snapshot.number, find_missing(warehouse.ask, submission)
        refused = find_refusal(warehouse.ask, submission)
    finally:
        warehouse.close()
    if missing is not None and not missing:
        outcomes.finish(ledger, submission.number, WATCHER, number)
        return f"Submission {submission.number} is finished: {submission.run_id}."
    if missing:
        why = Why("incomplete", f"The run lacks answers: {'; '.join(missing)}.")
    elif refused:
        why = Why("refused", refused)
    else:
        return ""
    outcomes.fail_to_publish(ledger, submission.number, WATCHER, why)
    return f"Submission {submission.number} has failed: {why.message}"


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
    for task in choose_tasks(submission.tasks):
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
