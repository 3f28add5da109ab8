"""The ledger on both databases: what it makes, what it keeps, and what it says when it cannot."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests import ledgers
from warehouse.ledger import outcomes, queue, renewal
from warehouse.ledger.errors import (
    BadLedgerAddress,
    LedgerOutOfReach,
    NewerLedger,
    NotAllowed,
    TooMany,
)
from warehouse.ledger.opening import Ledger, is_made, ledger_address, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.presence import ledger_exists
from warehouse.ledger.review_tables import cases
from warehouse.ledger.states import MOVES, State
from warehouse.ledger.submissions import Asked, count_states, find, history, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
ASKED = Asked(model="acme/tiny", precision="bfloat16", protocol="loglikelihood-0shot")


def test_the_migrations_make_the_tables_that_the_program_speaks_of(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, cases.metadata) == []


def test_a_ledger_is_opened_again_as_it_was(address: str, ledger: Ledger) -> None:
    number = submit(ledger, ASKED, Person("a@example.org"))
    again = open_ledger(address)
    assert find(again, number) == find(ledger, number)
    again.close()


def test_what_is_submitted_is_kept_with_its_event(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = submit(ledger, ASKED, Person("a@example.org"))
    found = find(ledger, number)
    assert (found.model, found.state, found.submitter) == (
        "acme/tiny",
        "submitted",
        "a@example.org",
    )
    assert found.submitted_at == found.since == clock()
    (event,) = history(ledger, number)
    assert (event.was, event.state, event.by, event.at) == (
        None,
        State.SUBMITTED,
        "a@example.org",
        clock(),
    )
    assert count_states(ledger) == dict.fromkeys(State, 0) | {State.SUBMITTED: 1}


def set_limit(data_folder: Path, most: int) -> None:
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text(f"submissions_a_day = {most}")


def test_one_submitter_is_taken_so_often_a_day(
    ledger: Ledger, clock: ledgers.Clock, data_folder: Path
) -> None:
    set_limit(data_folder, 2)
    one = Person("a@example.org")
    for _ in range(2):
        submit(ledger, ASKED, one)
        clock.pass_(3600)
    with pytest.raises(TooMany, match="The next may come at 2026-01-02 00:00 UTC"):
        submit(ledger, ASKED, one)
    submit(ledger, ASKED, Person("b@example.org"))
    clock.pass_(22 * 3600 + 1)
    submit(ledger, ASKED, one)
    assert count_states(ledger)[State.SUBMITTED] == 4


def test_one_submitter_is_taken_no_oftener_at_once(
    address: str, ledger: Ledger, data_folder: Path
) -> None:
    set_limit(data_folder, 3)

    def try_to_submit(_: int) -> bool:
        mine = open_ledger(address, ledger.clock)
        try:
            submit(mine, ASKED, Person("a@example.org"))
        except TooMany:
            return False
        finally:
            mine.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_to_submit, range(16))) == 3


def test_what_maintainers_ask_again_takes_nothing_from_a_submitter(
    ledger: Ledger, data_folder: Path
) -> None:
    set_limit(data_folder, 2)
    one = Person("a@example.org")
    number = submit(ledger, ASKED, one)
    queue.claim_check(ledger, "c")
    outcomes.accept(ledger, number, "c", "c" * 40)
    queue.claim(ledger, "w")
    outcomes.hand_over(ledger, number, "w", "run")
    outcomes.finish(ledger, number, "watcher", 2)
    renewal.renew(ledger, [number], Person("m@example.org", is_maintainer=True), "New prompts.")
    submit(ledger, ASKED, one)
    with pytest.raises(TooMany, match="2 submissions of yours"):
        submit(ledger, ASKED, one)


def test_a_maintainer_may_submit_as_often_as_needed(ledger: Ledger) -> None:
    for _ in range(12):
        submit(ledger, ASKED, Person("m@example.org", is_maintainer=True))
    with pytest.raises(TooMany, match="more than 10 are not"):
        for _ in range(12):
            submit(ledger, ASKED, Person("a@example.org"))
    assert count_states(ledger)[State.SUBMITTED] == 22


def test_nobody_submits(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed, match="Sign in"):
        submit(ledger, ASKED, None)
    assert count_states(ledger)[State.SUBMITTED] == 0


@pytest.mark.parametrize(
    "change",
    [
        "update events set message = 'x'",
        "delete from events",
        "update events set state = 'finished'",
    ],
)
def test_the_database_itself_refuses_to_change_an_event(ledger: Ledger, change: str) -> None:
    number = submit(ledger, ASKED, Person("a@example.org"))
    before = history(ledger, number)
    with pytest.raises(DBAPIError, match="events are never changed"), ledger.write() as connection:
        connection.execute(text(change))
    assert history(ledger, number) == before


@pytest.mark.parametrize(
    "change",
    [
        "update submissions set state = 'lost'",
        "update submissions set state = 'running'",
        "update submissions set state = 'pending'",
        "update submissions set holder = 'w-1'",
        "insert into events (submission, at, by, state, attempt) "
        "values (99, current_timestamp, 'x', 'submitted', 0)",
    ],
)
def test_the_database_itself_refuses_what_makes_no_sense(ledger: Ledger, change: str) -> None:
    submit(ledger, ASKED, Person("a@example.org"))
    with pytest.raises(IntegrityError), ledger.write() as connection:
        connection.execute(text(change))


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.write() as connection:
        connection.execute(text("update submissions set priority = 5"))
        submit_twice = 1 / 0
        assert submit_twice
    assert sum(count_states(ledger).values()) == 0


def test_every_state_is_reached_and_only_the_last_leads_nowhere() -> None:
    reached = {State.SUBMITTED}.union(*MOVES.values())
    assert reached == set(State) == set(MOVES)
    assert [state for state, following in MOVES.items() if not following] == [State.SUPERSEDED]


def test_without_an_address_the_ledger_is_in_the_data_folder(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADERBOARD_LEDGER", "")  # as good as none
    assert not (ledger_exists() or is_made())
    open_ledger().close()
    assert ledger_exists()
    assert is_made()
    assert ledger_address() == f"sqlite:///{data_folder / 'ledger.sqlite'}"
    assert (data_folder / "ledger.sqlite").exists()


@pytest.mark.parametrize("wrong", ["nonsense", "mysql://x/y", "oracle+x://h/d", "duckdb:///x"])
def test_an_address_that_is_none_is_told(wrong: str) -> None:
    with pytest.raises(BadLedgerAddress, match="postgresql"):
        open_ledger(wrong)


def test_a_database_out_of_reach_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(LedgerOutOfReach, match="does not answer") as told:
        open_ledger(f"postgresql://me:secret@/x?host={tmp_path}&port=1")
    assert "secret" not in str(told.value)
    with pytest.raises(LedgerOutOfReach, match="unable to open database file"):
        open_ledger(f"sqlite:///{tmp_path}/nowhere/ledger.sqlite")


def test_a_ledger_of_a_later_program_is_left_alone(address: str, ledger: Ledger) -> None:
    with ledger.write() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerLedger, match="9999"):
        open_ledger(address)
