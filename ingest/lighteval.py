"""Reads the details that lighteval saves: one Parquet file a task.

The layout is that of lighteval 0.13.0 (`logging/evaluation_tracker.py`, `tasks/requests.py`,
`models/model_output.py`): `details/<model>/<time>/details_<task>|<shots>_<time>.parquet` with the
columns `doc`, `model_response` and `metric`, which some versions wrote as `__doc__` and so on;
beside it `results/<model>/results_<time>.json`. Its `doc.id` is a row number in a copy of the data
set, so a question is found by its text alone, as it stands in the prompt.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from evaluator.protocols import Protocol
from evaluator.samples import LETTERS
from evaluator.tasks import all_tasks
from ingest.bounded import find_files, read_document
from ingest.errors import UnreadableFile
from ingest.foreign import Answer, Found, Log, Refusal, Wanted
from ingest.lines import as_text
from ingest.parquet import read_rows, read_schema
from ingest.recognising import (
    Item,
    Part,
    gather,
    item,
    listed,
    name_lane,
    read_precision,
    read_question,
    recognise_task,
    text,
)

FILE = re.compile(r"details_(?P<task>.+)_(?P<time>\d{4}-\d\d-\d\dT[\d.:-]+)\.parquet")
COLUMNS = ("doc", "model_response")
MOST_REPEATS = 1_000


def read_details(path: Path, wanted: Wanted) -> Found:
    """Return the runs in a file or folder of details; raises `NothingToImport`."""
    return gather(find_files(path, (".parquet",)), lambda file: [read_part(file, wanted)])


def read_part(path: Path, wanted: Wanted) -> Part:
    named = FILE.fullmatch(path.name)
    if named is None:
        raise UnreadableFile(f"{path}: expected a name like details_<task>_<time>.parquet.")
    task = recognise_task(named["task"], wanted)
    if task is None:
        raise UnreadableFile(
            f"{path} holds details of {named['task']}, which is no task here. Where it is one by "
            f"another name, say --task '{named['task']}=<task>'; tasks are "
            f"{', '.join(all_tasks())}."
        )
    names = check_columns(path)
    config = read_config(path, named["time"])
    model_name = text(config.get("model_name")) or model_of(path)
    if not model_name and not wanted.model:
        raise UnreadableFile(
            f"{path}: no results_{named['time']}.json says the model; say --model."
        )
    settings = item(config.get("model_config"))
    revision = text(config.get("model_sha")) or text(settings.get("revision"))
    return Part(
        wanted.describe_model(model_name, revision if revision != "main" else None),
        wanted.precision or read_precision(settings.get("dtype") or config.get("model_dtype")),
        wanted.protocol or name_protocol(path, names, named["task"]),
        Log(task, path, read_answers(path, names)),
    )


def check_columns(path: Path) -> tuple[str, str]:
    """Return what the file calls `COLUMNS`; raises `UnreadableFile` for what is no such file."""
    found = read_schema(path)
    for names in (COLUMNS, tuple(f"__{name}__" for name in COLUMNS)):
        if all(isinstance(found.get(name), pl.Struct) for name in names):
            return names[0], names[1]
    raise UnreadableFile(
        f"{path} has the columns {', '.join(found)[:200]}; expected doc and model_response, as "
        "lighteval writes them since 0.10."
    )


def read_config(path: Path, time: str) -> Item:
    """What the result file of the same time says; empty where there is none."""
    name = f"results_{time}.json"
    for folder in list(path.parents)[:6]:
        beside = [folder / name, *sorted((folder / "results").glob(f"**/{name}"))]
        if existing := [file for file in beside if file.is_file()]:
            return item(read_document(existing[0]).get("config_general"))
    return {}


def model_of(path: Path) -> str:
    """The model as the folders name it: what stands between `details` and the time."""
    folders = path.parent.parent.parts
    where = max((place for place, name in enumerate(folders) if name == "details"), default=None)
    return "" if where is None else "/".join(folders[where + 1 :])


def name_protocol(path: Path, names: tuple[str, str], task: str) -> Protocol:
    """`other-lighteval-loglikelihood-5shot`: its prompts are its own.

    Questions that were asked several times are another lane than questions asked once, as Inspect's
    epochs are: `other-lighteval-generate-0shot-x5`.
    """
    shots = re.search(r"\|(\d+)", task)
    first = next(read_rows(path, names), {})
    response = item(first.get(names[1]))
    how = "loglikelihood" if listed(response.get("logprobs")) else "generate"
    times = min(len(texts_of(response)), MOST_REPEATS) if how == "generate" else 1
    parts = [how, f"{shots[1]}shot" if shots else "unknown-shots", f"x{times}"]
    return name_lane("lighteval", *parts[: 2 + (times > 1)])


def texts_of(response: Item) -> list[Any]:
    return listed(response.get("text_post_processed")) or listed(response.get("text"))


def read_answers(path: Path, names: tuple[str, str]) -> Iterator[Answer | Refusal]:
    """Yield the answers of each row: one for its log-probabilities, or one for each text.

    lighteval keeps no extracted answer: a letter is read from a text as from any response, so an
    accuracy may differ from lighteval's own exact match.
    """
    for number, row in enumerate(read_rows(path, names), 1):
        doc, response = item(row[names[0]]), item(row[names[1]])
        scores = tuple(listed(response.get("logprobs")))
        texts = texts_of(response)
        query = text(doc.get("query")) or ""
        question, gold = read_question(query), read_gold(doc)
        if fault := find_fault(question, gold, scores, texts):
            yield Refusal(number, fault, as_text({"doc": doc, "text": texts, "logprobs": scores}))
            continue
        asked = Answer(
            line=number,
            content_hash=question,
            gold=gold,
            choices=read_choices(doc),
            prompt=text(response.get("input")) or query,
            tokens=len(listed(response.get("input_tokens"))) or None,
        )
        if scores:
            yield asked._replace(logprobs=tuple(map(float, scores)))
        else:
            for repeat, said in enumerate(texts[:MOST_REPEATS]):
                yield asked._replace(response=text(said), prediction=None, repeat=repeat)


def find_fault(
    question: str | None, gold: str | None, scores: tuple[object, ...], texts: list[object]
) -> str | None:
    """Say why a row holds no answer, or None."""
    if question is None:
        return "the prompt shows no question with its choices"
    if gold is None:
        return "the key is not one of the choices"
    if not scores and not texts:
        return "there are neither log-probabilities nor a text"
    if not all(type(score) in (int, float) for score in scores):
        return "a log-probability is not a number"
    return None


def read_gold(doc: Item) -> str | None:
    """The letter of the one right choice; None where there is none, or several."""
    index = doc.get("gold_index")
    if isinstance(index, list) and len(index) == 1:
        index = index[0]
    count = min(len(listed(doc.get("choices"))), len(LETTERS))
    return LETTERS[index] if type(index) is int and 0 <= index < count else None


def read_choices(doc: Item) -> tuple[str, ...] | None:
    """The choices where they are texts; letters say nothing of their order."""
    choices = tuple(str(choice).strip() for choice in listed(doc.get("choices")))
    return None if choices == tuple(LETTERS[: len(choices)]) else choices
