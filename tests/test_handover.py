"""From the answers that a worker handed over to a submission that is finished, or says why not."""

from pathlib import Path
from threading import Event

from evaluator import records
from evaluator.work import Worker
from ingest import handover
from tests import ledgers
from tests.conftest import ask
from tests.test_watch import nothing, watch_while
from tests.test_work import wait_in_queue
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find

ledger = ledgers.own_ledger  # the fixture


def hand_over(ledger: Ledger, model: str = "baseline:majority") -> tuple[int, Path]:
    """A submission whose answers wait to be published, and their folder."""
    number = wait_in_queue(ledger, model, "seed-0")
    Worker(ledger, "w", Event()).work(once=True)
    return number, records.runs_folder() / str(find(ledger, number).run_id)


def test_a_submission_is_finished_once_its_answers_are_published(ledger: Ledger) -> None:
    number, folder = hand_over(ledger)
    assert handover.settle() == []  # nothing is published yet
    told = watch_while(nothing)
    assert told == [
        f"Loaded {folder.name} (snapshot 1).\nSubmission {number} is finished: {folder.name}."
    ]
    found = find(ledger, number)
    assert (found.state, found.message) == (State.FINISHED, "In snapshot 1.")
    assert list(ask("runs")["run_id"]) == [found.run_id]


def test_a_submission_whose_run_is_refused_says_why(ledger: Ledger) -> None:
    number, folder = hand_over(ledger)
    (folder / "sample.parquet").write_bytes(b"broken")
    watch_while(nothing)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.FAILED, "refused")
    assert "sample.parquet" in str(found.message)


def test_another_run_than_was_asked_for_is_no_end(ledger: Ledger) -> None:
    number, _ = hand_over(ledger)
    watch_while()
    other = wait_in_queue(ledger, "baseline:random", "seed-0")
    Worker(ledger, "w", Event()).work(once=True)
    asked = find(ledger, other).model_copy(update={"run_id": find(ledger, number).run_id})
    missing = handover.find_missing(ask, asked)
    assert missing == ["its model is baseline:majority"]
    whole = find(ledger, number).model_copy(update={"tasks": "nine"})
    assert "medqa_4options is not in it" in (handover.find_missing(ask, whole) or [])


def test_a_watch_without_a_ledger_makes_none(data_folder: Path) -> None:
    watch_while(nothing)
    assert not (data_folder / "ledger.sqlite").exists()
