"""From questions to prompts.

The prompts whose choices are scored are lm-evaluation-harness 0.4.13's, to the byte
(`lm_eval/tasks/{medqa,medmcqa,pubmedqa,mmlu/default}`, put together as
`ConfigurableTask.fewshot_context` does), so that scores compare with those that others publish.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evaluator.protocols import WRITTEN, ZERO_SHOT, Protocol
from evaluator.samples import Sample
from evaluator.tasks import Task

ANSWER = "Answer:"
INSTRUCTIONS = {
    "generate": 'Answer with the letter of the one best choice, in the form "Answer: X".',
    "generate-cot": (
        "Think step by step. Then give the letter of the one best choice on the last line, in the "
        'form "Answer: X".'
    ),
}


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
    """What is scored after the prompt, one a choice, leading space included: `" A"`; none where
    the model answers in words."""

    @property
    def prompt(self) -> str:
        """The messages as plain text, up to and with `Answer:`."""
        after = {"system": "", "user": " ", "assistant": "\n\n"}
        end = ""
        if not self.continuations:
            after |= {"system": "\n\n", "user": "\n"}
            end = f"\n{ANSWER}"
        said = "".join(message.content + after[message.role] for message in self.messages[:-1])
        return said + self.messages[-1].content + end


def medqa_prompt(sample: Sample) -> str:
    return f"{background(sample)}Question: {sample.question}\n{lettered(sample)}\nAnswer:"


def medmcqa_prompt(sample: Sample) -> str:
    return f"{background(sample)}Question: {sample.question}\nChoices:\n{lettered(sample)}\nAnswer:"


def pubmedqa_prompt(sample: Sample) -> str:
    return f"Abstract: {sample.context}\nQuestion: {sample.question}\nAnswer:"


def mmlu_prompt(sample: Sample) -> str:
    return f"{background(sample)}{sample.question.strip()}\n{lettered(sample)}\nAnswer:"


def background(sample: Sample) -> str:
    """What is read before a question; those of lm_eval's tasks with letters have none."""
    return f"Context: {sample.context}\n" if sample.context else ""


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
    if task.description is not None:
        return task.description
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
    """Return what a model is given for `sample`, after the worked examples `shots`."""
    return (render_words if protocol.method in WRITTEN else render_choices)(
        task, sample, protocol, shots
    )


def render_choices(
    task: Task, sample: Sample, protocol: Protocol, shots: Sequence[Sample]
) -> Request:
    """Return a prompt after which each choice is scored.

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


def render_words(
    task: Task, sample: Sample, protocol: Protocol, shots: Sequence[Sample]
) -> Request:
    """Return a prompt that asks for an answer in words, whose last line is `Answer: X`.

    The description stands before the first question, since a chat's system says the same of all
    tasks.
    """
    instruction = INSTRUCTIONS[protocol.method or ""]

    def ask(sample: Sample) -> str:
        question = PROMPTS[task.prompt](sample).removesuffix(f"\n{ANSWER}")
        choices = f"\n{lettered(sample)}" if task.prompt == "pubmedqa" else ""
        return f"{question}{choices}\n\n{instruction}"

    messages = []
    if protocol.system_prompt:
        messages.append(Message(role="system", content=protocol.system_prompt))
    for shot in shots:
        messages.append(Message(role="user", content=ask(shot)))
        messages.append(Message(role="assistant", content=f"{ANSWER} {shot.gold}"))
    messages.append(Message(role="user", content=ask(sample)))
    first = next(place for place, message in enumerate(messages) if message.role == "user")
    content = describe(task) + messages[first].content
    messages[first] = messages[first].model_copy(update={"content": content})
    return Request(messages=tuple(messages), continuations=())


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
