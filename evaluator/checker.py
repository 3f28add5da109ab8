"""Checks what is submitted, in a process of its own that answers also while a model runs."""

import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from pydantic import ValidationError

from evaluator import checking
from evaluator.daemon import AGAIN, insist, keep_taking, try_to
from evaluator.errors import NotChecked, UnknownProtocol, UnknownTask
from evaluator.protocols import parse_protocol
from evaluator.records import name_faults
from evaluator.tasks import choose_tasks
from evaluator.verdicts import Asked, Checked
from warehouse.ledger import outcomes, queue, workers
from warehouse.ledger.errors import LeaseLost
from warehouse.ledger.opening import Ledger
from warehouse.ledger.submissions import Submission, Why

BEAT = queue.LEASE.total_seconds() / 4
IDLE = 1.0  # seconds between two looks at what is submitted
NOT_CHECKED, CHECK_DIED = "not-checked", "check-died"
NOT_UNDERSTOOD = (ValidationError, UnknownProtocol, UnknownTask)
AS_THE_FORM = "Submit it again as the form has it."
LATER = "Submit it again later; if it goes on, write to the maintainers."
Check = Callable[[Asked], Checked]


@dataclass(frozen=True)
class Checker:
    """One that checks submissions."""

    ledger: Ledger
    name: str
    stop: Event
    """Set from outside, it ends the work."""
    check: Check = checking.check_model

    def work(self, *, once: bool = False) -> int:
        """Check submissions until told to stop, or but one; returns how many were taken."""

        def take() -> Submission | None:
            beat()
            return queue.claim_check(self.ledger, self.name)

        with workers.present(self.ledger, self.name, "checker") as beat:
            return keep_taking(take, self.answer, self.stop, IDLE, once=once)

    def answer(self, submission: Submission) -> None:
        """Check a submission, and write down what came of it."""
        try:
            checked = self.check_while_beating(submission)
            insist(lambda: self.write_down(submission, checked), self.stop)
        except LeaseLost:
            return  # it is cancelled, or another's by now

    def check_while_beating(self, submission: Submission) -> "Future[Checked]":
        """A check that has come to some end; the lease is prolonged while it takes its time."""
        number = submission.number

        def beat() -> None:
            queue.prolong(self.ledger, number, self.name)
            workers.report(self.ledger, self.name, "checker", number)

        with ThreadPoolExecutor(1) as pool:
            checked = pool.submit(lambda: self.check(read_asked(submission)))
            pause = BEAT
            while not wait([checked], timeout=pause).done:
                pause = BEAT if try_to(beat) else AGAIN
        return checked

    def write_down(self, submission: Submission, checked: "Future[Checked]") -> None:
        """Tell the ledger how a check ended; one that broke must not keep the others waiting."""
        error = checked.exception()
        if error is None:
            self.judge(submission, checked.result())
        elif isinstance(error, NotChecked):
            self.put_off(submission, Why(NOT_CHECKED, str(error)), queue.CHECKS, LATER)
        elif isinstance(error, NOT_UNDERSTOOD):
            problem = {"code": "not-understood", "says": explain(error), "fix": AS_THE_FORM}
            outcomes.reject(self.ledger, submission.number, self.name, [problem])
        elif isinstance(error, Exception):
            traceback.print_exception(error)
            words = f"The check itself broke ({type(error).__name__}), for no fault of the model."
            self.put_off(submission, Why(CHECK_DIED, words), queue.ATTEMPTS, queue.ASK)
        else:
            raise error

    def judge(self, submission: Submission, checked: Checked) -> None:
        """Put it in the queue where nothing speaks against it, and else send it back."""
        found = [problem.model_dump() for problem in checked.problems]
        if found:
            outcomes.reject(self.ledger, submission.number, self.name, found)
        else:
            commit, base = str(checked.facts.revision), checked.facts.base_revision
            outcomes.accept(self.ledger, submission.number, self.name, commit, base)

    def put_off(self, submission: Submission, why: Why, most: int, fix: str) -> None:
        """Have it checked again after a rest, since nothing is known of the model; after `most`
        times say so."""
        number = submission.number
        if submission.attempt < most:
            queue.postpone(self.ledger, number, self.name, why)
            return
        problem = {"code": why.code, "says": why.message, "fix": fix}
        outcomes.reject(self.ledger, number, self.name, [problem])


def explain(error: BaseException) -> str:
    return name_faults(error) if isinstance(error, ValidationError) else str(error)


def read_asked(submission: Submission) -> Asked:
    """What is to be checked; raises one of `NOT_UNDERSTOOD`."""
    choose_tasks(submission.tasks)
    protocol = parse_protocol(submission.protocol)
    if not protocol.asks:
        raise UnknownProtocol(f"{protocol.slug} is for imported answers: no model is asked by it.")
    return Asked.model_validate(
        {
            "model": submission.model,
            "revision": submission.revision,
            "precision": submission.precision,
            "protocol": protocol,
            "weights": submission.weights,
            "base": submission.base,
        }
    )
