"""Twenty reviewers at once: nothing is lost or judged twice, and ingest may copy meanwhile."""

import pytest

from tests import ledgers, reviewing
from warehouse.ledger.opening import Ledger

pytestmark = pytest.mark.slow
postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def test_twenty_reviewers_share_three_hundred_cases(address: str, ledger: Ledger) -> None:
    reviewing.crowd(address, ledger, reviewers=20, count=100)
