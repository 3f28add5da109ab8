"""A ledger with a submission in every state, put there by those who put them there in life."""

from typing import Any

from warehouse.ledger import outcomes, queue, renewal, upkeep, workers
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.submissions import Asked, Why, submit

MAINTAINER = Person("m@example.org", is_maintainer=True)
ANN, BEN = Person("ann@example.org"), Person("ben@example.org")
PRIVATE = ("ann@example.org", "ben@example.org", "m@example.org", "+44 20 7946 0000", "our secret")
LOG = "Loading the model.\nError (out-of-memory): 16-bit weights take 140 GB, and 80 GB are there."
PROBLEMS = (
    {
        "code": "no-safetensors",
        "says": "acme/pickled has no weights as safetensors. Other formats can run code when they "
        "are opened, so they never are.",
        "fix": "Save it with save_pretrained, which writes safetensors, and upload that.",
    },
    {
        "code": "no-licence",
        "says": "acme/pickled states no licence.",
        "fix": "Put `license:` into the metadata at the top of its README.md.",
    },
)
EVIL = "acme/*evil* <script>alert(1)</script> $x$ :material/bug: [a](javascript:b)"
PROGRESS = {
    **{"task": 2, "tasks": 9, "name": "medmcqa", "answered": 1204, "of": 4183},
    **{"done": 2477, "all": 7045, "left": 1260.0},
}


def add(ledger: Ledger, model: str, by: Person = ANN, **asked: Any) -> int:
    wanted = {"precision": "bfloat16", "protocol": "loglikelihood-0shot"} | asked
    contact, note = "+44 20 7946 0000", "our secret"
    return submit(ledger, Asked(model=model, contact=contact, note=note, **wanted), by)


def add_checked(ledger: Ledger, model: str, by: Person = ANN, **asked: Any) -> int:
    number = add(ledger, model, by, **asked)
    while (taken := queue.claim_check(ledger, "checker host:1")) and taken.number != number:
        raise AssertionError("another was submitted before")
    outcomes.accept(ledger, number, "checker host:1", f"{number:040x}")
    return number


def run_next(ledger: Ledger) -> int:
    taken = queue.claim(ledger, "worker host:2")
    assert taken
    return taken.number


def fill(ledger: Ledger, run_id: str = "run") -> dict[str, int]:
    """Returns, for each state, the number of a submission in it."""
    numbers = {"superseded": add_checked(ledger, "acme/first")}
    outcomes.hand_over(ledger, run_next(ledger), "worker host:2", run_id, "All is asked.")
    outcomes.finish(ledger, numbers["superseded"], "ingest watch", 2)
    numbers["finished"] = add_checked(ledger, "toy:llama", BEN, tasks="sample")
    outcomes.hand_over(ledger, run_next(ledger), "worker host:2", run_id, "All is asked.")
    outcomes.finish(ledger, numbers["finished"], "ingest watch", 3)
    numbers["failed"] = add_checked(ledger, "acme/giant-140b")
    why = Why("out-of-memory", "16-bit weights take 140 GB, and 80 GB are there.")
    outcomes.fail(ledger, run_next(ledger), "worker host:2", why, LOG)
    numbers["rejected"] = add(ledger, "acme/pickled")
    queue.claim_check(ledger, "checker host:1")
    outcomes.reject(ledger, numbers["rejected"], "checker host:1", PROBLEMS)
    numbers["cancelled"] = add_checked(ledger, "acme/mistaken", BEN)
    upkeep.cancel(ledger, numbers["cancelled"], BEN, "It was the wrong one.")
    numbers["ingesting"] = add_checked(ledger, "acme/second-7b")
    outcomes.hand_over(ledger, run_next(ledger), "worker host:2", "acme--second-7b-0123456789ab")
    numbers["running"] = add_checked(ledger, "acme/doctor-8b")
    queue.beat(ledger, run_next(ledger), "worker host:2", PROGRESS)
    numbers["pending"] = add_checked(ledger, "acme/nurse-3b", BEN)
    add_checked(
        ledger, "acme/*evil* <script>alert(1)</script> $x$ :material/bug: [a](javascript:b)"
    )
    workers.report(ledger, "worker host:2", "worker", numbers["running"])
    workers.report(ledger, "checker host:1", "checker")
    numbers["checking"] = add(ledger, "acme/just-seen")
    queue.claim_check(ledger, "checker host:1")
    numbers["submitted"] = renewal.renew(
        ledger, [numbers["superseded"]], MAINTAINER, "Corrected keys."
    )[0]
    return numbers
