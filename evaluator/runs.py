"""Makes a run: plans it, asks the model, keeps what is answered, and finishes the folder.

While a run is made its folder holds `plan.json` and, in `shards/`, the answers so far. Every
file appears whole or not at all, so an interrupted run resumes from its last shard.
"""

import fcntl
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import polars as pl
from tqdm import tqdm

from evaluator import asking, records
from evaluator.errors import AlreadyDone, MissingSamples, RunInUse
from evaluator.protocols import Protocol, prompts_hash, render
from evaluator.records import Model, Plan, Precision, Run, TaskPlan, TaskResult
from evaluator.samples import Sample, samples_hash
from evaluator.tasks import Task

Questions = dict[Task, list[Sample]]
Opener = Callable[[], asking.OpenModel]
"""Loads the model; only called once it is certain that there is something to ask."""
SHARD_ROWS = 512
SHARD_SECONDS = 20.0  # at most this much work is lost when a run is killed


def plan_run(
    model: Model, precision: Precision | None, protocol: Protocol, questions: Questions
) -> Plan:
    """Return the identity of the run that asks `model` the `questions`."""
    tasks = tuple(
        TaskPlan(
            task=task.name,
            revision=task.revision,
            samples_hash=samples_hash(samples),
            prompts_hash=prompts_hash(render(task, sample) for sample in samples),
        )
        for task, samples in questions.items()
    )
    return Plan(model=model, precision=precision, protocol=protocol, tasks=tasks)


def choose_run_id(plan: Plan, folder: Path, *, again: bool) -> tuple[str, str | None]:
    """Return the id to write under and the finished run that it supersedes, if any.

    Without `again` a finished run raises `AlreadyDone`; with it the next free number is taken,
    or the unfinished folder of an earlier `again`.
    """
    run_id, number, finished = plan.run_id, 1, None
    while (folder / run_id / records.RUN_FILE).exists():
        if not again:
            raise AlreadyDone(f"{folder / run_id} is finished. --again makes it anew.")
        finished, number = run_id, number + 1
        run_id = f"{plan.run_id}-{number}"
    return run_id, finished


def make_run(
    plan: Plan, questions: Questions, open_model: Opener, command: str, again: bool
) -> Run:
    """Ask every question that is not yet answered and write the finished run; returns its record.

    Raises `RunInUse` where another process is at it, `MissingSamples` where an engine leaves a
    question out; what is answered stays, and the same call resumes.
    """
    folder = records.runs_folder()
    run_id, superseded = choose_run_id(plan, folder, again=again)
    run_folder = folder / run_id
    with locked(run_folder):
        if (run_folder / records.RUN_FILE).exists():
            raise AlreadyDone(f"{run_folder} is finished. --again makes it anew.")
        started = datetime.fromtimestamp(started_at(run_folder, plan), UTC)
        opened = open_model()
        seconds = sum(
            answer_task(opened, task, samples, run_folder) for task, samples in questions.items()
        )
        run = Run(
            run_id=run_id,
            plan=plan.model_copy(update={"model": opened.facts}),
            origin="evaluated",
            results=tuple(
                finish_task(task, samples, run_folder) for task, samples in questions.items()
            ),
            started_at=started.replace(microsecond=0),
            finished_at=datetime.now(UTC).replace(microsecond=0),
            seconds=round(seconds, 3),
            command=command,
            versions=versions() | opened.versions,
            hardware={"machine": platform.machine(), "system": platform.system()} | opened.hardware,
            supersedes=superseded,
        )
        records.write_run(run_folder, run)
        shutil.rmtree(run_folder / "shards", ignore_errors=True)
        (run_folder / "plan.json").unlink(missing_ok=True)
    return run


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
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(plan.model_dump_json(indent=2) + "\n", encoding="utf-8")
        records.settle(unfinished, path)
    return path.stat().st_mtime


def answer_task(
    opened: asking.OpenModel, task: Task, samples: Sequence[Sample], run_folder: Path
) -> float:
    """Ask what shards do not hold yet, writing new shards; returns the seconds of all sittings."""
    earlier = read_shards(run_folder, task)
    answered = set(earlier["sample_id"])
    spent = float(earlier["seconds"].sum())
    if len(answered) == len(samples):
        return spent
    rows: list[dict[str, object]] = []
    begun = flushed = time.perf_counter()
    bar = tqdm(total=len(samples), initial=len(answered), desc=task.name, unit=" questions")
    try:
        with bar:
            for answer in opened.ask(task, samples, answered):
                rows.append(as_row(answer))
                bar.update()
                now = time.perf_counter()
                if len(rows) >= SHARD_ROWS or now - flushed > SHARD_SECONDS:
                    write_shard(run_folder, task, rows, now - flushed)
                    rows, flushed = [], now
    finally:  # also on Ctrl-C: what is answered stays
        if rows:
            write_shard(run_folder, task, rows, time.perf_counter() - flushed)
    return spent + time.perf_counter() - begun


def as_row(answer: asking.Answer) -> dict[str, object]:
    return {
        "sample_id": answer.sample.sample_id,
        "repeat": 0,
        "prediction": answer.prediction,
        "logprobs": answer.logprobs,
        "prompt": answer.prompt,
        "tokens": answer.tokens,
        "truncated": answer.truncated,
    }


def write_shard(
    run_folder: Path, task: Task, rows: Sequence[dict[str, object]], seconds: float
) -> None:
    """Write `rows` as the task's next shard; each row takes an equal part of `seconds`."""
    folder = run_folder / "shards"
    folder.mkdir(exist_ok=True)
    number = len(list(folder.glob(f"{task.name}.*.parquet")))
    table = pl.DataFrame(rows, schema=records.PREDICTIONS)
    table = table.with_columns(seconds=pl.lit(seconds / len(rows), pl.Float64))
    records.write_table(folder / f"{task.name}.{number:05}.parquet", table)


def read_shards(run_folder: Path, task: Task) -> pl.DataFrame:
    paths = sorted((run_folder / "shards").glob(f"{task.name}.*.parquet"))
    tables = [records.read_table(path, records.PREDICTIONS) for path in paths]
    if not tables:
        return pl.DataFrame(schema=records.PREDICTIONS)
    # Ctrl-C right after a shard was written may have written its rows once more
    return pl.concat(tables).unique(["sample_id", "repeat"], keep="first", maintain_order=True)


def finish_task(task: Task, samples: Sequence[Sample], run_folder: Path) -> TaskResult:
    """Write the task's one file, in the order of its samples; raises `MissingSamples`."""
    order = pl.DataFrame({"sample_id": [sample.sample_id for sample in samples]})
    found = read_shards(run_folder, task)
    table = order.join(found, on="sample_id", how="inner", maintain_order="left")
    if table.height != len(samples) or found.height != len(samples):
        raise MissingSamples(
            f"{run_folder}: {found.height} predictions for {task.name}, but the task has "
            f"{len(samples)} samples. Run the same command again: it resumes."
        )
    records.write_table(
        run_folder / f"{task.name}.parquet", table.select(records.PREDICTIONS.names())
    )
    return TaskResult(task=task.name, predictions=table.height, expected=task.size)


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), "polars": version("polars")}


def count_truncated(run_folder: Path, run: Run) -> int:
    """How many of a run's prompts were longer than the model's window."""
    tables = [records.read_predictions(run_folder, result.task) for result in run.results]
    return sum(int(table["truncated"].sum()) for table in tables)
