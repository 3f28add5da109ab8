"""A backup of the ledger: whole, from either database to either, or refused."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests import ledgers
from tests.reviewed import ADA, BEN, answer, claim, judgement, population, review
from tests.test_ledger import ASKED
from tests.test_queue import wait_in_queue
from tests.test_upkeep import MAINTAINER
from warehouse import cli
from warehouse.ledger import queue, reviews, upkeep
from warehouse.ledger.assignments import hold
from warehouse.ledger.backup import back_up, restore
from warehouse.ledger.cases import find_cases
from warehouse.ledger.disputes import Ruling, dispute, rule
from warehouse.ledger.drawing import draw
from warehouse.ledger.errors import BackupRefused
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.review_public import find_public_reviews
from warehouse.ledger.states import State
from warehouse.ledger.submissions import count_states, find_all, history, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def fill(ledger: Ledger) -> None:
    submit(ledger, ASKED.model_copy(update={"note": "Größe <b>x</b>\n"}), Person("a@example.org"))
    wait_in_queue(ledger, "m")
    wait_in_queue(ledger, "n")
    assert queue.claim(ledger, "w")
    upkeep.pause(ledger, MAINTAINER, "why")
    draw(ledger, population(3), 2, ADA)
    number = review(ledger, answer(9), ADA)
    review(ledger, answer(9), BEN, "mild")
    reviews.correct(ledger, number, judgement("mild"), ADA)
    rule(ledger, dispute(ledger, claim(), ADA), Ruling(decision="rejected", why="No."), BEN)


def everything(ledger: Ledger) -> object:
    found = find_all(ledger)
    steps = [history(ledger, one.number) for one in found]
    return found, steps, upkeep.why_paused(ledger), find_cases(ledger), find_public_reviews(ledger)


def test_what_was_backed_up_is_restored_and_goes_on(
    ledger: Ledger, address: str, tmp_path: Path
) -> None:
    fill(ledger)
    file = tmp_path / "backup"
    rows = back_up(ledger, file)
    assert file.stat().st_mode & 0o077 == 0  # it has what is private
    for place in ("sqlite:///" + str(tmp_path / "other.sqlite"), other_database(address)):
        if not place:
            continue
        again = open_ledger(place, ledger.clock)
        assert restore(again, file) == rows
        assert everything(again) == everything(ledger)
        assert submit(again, ASKED, Person("b")) == 4
        assert hold(again, answer(10), ADA).number == 4
        with pytest.raises(BackupRefused, match="not empty"):
            restore(again, file)
        again.close()


def other_database(address: str) -> str:
    """An empty database on the same server; none where there is no server."""
    if address.startswith("sqlite"):
        return ""
    start, _, end = address.partition("/ledger_")
    return ledgers.make_database(f"{start}/postgres?{end.partition('?')[2]}")


def test_a_backup_is_taken_while_others_write(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger)
    with ledger.write() as connection:
        assert connection.in_transaction()
        assert back_up(ledger, tmp_path / "backup") > 0


@pytest.mark.parametrize("damage", ["short", "text", "empty", "version", "row"])
def test_a_damaged_backup_is_refused_whole(damage: str, ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger)
    file = tmp_path / "backup"
    back_up(ledger, file)
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    damaged = {
        "short": file.read_bytes()[:-20],
        "text": b"not a backup",
        "empty": b"",
        "version": gzip.compress(b"".join([b'{"ledger": "9999"}\n', *lines[1:]])),
        "row": gzip.compress(b"".join(lines[:2] + lines[3:])),
    }
    file.write_bytes(damaged[damage])
    empty = open_ledger(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with pytest.raises(BackupRefused):
        restore(empty, file)
    assert sum(count_states(empty).values()) == 0
    empty.close()


def test_the_commands_back_up_and_restore(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_ledger()
    submit(made, ASKED, Person("a@example.org"))
    made.close()
    file = str(tmp_path / "backup")
    assert CliRunner().invoke(cli.main, ["backup", file]).output == f"2 rows are in {file}.\n"
    monkeypatch.setenv("LEADERBOARD_DATA", str(data_folder.with_name("elsewhere")))
    done = CliRunner().invoke(cli.main, ["restore", file])
    assert done.output == "2 rows are in the ledger.\n"
    assert count_states(open_ledger())[State.SUBMITTED] == 1
