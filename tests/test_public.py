"""What all may read of submissions, on both databases."""

from tests import ledgers
from tests.test_ledger_copy import HOST, SECRETS, submit_secretly
from warehouse.ledger import outcomes, queue
from warehouse.ledger.opening import Ledger
from warehouse.ledger.public import find_last_event, find_named, find_public
from warehouse.ledger.states import State

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger


def run(ledger: Ledger, model: str) -> int:
    """A submission in the hands of `HOST`."""
    number = submit_secretly(ledger, model)
    assert queue.claim_check(ledger, HOST)
    outcomes.accept(ledger, number, HOST, "c" * 40)
    assert queue.claim(ledger, HOST)
    return number


def test_nothing_private_is_in_what_all_may_read(ledger: Ledger, clock: ledgers.Clock) -> None:
    run(ledger, "acme/died")
    for _ in range(queue.ATTEMPTS):
        clock.pass_(61)
        queue.claim(ledger, HOST)
    (one,) = find_public(ledger)
    assert (one.state, one.code) == (State.FAILED, "worker-died")
    assert str(one.message).startswith("Its worker said nothing for 60 seconds, in attempt 3 of 3.")
    assert one.submitter == "submitter-1"
    assert not any(secret in str(one) for secret in (*SECRETS.values(), HOST, "a log"))


def test_a_finished_one_names_its_snapshot(ledger: Ledger) -> None:
    number = run(ledger, "acme/done")
    outcomes.hand_over(ledger, number, HOST, "run-1")
    assert find_public(ledger)[0].snapshot is None
    outcomes.finish(ledger, number, "watch", 12)
    assert find_public(ledger)[0].snapshot == 12


def test_a_heartbeat_is_no_event_and_every_step_is(ledger: Ledger) -> None:
    assert find_last_event(ledger) == 0
    number = run(ledger, "acme/runs")
    last = find_last_event(ledger)
    queue.beat(ledger, number, HOST, {"task": 1})
    assert find_last_event(ledger) == last > 0
    outcomes.hand_over(ledger, number, HOST, "run-1")
    assert find_last_event(ledger) == last + 1


def test_names_are_found_in_part_in_any_case_and_letters_mean_themselves(ledger: Ledger) -> None:
    for model in ("Acme/Likely-7B", "acme/other", "a%c_e/odd"):
        submit_secretly(ledger, model)
    assert [one.model for one in find_named(ledger, ["ACME"], 9)] == [
        "acme/other",
        "Acme/Likely-7B",
    ]
    assert [one.model for one in find_named(ledger, ["acme", "7b"], 9)] == ["Acme/Likely-7B"]
    assert [one.model for one in find_named(ledger, ["%c_"], 9)] == ["a%c_e/odd"]
    assert len(find_named(ledger, [], 2)) == 2
    assert find_named(ledger, ["acme/likely-7b"], 1) == find_named(ledger, ["acme/likely"], 9)
    submit_secretly(ledger, "acme/likely-7b-it")
    assert find_named(ledger, ["acme/likely-7b"], 1)[0].model == "Acme/Likely-7B"
