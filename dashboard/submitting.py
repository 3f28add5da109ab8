"""What is typed into the Submit page: is it all there, and was it asked before? No Streamlit here.

No sentence repeats what was typed, so that it can stand in Markdown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from urllib.parse import unquote

from dashboard import offers
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Submission

LONGEST_NAME = 200  # characters, as in the evaluator's records
LONGEST_CONTACT = 200
LONGEST_NOTE = 2_000
ADDRESS = re.compile(
    r"(?:https?://[^/\s]+|(?:www\.)?huggingface\.co|hf\.co)"
    r"/(?P<name>[^/?#\s]+/[^/?#\s]+)"
    r"(?:/(?:tree|commit|blob|resolve|raw)/(?P<revision>[^/?#\s]+))?"
    r"(?:[/?#]\S*)?",
    re.IGNORECASE,
)
"""Of a model's page on the Hub or on a mirror of it."""
PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
NAME = re.compile(rf"{PART}/{PART}")
PATH = re.compile(r"[./~\\]|[A-Za-z]:[\\/]|file:", re.IGNORECASE)
OTHER_KINDS = ("datasets/", "spaces/", "collections/", "papers/")
SEED = re.compile(r"(?:seed-)?[0-9]{1,18}")
COMMIT = re.compile(r"[0-9a-f]{40}")
QUEUED = (State.SUBMITTED, State.CHECKING, State.PENDING)
ALIVE = (*QUEUED, State.RUNNING, State.INGESTING, State.FINISHED)
"""States of what is under way or finished, so that it need not be asked again."""
RECENT = 50
"""Finished submissions of which the median says how long the way takes."""

NO_NAME = "Name a model as the Hub does: owner/name."
NOT_A_NAME = (
    "A model of the Hub is called owner/name, such as Qwen/Qwen3-0.6B: letters, digits, and "
    "“.”, “_”, “-” within."
)
A_PATH = "This is a place on a machine. Models are taken from the Hub: upload it, and name it here."
NO_MODEL = "This is not the address of a model. Data sets, Spaces and papers have no weights."
NOT_BUILT_IN = f"No model that is built in is called so. There are {', '.join(offers.EMBEDDED)}."
NO_SPACES = "There is a space in it, or a sign that cannot be seen."
NOT_A_SEED = "The revision of a model that is built in is its seed: a number such as 7."
NO_BASE = "Name the model that this is added to: owner/name."
OWN_BASE = "This is the model itself. Name the one that it is added to."
NO_EXAMPLES = "The demonstration questions have no worked examples. Choose a way without them."
NO_TEMPLATE = "The toy model has no chat template. Choose a way without one."
WHOLE = "A model that is built in is a whole one: choose original."


def trim(typed: str) -> tuple[str, str | None]:
    """The model's name, and the revision where the address of a page on the Hub names one."""
    text = typed.strip()
    if found := ADDRESS.fullmatch(text):
        return found["name"], unquote(found["revision"]) if found["revision"] else None
    return text, None


def draw_up(values: Mapping[str, str]) -> Asked:
    """What is asked for, of what stands in the fields; nothing is judged here."""
    given = {name: value.strip() for name, value in values.items()}
    model, revision = trim(given["model"])
    return Asked(
        model=model,
        revision=given["revision"] or revision,
        precision=given["precision"],
        protocol=given["protocol"],
        tasks=offers.read_tasks(given["tasks"]) or given["tasks"],
        weights=given["weights"],
        base=(trim(given["base"])[0] or None) if given["weights"] != offers.ORIGINAL else None,
        type=given["type"],
        contact=given["contact"] or None,
        note=given["note"] or None,
    )


def find_faults(asked: Asked) -> dict[str, str]:
    """From each field with which something is wrong to what that is; empty where it may be sent."""
    base = fault_of_base(asked) if asked.weights != offers.ORIGINAL else None
    found = {
        "model": fault_of_name(asked.model) if asked.model else NO_NAME,
        "revision": fault_of_revision(asked),
        "base": base,
        "weights": WHOLE if is_embedded(asked) and asked.weights != offers.ORIGINAL else None,
        "protocol": fault_of_protocol(asked),
        "contact": fault_of_text(asked.contact or "", LONGEST_CONTACT),
        "note": fault_of_text(asked.note or "", LONGEST_NOTE),
    }
    return {name: fault for name, fault in found.items() if fault}


def is_embedded(asked: Asked) -> bool:
    return asked.model in offers.EMBEDDED


def fault_of_name(name: str) -> str | None:
    """What is wrong with the name of a model, if anything is."""
    if name in offers.EMBEDDED:
        return None
    if len(name) > LONGEST_NAME:
        return too_long(name, LONGEST_NAME)
    if re.search(r"\s", name) or not name.isprintable():
        return NO_SPACES
    if name.startswith(("toy:", "baseline:")):
        return NOT_BUILT_IN
    if name.startswith(OTHER_KINDS):
        return NO_MODEL
    if PATH.match(name) or name.count("/") > 1 or "\\" in name:
        return A_PATH
    proper = NAME.fullmatch(name) and "--" not in name and ".." not in name
    return None if proper else NOT_A_NAME


def fault_of_revision(asked: Asked) -> str | None:
    revision = asked.revision or ""
    if is_embedded(asked):
        return None if not revision or SEED.fullmatch(revision) else NOT_A_SEED
    if re.search(r"\s", revision):
        return NO_SPACES
    return fault_of_text(revision, LONGEST_NAME)


def fault_of_base(asked: Asked) -> str | None:
    if not asked.base:
        return NO_BASE
    if asked.base.casefold() == asked.model.casefold():
        return OWN_BASE
    return NOT_A_NAME if asked.base in offers.EMBEDDED else fault_of_name(asked.base)


def fault_of_protocol(asked: Asked) -> str | None:
    if offers.SAMPLE in asked.tasks.split(",") and "-0shot" not in asked.protocol:
        return NO_EXAMPLES
    return NO_TEMPLATE if asked.model == offers.TOY and asked.protocol.endswith("-chat") else None


def fault_of_text(text: str, most: int) -> str | None:
    if len(text) > most:
        return too_long(text, most)
    return None if all(sign.isprintable() or sign in "\n\t" for sign in text) else NO_SPACES


def too_long(text: str, most: int) -> str:
    return f"{len(text):,} characters are too many: {most:,} are taken."


def find_same(asked: Asked, found: Sequence[Submission]) -> Submission | None:
    """The first of the submissions that asks for the same and is under way or finished."""
    return next((one for one in found if one.state in ALIVE and is_same(asked, one)), None)


def is_same(asked: Asked, one: Submission) -> bool:
    same = asked.model.casefold() == one.model.casefold() and all(
        getattr(asked, name) == getattr(one, name) for name in ("precision", "protocol", "tasks")
    )
    return same and pin(asked) in (pin(one), one.commit)


def pin(asked: Asked) -> str:
    """The revision, of a model that is built in as its runs have it."""
    revision = asked.revision or ""
    if is_embedded(asked):
        seed = revision.removeprefix("seed-") or "0"
        return f"seed-{int(seed)}" if SEED.fullmatch(seed) else revision
    return revision or "main"


def is_barred(asked: Asked, same: Submission) -> bool:
    """Whether asking again can bring nothing: a finished branch may have moved on since."""
    is_pinned = is_embedded(asked) or bool(COMMIT.fullmatch(asked.revision or ""))
    return same.state != State.FINISHED or is_pinned


def unused_seed(revisions: Iterable[str | None]) -> int:
    """The smallest number from 1 that is none of these, which are written `7` or `seed-7`."""
    taken = {revision.removeprefix("seed-") for revision in revisions if revision}
    return next(number for number in range(1, len(taken) + 2) if str(number) not in taken)


def typical_seconds(found: Sequence[Submission], tasks: str) -> float | None:
    """From a submission to its publication, as the finished ones of these tasks had it."""
    same = [one for one in found if one.tasks == tasks and one.state == State.FINISHED]
    took = [(one.since - one.submitted_at).total_seconds() for one in same]
    return median(took) if took else None
