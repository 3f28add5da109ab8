"""The pages of submissions: where each is, why, and what maintainers do; by Streamlit's driver."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import ledger_data, people
from tests import ledgers
from tests.many_submissions import (
    ANN,
    BEN,
    EVIL,
    MAINTAINER,
    PRIVATE,
    add_checked,
    fill,
    run_next,
)
from tests.test_pages import clear_caches, click_cell, marks, open_page
from warehouse.ledger import outcomes, queue
from warehouse.ledger.marks import find_marks
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find, find_all
from warehouse.ledger.upkeep import why_paused

ledger = ledgers.own_ledger  # the fixture


@pytest.fixture(autouse=True)
def _without_caches() -> Iterator[None]:
    clear_caches()
    yield
    clear_caches()


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have the pages take the reader for someone."""

    def be(person: Person | None) -> None:
        monkeypatch.setattr(people, "who_is_here", lambda: person)

    be(None)
    return be


def said(app: AppTest) -> str:
    """All that a reader can read."""
    parts = [*app.text, *app.markdown, *app.caption, *app.code, *app.title, *app.info, *app.warning]
    tables = [str(table.value.to_dict()) for table in app.dataframe]
    return "\n".join([*(str(part.value) for part in parts), *tables])


def act(app: AppTest, what: str, reason: str) -> AppTest:
    """Do what a maintainer does with the submission that is shown."""
    return press(choose(app, what, reason), what)


def choose(app: AppTest, what: str, reason: str) -> AppTest:
    choice = next(one for one in app.segmented_control if one.label == "What to do")
    app = choice.set_value(what).run()
    app.text_area[0].set_value(reason)
    return app


def press(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def test_the_counts_add_up_and_nothing_private_is_told(ledger: Ledger, be: Any) -> None:
    be(None)
    fill(ledger)
    app = open_page("status")
    assert not app.exception
    counts = [int(mark.rpartition(" ")[2]) for mark in marks(app) if mark[-1].isdigit()]
    assert sum(counts) == len(find_all(ledger)) == 11
    assert "**11** submissions" in said(app)
    assert [word for word in PRIVATE if word in said(app)] == []
    assert "Task 2 of 9, medmcqa: question 1,204 of 4,183; about 21 minutes left." in said(app)


def test_the_queue_is_shown_in_its_order(ledger: Ledger, be: Any) -> None:
    be(None)
    numbers = fill(ledger)
    app = open_page("status")
    waiting = next(table.value for table in app.dataframe if "begins" in table.value)
    assert list(waiting["model"]) == ["acme/nurse-3b", EVIL, "acme/just-seen", "acme/first"]
    assert waiting["begins"][0] == "In about 21 minutes"
    queue_order = [find(ledger, numbers["pending"]).model, EVIL]
    assert list(waiting["model"])[:2] == queue_order


def test_what_has_ended_is_listed_by_how_it_ended_and_opens(ledger: Ledger, be: Any) -> None:
    be(None)
    numbers = fill(ledger)
    app = open_page("status", ended="Failed")
    ended = next(table.value for table in app.dataframe if "why" in table.value)
    assert ended[["model", "why"]].to_numpy().tolist() == [
        ["acme/giant-140b", "16-bit weights take 140 GB, and 80 GB are there."]
    ]
    app = click_cell(app, "list", 0, "model")
    assert app.query_params["number"] == str(numbers["failed"])
    assert r"acme\/giant\-140b" in app.title[0].value


def test_a_search_finds_submissions_in_any_state(ledger: Ledger, be: Any) -> None:
    be(None)
    fill(ledger)
    app = open_page("status", named="acme/d")
    found = next(table.value for table in app.dataframe if "why" in table.value)
    assert list(found["model"]) == ["acme/doctor-8b"]
    assert "There is none." in said(open_page("status", named="nothing of the kind"))


@pytest.mark.parametrize("state", State)
def test_each_state_has_its_page_with_what_can_be_done(
    ledger: Ledger, be: Any, state: State
) -> None:
    be(None)
    number = fill(ledger)[state]
    app = open_page("submission", number=str(number))
    assert not app.exception
    told = said(app)
    assert f"Submission {number}, submitted just now." in told
    wanted = {
        "submitted": "In the place of submission 1: Corrected keys.",
        "rejected": "Save it with save_pretrained",
        "pending": "Number 1 of 2 in the queue. It begins in about 21 minutes.",
        "running": "Task 2 of 9",
        "failed": "The model is larger than the memory here.",
        "cancelled": "It was the wrong one.",
        "superseded": "Asked again as submission 11: Corrected keys.",
        "finished": "In snapshot 3.",
    }
    assert wanted.get(state, "") in told
    assert [word for word in PRIVATE if word in told] == []
    assert "What to do" not in [one.label for one in app.segmented_control]


@pytest.mark.parametrize("number", ["", "0", "999", "x", "-1", "9" * 30, "<b>", "१"])
def test_an_address_of_no_submission_says_so(ledger: Ledger, be: Any, number: str) -> None:
    be(None)
    assert find_all(ledger) == []
    app = open_page("submission", number=number)
    assert not app.exception
    assert [title.value for title in app.title] == ["No such submission"]


def test_a_name_is_shown_as_it_is_written(ledger: Ledger, be: Any) -> None:
    be(None)
    fill(ledger)
    number = next(one.number for one in find_all(ledger) if one.model == EVIL)
    app = open_page("submission", number=str(number))
    [title] = [title.value for title in app.title]
    assert re.sub(r"\\(.)", r"\1", title) == EVIL
    assert not re.search(r"(?<!\\)[*<$:\[]", title)


def test_a_maintainer_retries_what_failed_with_a_reason(ledger: Ledger, be: Any) -> None:
    be(MAINTAINER)
    number = fill(ledger)["failed"]
    app = open_page("submission", number=str(number))
    assert "Submitted by: ann@example.org" in said(app)
    assert "Contact: +44 20 7946 0000" in said(app)
    app = act(app, "Retry", "")
    assert "A reason is needed" in said(app)
    assert find(ledger, number).state == State.FAILED
    app = act(app, "Retry", "A larger machine is here.")
    assert find(ledger, number).state == State.PENDING
    assert "A larger machine is here." in said(app)
    assert [done.value for done in app.success] == ["Done."]


def test_a_maintainer_hides_flags_and_clears_a_model(ledger: Ledger, be: Any) -> None:
    be(MAINTAINER)
    number = fill(ledger)["finished"]
    act(open_page("submission", number=str(number)), "Flag the model", "Its card is wrong.")
    ledger_data.forget()
    act(open_page("submission", number=str(number)), "Hide the model", "Trained on the keys.")
    ledger_data.forget()
    assert find_marks(ledger)["toy:llama"].kind == "hidden"
    act(open_page("submission", number=str(number)), "Clear the model", "It was another.")
    assert find_marks(ledger) == {}


def test_who_submitted_it_may_cancel_it_and_nobody_else_may(ledger: Ledger, be: Any) -> None:
    number = fill(ledger)["pending"]  # of Ben
    be(ANN)
    assert "What to do" not in [
        one.label for one in open_page("submission", number=str(number)).segmented_control
    ]
    be(BEN)
    app = open_page("submission", number=str(number))
    assert "Submitted by" not in said(app)
    act(app, "Cancel", "Not that one.")
    assert find(ledger, number).state == State.CANCELLED


def test_whoever_is_no_maintainer_any_more_does_nothing_from_a_page_left_open(
    ledger: Ledger, be: Any
) -> None:
    be(MAINTAINER)
    number = fill(ledger)["failed"]
    for page, label in (("submission", "Retry"), ("maintain", "Pause")):
        be(MAINTAINER)
        app = open_page(page, number=str(number))
        be(BEN)
        app.text_area[0].set_value("I was a maintainer.")
        next(one for one in app.button if one.label == label).click().run()
    assert find(ledger, number).state == State.FAILED
    assert why_paused(ledger) is None


def test_an_act_that_comes_too_late_says_so(ledger: Ledger, be: Any) -> None:
    be(MAINTAINER)
    number = fill(ledger)["pending"]
    app = choose(open_page("submission", number=str(number)), "Cancel", "Not that one.")
    run_next(ledger)
    outcomes.hand_over(ledger, number, "worker host:2", "run")
    app = press(app, "Cancel")
    assert [failed.value for failed in app.error] == ["It was not done."]
    assert f"Submission {number} is ingesting; from there it cannot become cancelled." in said(app)


def test_the_maintainers_page_is_theirs_alone(ledger: Ledger, be: Any) -> None:
    fill(ledger)
    for person in (None, ANN):
        be(person)
        app = open_page("maintain")
        assert "This page is for maintainers" in said(app)
        assert not app.button


def test_a_maintainer_pauses_the_queue_and_lets_it_go_on(ledger: Ledger, be: Any) -> None:
    be(MAINTAINER)
    fill(ledger)
    app = open_page("maintain")
    app.text_area[0].set_value("The disk is being changed.")
    app = next(one for one in app.button if one.label == "Pause").click().run()
    assert why_paused(ledger) == "The disk is being changed."
    assert queue.claim(ledger, "w") is None
    assert "The queue is paused" in said(open_page("status"))
    app.text_area[0].set_value("It is changed.")
    next(one for one in app.button if one.label == "Resume").click().run()
    assert why_paused(ledger) is None


def test_a_maintainer_hears_how_many_are_asked_again_and_how_long_that_takes(
    ledger: Ledger, be: Any
) -> None:
    be(MAINTAINER)
    numbers = fill(ledger)
    again = add_checked(ledger, "acme/third")
    run_next(ledger)
    app = open_page("maintain")
    assert "0 of 1 finished submissions." in said(app)
    app = app.segmented_control(key="which to renew").set_value("All that is finished").run()
    assert "1 of 1 finished submissions. On one worker they take less than a minute." in said(app)
    app.text_area[1].set_value("Corrected keys.")
    app = next(one for one in app.button if one.label == "Ask 1 again").click().run()
    assert find(ledger, numbers["finished"]).state == State.SUPERSEDED
    newest = find_all(ledger)[0]
    assert (newest.replaces, newest.number) == (numbers["finished"], again + 1)


def test_a_ledger_out_of_reach_leaves_the_other_pages(
    be: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(None)
    monkeypatch.setenv("LEADERBOARD_LEDGER", "postgresql://me:secret@127.0.0.1:1/none")
    app = open_page("status")
    assert not app.exception
    assert [error.value for error in app.error] == ["The ledger does not answer; nothing is lost."]
    assert "127.0.0.1" not in said(app)
    be(MAINTAINER)
    told = said(open_page("status"))
    assert "127.0.0.1:1/none does not answer" in told
    assert "secret" not in told
    assert not open_page("about").exception
