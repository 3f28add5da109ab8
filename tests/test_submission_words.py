"""What a submission's states, waits and reasons are called, and who is named to whom."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard import submission_frames as frames
from dashboard import submission_words as words
from dashboard.submission_words import AHEAD, DONE, NOW, STOPPED
from evaluator import errors
from tests import ledgers
from tests.many_submissions import MAINTAINER, PRIVATE, add_checked, fill, run_next
from warehouse.ledger import outcomes, queue, upkeep
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Why, find, find_all, history
from warehouse.ledger.waiting import Wait, seconds_left

ledger = ledgers.own_ledger  # the fixture
AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_state_is_shown_and_is_either_moving_or_ended() -> None:
    assert set(words.STATES) == set(State)
    assert set(words.MOVING) | set(words.ENDED) == set(State)
    assert not set(words.MOVING) & set(words.ENDED)


def test_the_fixes_are_of_codes_that_there_are() -> None:
    classes = [errors.EvaluatorError]
    for one in classes:
        classes += one.__subclasses__()
    ours = {"killed", "crashed", "worker-died", "incomplete", "refused"}
    ours |= {"run-missing", "not-started", "not-understood"}
    assert set(words.FIXES) <= {one.code for one in classes} | ours
    assert words.fix_of("something-else") == words.fix_of(None) == words.OTHERWISE


def test_the_way_shows_how_far_each_came(ledger: Ledger) -> None:
    numbers = fill(ledger)
    ways = {
        state: [mark for _, mark in words.way(history(ledger, number))]
        for state, number in numbers.items()
    }
    assert ways == {
        "submitted": [NOW, AHEAD, AHEAD, AHEAD, AHEAD],
        "checking": [DONE, NOW, AHEAD, AHEAD, AHEAD],
        "rejected": [DONE, STOPPED, AHEAD, AHEAD, AHEAD],
        "pending": [DONE, DONE, NOW, AHEAD, AHEAD],
        "running": [DONE, DONE, DONE, NOW, AHEAD],
        "ingesting": [DONE, DONE, DONE, DONE, NOW],
        "finished": [DONE] * 5,
        "superseded": [DONE] * 5,
        "failed": [DONE, DONE, DONE, STOPPED, AHEAD],
        "cancelled": [DONE, DONE, STOPPED, AHEAD, AHEAD],
    }


def test_who_is_in_the_queue_hears_when_it_begins(ledger: Ledger) -> None:
    one = find(ledger, add_checked(ledger, "m"))
    told = [words.describe(one, Wait(1, 2, seconds), 3) for seconds in (None, 0.0, 240.0)]
    assert told == [
        "Number 2 of 3 in the queue. Nobody knows how long yet.",
        "Number 2 of 3 in the queue. It begins as soon as a worker looks.",
        "Number 2 of 3 in the queue. It begins in about 4 minutes.",
    ]


def test_what_rests_after_a_fault_of_the_moment_hears_why_and_until_when(ledger: Ledger) -> None:
    number = add_checked(ledger, "m")
    why = Why("download-failed", "The Hub did not give m.")
    taken = queue.claim(ledger, "w")
    assert taken
    queue.try_again(ledger, number, "w", why)
    half_past = AT.replace(hour=12, minute=30)
    one = find(ledger, number).model_copy(update={"since": half_past})
    told = "The Hub did not give m. It is tried again from 12:31 UTC on, for the second of 3 times."
    assert words.describe(one, None, 3) == told
    assert words.begin_text(one, None) == "Tried again from 12:31 UTC on"
    rested = Wait(number, 1, None)
    assert words.describe(one, rested, 3).startswith("Number 1 of 3 in the queue.")
    waiting = one.model_copy(update={"state": State.SUBMITTED, "code": "not-checked", "attempt": 3})
    assert words.describe(waiting, None, 0).endswith("from 12:55 UTC on, for the 4th of 5 times.")


@pytest.mark.parametrize(
    "progress",
    [
        {"of": 3},
        {"answered": "x", "of": [], "left": "soon", "done": "x", "all": 0},
        {"left": float("nan"), "done": float("inf"), "all": 3},
        {"left": -1, "done": -5, "all": 10, "answered": -1, "of": 5},
    ],
)
def test_progress_that_is_nonsense_is_left_out(progress: dict[str, Any], ledger: Ledger) -> None:
    one = find(ledger, add_checked(ledger, "m"))
    one = one.model_copy(update={"state": State.RUNNING, "progress": progress})
    assert words.progress_text(one, {}).startswith("Task None of None, ")
    assert 0 <= words.progress_share(one) <= 1
    assert seconds_left(one, one.since, None) in (None, 0)


def test_progress_is_told_in_words_whatever_is_known_of_it(ledger: Ledger) -> None:
    number = fill(ledger)["running"]
    one, titles = find(ledger, number), {"medmcqa": "MedMCQA"}
    assert words.progress_text(one, titles) == (
        "Task 2 of 9, MedMCQA: question 1,204 of 4,183; about 21 minutes left."
    )
    assert round(words.progress_share(one), 3) == 0.352
    begun = one.model_copy(update={"progress": {}})
    assert words.progress_text(begun, titles) == "The model is being loaded."
    assert words.progress_share(begun) == 0
    short = one.model_copy(update={"progress": {"task": 1, "tasks": 9, "name": "x"}})
    assert words.progress_text(short, titles) == "Task 1 of 9, x."


def test_people_and_machines_are_named_to_maintainers_alone(ledger: Ledger) -> None:
    number = add_checked(ledger, "m")
    run_next(ledger)
    outcomes.fail(ledger, number, "worker host:2", Why("crashed", "It ended."))
    upkeep.retry(ledger, number, MAINTAINER, "Again.")
    one, events = find(ledger, number), history(ledger, number)
    shown = frames.history_rows(events, one.submitter, to_maintainer=False)
    assert shown.select("state", "by").rows() == [
        ("Retried", "a maintainer"),
        ("Failed", "automatic"),
        ("Running, attempt 1", "automatic"),
        ("Queued", "automatic"),
        ("Checking", "automatic"),
        ("Submitted", "who submitted it"),
    ]
    to_maintainer = frames.history_rows(events, one.submitter, to_maintainer=True)["by"].to_list()
    assert to_maintainer[0] == "m@example.org"
    assert to_maintainer[1] == "worker host:2"
    assert to_maintainer[-1] == "ann@example.org (submitter)"


def test_a_person_called_as_a_process_is_named_to_nobody(ledger: Ledger) -> None:
    number = add_checked(ledger, "m")
    worker = MAINTAINER._replace(name="worker@example.org")
    upkeep.cancel(ledger, number, worker, "why")
    rows = frames.history_rows(history(ledger, number), "ann@example.org", to_maintainer=False)
    assert rows["by"][0] == "a maintainer"


def test_tables_hold_nothing_private_and_each_submission_once(ledger: Ledger) -> None:
    fill(ledger)
    found = find_all(ledger)
    ended = frames.ended_rows(found, {})
    queue = frames.queue_rows(found, {}, {}, AT)
    assert ended.height == queue.height == len(found) == 11
    assert [word for word in PRIVATE if word in ended.write_csv() + queue.write_csv()] == []


def test_the_summary_says_whether_what_waits_will_begin() -> None:
    none = dict.fromkeys(State, 0)
    some = none | {State.PENDING: 2, State.RUNNING: 1}
    waits = [Wait(1, 1, 10.0), Wait(2, 2, 600.0)]
    assert words.summary(none, 1, []) == "Nothing waits and nothing runs."
    assert words.summary(some, 1, waits) == (
        "1 worker is there, 1 model is being asked, 2 wait. The last in the queue begins in "
        "about 10 minutes."
    )
    assert words.summary(some, 0, []) == (
        "No worker is there, 1 model is being asked, 2 wait. What waits begins when a worker is "
        "started."
    )
