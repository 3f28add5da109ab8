"""Checks what is submitted, in a process of its own that answers also while a model runs."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from pydantic import ValidationError

from evaluator import checking
from evaluator.daemon import keep_taking
from evaluator.errors import EvaluatorError, NotChecked, UnknownProtocol
from evaluator.protocols import parse_protocol
from evaluator.records import name_faults
from evaluator.verdicts import Asked, Checked
from warehouse.ledger import outcomes, queue, workers
from warehouse.ledger.errors import LeaseLost
from warehouse.ledger.opening import Ledger
from warehouse.ledger.submissions import Submission, Why, history

BEAT = queue.LEASE.total_seconds() / 4
IDLE = 1.0  # seconds between two looks at what is submitted
REST = 30.0  # seconds after the Hub could not be asked
TRIES = 5
NOT_CHECKED = "not-checked"
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
            found = [problem.model_dump() for problem in checked.problems]
            if found:
                outcomes.reject(self.ledger, submission.number, self.name, found)
            else:
                commit, base = str(checked.facts.revision), checked.facts.base_revision
                outcomes.accept(self.ledger, submission.number, self.name, commit, base)
        except NotChecked as error:
            self.put_off(submission, error)
        except (ValidationError, UnknownProtocol) as error:
            fix = "Submit it again as the form has it."
            problem = {"code": "not-understood", "says": explain(error), "fix": fix}
            outcomes.reject(self.ledger, submission.number, self.name, [problem])
        except LeaseLost:
            return  # it is cancelled, or another's by now

    def check_while_beating(self, submission: Submission) -> Checked:
        """What a check found; the lease is prolonged while it takes its time."""
        with ThreadPoolExecutor(1) as pool:
            checked = pool.submit(lambda: self.check(read_asked(submission)))
            while not wait([checked], timeout=BEAT).done:
                queue.prolong(self.ledger, submission.number, self.name)
                workers.report(self.ledger, self.name, "checker", submission.number)
            return checked.result()

    def put_off(self, submission: Submission, error: EvaluatorError) -> None:
        """Try again later, since nothing is known of the model; after `TRIES` times say so."""
        codes = Counter(event.code for event in history(self.ledger, submission.number))
        number, said = submission.number, str(error)
        if codes[NOT_CHECKED] + 1 < TRIES:
            queue.let_go(self.ledger, number, self.name, Why(NOT_CHECKED, said))
            self.stop.wait(REST)
            return
        fix = "Submit it again later; if it goes on, write to the maintainers."
        problem = {"code": NOT_CHECKED, "says": said, "fix": fix}
        outcomes.reject(self.ledger, number, self.name, [problem])


def explain(error: ValidationError | UnknownProtocol) -> str:
    return name_faults(error) if isinstance(error, ValidationError) else str(error)


def read_asked(submission: Submission) -> Asked:
    """What is to be checked; raises `ValidationError` or `UnknownProtocol`."""
    return Asked.model_validate(
        {
            "model": submission.model,
            "revision": submission.revision,
            "precision": submission.precision,
            "protocol": parse_protocol(submission.protocol),
            "weights": submission.weights,
            "base": submission.base,
        }
    )
