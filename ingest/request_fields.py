"""Reads the keys of a requests file, each as strange as others wrote it.

The spellings are those of the leaderboards' `src/display/utils.py` (`Precision`, `WeightType`,
`ModelType`) and of the forms before it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

from evaluator.errors import UnknownProtocol, UnknownTask
from evaluator.protocols import ZERO_SHOT, parse_protocol
from evaluator.records import LONGEST_NAME, Precision
from evaluator.tasks import choose_tasks
from ingest.errors import UnreadableFile
from ingest.recognising import text
from warehouse.text import printable

Document = Mapping[str, Any]
Weights = Literal["original", "adapter", "delta"]
WEIGHTS: Mapping[str, Weights] = {name: name for name in get_args(Weights)}
PRECISIONS = {"fp16": "float16", "half": "float16", "bf16": "bfloat16", "fp32": "float32"}
"""Other spellings, in lower case and without `torch.`."""
TUNINGS = {
    "instruction": "instruction-tuned",
    "⭕": "instruction-tuned",
    "rl-tuned": "instruction-tuned",
    "🟦": "instruction-tuned",
    "chat": "instruction-tuned",
    "💬": "instruction-tuned",
    "fine-tuned": "fine-tuned",
    "🔶": "fine-tuned",
    "merge": "merged",
    "🤝": "merged",
    "pretrained": "pretrained",
    "🟢": "pretrained",
    "🟩": "pretrained",
}
"""What stands in a `model_type`, symbol or words, and what that is here; the first one counts."""
EMBEDDED = re.compile(r"(baseline|toy):[a-z-]{1,40}")
REVISION = re.compile(r"[A-Za-z0-9_][\w./:-]{0,199}", re.ASCII)
NEWEST = "main"
"""How a file says that no revision was asked for."""
NINE = "nine"


def said(document: Document, key: str) -> str:
    """The text of a key that decides something, empty where it is not there."""
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise UnreadableFile(f"its {key} is a {type(value).__name__}, expected text")
    return (text(value) or "").strip()


def read_revision(document: Document) -> str | None:
    """None for the newest."""
    named = said(document, "revision") or NEWEST
    if not REVISION.fullmatch(named):
        raise UnreadableFile(f"the revision {quoted(named)} is no branch, tag or commit")
    return None if named == NEWEST else named


def is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def find_fault(model: str) -> str | None:
    """Why no model can have this name; None where one can."""
    if not model:
        return "names no model"
    if EMBEDDED.fullmatch(model):
        return None
    if model.startswith(("/", "./", "../", "~", "\\")) or "\\" in model or model.count("/") > 1:
        return f"the model {quoted(model)} is a path, expected <organisation>/<name>"
    try:
        validate_repo_id(model)
    except HFValidationError:
        return f"the Hub gives no model the name {quoted(model)}, expected <organisation>/<name>"
    return None if len(model) <= LONGEST_NAME else f"the name {quoted(model)} is too long"


def quoted(words: str) -> str:
    return repr(words[:80])


def read_precision(document: Document) -> str:
    """Ours where it is one of ours, else as it stands there."""
    named = said(document, "precision")
    if not named and "8bit_eval" in document:  # as the oldest files say it
        named = "8bit" if is_true(document["8bit_eval"]) else "float16"
    plain = named.lower().removeprefix("torch.")
    plain = PRECISIONS.get(plain, plain)
    return plain if plain in get_args(Precision) else named[:40] or "?"


def read_weights(document: Document) -> str:
    named = said(document, "weight_type").lower()
    return named or ("delta" if is_true(document.get("is_delta_weight")) else "original")


def read_tuning(value: object) -> str:
    words = value.lower() if isinstance(value, str) else ""
    return next((ours for theirs, ours in TUNINGS.items() if theirs in words), "unknown")


def read_protocol(document: Document) -> str:
    """The slug that a file of ours says, else zero-shot, through the chat template where asked."""
    chat = "-chat" if is_true(document.get("use_chat_template")) else ""
    slug = said(document, "lane") or f"{ZERO_SHOT.slug}{chat}"
    try:
        protocol = parse_protocol(slug)
    except UnknownProtocol as error:
        raise UnreadableFile(f"no protocol has the name {quoted(slug)}") from error
    if not protocol.asks:
        raise UnreadableFile(f"the protocol {quoted(slug)} is for imported answers")
    return protocol.slug


def read_tasks(document: Document) -> str:
    names = said(document, "task_set") or NINE
    try:
        choose_tasks(names)
    except UnknownTask as error:
        raise UnreadableFile(f"no set of tasks has the name {quoted(names)}") from error
    return names


def read_time(value: object) -> datetime | None:
    """A time in UTC, which is what is meant where no zone is named; None where it is no time."""
    try:
        if isinstance(value, str):  # colons in names of files are written as dashes
            colons = re.sub(r"[Tt](\d\d)-(\d\d)-(\d\d)", r"T\1:\2:\3", value.strip())
            at = datetime.fromisoformat(colons.upper().removesuffix(" UTC"))
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def read_sender(value: object) -> str | None:
    """Whom the file names as the one who asked: a claim, which only maintainers read."""
    return printable(" ".join((text(value) or "").split()))[:200] or None


def find_hindrance(document: Document, precision: str, weights: str) -> str | None:
    if is_true(document.get("private")):
        return "the model is private, and the Hub is asked as a stranger would"
    if precision not in get_args(Precision):
        ours = ", ".join(get_args(Precision))
        return f"its precision is {quoted(precision)}; models run in {ours} here"
    if weights not in WEIGHTS:
        return f"its weights are of the type {quoted(weights)}, expected {', '.join(WEIGHTS)}"
    return None
