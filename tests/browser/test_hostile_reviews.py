"""What reviewers write, and what an address says to their pages, tries to be more than text."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from dashboard import case_data, case_report
from dashboard import data as snapshot
from dashboard.case_report import Written
from tests.browser import test_hostile as hostile
from tests.browser.conftest import OpenPage, cell, serve
from tests.browser.test_hostile import HOSTILE, MODEL, is_intact
from tests.conftest import ask
from tests.demonstration import SAMPLES, make_data
from tests.reviewed import ADA, claim, judgement
from tests.test_pages import clear_caches
from warehouse.ledger import assignments, disputes, reviews
from warehouse.ledger.cases import Mistake
from warehouse.ledger.opening import open_ledger
from warehouse.ledger.people import LOCAL

pytestmark = pytest.mark.browser
MORE = (
    "</script></style></textarea></title><style>*{display:none}</style>",
    "<!-- <table><tr><td><b onclick=window.hacked=1 unclosed",
    "<div class=reading><form action=//127.0.0.1:1><input><iframe src=//127.0.0.1:1>",
    "tabs\tand\u2028lines\u0085of \u200b\u200f\ufeff\u202eall kinds \x9b31m",
    "<svg onload=window.hacked=1><math><mtext></p><br>&lt;&#60;&amp;",
    "w" * 100_000,
)
WORDS = "\n".join(
    text[:1500] for text in (*HOSTILE, *MORE[:3], MORE[4]) if text.isprintable() or "\u202e" in text
)
"""All of it that the ledger takes, and the pages show to the last character."""
DISPUTED, BLIND, OPEN = list(SAMPLES)[:3]
PHONE = ViewportSize(width=390, height=844)
WIDE = {"width": 1440, "height": 900}
LONG_NUMBER = "9" * 40
NASTY = f"{HOSTILE[0]}{HOSTILE[1]}{HOSTILE[2]} {HOSTILE[4]}\0\u202e{MORE[0]}'\"&=%00%zz"
PARAMETERS = {
    "review": ("case", "queue", "safety", "flag", "of", "new"),
    "disputes": ("question", "dispute_part"),
    "safety": ("view", "lane", "safety_context"),
    "errors": ("run", "task", "subject", "safety", "flag", "harm", "search", "sort", "page"),
    "case": ("question", "run", "beside", "list"),
}


def make_reviews() -> None:
    """Hostile questions and answers; one is judged and its key disputed, one is in hand."""
    hostile.make_hostile()
    runs = dict(ask("runs").select("model", "run_id").iter_rows())
    wrong = [Mistake(runs[MODEL], "sample", key, 0, MODEL, "B", "A") for key in SAMPLES]
    ledger = open_ledger()
    for person in (ADA, LOCAL):
        case = assignments.hold(ledger, wrong[0], person)
        reviews.judge(ledger, case.number, judgement(comment=WORDS), person)
    case = assignments.hold(ledger, wrong[1], LOCAL)
    reviews.keep_draft(ledger, case.number, {"comment": WORDS}, LOCAL)
    said = {"reason": WORDS, "reference": WORDS, "gold": "A", "task": "sample"}
    number = disputes.dispute(ledger, claim("B", **said, sample_id=DISPUTED), ADA)
    disputes.rule(ledger, number, disputes.Ruling(decision="upheld", letters="B", why=WORDS), LOCAL)
    disputes.dispute(ledger, claim("", **said, sample_id=OPEN), ADA)
    ledger.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("reviews"), make_reviews)


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serve(data, "--local") as address:
        yield address


def texts(page: Page) -> str:
    """Every block of plain text on the page."""
    return "\n".join(page.get_by_test_id("stText").all_text_contents())


def read_pages(page: Page, server: str) -> None:
    """Go through all that reviewers write and read, from the case that is judged on."""
    expect(page.get_by_role("heading", name="Judged", exact=True)).to_be_visible()
    is_intact(page)
    assert texts(page).count(WORDS) == 2
    page.goto(f"{server}/review?case=2")
    expect(page.get_by_label("Comment", exact=True)).to_have_value(WORDS)
    is_intact(page)
    assert MODEL not in page.content()
    page.goto(f"{server}/disputes")
    expect(page.get_by_text("The question of dispute")).to_have_count(2)
    is_intact(page)
    assert texts(page).count(WORDS) == 5, "two reasons with their references, and a ruling"
    page.goto(f"{server}/disputes?question=sample/{OPEN}")
    expect(page.get_by_text("Decide dispute")).to_be_visible()
    is_intact(page)
    assert texts(page).count(WORDS) == 2


def test_what_reviewers_write_is_text_and_no_wider_than_a_phone(
    open_page: OpenPage, server: str
) -> None:
    read_pages(open_page(f"{server}/review?case=1", viewport=PHONE), server)


def test_words_searched_for_are_marked_in_hostile_questions_of_several_models(
    open_page: OpenPage, server: str, data: Path
) -> None:
    runs = [("run", folder.name) for folder in (data / "runs").iterdir()]
    address = urlencode([*runs, ("search", "<script>window")])
    page = open_page(f"{server}/errors?{address}", viewport=PHONE)
    expect(cell(page, 0, 1)).to_contain_text("»<script>window«.hacked")
    is_intact(page)
    page.goto(f"{server}/safety?view=Demonstration+questions&safety_context=children")
    expect(cell(page, 0, 0)).to_be_attached()
    is_intact(page)


@pytest.mark.slow
def test_on_a_wide_screen_it_is_text_too(open_page: OpenPage, server: str) -> None:
    read_pages(open_page(f"{server}/review?case=1", viewport=WIDE), server)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_an_address_cannot_do_more_than_name_what_is_there(
    name: str, open_page: OpenPage, server: str
) -> None:
    page = open_page(server, viewport=PHONE)
    every = PARAMETERS[name]
    addresses = [{parameter: NASTY} for parameter in every]
    addresses += [dict.fromkeys(every, text) for text in (*HOSTILE, *MORE[:5], LONG_NUMBER)]
    if name in ("case", "disputes"):
        addresses += [{"question": f"sample/{NASTY}"}, {"question": f"{NASTY}/{OPEN}"}]
    if name == "case":
        known = {"question": f"sample/{OPEN}"}
        addresses += [known | {parameter: NASTY} for parameter in every[1:]]
        addresses.append(known | {"list": urlencode(dict.fromkeys(PARAMETERS["errors"], NASTY))})
    for address in addresses:
        page.goto(f"{server}/{name}?{urlencode(address)}")
        expect(page.locator("h1")).to_be_visible()
        is_intact(page)


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hostile, "HOSTILE", MORE)
        return make_data(tmp_path_factory.mktemp("worse"), hostile.make_hostile)


@pytest.mark.slow
def test_worse_still_is_text_on_the_page_of_a_case(open_page: OpenPage, worse: Path) -> None:
    run_id = next(folder.name for folder in (worse / "runs").iterdir() if "onerror" in folder.name)
    with serve(worse) as server:
        for viewport in (PHONE, WIDE):
            page = open_page(server, viewport=viewport)
            for sample_id, text in zip(SAMPLES, MORE, strict=False):
                page.goto(f"{server}/case?question=sample/{sample_id}&run={run_id}")
                expect(page.get_by_role("heading", name="What each model picked")).to_be_visible()
                is_intact(page)
                assert f"explanation {text}"[:50] in "\n".join(
                    page.locator(".reading").all_text_contents()
                )
            for place in (
                f"errors?run={run_id}",
                "safety?view=Demonstration+questions",
                "disputes",
            ):
                page.goto(f"{server}/{place}")
                expect(page.locator("h1")).to_be_visible()
                is_intact(page)


@pytest.mark.slow
def test_the_saved_report_of_it_is_text_and_no_wider_than_a_phone(
    profile: BrowserContext, worse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADERBOARD_DATA", str(worse))
    clear_caches()
    run_id = next(folder.name for folder in (worse / "runs").iterdir() if "onerror" in folder.name)
    page = profile.new_page()
    page.set_viewport_size(PHONE)
    for sample_id, text in zip(SAMPLES, MORE, strict=False):
        case = case_data.case(case_data.question("sample", sample_id) or {}, run_id, "")
        origin = case_report.Origin("http://here", 1, snapshot.published_at())
        report = case_report.make_report(case, [Written(f"{text}\nB", [text])], origin)
        page.set_content(report.replace("Content-Security-Policy", ""))
        assert page.evaluate("window.hacked") is None
        expect(page.locator("img, script, a, b, iframe, form, svg, math")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()
    clear_caches()
