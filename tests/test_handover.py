"""From the answers that a worker handed over to a submission that is finished, or says why not."""

import shutil
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import update

from evaluator import records
from evaluator.work import Worker
from ingest import handover
from tests import ledgers
from tests.conftest import ask
from tests.kept import tamper
from tests.test_upkeep import MAINTAINER
from tests.test_watch import nothing, watch_while
from tests.test_work import long_ago, wait_in_queue
from warehouse import rules
from warehouse.errors import NoSnapshot
from warehouse.ledger import upkeep
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find, history
from warehouse.ledger.tables import submissions

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


def ask_again(ledger: Ledger, number: int) -> None:
    """A maintainer retries it, and a worker takes it."""
    upkeep.retry(ledger, number, MAINTAINER, "The cause is mended.")
    Worker(ledger, "w", Event()).work(once=True)
    assert find(ledger, number).state == State.INGESTING


def test_a_run_that_breaks_a_rule_fails_alone_and_a_retry_of_it_works(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, folder = hand_over(ledger)
    good, _ = hand_over(ledger, "baseline:random")
    rule = tmp_path / "nobody_has_a_majority.sql"
    rule.write_text(
        "-- No run is of a majority.\nselect run_id from runs where model ~ '.*majority'"
    )
    honest = rules.list_rules()
    monkeypatch.setattr(rules, "list_rules", lambda: (*honest, rule))
    states: list[str] = []

    def mend() -> None:
        states.extend(find(ledger, number).state for number in (bad, good))
        assert find(ledger, bad).code == "refused"
        assert "nobody_has_a_majority: No run is of a majority." in str(find(ledger, bad).message)
        assert folder.name in str(find(ledger, bad).message)
        ask_again(ledger, bad)

    def mend_truly() -> None:
        assert find(ledger, bad).state == State.FAILED, "it was tried again, and is no better"
        monkeypatch.setattr(rules, "list_rules", lambda: honest)
        ask_again(ledger, bad)

    watch_while(nothing, nothing, mend, nothing, mend_truly, nothing)
    assert states == ["failed", "finished"]
    assert find(ledger, bad).state == State.FINISHED
    assert [event.state for event in history(ledger, bad)].count(State.FINISHED) == 1


def test_a_refused_run_is_published_once_it_is_mended_and_retried(ledger: Ledger) -> None:
    number, folder = hand_over(ledger)
    whole = (folder / "sample.parquet").read_bytes()
    (folder / "sample.parquet").write_bytes(whole[: len(whole) // 2])

    def mend() -> None:
        assert find(ledger, number).state == State.FAILED
        (folder / "sample.parquet").write_bytes(whole)
        ask_again(ledger, number)

    watch_while(nothing, mend, nothing)
    assert find(ledger, number).state == State.FINISHED


@pytest.mark.slow
def test_a_run_without_a_readable_record_is_asked_anew_once_it_is_moved_away(
    ledger: Ledger,
) -> None:
    number, folder = hand_over(ledger)
    (folder / "run.json").write_text("{")
    watch_while(nothing)
    assert (find(ledger, number).state, find(ledger, number).code) == ("failed", "refused")
    upkeep.retry(ledger, number, MAINTAINER, "Perhaps it goes now.")
    Worker(ledger, "w", Event()).work(once=True)
    assert (find(ledger, number).state, find(ledger, number).code) == ("failed", "run-missing")
    assert "Once that is moved away, a retry" in str(find(ledger, number).message)
    shutil.rmtree(folder)
    ask_again(ledger, number)
    watch_while(nothing)
    assert find(ledger, number).state == State.FINISHED


@pytest.mark.slow
def test_a_run_folder_that_is_gone_fails_in_the_end_and_a_retry_makes_it_anew(
    ledger: Ledger,
) -> None:
    number, folder = hand_over(ledger)
    shutil.rmtree(folder)
    watch_while(nothing, nothing)
    assert find(ledger, number).state == State.INGESTING, "it may still be on its way"
    long_ago(ledger)
    watch_while(nothing)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.FAILED, "run-missing")
    assert f"Its run folder {folder.name} is not where answers are published" in str(found.message)
    ask_again(ledger, number)
    watch_while(nothing)
    assert find(ledger, number).state == State.FINISHED


def test_what_is_published_is_finished_though_its_folder_is_gone(ledger: Ledger) -> None:
    number, folder = hand_over(ledger)
    watch_while(lambda: shutil.rmtree(folder))
    assert find(ledger, number).state == State.FINISHED


def test_tables_of_another_version_are_remade_while_it_waits(ledger: Ledger) -> None:
    first, _ = hand_over(ledger)
    watch_while(nothing)
    second, _ = hand_over(ledger, "baseline:random")
    tamper("update snapshots set schema_version = 'older'")
    watch_while(nothing)
    assert [find(ledger, number).state for number in (first, second)] == [State.FINISHED] * 2


def test_tasks_that_nobody_knows_any_more_keep_no_other_from_its_end(ledger: Ledger) -> None:
    odd, _ = hand_over(ledger)
    with ledger.write() as connection:
        connection.execute(update(submissions).values(tasks="nine and a half"))
    good, _ = hand_over(ledger, "baseline:random")
    watch_while(nothing)
    assert (find(ledger, odd).state, find(ledger, odd).code) == (State.FAILED, "incomplete")
    assert "No task is named 'nine and a half'" in str(find(ledger, odd).message)
    assert find(ledger, good).state == State.FINISHED


@pytest.mark.postgres
def test_a_ledger_that_is_away_is_waited_for_lest_a_hidden_model_be_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ledgers.serve_postgres() as server:
        monkeypatch.setenv("LEADERBOARD_LEDGER", server.address)
        ledger = open_ledger()
        number, folder = hand_over(ledger)
        server.stop()

        def bring_back() -> None:
            with pytest.raises(NoSnapshot):
                ask("runs")
            server.start()
            assert find(ledger, number).state == State.INGESTING

        told = watch_while(bring_back, nothing)
        ledger.close()
    assert told[0].startswith("Error: The ledger at postgresql")
    loaded, finished = told[1].splitlines()
    assert loaded == f"Loaded {folder.name} (snapshot 1)."
    assert finished == f"Submission {number} is finished: {folder.name}."
    assert told[2:] == []
