"""Pages beside a ledger that is locked, away, not there yet or of odd rows: told, and in time."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text, update

from dashboard import ledger_data
from tests import ledgers
from tests.many_submissions import add_checked, fill
from tests.test_ledger_faults import impatient, locked
from tests.test_pages import clear_caches, open_page
from tests.test_status_pages import be, said
from warehouse.ledger import queue
from warehouse.ledger.errors import LedgerOutOfReach
from warehouse.ledger.opening import Ledger, ledger_address, open_ledger
from warehouse.ledger.submissions import count_states
from warehouse.ledger.tables import submissions

__all__ = ["be", "impatient"]  # the fixtures
ledger, postgres = ledgers.own_ledger, ledgers.postgres
AWAY = "The ledger does not answer; nothing is lost."


@pytest.fixture(autouse=True)
def _without_caches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ledger_data, "AWAY", 0.0)
    clear_caches()
    yield
    clear_caches()


@pytest.mark.usefixtures("be")
def test_a_page_does_not_wait_for_who_writes(ledger: Ledger) -> None:
    numbers = fill(ledger)
    open_page("status")  # which imports
    with locked(ledger_address()):
        begun = time.monotonic()
        for page, asked in (("status", {}), ("submission", {"number": str(numbers["running"])})):
            app = open_page(page, **asked)
            assert not app.exception
            assert not app.error
            assert "Running" in said(app)
        assert time.monotonic() - begun < 10


@pytest.mark.postgres
@pytest.mark.usefixtures("be")
def test_a_page_says_soon_that_all_are_shut_out(
    postgres: str, impatient: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ledgers.make_database(postgres)
    monkeypatch.setenv("LEADERBOARD_LEDGER", address)
    fill(ledger := open_ledger(address))
    open_page("status")
    with locked(address):
        clear_caches()
        begun = time.monotonic()
        app = open_page("status")
        assert time.monotonic() - begun < impatient + 3
        assert [error.value for error in app.error] == [AWAY]
    app = open_page("status")
    assert not app.error
    assert "**11** submissions" in said(app)
    ledger.close()


def test_a_hundred_pages_do_not_each_wait_for_a_ledger_that_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger_data, "AWAY", 60.0)
    address, asked = "postgresql://me@127.0.0.1:1/none", list[str]()

    def open_at(address: str) -> Ledger:
        asked.append(address)
        return open_ledger(address)

    monkeypatch.setattr(ledger_data, "open_at", open_at)
    for times in (1, 2):
        for _ in range(100):
            with pytest.raises(LedgerOutOfReach, match="does not answer"):
                ledger_data.waits_at(address)
        assert len(asked) == times
        ledger_data.forget()  # who has just written something asks anew


@pytest.mark.postgres
@pytest.mark.usefixtures("be")
def test_a_page_finds_a_database_that_was_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with ledgers.serve_postgres() as server:
        monkeypatch.setenv("LEADERBOARD_LEDGER", server.address)
        ledger = open_ledger(server.address)
        add_checked(ledger, "acme/kept")
        assert "acme/kept" in said(open_page("status"))
        server.stop()
        ledger_data.forget()
        assert [error.value for error in open_page("status").error] == [AWAY]
        server.start()
        app = open_page("status")
        assert not app.error
        assert "acme/kept" in said(app)
        ledger.close()


@pytest.mark.usefixtures("be")
def test_a_page_that_was_there_before_the_ledger_sees_what_comes_into_it(
    data_folder: Path,
) -> None:
    assert "**0** submissions" in said(open_page("status"))
    ledger = open_ledger()
    add_checked(ledger, "acme/first")
    ledger_data.forget()
    assert "acme/first" in said(open_page("status"))
    away = data_folder / "away"
    away.mkdir()
    for part in data_folder.glob("ledger.sqlite*"):
        part.rename(away / part.name)
    ledger.close()
    ledger_data.forget()
    assert [error.value for error in open_page("status").error] == [AWAY]
    ledger = open_ledger()  # as a backup is restored
    add_checked(ledger, "acme/other")
    ledger_data.forget()
    shown = said(open_page("status"))
    assert "acme/other" in shown
    assert "acme/first" not in shown
    ledger.close()


ODD = {
    "precision": "float7",
    "protocol": "\0\x1b[31m",
    "tasks": " ,nine and a half,",
    "type": "",
    "note": "x" * 10_000_000,
    "contact": "\0",
    "message": "\0" * 100,
    "code": "no such code",
    "run_id": "../../etc/passwd",
    "attempt": 99,
}


@pytest.mark.usefixtures("be")
@pytest.mark.parametrize(
    "model", ["\0", *(pytest.param(name, marks=pytest.mark.slow) for name in ("", "a" * 100_000))]
)
def test_rows_of_nonsense_are_shown_as_they_are(model: str, ledger: Ledger) -> None:
    numbers = fill(ledger)
    with ledger.write() as connection:
        connection.execute(update(submissions).values(ODD))
        changed = update(submissions).where(submissions.c.number == numbers["running"])
        connection.execute(changed.values(model=model))
        progress = '{"of": "x", "task": 2, "tasks": [9], "left": "soon"}'
        nonsense = f"problems = '[{{\"says\": {{\"a\": null}}}}, 7]', progress = '{progress}'"
        connection.execute(text(f"update submissions set {nonsense}"))
    assert not (app := open_page("status")).exception
    assert "**11** submissions" in said(app)
    named = ledger_data.find_named([])
    assert named.select("task", "of_tasks", "left").unique().rows() == [(2, None, None)]
    for number in numbers.values():
        assert not (app := open_page("submission", number=str(number))).exception
    assert sum(count_states(ledger).values()) == 11
    assert queue.claim(ledger, "w")
