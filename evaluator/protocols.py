"""How a model is asked: protocols and their prompts.

The prompts are lm-evaluation-harness 0.4.13's, to the byte (`lm_eval/tasks/{medqa,medmcqa,
pubmedqa,mmlu/default}`, put together as `ConfigurableTask.fewshot_context` does), so that scores
compare with those that others publish.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluator.errors import UnknownProtocol
from evaluator.samples import Sample
from evaluator.tasks import Task

ASKED = r"loglikelihood-(?P<shots>0|[1-9][0-9]?)shot(?P<chat>-chat)?(?P<system>-sys[0-9a-f]{6})?"
IMPORTED = r"other-[a-z0-9][a-z0-9.-]*"
SLUG_LENGTH = 80


class Protocol(BaseModel):
    """How a model was asked. Its slug is the lane: only scores of one lane compare."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    slug: str = Field(max_length=SLUG_LENGTH)
    """`loglikelihood-5shot-chat`, or `other-<source>` for imported answers whose prompt is
    another's."""
    shots: int | None
    """Worked examples before the question; None where the source does not say."""
    chat: bool = False
    """Whether prompts go through the model's own chat template."""
    system_prompt: str | None = None
    """What is said before everything else; the slug ends in its hash."""

    @property
    def asks(self) -> bool:
        """Whether this project asks by it, rather than imports what others asked."""
        return self.shots is not None

    @model_validator(mode="after")
    def check_slug(self) -> "Protocol":
        """The slug says all the rest, so two protocols never share one."""
        if self.shots is None:
            named = re.fullmatch(IMPORTED, self.slug) and not (self.chat or self.system_prompt)
            expected = "other-<source> and nothing else known"
        else:
            expected = name_protocol(self.shots, self.chat, self.system_prompt)
            named = re.fullmatch(ASKED, self.slug) and self.slug == expected
        if not named:
            raise ValueError(f"the slug is {self.slug!r}, expected {expected}")
        return self


class Message(BaseModel):
    """One turn of a conversation."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str


class Request(BaseModel):
    """One question as a model is given it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    messages: tuple[Message, ...]
    """The system's, if any; each example's question and answer; the question."""
    continuations: tuple[str, ...]
    """What is scored after the prompt, one a choice, leading space included: `" A"`."""

    @property
    def prompt(self) -> str:
        """The messages as plain text, up to and with `Answer:`."""
        after = {"system": "", "user": " ", "assistant": "\n\n"}
        said = "".join(message.content + after[message.role] for message in self.messages[:-1])
        return said + self.messages[-1].content


def name_protocol(shots: int, chat: bool, system_prompt: str | None) -> str:
    """The slug of a protocol that this project asks by."""
    chatting = "-chat" if chat else ""
    return f"loglikelihood-{shots}shot{chatting}{name_system(system_prompt)}"


def name_system(system_prompt: str | None) -> str:
    if system_prompt is None:
        return ""
    return f"-sys{hashlib.sha256(system_prompt.encode()).hexdigest()[:6]}"


def parse_protocol(slug: str, system_prompt: str | None = None) -> Protocol:
    """Return the protocol named `slug`; a system prompt adds its hash to the name.

    Raises `UnknownProtocol` for a slug that names none, or the hash of another system prompt.
    """
    if asked := re.fullmatch(ASKED, slug):
        shots, chat = int(asked["shots"]), bool(asked["chat"])
        system_prompt = system_prompt or None
        own = name_protocol(shots, chat, system_prompt)
        if asked["system"] and own != slug:
            raise UnknownProtocol(
                f"{slug} ends in the hash of a system prompt, and --system-prompt is "
                f"{'not given' if system_prompt is None else 'another'}."
            )
        return Protocol(slug=own, shots=shots, chat=chat, system_prompt=system_prompt)
    if re.fullmatch(IMPORTED, slug) and len(slug) <= SLUG_LENGTH:
        return Protocol(slug=slug, shots=None)
    raise UnknownProtocol(
        f"No protocol is named {slug!r}. Models are asked by loglikelihood-<k>shot, or "
        "loglikelihood-<k>shot-chat through their chat template; answers that others collected are "
        "imported as other-<source>, in lower case."
    )


ZERO_SHOT = parse_protocol("loglikelihood-0shot")


def medqa_prompt(sample: Sample) -> str:
    return f"Question: {sample.question}\n{lettered(sample)}\nAnswer:"


def medmcqa_prompt(sample: Sample) -> str:
    return f"Question: {sample.question}\nChoices:\n{lettered(sample)}\nAnswer:"


def pubmedqa_prompt(sample: Sample) -> str:
    return f"Abstract: {sample.context}\nQuestion: {sample.question}\nAnswer:"


def mmlu_prompt(sample: Sample) -> str:
    return f"{sample.question.strip()}\n{lettered(sample)}\nAnswer:"


def lettered(sample: Sample) -> str:
    pairs = zip(sample.letters, sample.choices, strict=True)
    return "\n".join(f"{letter}. {choice}" for letter, choice in pairs)


PROMPTS: dict[str, Callable[[Sample], str]] = {
    "medqa": medqa_prompt,
    "medmcqa": medmcqa_prompt,
    "pubmedqa": pubmedqa_prompt,
    "mmlu": mmlu_prompt,
}


def describe(task: Task) -> str:
    """What is said once, before examples and question.

    MMLU's ends in an empty line: task version 1.0; version 0.0 had one newline.
    """
    if task.prompt != "mmlu":
        return ""
    subject = task.name.removeprefix("mmlu_").replace("_", " ")
    return f"The following are multiple choice questions (with answers) about {subject}.\n\n"


def answers(task: Task, sample: Sample) -> Sequence[str]:
    """What a model may answer, in the order of the choices."""
    return sample.choices if task.prompt == "pubmedqa" else sample.letters


def render(
    task: Task, sample: Sample, protocol: Protocol = ZERO_SHOT, shots: Sequence[Sample] = ()
) -> Request:
    """Return what a model is given for `sample`, after the worked examples `shots`.

    In a chat the description is the system's, and answers follow the template without a space.
    """
    ask = PROMPTS[task.prompt]
    messages = []
    if system := join(protocol.system_prompt or "", describe(task)):
        messages.append(Message(role="system", content=system))
    for shot in shots:
        answer = answers(task, shot)[shot.letters.index(shot.gold)]
        messages.append(Message(role="user", content=ask(shot)))
        messages.append(Message(role="assistant", content=answer))
    messages.append(Message(role="user", content=ask(sample)))
    space = "" if protocol.chat else " "
    return Request(
        messages=tuple(messages),
        continuations=tuple(f"{space}{answer}" for answer in answers(task, sample)),
    )


@dataclass(frozen=True)
class Paper:
    """One task as it is put to a model: its questions, and the worked examples before each."""

    task: Task
    samples: Sequence[Sample]
    shots: Sequence[Sample] = ()

    def render(self, sample: Sample, protocol: Protocol) -> Request:
        return render(self.task, sample, protocol, self.shots)


def join(system_prompt: str, description: str) -> str:
    """An empty line parts them, unless either has white space there (lm_eval's rule)."""
    if not (system_prompt and description):
        return system_prompt or description
    parted = system_prompt[-1].isspace() or description[0].isspace()
    return system_prompt + ("" if parted else "\n\n") + description


def prompt_hash(prompt: str, continuations: Sequence[str]) -> str:
    """SHA-256 (16 hex digits) of what one question was, to the byte."""
    return hash_texts([as_json(prompt, continuations)])


def prompts_hash(requests: Iterable[Request], *, chat: bool = False) -> str:
    """SHA-256 (16 hex digits) of every prompt and continuation, in order.

    Two runs of a task with the same hash were asked the same to the byte. A chat is hashed before
    the model's template, which the model's revision holds.
    """
    return hash_texts(
        request.model_dump_json() if chat else as_json(request.prompt, request.continuations)
        for request in requests
    )


def as_json(prompt: str, continuations: Sequence[str]) -> str:
    content = {"prompt": prompt, "continuations": list(continuations)}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def hash_texts(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()[:16]
