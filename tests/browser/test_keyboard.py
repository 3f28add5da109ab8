"""The leaderboard without a mouse: what Tab reaches, what is seen of that, and what keys open."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, cell, settled
from tests.browser.test_walk import DEMONSTRATION
from tests.demonstration import LIKELY

pytestmark = pytest.mark.browser
FOCUS = """() => {
    const at = document.activeElement;
    if (at === document.body) return ["", null];
    const seen = at.closest("canvas") ?? at.closest("[role=group]") ?? at;
    const {x, y, width, height} = seen.getBoundingClientRect();
    const lines = at.innerText.split("\\n").filter((line) => /^[A-Z]/.test(line));
    const name = seen.tagName === "CANVAS" ? "CANVAS" : at.ariaLabel ?? lines.join(" ");
    return [name, {x, y, width, height}];
}"""
"""What has focus: its name without the icons, which are words too, and the box around it."""
STOPS = [
    *("Leaderboard", "Model", "Errors", "Compare", "Charts", "Featured case", "Data", "SQL"),
    *("About", "Lane", "Rank by", "Search models", "Open weights under 10B", "Filters", "Pin"),
    *("Columns", "Download and cite", "Table", "CANVAS", "Where is my model?"),
]
MOST_STOPS = 60


def open_leaderboard(open_page: OpenPage, server: str) -> Page:
    """All of it in sight, so that nothing is scrolled to."""
    page = open_page(server + DEMONSTRATION, viewport={"width": 1280, "height": 1400})
    settled(page)
    expect(cell(page, 0, 1)).to_be_attached()
    return page


def go_by_key(page: Page, key: str) -> tuple[str, dict[str, float]]:
    """What has focus after the key, and the place where that must be seen."""
    page.keyboard.press(key)
    name, box = page.evaluate(FOCUS)
    return name, box


def go_on_to(page: Page, wanted: str, key: str = "Tab") -> None:
    """Press the key until what is called so has focus."""
    settled(page)
    names = [go_by_key(page, key)[0]]
    while names[-1] != wanted and len(names) < MOST_STOPS:
        names.append(go_by_key(page, key)[0])
    assert names[-1] == wanted, names


def take_picture(page: Page, box: dict[str, float]) -> bytes:
    """What is drawn in the box and close around it."""
    return page.screenshot(
        clip={
            "x": box["x"] - 4,
            "y": box["y"] - 4,
            "width": box["width"] + 8,
            "height": box["height"] + 8,
        },
        animations="disabled",
    )


def test_tab_reaches_every_part_of_the_leaderboard_and_shows_where_it_is(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_leaderboard(open_page, demonstration_server)
    names: list[str] = []
    unseen = []
    name, box = go_by_key(page, "Tab")
    while box and len(names) < MOST_STOPS:
        names.append(name)
        if name == "CANVAS":  # what is selected faster than it is told may be a click
            expect(page.get_by_role("link", name="Its scores")).to_be_visible()
            settled(page)
            box = page.evaluate(FOCUS)[1]
        focused = take_picture(page, box)
        following, next_box = go_by_key(page, "Tab")
        if take_picture(page, box) == focused:
            unseen.append(name)
        name, box = following, next_box
    assert unseen == []
    assert list(dict.fromkeys(name for name in names if name in STOPS)) == STOPS
    assert page.url == demonstration_server + DEMONSTRATION


def test_keys_alone_search_filter_and_open_a_model(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_leaderboard(open_page, demonstration_server)
    go_on_to(page, "Search models")
    page.keyboard.type("baseline")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 of 3 rows, 1 hidden by your filters.")).to_be_visible()
    go_on_to(page, "Show them")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 of 3 rows.")).to_be_visible()
    go_on_to(page, "Filters", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    go_on_to(page, "Open weights under 10B", "Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 of 3 rows, 2 hidden by your filters.")).to_be_visible()
    go_on_to(page, "CANVAS")
    expect(page.get_by_role("link", name="Its wrong answers")).to_be_visible()
    go_on_to(page, "Its scores", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Model", exact=True)).to_have_value(LIKELY)


def test_keys_alone_open_a_question_of_a_list_and_another_model_s_pick(
    open_page: OpenPage, demonstration_server: str
) -> None:
    page = open_page(f"{demonstration_server}/errors", viewport={"width": 1280, "height": 1400})
    expect(cell(page, 1, 1)).to_be_attached()
    go_on_to(page, "CANVAS")
    expect(page.get_by_role("link", name="Open line 1")).to_be_visible()
    settled(page)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Open line 2")).to_be_visible()
    go_on_to(page, "Open line 2", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What each model picked")).to_be_visible()
    asked = page.url
    expect(cell(page, 1, 1)).to_be_attached()
    go_on_to(page, "CANVAS")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Open line 2")).to_be_visible()
    settled(page)
    go_on_to(page, "Open line 2", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != asked)
    assert page.url.partition("run=")[0] == asked.partition("run=")[0]
