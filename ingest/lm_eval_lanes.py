"""In which lane lm-evaluation-harness's answers belong: ours only where the log proves it."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from evaluator.errors import EvaluatorError
from evaluator.prompts import as_json, hash_texts, render
from evaluator.protocols import Protocol, name_protocol, parse_protocol
from evaluator.questions import load_shots
from evaluator.samples import Sample
from evaluator.tasks import TASKS, Task
from ingest.foreign import Answer
from ingest.lm_eval_results import Facts
from ingest.lm_eval_rows import LogRead
from ingest.matching import Questions, utf8
from ingest.samples import questions_of


def find_protocol(
    log: LogRead, facts: Facts, samples: Sequence[Sample], mirror: Path | None
) -> Protocol | None:
    """Our protocol, where each prompt and continuation is ours to the byte.

    A chat's prompts went through the model's template, which is not ours to compare.
    """
    if not log.continuations or facts.chat:
        return None
    try:
        name = name_protocol(facts.shots or 0, False, facts.system_prompt)
        protocol = parse_protocol(name, facts.system_prompt)
        ours = render_all(log.task, protocol, mirror)
    except EvaluatorError:  # no such protocol or examples of ours, so these are not our prompts
        return None
    questions, asked = Questions(samples), set()
    for row in log.rows:
        if isinstance(row, Answer) and (sample := questions.find(row)):
            prompt, continuations = ours[sample.sample_id]
            if row.prompt != prompt:
                return None
            asked.add(continuations)
    return protocol if asked and asked == set(log.continuations) else None


@lru_cache(maxsize=len(TASKS))
def render_all(
    task: Task, protocol: Protocol, mirror: Path | None
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What `protocol` asks, prompt and continuations by sample id; kept for the next log."""
    shots = load_shots(task, protocol.shots or 0, mirror)
    requests = (
        (sample.sample_id, render(task, sample, protocol, shots))
        for sample in questions_of(task, mirror)
    )
    return {name: (request.prompt, request.continuations) for name, request in requests}


def hash_prompts(
    log: LogRead,
    facts: Facts,
    samples: Sequence[Sample],
    own: Protocol | None,
    mirror: Path | None,
) -> str | None:
    """The hash of all that was asked; None where a question is missing or its prompt is not known.

    `own` is the protocol of ours whose prompts they are, if any. Of a chat only what its template
    made of it is known, and ours are hashed before that.
    """
    questions = Questions(samples)
    asked: dict[str, Answer] = {}
    for row in log.rows:
        if isinstance(row, Answer) and row.continuations and (sample := questions.find(row)):
            questions.answered[sample.sample_id, row.repeat] = row.line
            asked[sample.sample_id] = row
    if facts.chat or len(asked) < len(samples):
        return None
    if own:
        return hash_all(log.task, own, mirror)
    rows = [asked[sample.sample_id] for sample in samples]
    return hash_texts(as_json(utf8(row.prompt) or "", row.continuations or ()) for row in rows)


@lru_cache(maxsize=len(TASKS))
def hash_all(task: Task, protocol: Protocol, mirror: Path | None) -> str:
    """The hash of all that `protocol` asks; kept for the next log."""
    return hash_texts(as_json(*asked) for asked in render_all(task, protocol, mirror).values())


def first_prompt(log: LogRead, samples: Sequence[Sample]) -> str:
    """What the model was given for the first of our questions that the log answers."""
    questions = Questions(samples)
    order = {sample.sample_id: place for place, sample in enumerate(samples)}
    prompts = {
        order[sample.sample_id]: row.prompt or ""
        for row in log.rows
        if isinstance(row, Answer) and (sample := questions.find(row))
    }
    return prompts[min(prompts)] if prompts else ""


def name_lane(logs: Sequence[LogRead], facts: Facts, prompts: Sequence[str]) -> Protocol:
    """`other-lm-eval-generation-level1-0shot-1a2b3c`: all that is known of how they were asked.

    It ends in a hash of each task's first prompt and of what was scored after it, so that other
    words or examples are another lane.
    """
    asked = sorted(
        f"{log.task.name} {prompt} {sorted(log.continuations)}"
        for log, prompt in zip(logs, prompts, strict=True)
    )
    digest = hashlib.sha256("\n".join(asked).encode(errors="replace")).hexdigest()[:6]
    said = [
        logs[0].variant,
        "" if facts.shots is None else f"{facts.shots}shot",
        "chat" if facts.chat else "",
        digest,
    ]
    return parse_protocol("-".join(["other-lm-eval", *filter(None, said)]))
