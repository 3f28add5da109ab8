"""A ledger that is locked, away, full or replaced: who writes hears it, and who reads goes on."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import ledgers
from tests.test_ledger import ASKED
from tests.test_queue import wait_in_queue
from tests.test_upkeep import MAINTAINER
from warehouse.ledger import engines, health, lists, outcomes, public, queue, waiting
from warehouse.ledger.errors import BadSubmission, LedgerOutOfReach
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Why, count_states, find, find_all, history, submit

OVER = Why("over", "It is over.")
postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """Who waits for the ledger gives up soon; in how many seconds at most."""
    monkeypatch.setattr(engines, "PATIENCE", 0.4)
    monkeypatch.setattr(engines, "SHORT", 0.2)
    return 2.0


@contextmanager
def locked(address: str) -> Iterator[None]:
    """Another program holds the ledger locked, as it does to alter a table."""
    other = open_ledger(address)
    with other.engine.connect() as connection:
        connection.begin()
        if other.engine.dialect.name == "postgresql":
            connection.execute(text("lock table submissions in access exclusive mode"))
        yield
        connection.rollback()
    other.close()


def test_who_writes_into_a_locked_ledger_hears_so_in_time(
    impatient: float, address: str, ledger: Ledger
) -> None:
    number = submit(ledger, ASKED, Person("a"))
    with locked(address):
        begun = time.monotonic()
        with pytest.raises(LedgerOutOfReach, match="held locked by nothing"):
            queue.claim_check(ledger, "c")
        assert time.monotonic() - begun < impatient
    claimed = queue.claim_check(ledger, "c")
    assert claimed
    assert claimed.number == number


def test_who_reads_a_locked_ledger_does_not_wait(
    impatient: float, address: str, ledger: Ledger
) -> None:
    number = submit(ledger, ASKED, Person("a"))
    with locked(address):
        begun = time.monotonic()
        if ledger.engine.dialect.name == "sqlite":
            assert find(ledger, number).state == State.SUBMITTED
            assert health.examine(ledger).counts[State.SUBMITTED] == 1
        else:  # only a lock that shuts out everybody holds up readers, and not for long
            with pytest.raises(LedgerOutOfReach):
                find(ledger, number)
        assert time.monotonic() - begun < impatient


@pytest.mark.postgres
def test_a_reader_waits_for_no_writer_of_postgresql(postgres: str) -> None:
    ledger = open_ledger(ledgers.make_database(postgres))
    number = submit(ledger, ASKED, Person("a"))
    with ledger.write() as connection:
        connection.execute(text("update submissions set priority = 7"))
        connection.execute(text("lock table submissions in row exclusive mode"))
        begun = time.monotonic()
        assert find(ledger, number).priority == 0
        assert time.monotonic() - begun < 1
    ledger.close()


@pytest.mark.postgres
def test_a_database_that_was_started_again_is_found_by_itself() -> None:
    with ledgers.serve_postgres() as server:
        ledger = open_ledger(server.address)
        number = submit(ledger, ASKED, MAINTAINER)
        server.stop()
        for _ in range(2):
            with pytest.raises(LedgerOutOfReach):
                find(ledger, number)
        with pytest.raises(LedgerOutOfReach):
            queue.claim_check(ledger, "c")
        server.start()
        assert find(ledger, number).state == State.SUBMITTED
        server.stop()
        server.start()  # and nobody asked while it was away
        assert find(ledger, number).state == State.SUBMITTED
        assert queue.claim_check(ledger, "c")
        ledger.close()


@pytest.mark.postgres
def test_more_who_ask_than_there_are_connections_hear_so(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "SILENCE", 0.2)
    ledger = open_ledger(ledgers.make_database(postgres))
    held = [ledger.engine.connect() for _ in range(15)]
    with pytest.raises(LedgerOutOfReach, match="QueuePool limit"):
        count_states(ledger)
    for connection in held:
        connection.close()
    assert sum(count_states(ledger).values()) == 0
    ledger.close()


def test_a_full_disk_is_told_and_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    number = submit(ledger, ASKED, MAINTAINER)
    with ledger.engine.connect() as connection:  # which the pool gives to whoever asks next
        pages = connection.execute(text("pragma page_count")).scalar_one()
        connection.execute(text(f"pragma max_page_count = {pages}"))
    before = (find_all(ledger), history(ledger, number))
    long = ASKED.model_copy(update={"note": "x" * 9_000})
    with pytest.raises(LedgerOutOfReach, match=r"full\. Nothing was written\..* room on its disk"):
        submit(ledger, long, MAINTAINER)
    assert (find_all(ledger), history(ledger, number)) == before
    with ledger.engine.connect() as connection:
        connection.execute(text("pragma max_page_count = 100000"))
    assert submit(ledger, long, MAINTAINER) == number + 1
    ledger.close()


def test_a_ledger_that_was_replaced_is_used_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    ledger = open_ledger(f"sqlite:///{file}")
    submit(ledger, ASKED, MAINTAINER)
    other = open_ledger(f"sqlite:///{tmp_path / 'other.sqlite'}")
    for _ in range(3):
        submit(other, ASKED, MAINTAINER)
    other.close()
    (tmp_path / "away").mkdir()
    for part in tmp_path.glob("ledger.sqlite*"):  # the log that belongs to it, too
        part.rename(tmp_path / "away" / part.name)
    with pytest.raises(LedgerOutOfReach, match="the file is gone"):
        count_states(ledger)
    assert not file.exists(), "an empty one would look like a ledger without submissions"
    shutil.move(tmp_path / "other.sqlite", file)
    assert count_states(ledger)[State.SUBMITTED] == 3
    assert submit(ledger, ASKED, MAINTAINER) == 4
    ledger.close()
    again = open_ledger(f"sqlite:///{file}")
    assert count_states(again)[State.SUBMITTED] == 4
    again.close()


def test_a_ledger_of_which_only_the_log_is_left_is_not_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    ledger = open_ledger(f"sqlite:///{file}")
    number = submit(ledger, ASKED, MAINTAINER)
    file.rename(tmp_path / "away.sqlite")
    with pytest.raises(LedgerOutOfReach, match=r"but ledger\.sqlite-wal is there"):
        open_ledger(f"sqlite:///{file}")
    (tmp_path / "away.sqlite").rename(file)
    again = open_ledger(f"sqlite:///{file}")
    assert find(again, number) == find(ledger, number)
    again.close()
    ledger.close()


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(LedgerOutOfReach, match="file is not a database"):
        open_ledger(f"sqlite:///{file}")


NONSENSE = {
    "sqlite": [("{", "[1, 2"), ("null", "[]"), ('{"a": 1}', '"x"'), ("[1, null]", "[{}]")],
    "postgresql": [("null", "[]"), ('{"a": 1}', '"x"'), ("[1, null]", "[{}]")],
}


def test_a_row_of_nonsense_keeps_no_other_from_its_turn(ledger: Ledger) -> None:
    for problems, progress in NONSENSE[ledger.engine.dialect.name]:
        bad, good = wait_in_queue(ledger, "bad"), wait_in_queue(ledger, "good")
        with ledger.write() as connection:
            values = {"problems": problems, "progress": progress, "number": bad}
            changed = "update submissions set problems = :problems, progress = :progress"
            connection.execute(text(f"{changed} where number = :number"), values)
        assert {one.number for one in find_all(ledger)} >= {bad, good}
        assert lists.find_latest(ledger)
        assert [one.problems for one in public.find_named(ledger, ["good"], 1)] == [[]]
        (told,) = public.find_named(ledger, ["bad"], 1)
        assert all(isinstance(one, dict) for one in (*told.problems, told.progress))
        assert len(waiting.find_waits(ledger)) == 2
        for number in (bad, good):
            taken = queue.claim(ledger, "w")
            assert taken
            assert taken.number == number
            outcomes.hand_over(ledger, number, "w", "run")
            outcomes.fail_to_publish(ledger, number, "watcher", OVER)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"note": "x" * 10_000_000}, "The note has 10,000,000 characters, and at most 10,000 are"),
        ({"model": "acme/\0"}, "The model has characters that cannot be shown"),
        ({"contact": "\x1b[2J"}, "The contact has characters that cannot be shown"),
        ({"revision": "\ud800"}, "The revision has characters that cannot be shown"),
    ],
)
def test_what_no_database_keeps_is_not_taken(
    change: dict[str, str], words: str, ledger: Ledger
) -> None:
    with pytest.raises(BadSubmission, match=words):
        submit(ledger, ASKED.model_copy(update=change), MAINTAINER)
    assert sum(count_states(ledger).values()) == 0
    note = "Two lines,\r\n\tand ¿½ \N{GRINNING FACE}."
    number = submit(ledger, ASKED.model_copy(update={"note": note}), MAINTAINER)
    assert find(ledger, number).note == note
