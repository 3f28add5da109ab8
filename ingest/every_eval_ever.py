"""Reads the instance-level files of Every Eval Ever: `<uuid>_samples.jsonl` beside `<uuid>.json`.

Either may be compressed, `.gz` or `.zst`.

The format is that of its schemas 0.2 to 0.3 (`eval.schema.json` and
`instance_level_eval.schema.json`): the aggregate file says who answered, a line of the other what
was asked and answered. An aggregate file alone has no answers, and is refused.
"""

from collections.abc import Iterator
from pathlib import Path

from evaluator.protocols import Protocol
from evaluator.samples import LETTERS
from evaluator.tasks import Task, all_tasks
from ingest.bounded import PACKED, find_files, read_document, unpacked_name
from ingest.errors import UnreadableFile
from ingest.foreign import Answer, Found, Log, Refusal, Wanted
from ingest.lines import as_text, read_objects
from ingest.recognising import (
    Item,
    Part,
    content_hash,
    gather,
    item,
    listed,
    name_lane,
    read_precision,
    read_question,
    recognise_task,
    text,
)

LINES = ".jsonl"
ENDINGS = tuple(f"{kind}{packed}" for packed in ("", *PACKED) for kind in (LINES, ".json"))
MOST_REPEATS = 10_000


def read_instances(path: Path, wanted: Wanted) -> Found:
    """Return the runs in a file or folder; raises `NothingToImport`."""
    files = find_files(path, ENDINGS)
    owned = {aggregate_of(file) for file in files if is_instances(file)}

    def read(file: Path) -> list[Part]:
        if is_instances(file):
            return read_parts(file, wanted)
        if file.with_name(unpacked_name(file)) not in owned:
            raise UnreadableFile("an aggregate file without its instance-level .jsonl")
        return []

    return gather(files, read)


def read_parts(path: Path, wanted: Wanted) -> list[Part]:
    """One part a task: a file may hold several, and each line names its own."""
    aggregate = read_aggregate(path)
    about = item(aggregate.get("model_info"))
    details = item(about.get("additional_details"))
    names: dict[str, str] = {}
    models: set[str] = set()
    for _, line in read_objects(path):
        if isinstance(line, dict):
            # lm_eval's filters are readings of one answer: `medqa_4options/strict-match`
            name = str(line.get("evaluation_name"))
            names.setdefault(name, str(line.get("evaluation_result_id")))
            models |= {str(line.get("model_id"))}
    model_name = text(about.get("id")) or (models.pop() if len(models) == 1 else None)
    if model_name is None or models - {model_name}:
        raise UnreadableFile(f"{path} is of several models, or of none: {sorted(models)[:3]}.")
    tasks: dict[Task, str] = {}
    for name in names:
        task = recognise_task(name, wanted) or recognise_task(name.partition("/")[0], wanted)
        if task is not None:
            tasks.setdefault(task, name)
    if not tasks:
        found = ", ".join(sorted(names))[:200] or "nothing"
        raise UnreadableFile(
            f"{path} evaluates {found}: no task here. Where it is one by another name, say "
            f"--task <its name>=<task>; tasks are {', '.join(all_tasks())}."
        )
    model = wanted.describe_model(model_name, text(details.get("model_revision")))
    precision = wanted.precision or read_precision(
        details.get("precision") or details.get("model_dtype")
    )
    protocol = wanted.protocol or name_protocol(aggregate)
    return [
        Part(
            model,
            precision,
            protocol,
            Log(task, path, read_answers(path, name, names[name]), name),
        )
        for task, name in tasks.items()
    ]


def is_instances(path: Path) -> bool:
    return unpacked_name(path).endswith(LINES)


def aggregate_of(path: Path) -> Path:
    """The file beside an instance-level one, as it is named where it is not compressed."""
    name = unpacked_name(path).removesuffix(LINES).removesuffix("_samples")
    return path.with_name(f"{name}.json")


def read_aggregate(path: Path) -> Item:
    """What stands in the file beside `path`; empty where there is none."""
    plain = aggregate_of(path)
    beside = [plain.with_name(f"{plain.name}{packed}") for packed in ("", *PACKED)]
    files = [file for file in beside if file.is_file() and not file.is_symlink()]
    return read_document(files[0]) if files else {}


def name_protocol(aggregate: Item) -> Protocol:
    """`other-every-eval-ever-<library>`: what made the answers."""
    library = text(item(aggregate.get("eval_library")).get("name")) or "unknown"
    return name_lane("every-eval-ever", library[:30])


def read_answers(path: Path, name: str, result: str) -> Iterator[Answer | Refusal]:
    """Yield the lines of one evaluation.

    A question scored by several metrics has a line for each; they are one answer, and the first
    metric's counts.
    """
    for number, line in read_objects(path):
        if isinstance(line, Refusal):
            yield line
        elif (
            str(line.get("evaluation_name")) == name
            and str(line.get("evaluation_result_id")) == result
        ):
            yield read_answer(number, line)


def read_answer(number: int, line: Item) -> Answer | Refusal:
    asked, judged = item(line.get("input")), item(line.get("evaluation"))
    choices = tuple(each for each in listed(asked.get("choices")) if isinstance(each, str))
    choices = choices[: len(LETTERS)]  # no question here has more: the rest is other choices
    lettered = choices == tuple(LETTERS[: len(choices)])
    gold = read_gold(asked, choices)
    stated, response = read_stated(line), read_response(line)
    epoch = str(item(line.get("metadata")).get("epoch") or 1)
    fault = None
    if not isinstance(line.get("sample_id"), str):
        fault = "there is no sample_id"
    elif error := line.get("error"):
        fault = f"the answer ended in an error: {str(error)[:200]}"
    elif gold is None:
        fault = f"the key is {str(asked.get('reference'))[:80]}, expected one of the choices"
    elif stated is None and response is None:
        fault = "there is no answer: neither an extracted value nor a raw response"
    elif not (epoch.isascii() and epoch.isdigit() and 0 < int(epoch[:9]) <= MOST_REPEATS):
        fault = f"the epoch is {epoch[:40]}, expected a number from 1"
    elif contradicts(judged.get("is_correct"), stated, gold, choices):
        fault = f"is_correct is {judged['is_correct']} of {str(stated)[:80]}, the key is {gold}"
    if fault:
        return Refusal(number, fault, as_text(line))
    raw = text(asked.get("raw")) or ""
    return Answer(
        line=number,
        sample_id=text(line["sample_id"]),
        content_hash=content_hash(raw, choices) if choices and not lettered and "Answer:" not in raw
        else read_question(raw),
        gold=gold,
        choices=None if lettered or not choices else choices,
        prediction=stated,
        response=response,
        prompt=text(asked.get("formatted")) or raw or None,
        repeat=int(epoch) - 1,
    )  # fmt: skip


def read_gold(asked: Item, choices: tuple[str, ...]) -> str | None:
    """The key as a letter or a choice's text; a number, as lm_eval's targets are, is an index."""
    references = listed(asked.get("reference"))
    gold = text(references[0]) if len(references) == 1 else None
    if gold is None:
        return None
    gold = gold.strip()
    if gold in choices and gold not in tuple(LETTERS):
        return LETTERS[choices.index(gold)] if choices.count(gold) == 1 else gold
    if gold.isascii() and gold.isdigit() and int(gold[:3]) < min(len(choices), len(LETTERS)):
        return LETTERS[int(gold)]
    return gold or None


def read_stated(line: Item) -> str | None:
    """The last terminal value that was extracted; None where the file keeps none."""
    values = [item(each) for each in listed(line.get("answer_attribution"))]
    terminal = [each for each in values if each.get("is_terminal") is True]
    return text(terminal[-1].get("extracted_value")) if terminal else None


def read_response(line: Item) -> str | None:
    raw = item(line.get("output")).get("raw")
    if isinstance(raw, list):
        return text(raw[0]) if raw else None
    if raw is not None:
        return text(raw)
    said = [item(each) for each in listed(line.get("messages"))]
    answers = [each for each in said if each.get("role") == "assistant"]
    return text(answers[-1].get("content")) if answers else None


def contradicts(right: object, stated: str | None, gold: str, choices: tuple[str, ...]) -> bool:
    """Whether the file calls right what is not its key, or wrong what is."""
    if stated is None or not isinstance(right, bool):
        return False
    picked = stated.strip()
    if picked in choices and choices.count(picked) == 1 and len(picked) > 1:
        picked = LETTERS[choices.index(picked)]
    known = picked.upper() in tuple(LETTERS) and gold in tuple(LETTERS)
    return known and (picked.upper() == gold) != right
