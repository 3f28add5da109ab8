"""What only a browser shows of the leaderboard: weights typed into a table, cells that lead on."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.conftest import ROW, OpenPage, cell, click_row, settled
from tests.browser.test_walk import DEMONSTRATION
from tests.demonstration import LIKELY

pytestmark = pytest.mark.browser
WEIGHT = 380  # pixels from the left of the table of weights to a weight


def test_a_weight_that_is_typed_makes_the_mix_ones_own(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(f"{demonstration_server}{DEMONSTRATION}&score=Your+case+mix&mix=Surgery")
    settled(page)
    page.get_by_text("Weights", exact=True).click()
    weights = page.get_by_test_id("stExpander").get_by_test_id("data-grid-canvas")
    expect(cell(page, 0, 2)).to_be_attached()
    editor = page.locator("#portal input")
    for _ in range(5):  # a click on a table still in the making is lost
        weights.dblclick(position={"x": WEIGHT, "y": ROW + ROW // 2}, force=True)
        with suppress(TimeoutError):
            editor.fill("50", timeout=3_000)
            break
    editor.press("Enter")
    expect(page).to_have_url(re.compile(r"mix=sample%2F[^&]+%3A50%3B"))
    expect(page.get_by_label("Case mix", exact=True)).to_have_value("My own")


def test_a_click_on_a_model_opens_its_page(open_page: OpenPage, demonstration_server: str) -> None:
    page = open_page(demonstration_server + DEMONSTRATION)
    row = next(number for number in range(3) if cell(page, number, 1).inner_text() == LIKELY)
    click_row(page, row, 200)
    expect(page).to_have_url(re.compile(r"/model\?model=acme%2Flikely-7b&run=acme--likely-7b"))


def test_pinned_models_are_compared(open_page: OpenPage, demonstration_server: str) -> None:
    page = open_page(
        f"{demonstration_server}{DEMONSTRATION}&pin=acme/likely-7b&pin=baseline:majority"
    )
    settled(page)
    page.get_by_text("Pin", exact=True).click()
    page.get_by_role("button", name="Compare them").click()
    expect(page.get_by_role("heading", name="Compare models")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/compare\?runs=[^&]+&runs=[^&]+$"))


def test_a_strange_question_of_the_charts_opens(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(
        f"{demonstration_server}/charts?view=Demonstration+questions&chart=Questions"
        "&mark=Nobody+is+right"
    )
    click_row(page, 0)
    expect(page).to_have_url(re.compile(r"/case\?question=sample%2Fsample-\d+"))
