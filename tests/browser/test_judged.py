"""What reviewers found, as a browser shows it: columns of harm, their weights, a model's part."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard import harm_view
from tests.browser.conftest import cell, serve
from tests.browser.test_accessibility import FIND, find_faults, go_to, open_with_axe
from tests.browser.test_walk import DEMONSTRATION
from tests.demonstration import LIKELY, make_data
from tests.test_harm_pages import make_judged

pytestmark = pytest.mark.browser
COLUMNS = "&".join(f"facts={head.replace(' ', '+')}" for head in harm_view.HEADS)
BOARD = f"{DEMONSTRATION}&{COLUMNS}"
HARM_WEIGHTED = 3  # its place among the columns
WEIGHED = "83.7 (77.3–90.1)"  # of 60 wrong in 92 answers a quarter is mild, for 0.3 instead of 0.1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(make_data(tmp_path_factory.mktemp("judged"), make_judged)) as address:
        yield address


@pytest.fixture(scope="module")
def page(profile: BrowserContext) -> Iterator[Page]:
    yield from open_with_axe(profile)


@pytest.mark.parametrize(
    "path", [BOARD, f"/model?model={LIKELY}&part=Judged+harm", "/errors?harm=severe"]
)
def test_what_is_judged_can_be_read_by_everyone(path: str, page: Page, server: str) -> None:
    go_to(page, server + path)
    assert find_faults(page) == []


def test_a_weight_that_a_reader_changes_moves_the_score_and_is_in_the_address(
    page: Page, server: str
) -> None:
    go_to(page, server + BOARD)
    score = cell(page, 0, HARM_WEIGHTED)
    expect(score).to_have_text("87.0 (80.4–93.5)")
    page.get_by_test_id("stPopoverButton").filter(has_text="Harm weights").click()
    mild = page.get_by_role("spinbutton", name="Mild harm")
    expect(mild).to_be_visible()
    assert page.evaluate(FIND, None) == []
    mild.fill("0.3")
    mild.press("Enter")
    expect(page.get_by_text("Harms count as you weigh them")).to_be_visible()
    expect(page.get_by_text("mild harm 0.3")).to_be_visible()
    expect(score).to_have_text(WEIGHED)
    page.wait_for_function("() => location.search.includes('weights=')")
    page.reload()
    expect(page.get_by_text("mild harm 0.3")).to_be_visible()
    expect(score).to_have_text(WEIGHED)
