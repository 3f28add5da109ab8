"""Submissions in lists: found by name or number, the last to change first; on both databases."""

import pytest

from tests import ledgers
from tests.many_submissions import EVIL, fill
from warehouse.ledger.lists import count_asked, find_latest
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find, find_all

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("LLAMA toy", ["toy:llama"]),
        ("https://huggingface.co/acme/Giant-140b/", ["acme/giant-140b"]),
        ("acme giant", ["acme/giant-140b"]),
        ("#3", ["acme/giant-140b"]),
        ("3", ["acme/giant-140b", "acme/nurse-3b"]),
        ("140", ["acme/giant-140b"]),
        ("nobody", []),
        ("100%", []),
        ("*evil*", [EVIL]),
    ],
)
def test_a_search_finds_names_and_numbers(ledger: Ledger, asked: str, found: list[str]) -> None:
    fill(ledger)
    assert sorted(one.model for one in find_latest(ledger, asked=asked)) == found
    assert count_asked(ledger, tuple(State), asked) == len(found)


def test_the_last_to_change_is_the_first_and_no_log_is_read(
    ledger: Ledger,
) -> None:
    numbers = fill(ledger)
    found = find_latest(ledger)
    assert [one.number for one in found] == list(range(11, 0, -1))
    assert [one.number for one in find_latest(ledger, most=2)] == [11, 10]
    failed = find_latest(ledger, [State.FAILED])[0]
    assert failed.log is None
    assert failed == find(ledger, numbers["failed"]).model_copy(update={"log": None})
    assert failed in find_all(ledger)
