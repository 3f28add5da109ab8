"""Hidden and flagged models, with reasons that stay; on both databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests import ledgers
from tests.test_upkeep import MAINTAINER, VISITOR
from warehouse.ledger.errors import IllegalMove, NotAllowed
from warehouse.ledger.marks import find_history, find_marks, mark
from warehouse.ledger.opening import Ledger

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def test_the_last_mark_counts_and_the_others_stay_in_the_history(ledger: Ledger) -> None:
    mark(ledger, "m", "flagged", MAINTAINER, "Trained on the test questions?")
    mark(ledger, "m", "hidden", MAINTAINER, "Trained on the test questions.")
    mark(ledger, "n", "flagged", MAINTAINER, "Its card is wrong.")
    found = find_marks(ledger)
    assert {name: (one.kind, one.why) for name, one in found.items()} == {
        "m": ("hidden", "Trained on the test questions."),
        "n": ("flagged", "Its card is wrong."),
    }
    mark(ledger, "m", "cleared", MAINTAINER, "It was another model.")
    assert list(find_marks(ledger)) == ["n"]
    assert [one.kind for one in find_history(ledger, "m")] == ["flagged", "hidden", "cleared"]


def test_only_maintainers_mark_and_only_with_a_reason(ledger: Ledger) -> None:
    with pytest.raises(NotAllowed):
        mark(ledger, "m", "hidden", VISITOR, "I do not like it.")
    with pytest.raises(NotAllowed):
        mark(ledger, "m", "hidden", MAINTAINER, " ")
    with pytest.raises(IllegalMove):
        mark(ledger, "m", "cleared", MAINTAINER, "It is fine.")
    assert find_marks(ledger) == {}


@pytest.mark.parametrize("change", ["update marks set why = ''", "delete from marks"])
def test_the_database_itself_refuses_to_change_a_mark(ledger: Ledger, change: str) -> None:
    mark(ledger, "m", "hidden", MAINTAINER, "why")
    with (
        pytest.raises(DatabaseError, match="marks are never changed"),
        ledger.write() as connection,
    ):
        connection.execute(text(change))
    assert find_marks(ledger)["m"].why == "why"
