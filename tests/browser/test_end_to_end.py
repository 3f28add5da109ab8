"""What people come for, from the form to the leaderboard: real processes, seen in Chromium."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import test_sign_in
from tests.browser.conftest import OpenPage, cell, click_row, settled
from tests.browser.test_marks import ask_where
from tests.browser.test_walk import DEMONSTRATION, SCORE
from tests.browser.whole import (
    BOB,
    CAROL,
    MAINTAINER,
    PATIENCE,
    Whole,
    enter,
    give_reason,
    paused,
    send,
    serve_whole,
    start,
    submit,
)
from tests.submitted import CODE, CONFIG, WEIGHTS, change, copy, remove, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),  # the provider's own
]
visit = test_sign_in.visit  # the fixture


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with serve_whole(tmp_path_factory.mktemp("whole")) as served:
        yield served


def see(page: Page, text: str) -> None:
    """Wait until the page says it, by itself."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


def test_a_model_goes_from_the_form_to_the_leaderboard_while_its_submitter_looks_on(
    whole: Whole, visit: OpenPage
) -> None:
    whole.hub.add("clinic/answers", whole.good)
    page = enter(visit, whole, BOB, "submit")
    submit(page, "clinic/answers")
    see(page, "It waits to be checked.")
    start(whole, "checker")
    see(page, "Number 1 of 1 in the queue.")
    whole.hub.fail("/resolve/", seconds=2, times=1)  # so that the run takes until a look sees it
    start(whole, "worker")
    see(page, "The model is being loaded.")
    see(page, "the answers are being published.")
    start(whole, "publisher")
    see(page, "Every answer is published.")
    page.get_by_role("link", name="The leaderboard").click()
    expect(cell(page, 0, 1)).to_have_text("clinic/answers")
    expect(cell(page, 0, 3)).to_have_text("pinned")
    click_row(page, 0, SCORE + 50)  # beside it is the mark, since it is pinned
    expect(page.get_by_role("heading", name="Wrong answers")).to_be_visible()
    click_row(page, 0)
    expect(page.get_by_role("heading", name=re.compile(r" · sample-\d+$"))).to_be_visible()
    page.get_by_role("link", name="Leaderboard").click()
    expect(page.get_by_role("heading", name="Open Medical-LLM Leaderboard")).to_be_visible()
    settled(page)
    ask_where(page, "huggingface.co/clinic/answers")
    see(page, "clinic/answers is here.")


def test_a_broken_model_is_sent_back_with_every_reason_mended_and_finished(
    whole: Whole, visit: OpenPage, tmp_path: Path
) -> None:
    faults = (remove(WEIGHTS), write("pytorch_model.bin", ""), write("README.md", "A card."))
    folder = copy(whole.good, tmp_path / "broken", *faults)
    change(CONFIG, model_type="brand_new", auto_map=CODE)(folder)
    whole.hub.add("clinic/broken", folder)
    start(whole)
    page = enter(visit, whole, BOB, "submit")
    first = submit(page, "clinic/broken")
    see(page, "3 things to change")
    for reason, fix in (
        ("has no weights as model.safetensors", "Save it with save_pretrained"),
        ("clinic/broken states no licence.", "Put `license:` into the metadata"),
        ("needs code of its own repository", "Wait until transformers has the architecture"),
    ):
        expect(page.get_by_text(reason).first).to_be_visible()
        expect(page.get_by_text(fix).first).to_be_visible()
    page.get_by_role("link", name="Submit it again when that is done").click()
    expect(page.get_by_label("Model", exact=True)).to_have_value("clinic/broken")
    for chosen in ("float32", "sample"):
        expect(page.get_by_label(chosen, exact=True)).to_be_checked()
    copy(whole.good, folder)
    assert send(page) > first
    see(page, "Every answer is published.")


def test_a_model_that_fails_midway_is_retried_by_a_maintainer_once_it_can_go_on(
    whole: Whole, visit: OpenPage
) -> None:
    repository = whole.hub.add("clinic/gated", whole.good)
    start(whole)
    ours = enter(visit, whole, MAINTAINER, "maintain")
    give_reason(ours, "Pause", "Before the move.")
    see(ours, "It is paused: workers take nothing new.")
    page = enter(visit, whole, BOB, "submit")
    number = submit(page, "clinic/gated")
    see(page, "in the queue.")
    repository.gated = "auto"
    give_reason(ours, "Resume", "The move is over.")
    see(page, "is gated: its owner admits people one by one.")
    see(page, "Lift the gate")
    page.get_by_text("The end of its log").click()
    expect(page.get_by_text("Error (gated-model)")).to_be_visible()
    expect(page.get_by_text("For maintainers")).to_have_count(0)
    repository.gated = False
    ours.goto(page.url)
    ours.get_by_text("For maintainers").click()
    give_reason(ours, "Retry", "Its owner has lifted the gate.")
    see(ours, "It is tried again.")
    see(page, "Every answer is published.")
    steps = ["Submitted", "Checking", "Queued", "Running, attempt 1", "Failed", "Retried"]
    steps += ["Running, attempt 1", "Publishing", "Finished"]
    assert read_column(page, 1) == steps[::-1]
    others = enter(visit, whole, CAROL, f"submission?number={number}")
    assert "Its owner has lifted the gate." in read_column(others, 2)
    told = ["automatic", "a maintainer", "who submitted it"]
    assert list(dict.fromkeys(read_column(others, 3))) == told
    for name in (BOB, MAINTAINER):
        assert name not in others.content()
    assert read_column(ours, 3)[-1] == f"{BOB} (submitter)"


def read_column(page: Page, column: int) -> list[str]:
    """The cells of a submission's history."""
    cells = page.get_by_test_id("stDataFrame").last.get_by_test_id(
        re.compile(rf"glide-cell-{column}-\d+")
    )
    expect(cells.first).to_be_attached()
    return cells.all_inner_texts()


def test_the_toy_model_is_on_the_leaderboard_in_a_minute(whole: Whole, visit: OpenPage) -> None:
    start(whole)
    page = enter(visit, whole, CAROL, "submit")
    page.get_by_role("button", name="Fill in the toy model").click()
    expect(page.get_by_label("Model", exact=True)).to_have_value("toy:llama")
    send(page)
    see(page, "Every answer is published.")
    page = visit(f"{whole.address}{DEMONSTRATION}&lane=loglikelihood-0shot")
    expect(lines(page, "toy:llama")).to_have_count(1)


def test_a_hidden_model_is_gone_and_whoever_looks_for_it_learns_why(
    whole: Whole, visit: OpenPage
) -> None:
    model, why = "baseline:majority", "It was trained on the test questions."
    board = visit(f"{whole.address}{DEMONSTRATION}")
    expect(lines(board, model)).to_have_count(1)
    settled(board)
    start(whole, "publisher")
    page = enter(visit, whole, MAINTAINER, "maintain")
    page.get_by_role("combobox", name="Model").fill(model)
    page.get_by_role("option", name=model, exact=True).click()
    give_reason(page, "Hide the model", why)
    see(page, f"{model} is hidden; the next snapshot has it so.")
    ask_where(board, model)
    see(board, f"{model} is hidden from the leaderboard since")
    expect(board.get_by_text(why).first).to_be_visible()
    board = visit(f"{whole.address}{DEMONSTRATION}")
    expect(cell(board, 0, 1)).to_be_attached()
    expect(lines(board, model)).to_have_count(0)


def lines(page: Page, model: str) -> Locator:
    """Lines of the leaderboard that are about a model."""
    return page.get_by_test_id(re.compile(r"glide-cell-1-\d+")).filter(has_text=model)


def test_who_submitted_a_model_takes_it_back_while_it_waits_and_while_it_runs(
    whole: Whole, visit: OpenPage
) -> None:
    whole.hub.add("clinic/running", whole.good)
    start(whole)
    page = enter(visit, whole, BOB, "submit")
    with paused(whole):
        submit(page, "baseline:longest-choice")
        see(page, "in the queue.")
        take_back(page, "Not this one.")
        page.get_by_role("link", name="Submit", exact=True).click()
        running = submit(page, "clinic/running")
        see(page, "in the queue.")
        whole.hub.fail("/clinic/running/resolve/", seconds=30)
    see(page, "The model is being loaded.")
    take_back(page, "A better one is on its way.")
    others = enter(visit, whole, CAROL, f"submission?number={running}")
    see(others, "A better one is on its way.")
    expect(others.get_by_text("Yours", exact=True)).to_have_count(0)
    others.goto(f"{whole.address}/status")
    expect(others.get_by_text("Cancelled 2")).to_be_visible()


def take_back(page: Page, reason: str) -> None:
    """Cancel the submission whose page is open, and see that it is."""
    page.get_by_text("Yours", exact=True).click()
    give_reason(page, "Cancel", reason)
    see(page, "It was taken back.")
    expect(page.get_by_text(reason).first).to_be_visible()
