"""Keeps a run's answers while it is made: files that appear whole or not at all.

A task is asked in chunks of its samples. Each chunk has its batch plan, written before the first
question and replayed by every later sitting, and shards with the answers so far.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
from pydantic import TypeAdapter, ValidationError

from evaluator import files, records, tables
from evaluator.asking import Answer, BatchPlan, Recall
from evaluator.errors import BrokenRun, MissingSamples
from evaluator.papers import Key, Turn

CHUNK = 2048  # turns: sorted by length among themselves, and all that is in memory at a time
FOLDER = "shards"
SAID = tuple(
    name
    for name in tables.PREDICTIONS
    if name not in ("sample_id", "repeat", "source_line")  # of an import alone
)
REMOVE = "Remove that file and run the same command again: only its questions are asked anew."


@dataclass(frozen=True)
class Chunk:
    """Some of a task's turns, and where their answers are kept."""

    run_folder: Path
    task: str
    number: int
    turns: Sequence[Turn]

    @property
    def folder(self) -> Path:
        return self.run_folder / FOLDER

    @property
    def name(self) -> str:
        return f"{self.task}.{self.number:03}"

    @cached_property
    def answered(self) -> frozenset[Key]:
        """What earlier sittings asked."""
        return frozenset(self.read().select("sample_id", "repeat").iter_rows())

    @property
    def shard_files(self) -> list[Path]:
        return sorted(self.folder.glob(f"{self.name}.*.parquet"))

    def read(self) -> pl.DataFrame:
        """The answers so far; raises `BrokenRun` for a shard that cannot be read."""
        parts = [read_shard(path) for path in self.shard_files]
        if not parts:
            return pl.DataFrame(schema=tables.PREDICTIONS)
        # Ctrl-C right after a shard was written may have written its rows once more
        return pl.concat(parts).unique(["sample_id", "repeat"], keep="first", maintain_order=True)

    def write(self, answers: Sequence[Answer], seconds: float) -> None:
        """Write `answers` as the next shard.

        One that does not say how long it took has an equal part of `seconds`.
        """
        self.folder.mkdir(exist_ok=True)
        numbers = [int(path.stem.rpartition(".")[2]) for path in self.shard_files]
        number = max(numbers, default=-1) + 1  # not their count: a broken one may be gone
        table = pl.DataFrame([as_row(answer) for answer in answers], schema=tables.PREDICTIONS)
        table = table.with_columns(pl.col("seconds").fill_null(seconds / len(answers)))
        files.write_table(self.folder / f"{self.name}.{number:05}.parquet", table)

    @property
    def whole_file(self) -> Path:
        return self.folder / f"whole.{self.name}.parquet"

    def finish(self) -> None:
        """Write all answers in the order of the turns as one file; raises `MissingSamples`."""
        key = {name: tables.PREDICTIONS[name] for name in ("sample_id", "repeat")}
        order = pl.DataFrame([turn.key for turn in self.turns], schema=key, orient="row")
        found = self.read()
        table = order.join(found, on=list(key), how="inner", maintain_order="left")
        if table.height != len(self.turns) or found.height != len(self.turns):
            raise MissingSamples(
                f"{self.run_folder}: {found.height} predictions for part {self.number + 1} of "
                f"{self.task}, which asks {len(self.turns)}. Run the same command again: it "
                "resumes."
            )
        files.write_table(self.whole_file, table.select(tables.PREDICTIONS.names()))

    @property
    def plan_file(self) -> Path:
        return self.folder / f"{self.name}.batches.json"

    def read_plan(self) -> BatchPlan | None:
        """The batch plan of an earlier sitting; raises `BrokenRun` for one that does not fit."""
        return read_plan(self.plan_file, len(self.turns))

    def recall(self, size: int | None) -> Recall:
        """Return what plays an earlier sitting's plan again, or keeps a new one.

        `size` is the batch size that the run has found so far.
        """

        def recall(make: Callable[[int | None], BatchPlan]) -> BatchPlan:
            if (kept := self.read_plan()) is not None:
                return kept
            plan = make(size)
            self.folder.mkdir(exist_ok=True)
            files.write_text(self.plan_file, json.dumps(asdict(plan)))
            return plan

        return recall


def as_row(answer: Answer) -> dict[str, object]:
    return {
        "sample_id": answer.turn.sample.sample_id,
        "repeat": answer.turn.repeat,
        **{name: getattr(answer, name) for name in SAID},
    }


def of_chunk(chunk: Chunk, answers: Iterator[Answer]) -> Iterator[tuple[Chunk, Answer]]:
    try:
        for answer in answers:
            yield chunk, answer
    finally:
        if isinstance(answers, Generator):
            answers.close()  # lets go of what is under way: requests, where a server is asked


def write_lots(lots: Mapping[str, tuple[Chunk, Sequence[Answer]]], seconds: float) -> None:
    """Write a shard of each chunk; an answer took so many `seconds` unless it says itself."""
    for chunk, lot in lots.values():
        chunk.write(lot, seconds * len(lot))


def part(run_folder: Path, task: str, turns: Sequence[Turn]) -> Iterator[Chunk]:
    for number, start in enumerate(range(0, len(turns), CHUNK)):
        yield Chunk(run_folder, task, number, turns[start : start + CHUNK])


def read_shard(path: Path) -> pl.DataFrame:
    try:
        return tables.read_table(path, tables.PREDICTIONS)
    except BrokenRun as error:
        raise BrokenRun(f"{error} {REMOVE}") from error


def keep_plans(run_folder: Path) -> None:
    """Bring the batch plans to where they stay: they belong to the record of a run."""
    kept = run_folder / records.PLANS
    for path in sorted((run_folder / FOLDER).glob("*.batches.json")):
        kept.mkdir(exist_ok=True)
        files.write_text(kept / path.name, path.read_text(encoding="utf-8"))


def read_plan(path: Path, turns: int) -> BatchPlan | None:
    """Read how so many `turns` were batched; None where that is not kept."""
    if not path.exists():
        return None
    try:
        plan = TypeAdapter(BatchPlan).validate_json(path.read_bytes())
    except ValidationError as error:
        raise BrokenRun(
            f"{path} is no batch plan: {records.name_faults(error)}. {REMOVE}"
        ) from None
    if sorted(index for batch in plan.batches for index in batch) != list(range(turns)):
        raise BrokenRun(f"{path} is not a plan of these {turns} questions. {REMOVE}")
    return plan
