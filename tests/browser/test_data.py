"""The Data and SQL pages in a real browser: clicks, downloads, and text that tries to be more."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
import pytest
from playwright.sync_api import Page, TimeoutError, expect

from dashboard import column_words
from ingest.samples import kept_file
from tests.browser.conftest import ROW, OpenPage, cell, serve, settled
from tests.browser.test_hostile import HOSTILE, MODEL, hostile_sample, is_intact
from tests.conftest import load_everything
from tests.demonstration import SAMPLES, TASK, import_answers, make_data

pytestmark = pytest.mark.browser
PICTURE = "shown in the image"


def make_questions() -> None:
    """Hostile questions; twelve speak of a picture, and the last two are one."""
    kept = kept_file(TASK)
    kept.parent.mkdir(parents=True)
    rows = [hostile_sample(n, key).model_dump() for n, key in enumerate(SAMPLES)]
    for row, text in zip(rows, HOSTILE, strict=False):
        row["question"] = f"{PICTURE} {text}"
    rows[-1] |= {"question": rows[-2]["question"], "choices": rows[-2]["choices"]}
    rows[-1] |= {"context": rows[-2]["context"], "gold": "B"}
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(kept)
    import_answers(MODEL, "other-hostile", dict.fromkeys(SAMPLES, "A") | {"no-such-id": "A"})
    load_everything()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("questions"), make_questions)


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serve(data) as address:
        yield address


def click_until(page: Page, table: int, x: float, address: str) -> None:
    """Click the first row of a table at `x` until the address matches; see `click_row`."""
    settled(page)
    grid = page.get_by_test_id("stDataFrame").nth(table).get_by_test_id("data-grid-canvas")
    for _ in range(5):
        grid.hover(position={"x": x - 2, "y": ROW * 1.5 - 1}, force=True)
        grid.click(position={"x": x, "y": ROW * 1.5}, force=True)
        with suppress(TimeoutError):
            page.wait_for_url(re.compile(address), wait_until="commit", timeout=4_000)
            return
    pytest.fail(f"No click on table {table} led from {page.url} to {address}.")


def place_of(page: Page, head: str) -> float:
    """Where in the table of numbers the column is: pixels from its left."""
    box = page.get_by_test_id("stDataFrame").nth(1).bounding_box()
    assert box
    heads = ["Task", "Questions", *(head for head, _ in column_words.FINDINGS.values())]
    widths = [150, 90, *[110] * 6]
    before = sum(widths[: heads.index(head)])
    return box["width"] * (before + 55) / sum(widths)


def test_a_click_on_a_number_lists_its_questions_and_a_row_opens_one(
    open_page: OpenPage, server: str
) -> None:
    page = open_page(f"{server}/data")
    expect(page.get_by_text("12 questions.")).to_be_visible()
    is_intact(page)
    click_until(page, 1, place_of(page, "Other key"), r"finding=Other\+key")
    expect(page.get_by_text(re.compile("^2 questions"))).to_be_visible()
    again = open_page(page.url)
    expect(again.get_by_text(re.compile("^2 questions"))).to_be_visible()
    click_until(page, 2, 120, "/case[?]question=sample%2F")
    expect(page.get_by_role("heading", level=1, name="Demonstration · ")).to_be_visible()
    expect(page.get_by_role("heading", name="The same question elsewhere")).to_be_visible()


def test_hostile_text_is_an_answer_and_no_more(open_page: OpenPage, server: str) -> None:
    texts = [text.replace("'", "''") for text in HOSTILE[:6]]
    columns = ", ".join(f"""'{text}' as "{text.replace('"', '""')}" """ for text in texts)
    page = open_page(f"{server}/sql?{urlencode({'sql': f'select {columns}'})}")
    expect(page.get_by_text("1 row.")).to_be_visible()
    expect(cell(page, 0, 0)).to_have_text(HOSTILE[0])
    is_intact(page)
    for text in HOSTILE[:6]:
        page.goto(f"{server}/sql?{urlencode({'sql': f'{text} !'})}")
        expect(page.get_by_text("There is no answer to this statement.")).to_be_visible()
        is_intact(page)


@pytest.mark.parametrize("path", ["/data", "/sql"])
def test_the_pages_are_no_wider_than_a_phone(path: str, open_page: OpenPage, server: str) -> None:
    page = open_page(server + path, viewport={"width": 390, "height": 844})
    expect(page.locator("h1")).to_be_visible()
    is_intact(page)


@pytest.mark.parametrize(
    ("path", "name", "begins"),
    [
        ("/sql?sql=select+1+as+one", "CSV", b"one\n1\n"),
        ("/sql?sql=select+1+as+one", "Parquet", b"PAR1"),
        ("/data", "CSV", b"task,sample_id,repeat,prediction,gold,"),
        ("/data", "Parquet", b"PAR1"),
    ],
)
def test_what_is_shown_can_be_downloaded(
    path: str, name: str, begins: bytes, open_page: OpenPage, server: str
) -> None:
    page = open_page(server + path)
    settled(page)
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name=name).click()
    content = download.value.path().read_bytes()
    assert content.startswith(begins)


def test_the_snapshot_itself_can_be_downloaded(
    open_page: OpenPage, server: str, data: Path
) -> None:
    page = open_page(f"{server}/data")
    with page.expect_download() as download:
        page.get_by_role("link", name="Snapshot").click()
    name = download.value.suggested_filename.removeprefix("leaderboard-")
    assert download.value.path().read_bytes() == (data / "warehouse" / name).read_bytes()
