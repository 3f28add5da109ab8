"""Reads a folder that `lm_eval --log_samples` wrote: a samples file a task, and result files.

A log's task is ours where its name is ours, or ours with something behind (`pubmedqa_generation`)
or within (`mmlu_flan_cot_anatomy`); what is more than our name is part of the lane. Each filter of
a task is another reading of the same answers: the first counts unless another is named.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from evaluator.protocols import Protocol
from evaluator.records import Model
from evaluator.tasks import NINE, TASKS, Task
from ingest.errors import NothingToImport, UnreadableFile
from ingest.foreign import ForeignRun, Found, Log, Refusal, Wanted
from ingest.lm_eval_lanes import find_protocol, first_prompt, hash_prompts, name_lane
from ingest.lm_eval_results import (
    STAMP,
    Facts,
    Results,
    agree,
    find_stamp,
    is_accuracy_of,
    pair,
    read_results,
)
from ingest.lm_eval_rows import LogRead, read_log
from ingest.samples import questions_of

PREFIX = "samples_"
VARIANT_LENGTH = 40


@dataclass(frozen=True)
class Part:
    """A log whose model is known: what becomes one task of a run."""

    log: LogRead
    model: Model
    facts: Facts
    source: Path
    """What logs of one evaluation share: see `find_source`."""
    own: Protocol | None
    """The protocol of ours whose prompts these are."""
    prompt: str
    """That of the first of our questions in the log."""
    prompts_hash: str | None
    doubt: str | None

    @property
    def lane(self) -> tuple[object, ...]:
        """Parts that agree in it can be of one run."""
        return self.facts, self.source, self.own or self.log.variant, self.log.filter


def read_folders(
    folder: Path, wanted: Wanted, chosen: str | None, mirror: Path | None
) -> Iterator[Found]:
    """Yield what `folder` holds, and each folder below it: only one's answers are in memory.

    `chosen` names a filter. Raises `NothingToImport` where there is no samples file.
    """
    samples = 0
    for place, folders, files in os.walk(folder):  # links to folders are not followed
        folders.sort()
        paths, results, refused = sort_files([Path(place, name) for name in [*folders, *files]])
        samples += len(paths)
        parts: list[Part] = []
        for path in tqdm(paths, desc="logs", unit=" logs", leave=False, disable=None):
            try:
                parts.append(read_part(path, results, wanted, chosen, mirror))
            except UnreadableFile as error:
                refused.append((path, str(error)))
        runs = tuple(make_run(group, wanted) for group in group_parts(parts))
        yield Found(runs, tuple(refused))
    if not samples:
        raise NothingToImport(
            f"{folder} has no {PREFIX}<task>.jsonl. lm_eval writes them with --log_samples."
        )


def sort_files(
    paths: Iterable[Path],
) -> tuple[list[Path], list[Results], list[tuple[Path, str]]]:
    """Return the samples files, the result files, and what only looks like one, with the reason.

    A link is refused: it could bring in any file.
    """
    samples: list[Path] = []
    results: list[Results] = []
    refused: list[tuple[Path, str]] = []
    for path in sorted(paths):
        sampled = path.name.startswith(PREFIX) and path.suffix == ".jsonl"
        if not sampled and (path.suffix != ".json" or path.name.startswith(".")):
            continue
        if path.is_symlink() or not path.is_file():
            refused.append((path, "it is no plain file"))
        elif sampled:
            samples.append(path)
        else:
            try:
                results += filter(None, [read_results(path)])
            except UnreadableFile as error:
                refused.append((path, str(error)))
    return samples, results, refused


def read_part(
    path: Path, results: Sequence[Results], wanted: Wanted, chosen: str | None, mirror: Path | None
) -> Part:
    """Read a log and find out whose it is; raises `UnreadableFile` with the reason."""
    name = STAMP.sub("", path.stem).removeprefix(PREFIX)
    task, variant = find_task(name, wanted)
    samples = questions_of(task, mirror)
    log = read_log(LogRead(path, task, variant, chosen), samples)
    if log.filter and log.filter not in log.filters:
        raise UnreadableFile(
            f"no filter is named {log.filter}; there are {', '.join(log.filters)}."
        )
    found = pair(log, name, results)
    facts = agree(found, wanted)
    if isinstance(facts, str):
        raise UnreadableFile(facts)
    model = wanted.describe_model(facts.model, facts.revision)
    log.rows += check_counts(log, found)
    own = find_protocol(log, facts, samples, mirror)
    return Part(
        log=log,
        model=model,
        facts=facts,
        source=find_source(path, found),
        own=own,
        prompt="" if own else first_prompt(log, samples),
        prompts_hash=hash_prompts(log, facts, samples, own, mirror),
        doubt=find_doubt(log, found),
    )


def find_source(path: Path, found: Sequence[tuple[Results, str]]) -> Path:
    """The result file of the log at `path`; the log itself where several may be.

    Where there is none, logs of one folder and moment are taken to be of one evaluation.
    """
    if not found:
        return path.parent / (find_stamp(path) or "")
    return found[0][0].path if len(found) == 1 else path


def find_task(name: str, wanted: Wanted) -> tuple[Task, str]:
    """Return our task of that name, and what the name has beside ours."""
    said = {re.sub(r"\W", "_", theirs): task for theirs, task in wanted.tasks.items()}
    if task := said.get(name):
        return task, slug(name.removeprefix(task.name)) if name.startswith(task.name) else ""
    for ours in sorted(NINE, key=len, reverse=True):
        if name == ours or name.startswith(f"{ours}_"):
            return TASKS[ours], slug(name.removeprefix(ours))
    for ours in NINE:
        family, _, subset = ours.partition("_")
        if family == "mmlu" and re.fullmatch(rf"mmlu_(?!pro_|redux_)\w+_{subset}", name):
            return TASKS[ours], slug(name.removeprefix("mmlu").removesuffix(subset))
    raise UnreadableFile(
        f"no task of ours is called {name}. Say --task {name}=<ours> if it is one."
    )


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:VARIANT_LENGTH]


def check_counts(log: LogRead, found: Sequence[tuple[Results, str]]) -> list[Refusal]:
    """A row for the quarantine where the result file counts other answers than there are."""
    counts = {each.content.samples.get(task, {}).get("effective") for each, task in found}
    read = log.counted + sum(isinstance(row, Refusal) and row.line is not None for row in log.rows)
    if len(counts) == 1 and (said := counts.pop()) is not None and said != read:
        reason = f"other counts in the result file: {said} answers, and {read} here"
        return [Refusal(None, reason, "")]
    return []


def find_doubt(log: LogRead, found: Sequence[tuple[Results, str]]) -> str | None:
    """Why the log is not what its result file or its own scores say, or None."""
    if log.otherwise:
        return (
            f"{log.path.name} scores {log.otherwise} answers otherwise than its own answers and "
            "keys say"
        )
    said = [each.accuracy(task, log.filter or "none") for each, task in found]
    if any(value is not None for value in said) and not any(
        is_accuracy_of(log, *each) for each in found
    ):
        files = ", ".join(each.path.name for each, _ in found)
        return f"the answers of {log.path.name} give {log.accuracy}, but {files} says {said[0]}"
    return None


def group_parts(parts: Iterable[Part]) -> list[list[Part]]:
    """Parts of one evaluation, asked in one way, each of another task."""
    groups: list[list[Part]] = []
    for part in parts:
        for group in groups:
            tasks = {each.log.task.name for each in group}
            if group[0].lane == part.lane and part.log.task.name not in tasks:
                group.append(part)
                break
        else:
            groups.append([part])
    return groups


def make_run(parts: Sequence[Part], wanted: Wanted) -> ForeignRun:
    first = parts[0]
    name = name_lane([each.log for each in parts], first.facts, [each.prompt for each in parts])
    return ForeignRun(
        model=first.model,
        precision=wanted.precision or first.facts.precision,
        protocol=wanted.protocol or first.own or name,
        logs=tuple(
            Log(each.log.task, each.log.path, each.log.rows, read_as(each.log), each.prompts_hash)
            for each in parts
        ),
        suspect="; ".join(each.doubt for each in parts if each.doubt) or None,
    )


def read_as(log: LogRead) -> str | None:
    """The filter, where the log has another."""
    return f"filter {log.filter}" if len(log.filters) > 1 else None
