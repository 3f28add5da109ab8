"""Makes a run: plans it, asks the model, keeps what is answered, and finishes the folder.

While a run is made its folder holds `plan.json` and, in `shards/`, the answers so far. Every
file appears whole or not at all, so an interrupted run resumes from its last shard.
"""

import fcntl
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from tqdm import tqdm

from evaluator import asking, files, records, shards, sittings
from evaluator.asking import Answer, OpenModel
from evaluator.crews import Crew
from evaluator.errors import AlreadyDone, RunInUse
from evaluator.papers import Paper, Turn
from evaluator.prompts import prompts_hash
from evaluator.protocols import Protocol
from evaluator.records import Model, Plan, Precision, Run, TaskPlan, TaskResult
from evaluator.samples import samples_hash
from evaluator.shards import Chunk
from evaluator.sittings import Sitting

Opener = Callable[[], OpenModel | Crew]
"""Loads the model; only called once it is certain that there is something to ask."""
Asked = tuple[Paper, Sequence[Turn]]
"""A task, and each of its questions as often as it is asked."""
SHARD_ROWS = 512
SHARD_SECONDS = 20.0  # at most this much work is lost when a run is killed


def plan_run(
    model: Model, precision: Precision | None, protocol: Protocol, papers: Sequence[Paper]
) -> Plan:
    """Return the identity of the run that puts the `papers` to `model`."""
    tasks = tuple(
        TaskPlan(
            task=paper.task.name,
            revision=paper.task.revision,
            samples_hash=samples_hash(paper.samples),
            prompts_hash=prompts_hash(
                (
                    paper.render(turn.sample, protocol, turn.repeat)
                    for turn in paper.turns(protocol)
                ),
                chat=protocol.chat or protocol.decoding is not None,
            ),
        )
        for paper in papers
    )
    return Plan(model=model, precision=precision, protocol=protocol, tasks=tasks)


def choose_run_id(plan: Plan, folder: Path, *, again: bool) -> tuple[str, str | None]:
    """Return the id to write under and the finished run that it supersedes, if any.

    Without `again` a finished run raises `AlreadyDone`; with it the next free number is taken,
    or the unfinished folder of an earlier `again`.
    """
    run_id, number, finished = plan.run_id, 1, None
    while (folder / run_id / records.RUN_FILE).exists():
        remove_leftovers(folder / run_id)
        if not again:
            raise AlreadyDone(f"{folder / run_id} is finished. --again makes it anew.")
        finished, number = run_id, number + 1
        run_id = f"{plan.run_id}-{number}"
    return run_id, finished


def make_run(
    plan: Plan,
    papers: Sequence[Paper],
    open_model: Opener,
    *,
    command: str,
    source: str | None = None,
    again: bool = False,
    deadline: float | None = None,
) -> Run:
    """Ask every question that is not yet answered and write the finished run; returns its record.

    Raises `RunInUse` where another process is at it, `TimedOut` once `time.monotonic()` is past
    the `deadline`, `MissingSamples` where an engine leaves a question out. What is answered stays,
    and the same call resumes.
    """
    folder = records.runs_folder()
    run_id, superseded = choose_run_id(plan, folder, again=again)
    run_folder = folder / run_id
    with locked(run_folder):
        if (run_folder / records.RUN_FILE).exists():
            raise AlreadyDone(f"{run_folder} is finished. --again makes it anew.")
        started = datetime.fromtimestamp(started_at(run_folder, plan), UTC)
        opened = open_model()
        asked = [(paper, paper.turns(plan.protocol)) for paper in papers]
        answer_papers(opened, asked, run_folder, deadline)
        said = sittings.sum_up(opened, run_folder)
        results = tuple(finish_task(paper, turns, run_folder) for paper, turns in asked)
        seconds = sum(count_seconds(run_folder, result.task) for result in results)
        run = Run(
            run_id=run_id,
            plan=plan.model_copy(update={"model": opened.facts}),
            origin="evaluated",
            results=results,
            started_at=started.replace(microsecond=0),
            finished_at=datetime.now(UTC).replace(microsecond=0),
            seconds=round(seconds, 3),
            command=command,
            source=source,
            base_source=opened.base_source,
            chat_template_hash=opened.chat_template_hash,
            versions=said["versions"],
            hardware=said["hardware"],
            supersedes=superseded,
        )
        shards.keep_plans(run_folder)
        records.write_run(run_folder, run)
        remove_leftovers(run_folder)
    return run


def remove_leftovers(run_folder: Path) -> None:
    """Remove what only an unfinished run needs; one killed right after its record has it still."""
    shutil.rmtree(run_folder / shards.FOLDER, ignore_errors=True)
    (run_folder / "plan.json").unlink(missing_ok=True)


@contextmanager
def locked(run_folder: Path) -> Iterator[None]:
    """Hold the run folder against other processes; a killed holder lets go by itself."""
    run_folder.mkdir(parents=True, exist_ok=True)
    with (run_folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunInUse(f"Another process is writing {run_folder}. Wait for it.") from error
        yield


def started_at(run_folder: Path, plan: Plan) -> float:
    """Write `plan.json` on the first sitting; its age is when the run began."""
    path = run_folder / "plan.json"
    if not path.exists():
        files.write_text(path, plan.model_dump_json(indent=2) + "\n")
    return path.stat().st_mtime


def answer_papers(
    opened: OpenModel | Crew, papers: Sequence[Asked], run_folder: Path, deadline: float | None
) -> None:
    """Ask what the shards do not hold yet."""
    chunks = [
        (paper, chunk)
        for paper, turns in papers
        for chunk in shards.part(run_folder, paper.task.name, turns)
    ]
    left = [(paper, chunk) for paper, chunk in chunks if len(chunk.answered) < len(chunk.turns)]
    size = next((plan.tokens for _, chunk in chunks if (plan := chunk.read_plan())), None)
    sitting = sittings.begin(opened, run_folder)
    with tqdm(
        total=sum(len(chunk.turns) for _, chunk in chunks),
        initial=sum(len(chunk.answered) for _, chunk in chunks),
        unit=" questions",
    ) as bar:
        if isinstance(opened, Crew):
            keep_answers(opened.spread(left, size), bar, sitting, deadline)
            return
        for chunk, ask in prepare_ahead(opened, left):
            bar.set_description(chunk.task)
            answers = ask(chunk.answered, chunk.recall(size))
            keep_answers(shards.of_chunk(chunk, answers), bar, sitting, deadline)
            size = plan.tokens if (plan := chunk.read_plan()) else None


def prepare_ahead(
    opened: OpenModel, work: Sequence[tuple[Paper, Chunk]]
) -> Iterator[tuple[Chunk, asking.Ask]]:
    """Yield each chunk ready to be asked; a thread prepares the next one meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        prepared = [thread.submit(opened.prepare, paper, chunk.turns) for paper, chunk in work[:1]]
        for number, (_, chunk) in enumerate(work):
            ask = prepared.pop().result()
            prepared = [
                thread.submit(opened.prepare, paper, following.turns)
                for paper, following in work[number + 1 : number + 2]
            ]
            yield chunk, ask


def keep_answers(
    answers: Iterator[tuple[Chunk, Answer]],
    bar: "tqdm[Any]",
    sitting: Sitting,
    deadline: float | None,
) -> None:
    """Write answers as shards, also on Ctrl-C and on an error: what is answered is kept."""
    lots: dict[str, tuple[Chunk, list[Answer]]] = {}
    count, begun = 0, time.perf_counter()
    try:
        for chunk, answer in answers:
            lots.setdefault(chunk.name, (chunk, []))[1].append(answer)
            count += 1
            bar.update()
            if count >= SHARD_ROWS or time.perf_counter() - begun > SHARD_SECONDS:
                sitting.keep(lots, (time.perf_counter() - begun) / count)
                lots, count, begun = {}, 0, time.perf_counter()
            asking.check_deadline(deadline)
    finally:
        sitting.keep(lots, (time.perf_counter() - begun) / max(count, 1))
        if isinstance(answers, Generator):
            answers.close()


def finish_task(paper: Paper, turns: Sequence[Turn], run_folder: Path) -> TaskResult:
    """Write the task's one file, in the order of its turns; raises `MissingSamples`."""
    name = paper.task.name
    chunks = list(shards.part(run_folder, name, turns))
    for chunk in chunks:
        chunk.finish()
    files.join_tables(run_folder / f"{name}.parquet", [chunk.whole_file for chunk in chunks])
    several = len(turns) > len(paper.samples)
    return TaskResult(
        task=name,
        predictions=len(turns),
        expected=paper.task.size,
        answered=len(paper.samples) if several else None,
    )


def count_seconds(run_folder: Path, task: str) -> float:
    """What asking a task took, over all sittings."""
    column = pl.scan_parquet(run_folder / f"{task}.parquet", glob=False).select("seconds")
    return float(column.sum().collect().item())
