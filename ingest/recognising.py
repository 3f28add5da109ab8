"""What other tools call our tasks, and our questions inside their prompts."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from evaluator.protocols import SLUG_LENGTH, Protocol, parse_protocol
from evaluator.records import Model, Precision
from evaluator.samples import LETTERS, Sample
from evaluator.tasks import TASKS, Task, all_tasks
from ingest.bounded import read_each
from ingest.foreign import ForeignRun, Found, Log, Wanted

NAMES = {
    "med_mcqa": "medmcqa",
    "medqa": "medqa_4options",
    "med_qa": "medqa_4options",
    "pubmed_qa": "pubmedqa",
}
"""Other names of our tasks, as `plain_name` leaves them. Whether the questions are ours, each
row shows by itself."""
INTRODUCTION = re.compile(
    r"^The following are multiple choice questions \(with answers\) about [^\n.]*\.\n+"
)


Item = dict[str, Any]
"""An object of a log, of which nothing is known."""


@dataclass(frozen=True)
class Part:
    """One file's log of one task, with who answered and how they were asked."""

    model: Model
    precision: Precision | None
    protocol: Protocol
    log: Log


def plain_name(name: str) -> str:
    """`lighteval|mmlu:anatomy|0` and `hendrycksTest-anatomy` both become `mmlu_anatomy`."""
    name = re.sub(r"\|\d+(\|\d+)?$", "", name).split("|")[-1].split("/")[-1]
    name = re.sub(r"[^a-z0-9]+", "_", name.removeprefix("hendrycksTest-").lower()).strip("_")
    return name if name in TASKS or f"mmlu_{name}" not in TASKS else f"mmlu_{name}"


def recognise_task(name: str, wanted: Wanted) -> Task | None:
    """Our task for another tool's name of one: as the person says, else by its plain name."""
    if name in wanted.tasks:
        return wanted.tasks[name]
    plain = plain_name(name)
    return all_tasks().get(NAMES.get(plain, plain))


def item(value: object) -> Item:
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def finite(value: object) -> float | None:
    """A number that is one, or None; JSON may also hold NaN, infinity, or 400 digits."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def read_precision(said: object) -> Precision | None:
    """`torch.bfloat16` and `bfloat16` are one; anything that is not ours is unknown."""
    named = str(said).removeprefix("torch.")
    return next((known for known in get_args(Precision) if known == named), None)


def text(value: object) -> str | None:
    """`value` where it is text that UTF-8 can hold, or nearly so; None for anything else."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def name_lane(*words: object) -> Protocol:
    """`other-` and the words, as a slug allows them."""
    joined = "-".join(re.sub(r"[^a-z0-9.]+", "-", str(word).lower()).strip("-.") for word in words)
    return parse_protocol(f"other-{joined}"[:SLUG_LENGTH].rstrip("-."))


def gather(files: Iterable[Path], read: Callable[[Path], Iterable[Part]]) -> Found:
    """Read the files, and put together what one model answered in one way.

    Two logs of one task are both refused: which of them is meant, only a person can say.
    """
    parts, left = read_each(files, read)
    groups: dict[tuple[Model, Precision | None, str], dict[str, list[Part]]] = {}
    for part in parts:
        key = (part.model, part.precision, part.protocol.slug)
        groups.setdefault(key, {}).setdefault(part.log.task.name, []).append(part)
    runs = []
    for (model, precision, _), tasks in groups.items():
        rivals = [part for same in tasks.values() if len(same) > 1 for part in same]
        left += [
            (
                part.log.path,
                f"one of several logs of {part.log.task.name} by {model.name}; import the right "
                "one by naming its file",
            )
            for part in rivals
        ]
        alone = [same[0] for same in tasks.values() if len(same) == 1]
        if alone:
            logs = tuple(part.log for part in alone)
            runs.append(ForeignRun(model, precision, alone[0].protocol, logs))
    return Found(tuple(runs), tuple(left))


def content_hash(question: str, choices: Iterable[str], context: str | None = None) -> str:
    """`Sample.content_hash` of a question that a log repeats."""
    listed = tuple(choices)
    return Sample(
        sample_id="", question=question, choices=listed, gold="", context=context
    ).content_hash


def read_question(prompt: str) -> str | None:
    """The content hash of the one question that `prompt` asks, or None where it shows none.

    Read are the common layouts, after whatever introduces them: a question with a line a choice
    (`A. …` or `A) …`), and an abstract with a question to be answered by yes, no or maybe. Takes
    no longer than the prompt is, whatever stands in it.
    """
    body, asked, rest = prompt.rpartition("Answer:")
    body = body.rstrip("\n") if asked and not rest.strip() else prompt.rstrip("\n")
    _, abstract, last = f"\n\n{body}".rpartition("\n\nAbstract: ")
    context, parted, question = last.rpartition("\nQuestion: ")
    if abstract and parted:
        return content_hash(question, ("yes", "no", "maybe"), context)
    place = max(body.rfind("\nA. "), body.rfind("\nA) "))
    choices = split_choices(body[place + 1 :]) if place >= 0 else []
    if len(choices) < 2:
        return None
    question = INTRODUCTION.sub("", body[:place].removesuffix("\nChoices:"))
    _, answered, rest = question.rpartition("\nAnswer: ")
    if answered:  # worked examples come first
        question = rest.partition("\n\n")[2]
    if "Question: " in question:
        question = question.partition("Question: ")[2]
    return content_hash(question, choices)


def split_choices(text: str) -> list[str]:
    """Part `A. …\\nB. …` into its choices; each begins with the letter that is due."""
    starts = [0]
    for letter in LETTERS[1:]:
        place = re.compile(rf"\n{letter}[.)] ").search(text, starts[-1])
        if place is None:
            break
        starts.append(place.start() + 1)
    ends = [*(start - 1 for start in starts[1:]), len(text)]
    return [text[start + 3 : end] for start, end in zip(starts, ends, strict=True)]
