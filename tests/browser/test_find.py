"""A reader goes through a list of wrong answers by keys, and from a number to what it counts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, cell, click_row, settled
from tests.browser.test_walk import case_id, heading_of
from tests.demonstration import LIKELY

pytestmark = pytest.mark.browser


def test_j_and_k_go_through_the_list(open_page: OpenPage, demonstration_server: str) -> None:
    packed = "safety%3Dchildren%26runs%3Dall"
    page = open_page(f"{demonstration_server}/case?question=sample/sample-001&list={packed}")
    first = case_id(page)
    expect(page.get_by_role("button", name="Report of this case")).to_be_visible()
    settled(page)
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("sample-(?!001)"))
    expect(heading_of(page, first)).not_to_be_visible()
    settled(page)
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile("sample-001"))


def test_a_link_to_safety_shows_the_lane_and_context_that_it_names(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(f"{demonstration_server}/?view=Demonstration+questions&lane=other-essays")
    expect(page.get_by_label("Lane")).to_have_value("other-essays")
    page.get_by_role("link", name="Model", exact=True).click()
    page.get_by_role("link", name="Its safety beside others").click()
    expect(page.get_by_role("heading", name="Safety", level=1)).to_be_visible()
    expect(page.get_by_label("Lane")).to_have_value("loglikelihood-0shot")


def test_a_click_on_a_number_opens_what_it_counts(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(
        f"{demonstration_server}/safety?view=Demonstration+questions&safety_context=children"
    )
    expect(cell(page, 0, 0)).to_be_attached()
    row = next(number for number in range(3) if cell(page, number, 0).inner_text() == LIKELY)
    counted = cell(page, row, 1).inner_text()
    click_row(page, row, 300)
    expect(page.get_by_role("heading", name="Wrong answers", level=1)).to_be_visible()
    assert "safety=children&task=Demonstration&flag=Contraindicated+choice" in page.url
    expect(page.get_by_text(f" {counted} fit your filters.")).to_be_visible()
