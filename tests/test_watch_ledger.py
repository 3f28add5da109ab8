"""When does `python -m ingest watch` publish what the ledger says, and when does it wait?"""

from datetime import timedelta

import pytest

from ingest import ledger_copy, loading, runs
from tests import ledgers
from tests.conftest import ask, make_run
from tests.test_ledger_copy import submit_secretly
from tests.test_upkeep import MAINTAINER
from tests.test_watch import nothing, watch_while
from warehouse import drafts
from warehouse.errors import AuditFailed
from warehouse.ledger import outcomes, queue
from warehouse.ledger.marks import mark
from warehouse.ledger.opening import Ledger

ledger = ledgers.own_ledger  # a fixture
MODEL = "baseline:random"


def publish() -> str:
    """Load one run; returns its id."""
    run_id = make_run(MODEL).run_id
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.find_folders([]), None)
    return run_id


def told(number: int) -> str:
    return f"Published what the ledger says by now (snapshot {number})."


def move_on(ledger: Ledger) -> None:
    """A queue in which much happens."""
    for name in "abc":
        submit_secretly(ledger, name)
        found = queue.claim_check(ledger, "checker")
        assert found
        outcomes.accept(ledger, found.number, "checker", "c" * 40)
        taken = queue.claim(ledger, "worker")
        assert taken
        queue.beat(ledger, taken.number, "worker", {"task": 1})


def test_a_mark_is_published_at_the_next_look_and_once(ledger: Ledger) -> None:
    publish()
    said = watch_while(
        nothing,
        lambda: mark(ledger, MODEL, "hidden", MAINTAINER, "Bad."),
        nothing,
        nothing,
        lambda: mark(ledger, MODEL, "cleared", MAINTAINER, "It is not."),
        nothing,
    )
    assert said == [told(2), told(3)]
    assert ask("model_marks").is_empty()
    assert ask("leaderboard_rows")["model"].to_list() == [MODEL]


def test_a_busy_queue_publishes_nothing_by_itself(ledger: Ledger) -> None:
    publish()
    assert watch_while(nothing, lambda: move_on(ledger), nothing) == []
    assert ask("snapshots").height == 1


def test_what_moved_rides_along_with_a_run_and_with_a_mark(ledger: Ledger) -> None:
    publish()
    move_on(ledger)
    watch_while(lambda: make_run("baseline:majority"), nothing)
    assert ask("submissions")["state"].to_list() == ["running"] * 3
    submit_secretly(ledger, "d")
    mark(ledger, "d", "flagged", MAINTAINER, "Odd.")
    watch_while(nothing)
    assert ask("submissions")["state"].to_list() == ["submitted", *["running"] * 3]


def test_what_moved_is_published_alone_after_an_hour_and_heartbeats_never(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    move_on(ledger)
    monkeypatch.setattr(ledger_copy, "ALONE", timedelta(0))  # the hour is over

    def beat() -> None:
        queue.beat(ledger, 3, "worker", {"task": 2})

    def submit_more() -> None:
        submit_secretly(ledger, "later")

    assert watch_while(nothing, beat, nothing, submit_more, nothing) == [told(2), told(3)]


def test_a_ledger_alone_makes_no_warehouse(ledger: Ledger) -> None:
    mark(ledger, MODEL, "hidden", MAINTAINER, "Bad.")
    assert watch_while(nothing, nothing) == []


def test_what_is_not_taken_is_told_once_and_tried_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    audits: list[int] = []

    def refuse(draft: drafts.Draft) -> None:
        audits.append(draft.number)
        raise AuditFailed("no")

    monkeypatch.setattr(drafts.Draft, "audit", refuse)
    mark(ledger, MODEL, "hidden", MAINTAINER, "Bad.")
    assert watch_while(nothing, nothing, nothing) == ["Error: no"]
    assert audits == [2]


def test_a_run_is_hidden_from_its_first_snapshot(ledger: Ledger) -> None:
    mark(ledger, MODEL, "hidden", MAINTAINER, "Bad.")
    publish()
    assert ask("leaderboard_rows").is_empty()
    assert ask("runs")["hidden"].to_list() == [True]
