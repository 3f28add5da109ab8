"""A case as a browser shows it, on a screen, on a phone and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from dashboard import wording
from tests import test_case_page as made
from tests.browser.conftest import OpenPage, serve, settled
from tests.browser.test_accessibility import AXE, find_faults
from tests.demonstration import make_data

pytestmark = pytest.mark.browser
WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
INK = "rgb(11, 23, 24)"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("case"), made.make_case)


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """The case of the model that is flagged, the other beside it."""
    names = [folder.name for folder in (data / "runs").iterdir()]
    run, beside = (
        next(name for name in names if name.startswith(start)) for start in ("thinker", "knower")
    )
    with serve(data) as server:
        yield f"{server}/case?question=sample/sample-001&run={run}&beside={beside}"


def count_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def is_read(page: Page) -> None:
    expect(page.get_by_text(made.OTHER, exact=True)).to_be_visible()
    settled(page)


def test_two_answers_stand_side_by_side_and_on_a_phone_one_under_the_other(
    open_page: OpenPage, address: str
) -> None:
    page = open_page(address, viewport=WIDE)
    is_read(page)
    first = page.locator(".reading").filter(has_text="The child has a rash.")
    second = page.locator(".reading").filter(has_text=made.OTHER)
    left, right = first.bounding_box(), second.bounding_box()
    assert left and right
    assert abs(left["y"] - right["y"]) < 60
    assert left["x"] + left["width"] <= right["x"]
    page.set_viewport_size(PHONE)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    above, below = first.bounding_box(), second.bounding_box()
    assert above and below
    assert above["y"] + above["height"] < below["y"]
    assert above["x"] == below["x"]


def test_lines_are_of_a_length_that_is_easily_read(open_page: OpenPage, address: str) -> None:
    page = open_page(address, viewport={"width": 1920, "height": 900})
    is_read(page)
    stem = page.locator(".reading").first
    size = stem.evaluate("box => [box.clientWidth, parseFloat(getComputedStyle(box).fontSize)]")
    assert 28 < size[0] / size[1] < 36, "in ems, of which about two make a letter"


def test_what_is_said_of_an_answer_can_be_read_by_everyone(
    profile: BrowserContext, address: str
) -> None:
    page = profile.new_page()
    page.add_init_script(path=AXE)
    page.goto(address)
    is_read(page)
    assert find_faults(page) == []
    page.close()


def test_the_report_is_one_page_that_needs_and_runs_nothing(
    profile: BrowserContext, address: str, tmp_path: Path
) -> None:
    page = profile.new_page()
    page.goto(address)
    is_read(page)
    with page.expect_download() as got:
        page.get_by_role("button", name="Report of this case").click()
    assert got.value.suggested_filename == "case-sample-sample-001.html"
    file = tmp_path / "report.html"
    got.value.save_as(file)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    for said in (wording.NOTICE, made.WORDS, "Label, 2020", "It is <b>slow</b>.", address[-40:]):
        expect(page.locator("body")).to_contain_text(said)
    expect(page.locator("mark.flag")).to_have_css("background-color", "rgb(254, 243, 199)")
    assert count_pages(page.pdf(prefer_css_page_size=True)) == 1
    page.evaluate("document.body.append(document.createElement('script'))")
    page.evaluate("document.scripts[0].textContent = 'window.hacked = 1'")
    assert page.evaluate("window.hacked") is None, "its policy lets no script run"
    page.close()


def test_a_case_is_printed_dark_on_white_without_what_is_clicked(
    profile: BrowserContext, address: str
) -> None:
    page = profile.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(address)
    is_read(page)
    pages = count_pages(page.pdf(format="A4"))
    assert 1 <= pages <= 3
    page.emulate_media(media="print")
    for shown in (
        page.locator(".reading").first,
        page.locator("h1"),
        page.get_by_text("D.  Adrenaline"),
    ):
        expect(shown).to_have_css("color", INK)
    expect(page.get_by_role("button", name="Next")).to_be_hidden()
    expect(page.get_by_role("button", name="Report of this case")).to_be_hidden()
    expect(page.get_by_text("Link to this case")).to_be_visible()
    page.close()
