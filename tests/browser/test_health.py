"""The Health page in a real browser: it changes by itself, and says what a program reads too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard import health_view
from tests.browser import test_accessibility
from tests.browser.conftest import OpenPage, serve
from tests.browser.test_accessibility import find_faults, go_to
from tests.browser.test_hostile import HOSTILE, is_intact
from tests.demonstration import make_data, make_demonstration
from warehouse.ledger import limits, opening, submissions, upkeep, workers
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import LOCAL

pytestmark = pytest.mark.browser
page = test_accessibility.page  # the fixture: one that axe looks at
ASKED = submissions.Asked(model="m", precision="float32", protocol="loglikelihood-0shot")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("health"), make_demonstration)


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serve(data) as address:
        yield address


@pytest.fixture(scope="module")
def ledger(data: Path) -> Iterator[Ledger]:
    opened = opening.open_ledger(f"sqlite:///{data / 'ledger.sqlite'}")
    yield opened
    opened.close()


@pytest.mark.slow
def test_the_page_changes_by_itself(open_page: OpenPage, server: str, ledger: Ledger) -> None:
    health = open_page(f"{server}/system")
    expect(health.get_by_text(health_view.FINE)).to_be_visible()
    workers.report(ledger, "worker secret-host:1", "worker")
    upkeep.pause(ledger, LOCAL, HOSTILE[0])
    expect(health.get_by_text("It is paused; what runs goes on.")).to_be_visible()
    expect(health.get_by_text("1 is there, and nothing waits.")).to_be_visible()
    is_intact(health)
    expect(health.get_by_text("secret-host")).to_have_count(0)
    upkeep.resume(ledger, LOCAL, "Done.")
    expect(health.get_by_text("It is open.")).to_be_visible()


def test_the_page_leads_to_what_a_program_reads(open_page: OpenPage, server: str) -> None:
    health = open_page(f"{server}/system")
    link = health.get_by_role("link", name="As JSON, for monitoring")
    assert link.get_attribute("href") == "health"
    told = health.request.get(f"{server}/health")
    assert (told.status, told.json()["status"]) == (200, "fine")


def test_what_is_broken_can_be_read_by_everyone(page: Page, server: str, ledger: Ledger) -> None:
    yesterday = Ledger(ledger.engine, lambda: opening.now() - limits.DAY)
    submissions.submit(yesterday, ASKED, LOCAL)
    go_to(page, f"{server}/system")
    expect(page.get_by_text(health_view.BROKEN)).to_be_visible()
    assert find_faults(page) == []
