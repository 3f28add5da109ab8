"""Writes submissions as the requests files that Hugging Face leaderboards read.

The keys are those that the leaderboards' `EvalRequest` takes, and no others, for it fails at one
that it does not know. Only what they cannot say has keys of ours: a protocol that is not zero-shot,
and a set of tasks that is not the nine. Who asked, with which words, and what the log says is
private and never written.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

from evaluator.files import write_text
from ingest.errors import UnreadableFile
from ingest.leaderboard_requests import read_object
from ingest.request_fields import NEWEST, NINE, find_fault, read_protocol
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Submission

STATUSES = {
    State.SUBMITTED: "PENDING",
    State.CHECKING: "PENDING",
    State.PENDING: "PENDING",
    State.RUNNING: "RUNNING",
    State.INGESTING: "RUNNING",
    State.FINISHED: "FINISHED",
    State.FAILED: "FAILED",
    State.REJECTED: "FAILED",
    State.CANCELLED: "CANCELLED",
    # nobody is to run it, nor to look for its results: those of a newer one stand in their place
    State.SUPERSEDED: "CANCELLED",
}
TYPES = {
    "pretrained": "🟢 : pretrained",
    "fine-tuned": "🔶 : fine-tuned",
    "instruction-tuned": "⭕ : instruction-tuned",
    "merged": "🤝 : base merges and moerges",
}
UNKNOWN = "? : unknown"


def write_requests(
    submissions: Iterable[Submission], folder: Path
) -> tuple[list[Path], list[tuple[Submission, str]]]:
    """Write a file for each submission; returns them, and what was left out, with the reason.

    A file of the same name is replaced at once for every reader. Left out is what nobody could
    read as a request, such as a model that is a folder of this machine.
    """
    written: list[Path] = []
    left_out: list[tuple[Submission, str]] = []
    taken: set[str] = set()
    for one in sorted(submissions, key=lambda one: one.number):
        document = as_document(one)
        if fault := find_fault(one.model) or find_misreading(document):
            left_out.append((one, fault))
            continue
        name = name_file(one, document)
        if name.casefold() in taken:  # the first keeps its name, so that none changes later
            name = f"{name.removesuffix('.json')}_{one.number}.json"
        taken.add(name.casefold())
        written.append(folder / name)
        make_place(written[-1].parent, folder)
        write_text(written[-1], json.dumps(document, indent=2) + "\n")
    return written, left_out


def as_document(submission: Submission) -> dict[str, Any]:
    """The submission by their keys; the revision is the commit as soon as it is pinned to one."""
    base = submission.base
    document: dict[str, Any] = {
        "model": submission.model,
        "base_model": "" if base is None or find_fault(base) else base,
        "revision": submission.commit or submission.revision or NEWEST,
        "private": False,
        "precision": submission.precision,
        "weight_type": submission.weights.capitalize(),
        "status": STATUSES[submission.state],
        "submitted_time": f"{submission.submitted_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "model_type": TYPES.get(submission.type, UNKNOWN),
    }
    if submission.protocol.endswith("-chat"):
        document["use_chat_template"] = True
    if read_protocol(document) != submission.protocol:
        document["lane"] = submission.protocol
    if submission.tasks != NINE:
        document["task_set"] = submission.tasks
    return document


def find_misreading(document: dict[str, Any]) -> str | None:
    """Why a reader would not understand what is asked for; None where one would."""
    try:
        return read_object(document, "").hindrance
    except UnreadableFile as error:
        return str(error)


def name_file(submission: Submission, document: dict[str, Any]) -> str:
    """`<org>/<name>_eval_request_False_bfloat16_Original.json`, below no other folder.

    Only characters that every file system takes; an organisation never looks like such a file.
    """
    *organisation, name = (
        re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in submission.model.split("/")
    )
    kind = f"{submission.precision}_{document['weight_type']}"
    file = f"{name}_eval_request_False_{kind}.json"
    return "/".join([*(re.sub(r"(?i)\.json$", "-json", each) for each in organisation), file])


def make_place(place: Path, folder: Path) -> None:
    """Make the folder of an organisation; raises `UnreadableFile` where it leads elsewhere."""
    place.mkdir(parents=True, exist_ok=True)
    if place != folder and place.is_symlink():
        raise UnreadableFile(f"{place} is a link. Nothing is written through it: remove it first.")
