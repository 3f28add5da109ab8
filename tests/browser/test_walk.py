"""A reader's way through the real server in a real browser."""

import re
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.conftest import OpenPage, cell, click_row, settled
from tests.conftest import REPOSITORY
from tests.demonstration import LIKELY, SAMPLES

pytestmark = pytest.mark.browser
DEMONSTRATION = "/?view=Demonstration+questions"
SCORE = 530  # pixels from the left of the leaderboard to its score
PAGES = (
    "/",
    DEMONSTRATION,
    "/model",
    "/errors",
    "/compare",
    "/charts",
    "/charts?view=Demonstration+questions&chart=Questions",
    "/case?question=sample/sample-001",
    "/featured",
    "/about",
    "/submit",
    "/system",
    "/data",
    "/sql",
)


def open_list(open_page: OpenPage, server: str) -> Page:
    """The likely model's wrong answers, reached by a click on its score."""
    page = open_page(server + DEMONSTRATION)
    row = next(number for number in range(3) if cell(page, number, 1).inner_text() == LIKELY)
    click_row(page, row, SCORE)
    expect(page).to_have_url(
        re.compile(r"/errors\?run=acme--likely-7b-[0-9a-f]+&task=Demonstration$")
    )
    expect(page.get_by_role("heading", name="Wrong answers")).to_be_visible()
    return page


def case_id(page: Page) -> str:
    """The question that the page shows, read from its title."""
    shown = page.get_by_role("heading", name=re.compile(r" · sample-\d+$"), level=1)
    expect(shown).to_be_visible()
    return shown.inner_text().split(" · ")[1]


def heading_of(page: Page, sample_id: str) -> Locator:
    return page.get_by_role("heading", name=f"Demonstration · {sample_id}", level=1)


def go_back(page: Page, address: str, most: int) -> None:
    """Press Back until `address` is reached, letting each page come up between."""
    headings = {"/": "Open Medical-LLM Leaderboard", "/errors": "Wrong answers", "/model": "Model"}
    for _ in range(most):
        before = page.url
        page.go_back()
        page.wait_for_url(re.compile(rf"^(?!{re.escape(before)}$)"), wait_until="commit")
        with suppress(TimeoutError):  # a short script may have run already
            page.wait_for_selector("[data-test-script-state=running]", timeout=700)
        heading = headings.get(urlsplit(page.url).path, "Demonstration")
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        settled(page)
        if page.url == address:
            return
    pytest.fail(f"{most} steps back lead to {page.url}, not to {address}.")


def choose(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=value, exact=True).click()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_an_error_and_is_no_wider_than_a_phone(
    path: str, open_page: OpenPage, demonstration_server: str
) -> None:
    """On a wide screen the tests of accessibility open each."""
    size = {"width": 390, "height": 844}
    page = open_page(demonstration_server + path, viewport=size)
    expect(page.locator("h1")).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.wait_for_function("document.scrollingElement.scrollWidth <= innerWidth")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_the_icon_of_the_site_needs_no_file(open_page: OpenPage, demonstration_server: str) -> None:
    icon = open_page(demonstration_server).locator("link[rel='shortcut icon'], link[rel='icon']")
    expect(icon.first).to_have_attribute("href", re.compile("^data:image/png;base64,"))


def test_a_filtered_view_is_in_its_address(open_page: OpenPage, demonstration_server: str) -> None:
    page = open_page(demonstration_server)
    expect(cell(page, 0, 1)).to_have_text("aaditya/OpenBioLLM-Llama3-70B")
    page.get_by_label("Search models", exact=True).fill("llama 8b instruct")
    page.get_by_label("Search models", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"\?find=llama\+8b\+instruct$"))
    expect(page.get_by_text("1 of 29 rows, 28 hidden by your filters.")).to_be_visible()
    again = open_page(page.url)
    expect(again.get_by_label("Search models", exact=True)).to_have_value("llama 8b instruct")
    expect(cell(again, 0, 1)).to_have_text("meta-llama/Meta-Llama-3-8B-Instruct")
    expect(again.get_by_text("1 of 29 rows, 28 hidden by your filters.")).to_be_visible()


def test_the_demonstration_view_shows_its_score(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(demonstration_server)
    page.get_by_role("radio", name="Demonstration questions").click()
    expect(page).to_have_url(demonstration_server + DEMONSTRATION)
    expect(page.get_by_text("Written for demonstration, not reviewed")).to_be_visible()
    expect(cell(page, 0, 1)).to_be_attached()
    expect(page.locator("[role=columnheader]", has_text="Accuracy").first).to_be_attached()


def test_a_click_leads_from_a_model_to_a_case_and_next_follows_the_list(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    second = cell(page, 1, 1).inner_text()
    click_row(page, 1)
    expect(page).to_have_url(re.compile(r"/case\?question=sample%2Fsample-\d+&run=acme"))
    opened = case_id(page)
    assert second == " ".join(SAMPLES[opened].question.split())[:300]
    expect(page.get_by_test_id("stCode").last).to_have_text(page.url)
    page.get_by_role("button", name="Next").click()
    expect(heading_of(page, opened)).to_have_count(0)
    following = case_id(page)
    assert f"sample%2F{following}&" in page.url
    expect(page.get_by_test_id("stCode").last).to_have_text(page.url)
    page.get_by_role("button", name="Previous").click()
    expect(heading_of(page, opened)).to_be_visible()
    assert f"sample%2F{opened}&" in page.url


def test_the_list_of_mistakes_leads_to_its_model(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    (run,) = re.findall(r"run=([^&]+)", page.url)
    page.get_by_role("link", name="This model's scores").click()
    expect(page).to_have_url(re.compile(rf"/model\?model=acme.*&run={run}"))
    expect(page.get_by_label("Model", exact=True)).to_have_value(LIKELY)


def test_a_link_to_wrong_answers_lists_all_whatever_was_searched_before(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    search = page.get_by_label("Search questions and choices")
    search.fill("pregnant")
    search.press("Enter")
    expect(page).to_have_url(re.compile("search=pregnant"))
    page.get_by_role("link", name="Model", exact=True).click()
    expect(page).to_have_url(re.compile("/model"))
    page.get_by_role("link", name="Errors", exact=True).click()
    expect(search).to_have_value("pregnant")  # who comes back goes on
    page.get_by_role("link", name="Model", exact=True).click()
    page.get_by_role("link", name="Its wrong answers").click()
    expect(search).to_have_value("")


def test_a_model_opens_its_surest_mistake_and_back_leads_to_it(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(f"{demonstration_server}/model?model={LIKELY}")
    page.get_by_role("radio", name="Calibration").click()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    page.get_by_role("radio", name="Surest mistakes").click()
    expect(page).to_have_url(re.compile(r"part=Surest\+mistakes"))
    expect(page.get_by_role("link", name=re.compile(r"All \d+ wrong answers"))).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    settled(page)
    listed = page.url
    opened = cell(page, 1, 1).inner_text()
    click_row(page, 1)
    assert opened == " ".join(SAMPLES[case_id(page)].question.split())[:300]
    go_back(page, listed, most=2)
    expect(page.get_by_label("Model", exact=True)).to_have_value(LIKELY)
    expect(cell(page, 1, 1)).to_have_text(opened)


def test_a_case_address_opens_the_same_case_elsewhere(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    choose(page, "Sort", "Surest first")
    expect(page).to_have_url(re.compile(r"&sort=Surest\+first&task=Demonstration$"))
    click_row(page, 2)
    opened = case_id(page)
    again = open_page(page.url)
    assert case_id(again) == opened
    page.get_by_role("button", name="Next").click()
    again.get_by_role("button", name="Next").click()
    for shown in (page, again):
        expect(heading_of(shown, opened)).to_have_count(0)
    assert case_id(again) == case_id(page)


def test_back_returns_through_the_cases_to_the_list_and_the_leaderboard(
    open_page: OpenPage, demonstration_server: str
) -> None:
    """Streamlit leaves an address of its own before each page: one more step back for each."""
    page = open_list(open_page, demonstration_server)
    listed = page.url
    click_row(page, 0)
    first, opened = case_id(page), page.url
    page.get_by_role("button", name="Next").click()
    expect(heading_of(page, first)).to_have_count(0)
    go_back(page, opened, most=1)
    expect(heading_of(page, first)).to_be_visible()
    go_back(page, listed, most=2)
    expect(page.get_by_role("heading", name="Wrong answers")).to_be_visible()
    go_back(page, demonstration_server + DEMONSTRATION, most=2)
    expect(page.get_by_role("heading", name="Open Medical-LLM Leaderboard")).to_be_visible()


def test_back_from_the_list_returns_to_the_case(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    choose(page, "Safety context", "children")
    click_row(page, 0)
    first, opened = case_id(page), page.url
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("heading", name="Wrong answers")).to_be_visible()
    settled(page)
    go_back(page, opened, most=2)
    expect(heading_of(page, first)).to_be_visible()


def test_back_returns_to_the_model_chosen_before(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    before = page.url
    choose(page, "Models", "essayist · other-essays · sample")
    expect(page.get_by_text("of 94 answers are wrong")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("of 94 answers are wrong")).to_have_count(0)
    expect(page).to_have_url(before)


def test_the_list_of_a_case_keeps_its_filters(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_list(open_page, demonstration_server)
    choose(page, "Safety context", "children")
    expect(page).to_have_url(re.compile(r"&safety=children&task=Demonstration$"))
    listed = page.url
    click_row(page, 0)
    assert "children" in SAMPLES[case_id(page)].safety_tags
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(listed)


def test_the_featured_case_is_one_click_away(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(demonstration_server)
    page.get_by_role("link", name="Why it matters").click()
    expect(page.get_by_role("heading", name="Tetracycline for a pregnant patient")).to_be_visible()
    assert urlsplit(page.url).path == "/featured"


def test_pages_are_dark_where_the_reader_prefers_it(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(demonstration_server, color_scheme="dark")
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(16, 25, 24)")
    expect(page.locator("h1")).to_have_css("color", "rgb(230, 239, 238)")


def test_a_table_can_be_downloaded(open_page: OpenPage, demonstration_server: str) -> None:
    page = open_page(demonstration_server + DEMONSTRATION)
    settled(page)
    page.get_by_role("button", name="Download and cite").click()
    for kind in ("Parquet", "JSON", "CSV"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        name = f"leaderboard-loglikelihood-0shot.{kind.lower()}"
        assert download.value.suggested_filename == name
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("entry,origin,run_id,lane,model,")
    assert len(lines) == 4


def test_hidden_rows_come_back_with_one_click(
    open_page: OpenPage, demonstration_server: str
) -> None:
    filters = "&presets=No+baselines&find=acme&sizes=1B&sizes=10B"
    page = open_page(demonstration_server + DEMONSTRATION + filters)
    expect(page.get_by_text("1 of 3 rows, 2 hidden by your filters.")).to_be_visible()
    page.get_by_role("button", name="Show them").click()
    expect(page.get_by_text("3 of 3 rows.")).to_be_visible()
    expect(page).to_have_url(demonstration_server + DEMONSTRATION)


def test_a_taken_port_is_named_with_what_to_do(demonstration_server: str) -> None:
    port = urlsplit(demonstration_server).port
    command = [sys.executable, "-m", "dashboard", "--port", str(port)]
    ended = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Error: Port {port} is taken: perhaps the dashboard already runs on "
        f"http://localhost:{port}. Or choose another port: make demo PORT={(port or 0) + 1}\n"
    )
