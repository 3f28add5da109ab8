"""The checker over a real queue: what becomes of what is submitted."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from evaluator import checker, checking, cli, queue_commands
from evaluator.checker import Checker
from evaluator.errors import NotChecked
from evaluator.verdicts import Asked as Wanted
from evaluator.verdicts import Checked, Facts, describe
from evaluator.work import Worker
from ingest import handover
from tests import ledgers
from tests.conftest import ask
from tests.test_watch import nothing, watch_while
from warehouse.ledger import queue, upkeep
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, find, history, submit

COMMIT = "c" * 40
DIED = "check-died"
MAINTAINER = Person("m", is_maintainer=True)
SAMPLE = {"precision": "float32", "protocol": "loglikelihood-0shot", "tasks": "sample"}


@pytest.fixture
def ledger(data_folder: Path) -> Iterator[Ledger]:
    assert not data_folder.exists()
    opened = open_ledger(clock=ledgers.Clock())
    yield opened
    opened.close()


def good(wanted: Wanted) -> Checked:
    return Checked(asked=wanted, facts=Facts(name=wanted.model, revision=COMMIT), problems=())


def bad(wanted: Wanted) -> Checked:
    found = (describe("gated", wanted.model), describe("no-licence", wanted.model))
    return Checked(asked=wanted, facts=Facts(name=wanted.model), problems=found)


def broken(_: Wanted) -> Checked:
    raise KeyError("architectures")


def out_of_reach(wanted: Wanted) -> Checked:
    raise NotChecked(f"{wanted.model} could not be checked. The Hub does not answer.")


def check_with(ledger: Ledger, check: checker.Check = checking.check_model) -> int:
    return Checker(ledger, "c", Event(), check).work(once=True)


def test_what_is_good_waits_pinned_to_its_commit(ledger: Ledger) -> None:
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))
    assert check_with(ledger, good) == 1
    found = find(ledger, number)
    assert (found.state, found.commit) == (State.PENDING, COMMIT)
    assert check_with(ledger, good) == 0


def test_what_has_problems_is_rejected_with_all_of_them(ledger: Ledger) -> None:
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))
    check_with(ledger, bad)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.REJECTED, "gated")
    assert [problem["code"] for problem in found.problems] == ["gated", "no-licence"]
    assert all(problem["says"] and problem["fix"] for problem in found.problems)


def rest(ledger: Ledger, number: int) -> None:
    """Let the time pass in which what was put off is left alone."""
    assert isinstance(ledger.clock, ledgers.Clock)
    assert check_with(ledger, good) == 0
    ledger.clock.pass_(queue.rest_after(find(ledger, number).attempt).total_seconds())


def test_what_could_not_be_checked_is_tried_again_and_not_for_ever(ledger: Ledger) -> None:
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))
    for _ in range(queue.CHECKS - 1):
        check_with(ledger, out_of_reach)
        assert find(ledger, number).state == State.SUBMITTED
        rest(ledger, number)
    check_with(ledger, out_of_reach)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.REJECTED, "not-checked")
    assert "The Hub does not answer." in str(found.message)
    upkeep.retry(ledger, number, MAINTAINER, "The Hub is back.")
    check_with(ledger, out_of_reach)
    assert find(ledger, number).state == State.SUBMITTED, "its tries count from the first again"


def test_what_cannot_be_checked_keeps_nobody_else_waiting(ledger: Ledger) -> None:
    first = submit(ledger, Asked(model="acme/away", **SAMPLE), Person("a"))
    second = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("b"))
    check_with(ledger, out_of_reach)
    assert check_with(ledger, good) == 1
    assert find(ledger, second).state == State.PENDING
    rest(ledger, first)
    assert check_with(ledger, good) == 1
    assert find(ledger, first).state == State.PENDING


def test_a_check_that_breaks_keeps_nobody_else_waiting(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))
    for _ in range(queue.ATTEMPTS - 1):
        check_with(ledger, broken)
        assert (find(ledger, number).state, find(ledger, number).code) == ("submitted", DIED)
        rest(ledger, number)
    check_with(ledger, broken)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.REJECTED, DIED)
    assert found.message == "The check itself broke (KeyError), for no fault of the model."
    assert found.problems[0]["fix"] == "Ask the maintainers, who can retry it."
    assert "KeyError: 'architectures'" in capsys.readouterr().err


def test_a_check_that_takes_the_checker_with_it_is_not_tried_for_ever(ledger: Ledger) -> None:
    assert isinstance(ledger.clock, ledgers.Clock)
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))
    for _ in range(queue.CHECKS):
        assert queue.claim_check(ledger, "killed")
        ledger.clock.pass_(queue.LEASE.total_seconds() + 1)
    assert check_with(ledger, good) == 0
    found = find(ledger, number)
    assert (found.state, found.code) == (State.REJECTED, DIED)
    assert found.message == (
        "Checking it came to no end 5 times: the process that did it was lost."
    )
    upkeep.retry(ledger, number, MAINTAINER, "The program is mended.")
    check_with(ledger, good)
    assert find(ledger, number).state == State.PENDING


@pytest.mark.parametrize(
    "change",
    [
        {"precision": "float7"},
        {"protocol": "nonsense-1"},
        {"protocol": "other-essays"},
        {"protocol": "loglikelihood-0shot-sys123456"},
        {"model": ""},
        {"tasks": "nine, mmlu_astrology"},
        {"tasks": ""},
        {"base": ""},
    ],
)
def test_what_makes_no_sense_is_rejected_and_the_checker_goes_on(
    change: dict[str, str], ledger: Ledger
) -> None:
    number = submit(
        ledger, Asked.model_validate({"model": "acme/tiny", **SAMPLE} | change), Person("a")
    )
    check_with(ledger)
    found = find(ledger, number)
    assert (found.state, found.code) == (State.REJECTED, "not-understood")


def test_what_is_cancelled_while_it_is_checked_stays_so(ledger: Ledger) -> None:
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))

    def cancelled(wanted: Wanted) -> Checked:
        upkeep.cancel(ledger, number, Person("a"), "not this one")
        return good(wanted)

    check_with(ledger, cancelled)
    assert find(ledger, number).state == State.CANCELLED


def test_a_check_that_takes_its_time_keeps_its_lease(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "BEAT", 0.01)
    number = submit(ledger, Asked(model="acme/tiny", **SAMPLE), Person("a"))
    held: list[object] = []

    def slow(wanted: Wanted) -> Checked:
        first = find(ledger, number).held_until
        assert isinstance(ledger.clock, ledgers.Clock)
        ledger.clock.pass_(queue.LEASE.total_seconds() / 2)
        while find(ledger, number).held_until == first:
            Event().wait(0.01)  # for the beat, which is another thread's
        held.append(find(ledger, number).held_until)
        return good(wanted)

    check_with(ledger, slow)
    assert len(held) == 1
    assert find(ledger, number).state == State.PENDING


def test_a_submission_goes_from_the_command_to_a_row_of_the_leaderboard(ledger: Ledger) -> None:
    words = ["submit", "toy:llama", "--revision", "11", "--tasks", "sample"]
    done = CliRunner().invoke(cli.main, [*words, "--precision", "float32"])
    assert done.output == "Submission 1: toy:llama is submitted.\n"
    check_with(ledger)
    assert Worker(ledger, "w", Event()).work(once=True) == 1
    assert handover.settle() == []
    watch_while(nothing)
    assert find(ledger, 1).state == State.FINISHED
    assert [event.state for event in history(ledger, 1)] == [
        *("submitted", "checking", "pending", "running", "ingesting", "finished")
    ]
    (row,) = ask("leaderboard_rows").select("model", "revision", "answered").rows()
    assert row[:2] == ("toy:llama", "seed-11")


def test_the_command_says_what_is_added_to_which_base(ledger: Ledger) -> None:
    words = ["submit", "acme/tiny", "--weights", "adapter", "--base", "acme/base"]
    done = CliRunner().invoke(cli.main, [*words, "--tasks", "sample"])
    assert done.output == "Submission 1: acme/tiny is submitted.\n"
    found = find(ledger, 1)
    assert (found.weights, found.base) == ("adapter", "acme/base")


def test_what_is_added_to_a_base_waits_pinned_to_both_commits(ledger: Ledger) -> None:
    asked = Asked(model="acme/tiny", weights="adapter", base="acme/base", **SAMPLE)
    number = submit(ledger, asked, Person("a"))

    def good_on_base(wanted: Wanted) -> Checked:
        facts = Facts(name=wanted.model, revision=COMMIT, base=wanted.base, base_revision="b" * 40)
        return Checked(asked=wanted, facts=facts, problems=())

    check_with(ledger, good_on_base)
    found = find(ledger, number)
    assert (found.state, found.commit, found.base_commit) == (State.PENDING, COMMIT, "b" * 40)


def test_the_commands_say_what_they_did(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_commands, "stop_on_signals", Event)
    submit(ledger, Asked(model="baseline:majority", **SAMPLE), Person("a"))
    done = CliRunner().invoke(cli.main, ["check-queue", "--once", "--name", "c"])
    assert done.output == "c has checked 1 submissions.\n"
    done = CliRunner().invoke(cli.main, ["work", "--once", "--name", "w"])
    assert done.output == "w has worked on 1 submissions.\n"
    assert find(ledger, 1).state == State.INGESTING
