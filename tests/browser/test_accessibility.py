"""What axe-core finds on every page, in both themes, wide and narrow."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import leave, serve, settled, watch
from tests.browser.test_walk import DEMONSTRATION
from tests.demonstration import LIKELY

Theme = Literal["light", "dark"]
pytestmark = pytest.mark.browser
AXE = str(resources.files("axe_playwright_python") / "axe.min.js")
WIDE, NARROW = 1280, 390
THEMES: tuple[Theme, ...] = ("light", "dark")
BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 25, 24)"}
COLORS = ["color-contrast", "link-in-text-block"]
FAULTS: list[str] = []
"""What went wrong while pages opened."""
LOOKS: tuple[
    tuple[int, Theme, list[str] | None], ...
] = (  # all else that axe looks at is the same in both themes
    (WIDE, "light", None),
    (WIDE, "dark", COLORS),
    (NARROW, "dark", COLORS),
    (NARROW, "light", None),
)
RUN = f"/model?model={LIKELY}"
CHARTS = f"/charts{DEMONSTRATION[1:]}&chart="
PAGES = (
    "/",
    "/review",
    "/disputes",
    f"{DEMONSTRATION}&pin={LIKELY}&types=baseline&missing=essayist",
    f"{DEMONSTRATION}&show=Chart+with+intervals",
    "/?find=size:x&score=none&lane=none&view=none",
    f"{RUN}&part=Strengths+and+weaknesses",
    f"{RUN}&part=Receipt",
    "/model?model=nobody&run=none",
    "/errors?safety=children&flag=Confident+and+wrong",
    "/safety",
    "/compare?topic=Questions",
    f"{CHARTS}Subjects",
    f"{CHARTS}Questions",
    "/featured",
    "/benchmarks",
    "/data",
    "/sql",
    "/about",
    "/system",
    "/case?question=sample/sample-002",
    "/none",
)
"""Each page and each of its parts; where an address names what is not there, it also says so."""
SELDOM = (
    f"{RUN}&part=Calibration",
    "/errors?search=zebra+zebra",
    "/compare?topic=Mistakes",
    f"{CHARTS}Size",
    "/safety?view=Demonstration+questions&safety_context=children",
    f"{DEMONSTRATION}&score=Your+case+mix&mix=Surgery",
    f"{DEMONSTRATION}&find=nobody+of+that+name",
    f"{RUN}&part=Surest+mistakes",
    f"{RUN}&part=Runs",
    "/errors?run=none",
    "/compare?runs=none",
    "/compare?topic=Settings",
    "/compare?in_lane=other-essays",
    f"{CHARTS}Time",
    f"{CHARTS}Scores",
    f"{CHARTS}Markings",
    "/charts?chart=Size",
    "/sql?sql=select+none",
    "/case?question=none",
    "/submit",
)
"""More of the same kind."""
READY = """() => {
    const all = (name) => [...document.querySelectorAll(`[data-testid=${name}]`)]
        .filter((part) => part.checkVisibility());
    return !all("stSkeleton").length
        && all("stPlotlyChart").every((chart) => chart.querySelector(".main-svg"))
        && all("stDataFrame").every((table) => table.querySelector("canvas"));
}"""
FIND = """async (rules) => {
    for (const moving of document.getAnimations())
        if (moving.effect.getComputedTiming().endTime < Infinity) moving.finish();
    const options = {resultTypes: ["violations"], preload: false};
    const {violations} = await axe.run(rules ? {...options, runOnly: rules} : options);
    return violations
        .filter((rule) => ["serious", "critical"].includes(rule.impact))
        .flatMap((rule) => rule.nodes.map((at) => [rule.id, at.html, at.failureSummary].join(" ")));
}"""


def open_with_axe(profile: BrowserContext) -> Iterator[Page]:
    """One page for all addresses."""
    page = profile.new_page()
    page.add_init_script(path=AXE)
    watch(page, FAULTS)
    yield page
    leave(page)


@pytest.fixture(scope="module")
def page(profile: BrowserContext) -> Iterator[Page]:
    yield from open_with_axe(profile)


def go_to(page: Page, address: str) -> None:
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(address)
    expect(page.get_by_text("For research only.")).to_be_visible()
    expect(page.locator("h1")).to_be_visible()
    settled(page)
    page.wait_for_function(READY)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def put_on(page: Page, theme: Theme) -> None:
    page.emulate_media(color_scheme=theme)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUND[theme])


def find_faults(page: Page) -> list[str]:
    """What is serious or critical, in each look of the page."""
    faults = []
    for width, theme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        put_on(page, theme)
        menu = page.get_by_test_id("stExpandSidebarButton")
        expect(menu).to_be_visible(visible=width == NARROW)
        faults += [f"{theme}, {width} px: {fault}" for fault in page.evaluate(FIND, rules)]
    return faults


@pytest.mark.parametrize(
    "path", [*PAGES, *(pytest.param(path, marks=pytest.mark.slow) for path in SELDOM)]
)
def test_a_page_can_be_read_by_everyone(path: str, page: Page, demonstration_server: str) -> None:
    FAULTS.clear()
    go_to(page, demonstration_server + path)
    assert [fault for fault in FAULTS if "does not seem to exist" not in fault] == []
    assert find_faults(page) == []


def test_the_case_of_a_wrong_answer_can_be_read_by_everyone(
    page: Page, demonstration_server: str
) -> None:
    go_to(page, f"{demonstration_server}/model")
    wrong = page.get_by_role("link", name="Its wrong answers")
    (run,) = re.findall(r"run=([^&]+)", str(wrong.get_attribute("href")))
    go_to(page, f"{demonstration_server}/case?question=sample/sample-001&run={run}")
    expect(page.get_by_text("picked")).not_to_have_count(0)
    assert find_faults(page) == []


def test_an_empty_warehouse_can_be_read_by_everyone(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path) as address:
        go_to(page, address)
        assert find_faults(page) == []


def test_what_opens_over_a_page_can_be_read_by_everyone(
    page: Page, demonstration_server: str
) -> None:
    go_to(page, f"{demonstration_server}{DEMONSTRATION}&pin={LIKELY}&types=baseline")
    for theme in THEMES:
        put_on(page, theme)
        for opened in ("Filters", "Pin", "Columns", "Download and cite"):
            page.get_by_test_id("stPopoverButton").filter(has_text=opened).click()
            expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
            assert page.evaluate(FIND, None) == []
            page.keyboard.press("Escape")
            expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.get_by_test_id("stExpandSidebarButton").click()
    pages = page.get_by_test_id("stSidebarNavItems")
    expect(pages.get_by_role("link", name="About")).to_be_visible()
    assert page.evaluate(FIND, None) == []


def test_the_words_of_a_chart_are_as_plain_as_those_of_its_page(
    page: Page, demonstration_server: str
) -> None:
    """axe-core does not judge them: it cannot tell what lies behind drawn text."""
    go_to(page, f"{demonstration_server}{DEMONSTRATION}&show=Chart+with+intervals")
    for theme in THEMES:
        put_on(page, theme)
        color = page.locator("h1").evaluate("title => getComputedStyle(title).color")
        words = page.get_by_test_id("stPlotlyChart").locator("text")
        expect(words.first).to_be_visible()
        fills = words.evaluate_all("all => all.map((text) => getComputedStyle(text).fill)")
        assert set(fills) == {color}
