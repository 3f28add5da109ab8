"""How a model is asked: protocols and their prompts.

The prompts are lm-evaluation-harness 0.4.13's, to the byte (`lm_eval/tasks/{medqa,medmcqa,
pubmedqa,mmlu/default}`), so that scores compare with those that others publish.
"""

import hashlib
import re
from collections.abc import Callable, Iterable

from pydantic import BaseModel, ConfigDict, Field

from evaluator.errors import UnknownProtocol
from evaluator.samples import Sample
from evaluator.tasks import Task

LOGLIKELIHOOD = "loglikelihood-0shot"
IMPORTED = r"other-[a-z0-9][a-z0-9.-]*"
SLUG = f"^({LOGLIKELIHOOD}|{IMPORTED})$"
SLUG_LENGTH = 80


class Protocol(BaseModel):
    """How a model was asked. Its slug is the lane: only scores of one lane compare."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    slug: str = Field(pattern=SLUG, max_length=SLUG_LENGTH)
    """`loglikelihood-0shot`, or `other-<source>` for imported answers whose prompt is another's."""
    shots: int | None
    """Worked examples before the question; None where the source does not say."""

    @property
    def asks(self) -> bool:
        """Whether this project asks by it, rather than imports what others asked."""
        return self.shots is not None


class Request(BaseModel):
    """One question as a model is given it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    prompt: str
    """The context, up to and with `Answer:`."""
    continuations: tuple[str, ...]
    """What is scored after the prompt, one a choice, leading space included: `" A"`."""


def parse_protocol(slug: str) -> Protocol:
    """Return the protocol named `slug`; raises `UnknownProtocol` for one that cannot be asked."""
    if slug == LOGLIKELIHOOD:
        return Protocol(slug=slug, shots=0)
    if re.fullmatch(IMPORTED, slug) and len(slug) <= SLUG_LENGTH:
        return Protocol(slug=slug, shots=None)
    raise UnknownProtocol(
        f"No protocol is named {slug!r}. Models are asked by loglikelihood-0shot; answers that "
        "others collected are imported as other-<source>, in lower case."
    )


def medqa_prompt(_: Task, sample: Sample) -> str:
    return f"Question: {sample.question}\n{lettered(sample)}\nAnswer:"


def medmcqa_prompt(_: Task, sample: Sample) -> str:
    return f"Question: {sample.question}\nChoices:\n{lettered(sample)}\nAnswer:"


def pubmedqa_prompt(_: Task, sample: Sample) -> str:
    return f"Abstract: {sample.context}\nQuestion: {sample.question}\nAnswer:"


def mmlu_prompt(task: Task, sample: Sample) -> str:
    """The description ends in an empty line: task version 1.0; version 0.0 had one newline."""
    subject = task.name.removeprefix("mmlu_").replace("_", " ")
    return (
        "The following are multiple choice questions (with answers) about "
        f"{subject}.\n\n{sample.question.strip()}\n{lettered(sample)}\nAnswer:"
    )


def lettered(sample: Sample) -> str:
    pairs = zip(sample.letters, sample.choices, strict=True)
    return "\n".join(f"{letter}. {choice}" for letter, choice in pairs)


PROMPTS: dict[str, Callable[[Task, Sample], str]] = {
    "medqa": medqa_prompt,
    "medmcqa": medmcqa_prompt,
    "pubmedqa": pubmedqa_prompt,
    "mmlu": mmlu_prompt,
}


def render(task: Task, sample: Sample) -> Request:
    """Return what a model is given for `sample`: the prompt, and a continuation per choice."""
    answers = sample.choices if task.prompt == "pubmedqa" else sample.letters
    return Request(
        prompt=PROMPTS[task.prompt](task, sample),
        continuations=tuple(f" {answer}" for answer in answers),
    )


def prompts_hash(requests: Iterable[Request]) -> str:
    """SHA-256 (16 hex digits) of every prompt and continuation, in order.

    Two runs of a task with the same hash were asked the same to the byte.
    """
    digest = hashlib.sha256()
    for request in requests:
        digest.update(request.model_dump_json().encode())
    return digest.hexdigest()[:16]
