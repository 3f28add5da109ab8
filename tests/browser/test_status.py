"""The pages of submissions in a real browser: they follow the ledger by themselves, and quietly."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import test_accessibility
from tests.browser.conftest import OpenPage, cell, click_row, serve, settled
from tests.browser.test_accessibility import find_faults, go_to
from tests.many_submissions import EVIL, PROGRESS, fill
from warehouse.ledger import opening, outcomes, queue
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Why, find, history

pytestmark = pytest.mark.browser
axe_page = test_accessibility.page  # a fixture
WATCH = """() => {
    window.kept = [...document.querySelectorAll(
        'h1, h3, [data-testid=stDataFrame], [data-testid=stProgress], [data-testid=stBadge]')]
    window.removed = []
    const note = all => { for (const one of all) window.removed.push(...one.removedNodes) }
    new MutationObserver(note).observe(
        document.querySelector('[data-testid=stMain]'), {childList: true, subtree: true})
}"""
REMOVED = "() => window.removed.map(one => one.outerHTML || one.data)"
SELDOM = ("status?named=nobody", "submission", "submission?number={rejected}")
"""More of the kind that axe looks at."""
Here = tuple[str, Ledger, dict[str, int]]


@contextmanager
def serve_states(data: Path) -> Iterator[Here]:
    """The address of a dashboard for local use, its ledger, and a submission in each state."""
    data.mkdir()
    ledger = opening.open_ledger(f"sqlite:///{data / 'ledger.sqlite'}")
    numbers = fill(ledger)
    with serve(data, "--local") as address:
        yield address, ledger, numbers
    ledger.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    """To be changed."""
    with serve_states(tmp_path / "served") as served:
        yield served


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """To be looked at."""
    with serve_states(tmp_path_factory.mktemp("seen") / "served") as served:
        yield served


def test_the_page_follows_the_ledger_and_nothing_on_it_is_drawn_anew(
    here: Here, open_page: OpenPage
) -> None:
    address, ledger, numbers = here
    page = open_page(f"{address}/status")
    expect(page.get_by_text("question 1,204 of 4,183")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.evaluate(WATCH)
    opened = page.url
    for answered in (1300, 1400):
        queue.beat(ledger, numbers["running"], "worker host:2", PROGRESS | {"answered": answered})
        expect(page.get_by_text(f"question {answered:,} of 4,183")).to_be_visible()
    assert page.evaluate("() => window.kept.filter(one => !one.isConnected).length") == 0
    assert page.evaluate(REMOVED) == []
    assert page.url == opened
    outcomes.fail(ledger, numbers["running"], "worker host:2", Why("killed", "It was ended."))
    expect(page.get_by_text("question 1,400 of 4,183")).to_have_count(0)
    expect(page.get_by_text("Failed 2")).to_be_visible()


def test_a_line_opens_its_submission_and_the_way_back_leads_back(
    seen: Here, open_page: OpenPage
) -> None:
    address, _, numbers = seen
    page = open_page(f"{address}/status?ended=Failed")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(2)
    page.get_by_test_id("data-grid-canvas").last.scroll_into_view_if_needed()
    page.goto(f"{address}/status?named=giant")
    expect(cell(page, 0, 2)).to_have_text("acme/giant-140b")
    click_row(page, 0)
    expect(page.get_by_role("heading", name="acme/giant-140b")).to_be_visible()
    assert page.url.endswith(f"number={numbers['failed']}")
    page.get_by_role("link", name="All submissions").click()
    expect(page.get_by_role("heading", name="Status")).to_be_visible()


def test_a_maintainer_retries_what_failed_and_the_page_shows_it(
    here: Here, open_page: OpenPage
) -> None:
    address, ledger, numbers = here
    page = open_page(f"{address}/submission?number={numbers['failed']}")
    settled(page)
    page.get_by_text("The end of its log").click()
    expect(page.get_by_text("Error (out-of-memory)")).to_be_visible()
    expect(cell(page, 0, 0)).to_be_attached()  # until tables are drawn, what is below them moves
    page.get_by_text("For maintainers").click()
    page.get_by_label("Reason, for all to read").fill("A larger machine is here.")
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("It is tried again.")).to_be_visible()
    assert find(ledger, numbers["failed"]).state == State.PENDING
    assert history(ledger, numbers["failed"])[-1].message == "A larger machine is here."
    expect(page.get_by_text("in the queue.")).to_be_visible()


def test_what_can_be_done_follows_the_state(here: Here, open_page: OpenPage) -> None:
    address, ledger, numbers = here
    page = open_page(f"{address}/submission?number={numbers['running']}")
    page.get_by_text("For maintainers").click()
    expect(page.get_by_role("button", name="Cancel").first).to_be_visible()
    outcomes.fail(ledger, numbers["running"], "worker host:2", Why("killed", "It was ended."))
    expect(page.get_by_text("It was ended.").first).to_be_visible()
    expect(page.get_by_role("button", name="Retry").first).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        *("status", "submission?number={failed}", "submission?number={running}", "maintain"),
        *(pytest.param(path, marks=pytest.mark.slow) for path in SELDOM),
    ],
)
def test_everyone_can_read_it(path: str, seen: Here, axe_page: Page) -> None:
    address, _, numbers = seen
    go_to(axe_page, f"{address}/{path.format_map(numbers)}")
    assert find_faults(axe_page) == []


@pytest.mark.parametrize("path", ["status", "submission?number=9", "maintain"])
def test_a_phone_shows_all_of_it(seen: Here, open_page: OpenPage, path: str) -> None:
    address, _, _ = seen
    page = open_page(f"{address}/{path}", viewport={"width": 390, "height": 844})
    settled(page)
    if "number" in path:
        expect(page.get_by_role("heading", name=EVIL)).to_be_visible()
    assert width_of(page) <= 390


def width_of(page: Page) -> int:
    return int(page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth"))
