"""Disputes of keys, and what others decide; on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from tests import ledgers
from tests.reviewed import ADA, BEN, CLEO, MAINTAINER, SECRETS, VISITOR, claim
from warehouse.ledger.disputes import (
    Ruling,
    dispute,
    find_disputes,
    find_disputes_of,
    may_rule,
    rule,
)
from warehouse.ledger.errors import BadSubmission, IllegalMove, NotAllowed, UnknownCase
from warehouse.ledger.opening import Ledger, open_ledger

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
NO = Ruling(decision="rejected", why="The guideline says otherwise.")


def yes(letters: str) -> Ruling:
    return Ruling(decision="upheld", letters=letters, why="So it is.")


def test_a_dispute_is_kept_as_it_was_given(ledger: Ledger, clock: ledgers.Clock) -> None:
    number = dispute(ledger, claim("CAA"), ADA)
    (one,) = find_disputes(ledger)
    assert one.model_dump() == claim("AC").model_dump() | {
        **{"number": number, "disputer": "reviewer-1", "at": clock(), "state": "open"},
        **dict.fromkeys(("letters", "why", "version", "ruled_at", "source")),
    }
    assert find_disputes_of(ledger, one.task, one.sample_id) == [one]
    assert find_disputes_of(ledger, one.task, "another") == []


def test_each_dispute_that_is_upheld_makes_a_version(ledger: Ledger) -> None:
    first = dispute(ledger, claim("B"), ADA)
    second = dispute(ledger, claim("", sample_id="test-00002"), ADA)
    third = dispute(ledger, claim("A", sample_id="test-00003"), BEN)
    assert rule(ledger, first, yes("AB"), BEN) == 1
    assert rule(ledger, third, NO, ADA) is None
    assert rule(ledger, second, yes(""), CLEO) == 2
    told = [(one.state, one.letters, one.version) for one in find_disputes(ledger)]
    assert told == [("upheld", "AB", 1), ("upheld", "", 2), ("rejected", None, None)]
    assert not any(secret in str(find_disputes(ledger)) for secret in SECRETS)


def test_a_key_that_was_ruled_may_be_disputed_again(ledger: Ledger) -> None:
    first = dispute(ledger, claim("B"), ADA)
    rule(ledger, first, yes("B"), BEN)
    with pytest.raises(IllegalMove, match="B is the key already"):
        dispute(ledger, claim("B"), CLEO)
    again = dispute(ledger, claim("C"), CLEO)
    with pytest.raises(IllegalMove, match="would stay 'B'"):
        rule(ledger, again, yes("B"), BEN)
    assert rule(ledger, again, yes("C"), BEN) == 2


def test_nobody_rules_their_own_dispute_and_each_is_ruled_once(ledger: Ledger) -> None:
    number = dispute(ledger, claim(), ADA)
    for person in (None, VISITOR, MAINTAINER, ADA):
        assert not may_rule(ledger, number, person)
        with pytest.raises(NotAllowed):
            rule(ledger, number, NO, person)
    assert may_rule(ledger, number, BEN)
    rule(ledger, number, NO, BEN)
    with pytest.raises(IllegalMove, match="ruled already"):
        rule(ledger, number, yes("B"), CLEO)
    with pytest.raises(UnknownCase):
        rule(ledger, 99, NO, BEN)


def test_what_is_no_dispute_is_refused(ledger: Ledger) -> None:
    for said, fault in (
        (claim(reason=" "), "needs a reason"),
        (claim(reason="x" * 4001), "at most 4,000"),
        (claim(reference="x" * 4001), "at most 4,000"),
        (claim(reason="\x1b[31m"), "cannot be shown"),
    ):
        with pytest.raises(BadSubmission, match=fault):
            dispute(ledger, said, ADA)
    with pytest.raises(IllegalMove, match="C is the key already"):
        dispute(ledger, claim("C"), ADA)
    for person in (None, VISITOR):
        with pytest.raises(NotAllowed):
            dispute(ledger, claim(), person)
    assert find_disputes(ledger) == []


@pytest.mark.parametrize("wanted", ["c", "B C", "1", "Ä", "B\n"])
def test_letters_are_letters(wanted: str) -> None:
    with pytest.raises(ValidationError):
        claim(wanted)
    with pytest.raises(ValidationError):
        yes(wanted)


def test_a_ruling_has_its_why_and_just_the_letters_it_needs(ledger: Ledger) -> None:
    number = dispute(ledger, claim(), ADA)
    for ruling in (
        Ruling(decision="upheld", why="So it is."),
        Ruling(decision="rejected", letters="B", why="So it is."),
        Ruling(decision="rejected", why=" "),
        Ruling(decision="rejected", why="x" * 4001),
    ):
        with pytest.raises(BadSubmission):
            rule(ledger, number, ruling, BEN)
    assert find_disputes(ledger)[0].state == "open"


def test_at_the_same_moment_one_dispute_and_one_ruling_are_written(
    address: str, ledger: Ledger
) -> None:
    def try_to(rules: bool) -> bool:
        mine = open_ledger(address, ledger.clock)
        try:
            if rules:
                rule(mine, 1, yes("B"), BEN)
            else:
                dispute(mine, claim(), ADA)
        except IllegalMove:
            return False
        finally:
            mine.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_to, [False] * 8)) == 1
        assert sum(pool.map(try_to, [True] * 8)) == 1
    assert [one.version for one in find_disputes(ledger)] == [1]
