"""Reads the logs of Inspect AI: `.eval` archives and `.json` files.

The format is that of inspect_ai 0.3.285 (`log/_log.py`, `log/_recorders/eval.py`): a header with
`eval`, `plan` and `status`, and a sample a question and epoch. An answer is what the log's scorer
extracted, so that accuracies come out as Inspect has them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluator.protocols import Protocol
from evaluator.records import Model
from evaluator.tasks import TASKS, Task, all_tasks
from ingest.bounded import find_files, open_archive, read_document
from ingest.errors import UnreadableFile
from ingest.foreign import Answer, Found, Log, Refusal, Wanted
from ingest.lines import as_text
from ingest.recognising import (
    Item,
    Part,
    content_hash,
    finite,
    gather,
    item,
    listed,
    name_lane,
    plain_name,
    read_precision,
    recognise_task,
    text,
)

ENDINGS = (".eval", ".json")
HEADERS = ("header.json", "_journal/start.json")
"""Of a finished and of an unfinished log."""
LOCAL = ("hf", "vllm", "sglang", "transformer_lens", "nnterp")
"""Providers that load weights by their Hub id, which follows the provider's name."""
RIGHT, WRONG = ("C", 1, True), ("I", 0, False)
"""What a score's value says; anything else, such as P for partly, says neither."""
MOST_EPOCHS = 10_000
ATTACHED = "attachment://"


def read_logs(path: Path, wanted: Wanted) -> Found:
    """Return the runs in a log or a folder of logs; raises `NothingToImport`."""
    return gather(find_files(path, ENDINGS), lambda file: read_parts(file, wanted))


def read_parts(path: Path, wanted: Wanted) -> list[Part]:
    """One part a task: a log of all of MMLU has several, told apart by each sample's subject."""
    header = read_header(path)
    spec, plan = item(header.get("eval")), item(header.get("plan"))
    name, model_name = text(spec.get("task")), text(spec.get("model"))
    if not name or not model_name:
        raise UnreadableFile(f"{path} is no Inspect log: its header names no task or no model.")
    arguments = item(spec.get("model_args"))
    model = describe_model(model_name, arguments, wanted)
    protocol = wanted.protocol or name_protocol(plan, spec)
    precision = wanted.precision or read_precision(
        arguments.get("dtype") or arguments.get("torch_dtype")
    )
    task = recognise_task(name, wanted)
    if task is not None:
        logs = [Log(task, path, read_samples(path, None))]
    elif plain_name(name).startswith("mmlu"):
        subjects = [task for task in TASKS.values() if task.benchmark == "MMLU"]
        logs = [Log(task, path, read_samples(path, task), task.name) for task in subjects]
    else:
        raise UnreadableFile(
            f"{path} is a log of {name}, which is no task here. Where it is one by another name, "
            f"say --task {name}=<task>; tasks are {', '.join(all_tasks())}."
        )
    return [Part(model, precision, protocol, log) for log in logs]


def read_header(path: Path) -> Item:
    if path.suffix != ".eval":
        return read_document(path)
    with open_archive(path) as archive:
        name = next((name for name in HEADERS if name in archive.names), HEADERS[0])
        return archive.read_document(name)


def describe_model(name: str, arguments: Item, wanted: Wanted) -> Model:
    """`hf/Qwen/Qwen3-0.6B` is the Hub's `Qwen/Qwen3-0.6B`; `openai/gpt-4o` keeps its provider."""
    provider, _, weights = name.partition("/")
    local = provider in LOCAL and bool(weights)
    model = wanted.describe_model(weights if local else name, text(arguments.get("revision")))
    if wanted.type or wanted.model or local:
        return model
    return model.model_copy(update={"type": "unknown"})


def name_protocol(plan: Item, spec: Item) -> Protocol:
    """`other-inspect-<solvers>-<hash>`: the hash is of all that the plan says of how it asked.

    So logs that were asked with other templates, temperatures or epochs are other lanes.
    """
    steps = [item(step) for step in listed(plan.get("steps"))]
    said = [
        [step.get("solver"), step.get("params_passed", step.get("params"))] for step in steps
    ] + [plan.get("config"), spec.get("model_generate_config")]
    epochs = item(spec.get("config")).get("epochs") or 1
    digest = hashlib.sha256(json.dumps([said, epochs], sort_keys=True).encode()).hexdigest()
    return name_lane("inspect", *(str(step.get("solver"))[:20] for step in steps[:2]), digest[:6])


def read_samples(path: Path, subject: Task | None) -> Iterator[Answer | Refusal]:
    """Yield the samples of `path`, numbered from 1, or those of one subject."""
    for number, sample in enumerate(iterate(path), 1):
        if isinstance(sample, Refusal):
            yield Refusal(number, sample.reason, sample.content)
        elif subject is None or about(sample) == subject.name:
            yield read_sample(number, sample)


def iterate(path: Path) -> Iterator[Item | Refusal]:
    if path.suffix != ".eval":
        samples = listed(read_document(path).get("samples"))
        refusal = Refusal(None, "the sample is no JSON object", "")
        yield from (each if isinstance(each, dict) else refusal for each in samples)
        return
    with open_archive(path) as archive:
        for name in archive.names:
            if name.startswith("samples/") and name.endswith(".json"):
                try:
                    yield archive.read_document(name)
                except UnreadableFile as error:
                    yield Refusal(None, str(error), name)


def about(sample: Item) -> str:
    return plain_name(str(item(sample.get("metadata")).get("subject")))


def read_sample(number: int, sample: Item) -> Answer | Refusal:
    fault = find_fault(sample)
    epoch, target = sample.get("epoch", 1), read_target(sample)
    choices = tuple(each for each in listed(sample.get("choices")) if isinstance(each, str))
    score = choose_score(item(sample.get("scores")))
    stated = text(score.get("answer"))
    if not fault and disagrees(score.get("value"), stated, target):
        fault = f"the log says {score['value']} of the answer {stated} where the key is {target}"
    if fault:
        return Refusal(number, fault, as_text({**sample, "events": None, "attachments": None}))
    output, attached = item(sample.get("output")), item(sample.get("attachments"))
    asked = resolve(last_text(sample.get("input")), attached)
    return Answer(
        line=number,
        sample_id=str(sample["id"]),
        content_hash=content_hash(asked, choices) if asked and choices else None,
        gold=target,
        choices=choices or None,
        prediction=stated,
        response=resolve(read_completion(output), attached),
        prompt=resolve(last_text(sample.get("messages")), attached),
        tokens=whole(item(output.get("usage")).get("input_tokens")),
        seconds=finite(output.get("time")),
        repeat=int(epoch) - 1,
    )


def find_fault(sample: Item) -> str | None:
    """Say why `sample` holds no answer, or None."""
    if not isinstance(sample.get("id"), str | int):
        return "the sample has no id"
    if whole(sample.get("epoch", 1)) not in range(1, MOST_EPOCHS):
        return f"the epoch is {str(sample.get('epoch'))[:40]}, expected a number from 1"
    if error := sample.get("error"):
        return f"the sample ended in an error: {str(item(error).get('message'))[:200]}"
    if sample.get("invalidation"):
        return "the sample was declared invalid"
    if read_target(sample) is None:
        return f"the key is {str(sample.get('target'))[:80]}, expected one answer"
    return None


def read_target(sample: Item) -> str | None:
    target = sample.get("target")
    if isinstance(target, list) and len(target) == 1:
        target = target[0]
    return text(target) or None


def choose_score(scores: Item) -> Item:
    """The choice scorer's, else the first that states an answer, else the first."""
    found = [item(score) for score in scores.values()]
    stating = [score for score in found if text(score.get("answer")) is not None]
    return item(scores.get("choice")) or next(iter(stating or found), {})


def disagrees(value: object, stated: str | None, target: str | None) -> bool:
    """Whether the log counts as right what is not its key, or as wrong what is."""
    if stated is None or not stated.strip() or value not in (*RIGHT, *WRONG):
        return False
    return (stated.strip().upper() == str(target).strip().upper()) != (value in RIGHT)


def read_completion(output: Item) -> str | None:
    if (completion := text(output.get("completion"))) is not None:
        return completion
    first = next(iter(listed(output.get("choices"))), None)
    return last_text([item(item(first).get("message"))], role="assistant")


def last_text(said: object, role: str = "user") -> str | None:
    """Text itself, or that of the last message of `role` in a conversation."""
    messages = [each for each in listed(said) if item(each).get("role", role) == role]
    content = item(messages[-1]).get("content") if messages else said
    if isinstance(content, list):
        return "\n".join(text(item(part).get("text")) or "" for part in content)
    return text(content)


def resolve(said: str | None, attached: Mapping[str, Any]) -> str | None:
    """The text that stands for an attachment, where `said` is one."""
    if said is None or not said.startswith(ATTACHED):
        return said
    return text(attached.get(said.removeprefix(ATTACHED))) or said


def whole(value: object) -> int | None:
    """A count, or None for what is none."""
    return value if type(value) is int and 0 <= value < 2**31 else None
