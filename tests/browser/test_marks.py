"""A model is hidden while a reader looks on: it goes, its page says why, and its answers stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, cell, serve, settled
from tests.browser.test_hostile import MODEL, is_intact
from tests.conftest import load_everything
from tests.demonstration import LIKELY, import_answers, make_data, make_demonstration
from tests.test_upkeep import MAINTAINER
from tests.test_watch import nothing, watch_while
from warehouse.ledger.marks import mark
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.submissions import Asked, submit

pytestmark = pytest.mark.browser
DEMONSTRATION = "/?view=Demonstration+questions&lane=loglikelihood-0shot"
WHY = "Trained on the test questions: <img src=x onerror=window.hacked=1> $x$ :red[y]"


def make_all() -> None:
    make_demonstration()
    import_answers(MODEL, "other-hostile", {"sample-001": "B"})
    load_everything()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("marks"), make_all)


@pytest.fixture
def ledger(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setenv("LEADERBOARD_DATA", str(data))
    opened = open_ledger()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serve(data) as address:
        yield address


def ask_where(page: Page, name: str) -> None:
    field = page.get_by_label("Where is my model?")
    field.fill(name)
    field.press("Enter")
    settled(page)


def test_a_hidden_model_is_gone_and_its_reader_learns_why(
    open_page: OpenPage, server: str, ledger: Ledger
) -> None:
    page = open_page(server + DEMONSTRATION)
    expect(cell(page, 0, 1)).to_have_text(LIKELY)
    ask_where(page, "LIKELY-7b")
    expect(page.get_by_text(f"{LIKELY} is here.")).to_be_visible()
    mark(ledger, LIKELY, "hidden", MAINTAINER, WHY)
    watch_while(nothing)
    page = open_page(server + DEMONSTRATION)
    expect(cell(page, 0, 1)).not_to_have_text(LIKELY)
    expect(page.get_by_text("2 of 2 rows.")).to_be_visible()
    ask_where(page, f"https://huggingface.co/{LIKELY}")
    expect(page.get_by_text(f"{LIKELY} is hidden from the leaderboard since")).to_contain_text(WHY)
    is_intact(page)
    page = open_page(f"{server}/model?model={LIKELY}")
    expect(page.get_by_text("This model is not on the leaderboard")).to_be_visible()
    expect(page.get_by_text(WHY, exact=True)).to_be_visible()
    expect(page.get_by_label("Model", exact=True)).to_have_value(LIKELY)
    is_intact(page)


def test_names_that_try_to_be_more_than_text_are_text_in_the_answer(
    open_page: OpenPage, server: str, ledger: Ledger
) -> None:
    asked = Asked(model=MODEL, precision="float32", protocol="loglikelihood-0shot")
    submit(ledger, asked, Person("a@example.org"))
    mark(ledger, MODEL, "flagged", MAINTAINER, WHY)
    page = open_page(server + DEMONSTRATION)
    ask_where(page, "onerror")
    expect(page.get_by_text("waits to be checked.")).to_contain_text(MODEL)
    expect(page.get_by_text("Its scores count all the same.")).to_contain_text(WHY)
    is_intact(page)
    page = open_page(
        f"{server}{DEMONSTRATION}&missing=onerror", viewport={"width": 390, "height": 844}
    )
    expect(page.get_by_text("waits to be checked.")).to_be_visible()
    is_intact(page)
    page = open_page(f"{server}/?view=Demonstration+questions&lane=other-hostile")
    expect(cell(page, 0, 1)).to_have_text(MODEL)
    is_intact(page)
