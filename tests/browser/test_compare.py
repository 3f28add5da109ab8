"""Runs chosen side by side in a real browser: what is chosen stays in the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, click_row, settled

pytestmark = pytest.mark.browser
CHOICE = "Models, two to six: the others are compared with the first"
RUNS = re.compile(r"[?&]runs=[^&]+")


def named_in(page: Page) -> int:
    """How many runs the address names."""
    return len(RUNS.findall(page.url))


def add_one(page: Page) -> None:
    """Choose one more of the models that are offered."""
    page.get_by_label(CHOICE).click()
    page.get_by_role("option", name=re.compile("^(baseline:|acme)")).first.click()
    page.keyboard.press("Escape")
    page.wait_for_function("location.search.split('runs=').length == 4")
    settled(page)


@pytest.mark.slow
def test_a_third_model_is_in_the_address_and_opens_again(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(f"{demonstration_server}/compare")
    findings = page.get_by_test_id("stText").filter(has_text="the data cannot tell")
    expect(findings).to_have_count(1)
    add_one(page)
    expect(findings).to_have_count(2)
    again = open_page(page.url)
    expect(again.get_by_test_id("stText").filter(has_text="cannot tell")).to_have_count(2)
    assert (
        findings.all_text_contents()
        == again.get_by_test_id("stText").filter(has_text="cannot tell").all_text_contents()
    )


def test_a_question_opens_and_back_returns_to_the_comparison(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(f"{demonstration_server}/compare")
    add_one(page)
    page.get_by_role("radio", name="Questions").click()
    expect(page.get_by_label("Which", exact=True)).to_be_visible()
    address = page.url
    click_row(page, 0)
    expect(page.get_by_role("heading", name=re.compile(r" · sample-\d+$"), level=1)).to_be_visible()
    for _ in range(3):
        page.go_back()
        page.wait_for_timeout(700)
        if page.url == address:
            break
    expect(page.get_by_role("heading", name="Compare models")).to_be_visible()
    settled(page)
    assert named_in(page) == 3
    expect(page.get_by_label("Which", exact=True)).to_be_visible()
