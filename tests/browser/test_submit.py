"""A model is submitted in a real browser, on a site for local use: once, whatever is clicked."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from dashboard import submit_words, submitting
from tests.browser import test_accessibility
from tests.browser.conftest import OpenPage, serve, settled
from tests.browser.test_accessibility import find_faults, go_to
from tests.browser.test_hostile import HOSTILE, QUICK, SELDOM, is_intact
from tests.demonstration import make_data, make_demonstration
from warehouse.ledger import lists, opening, outcomes, queue
from warehouse.ledger.submissions import Submission

pytestmark = pytest.mark.browser
page = test_accessibility.page  # the fixture: one that axe looks at
NUMBER = re.compile(r"/submission\?number=(\d+)$")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("submit"), make_demonstration)


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serve(data, "--local") as address:
        yield address


def written(data: Path, model: str) -> list[Submission]:
    ledger = opening.open_ledger(f"sqlite:///{data / 'ledger.sqlite'}")
    try:
        return [one for one in lists.find_latest(ledger) if one.model == model]
    finally:
        ledger.close()


def open_form(open_page: OpenPage, server: str, **address: str) -> Page:
    opened = open_page(f"{server}/submit?{urlencode(address)}")
    expect(opened.get_by_label("Model", exact=True)).to_be_visible()
    settled(opened)
    return opened


def send(opened: Page, clicks: int = 1) -> None:
    opened.get_by_role("button", name="Submit", exact=True).click(click_count=clicks)
    expect(opened).to_have_url(NUMBER)


def test_what_an_address_fills_in_is_submitted_once(
    open_page: OpenPage, server: str, data: Path
) -> None:
    form = open_form(
        open_page,
        server,
        model="https://huggingface.co/org/twice/tree/dev",
        precision="float32",
        tasks="sample",
    )
    expect(form.get_by_label("Model", exact=True)).to_have_value("org/twice")
    expect(form.get_by_label("Revision", exact=True)).to_have_value("dev")
    expect(form.get_by_label("float32")).to_be_checked()
    asked = form.url
    send(form, clicks=2)
    expect(form.get_by_text("org/twice")).to_be_visible()
    form.reload()
    expect(form.get_by_text("org/twice")).to_be_visible()
    form.goto(asked)
    expect(form.get_by_text(re.compile(r"Submission \d+ asks for the same\."))).to_be_visible()
    expect(form.get_by_role("button", name="Submit", exact=True)).to_be_disabled()
    [found] = written(data, "org/twice")
    assert (found.revision, found.precision, found.tasks) == ("dev", "float32", "sample")


def test_what_is_typed_stands_in_the_address_but_for_what_is_private(
    open_page: OpenPage, server: str, data: Path
) -> None:
    form = open_form(open_page, server)
    form.get_by_role("textbox", name="Contact (private)").fill("me@example.org")
    form.get_by_role("textbox", name="Note (private)").fill("A secret.")
    form.get_by_text("delta", exact=True).click()
    form.get_by_label("Base model", exact=True).fill("org/base")
    form.get_by_label("Model", exact=True).fill(" https://huggingface.co/org/typed ")
    form.get_by_label("Model", exact=True).press("Enter")
    expect(form.get_by_label("Model", exact=True)).to_have_value("org/typed")
    expect(form).to_have_url(re.compile(r"model=org%2Ftyped"))
    expect(form).to_have_url(re.compile(r"weights=delta"))
    assert "example" not in form.url and "secret" not in form.url
    again = open_form(open_page, server)
    again.goto(form.url)
    expect(again.get_by_label("Base model", exact=True)).to_have_value("org/base")
    settled(form)
    send(form)
    [found] = written(data, "org/typed")
    assert (found.base, found.contact, found.note) == ("org/base", "me@example.org", "A secret.")


def test_what_was_rejected_is_asked_again_as_it_was(
    open_page: OpenPage, server: str, data: Path
) -> None:
    form = open_form(open_page, server, model="org/again", revision="dev", tasks="sample")
    send(form)
    [found] = written(data, "org/again")
    ledger = opening.open_ledger(f"sqlite:///{data / 'ledger.sqlite'}")
    while (taken := queue.claim_check(ledger, "checker")) and taken.number != found.number:
        pass  # what other tests have submitted
    problem = {"code": "not-found", "says": "It is not there.", "fix": "Upload it."}
    outcomes.reject(ledger, found.number, "checker", [problem])
    ledger.close()
    form.get_by_role("link", name="Submit", exact=True).click()
    form.get_by_text("float16", exact=True).click()
    form.get_by_label("Revision", exact=True).fill("other")
    form.get_by_label("Revision", exact=True).press("Enter")
    expect(form).to_have_url(re.compile("revision=other"))
    for _ in range(form.evaluate("history.length")):  # each widget of a page may be one step
        if not NUMBER.search(form.url):
            form.go_back()
            settled(form)
    form.get_by_role("link", name="Submit it again").click()
    expect(form.get_by_label("Model", exact=True)).to_have_value("org/again")
    expect(form.get_by_label("Revision", exact=True)).to_have_value("dev")
    expect(form.get_by_label("bfloat16")).to_be_checked()
    expect(form.get_by_role("button", name="Submit", exact=True)).to_be_enabled()


def test_the_toy_model_is_two_clicks_away(open_page: OpenPage, server: str, data: Path) -> None:
    form = open_form(open_page, server, model="org/other", protocol="loglikelihood-5shot")
    form.get_by_role("button", name="Fill in the toy model").click()
    expect(form.get_by_label("Model", exact=True)).to_have_value("toy:llama")
    expect(form).to_have_url(re.compile(r"revision=1\b"))
    settled(form)
    send(form)
    [found] = written(data, "toy:llama")
    assert (found.revision, found.precision, found.tasks) == ("1", "float32", "sample")
    assert found.protocol == "loglikelihood-0shot"


@pytest.mark.parametrize("places", [QUICK, pytest.param(SELDOM, marks=pytest.mark.slow)])
def test_hostile_text_of_an_address_is_text(
    places: Sequence[int], open_page: OpenPage, server: str, data: Path
) -> None:
    names = ("model", "revision", "base", "tasks", "precision", "protocol", "weights", "type")
    form = open_form(open_page, server)
    for text in (HOSTILE[place] for place in places):
        form.goto(f"{server}/submit?{urlencode(dict.fromkeys(names, text))}")
        expect(form.get_by_label("Model", exact=True)).to_be_visible()
        settled(form)
        is_intact(form)
        form.get_by_role("button", name="Submit", exact=True).click()
        expect(form.get_by_text(submit_words.MEND)).to_be_visible()
        is_intact(form)
    assert [one for text in HOSTILE for one in written(data, text)] == []


def test_a_reader_who_cannot_sign_in_is_told_how_models_are_submitted(
    open_page: OpenPage, demonstration_server: str
) -> None:
    read_only = open_page(f"{demonstration_server}/submit?model=org/name")
    expect(read_only.get_by_text(submit_words.READ_ONLY)).to_be_visible()
    expect(read_only.get_by_role("button", name="Submit", exact=True)).to_have_count(0)


@pytest.mark.parametrize(
    "address", ["", "?model=/a/b&weights=adapter&precision=none&tasks=medmcqa&base=x"]
)
def test_the_form_can_be_read_by_everyone(address: str, page: Page, server: str) -> None:
    go_to(page, f"{server}/submit{address}")
    if address:
        expect(page.get_by_text(submitting.A_PATH)).to_be_visible()
    assert find_faults(page) == []


def test_the_form_is_no_wider_than_a_phone(open_page: OpenPage, server: str) -> None:
    form = open_page(f"{server}/submit", viewport={"width": 390, "height": 844})
    expect(form.get_by_label("Model", exact=True)).to_be_visible()
    is_intact(form)
