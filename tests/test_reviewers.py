"""Four reviewers at once, as processes of their own; twenty are in `stress`."""

from tests import ledgers, reviewing
from warehouse.ledger.opening import Ledger

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def test_four_reviewers_share_fifteen_cases(address: str, ledger: Ledger) -> None:
    reviewing.crowd(address, ledger, reviewers=4, count=5)
