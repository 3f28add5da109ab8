"""Run folders as the evaluator leaves them, of models that answer by ability and difficulty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.records import Model, Plan, Run, TaskPlan, TaskResult, write_run
from evaluator.samples import LETTERS, samples_hash
from evaluator.tables import PREDICTIONS
from evaluator.tasks import Task

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPREAD = 1.5  # of a choice's log-odds, beside what the model knows


@dataclass(frozen=True)
class Questions:
    """What all runs of a task have in common."""

    hashed: str
    choices: int
    gold: npt.NDArray[np.int64]
    """The place of the correct choice."""
    difficulty: npt.NDArray[np.float64]
    same: pl.DataFrame
    """The columns that are the same in each run."""


@cache
def read_task(task: Task, mirror: Path) -> Questions:
    samples = load_samples(task, mirror)
    choices = len(samples[0].choices)
    same = pl.DataFrame(
        {
            "sample_id": [sample.sample_id for sample in samples],
            "prompt_hash": [sample.content_hash for sample in samples],
            "first_tokens": [[330, 365, 351, 422][:choices]] * len(samples),
        }
    ).with_columns(
        repeat=0,
        truncated=False,
        seconds=0.01,
    )
    return Questions(
        hashed=samples_hash(samples),
        choices=choices,
        gold=np.array([LETTERS.index(sample.gold) for sample in samples]),
        difficulty=np.random.default_rng(len(samples)).normal(0, 1, len(samples)),
        same=same,
    )


def write_runs(folder: Path, tasks: Sequence[Task], mirror: Path, numbers: range) -> None:
    """Write a finished run folder of `tasks` for each of `numbers`, which seeds its answers."""
    for number in numbers:
        rng = np.random.default_rng(number)
        plan = Plan(
            model=Model(
                name=f"lab-{number % 97}/model-{number:05}",
                revision=f"{number:040x}",
                type="open weights",
                parameters=10 ** int(rng.integers(8, 12)),
            ),
            precision="bfloat16",
            protocol=ZERO_SHOT,
            tasks=tuple(plan_task(task, mirror) for task in tasks),
        )
        run_folder = folder / plan.run_id
        run_folder.mkdir(parents=True)
        ability = rng.normal(1, 0.8)
        for task in tasks:
            answers = answer(read_task(task, mirror), ability, rng)
            answers.write_parquet(run_folder / f"{task.name}.parquet")
        write_run(run_folder, describe_run(plan, tasks))


def plan_task(task: Task, mirror: Path) -> TaskPlan:
    hashed = read_task(task, mirror).hashed
    return TaskPlan(
        task=task.name, revision=task.revision, samples_hash=hashed, prompts_hash=hashed
    )


def describe_run(plan: Plan, tasks: Sequence[Task]) -> Run:
    return Run(
        run_id=plan.run_id,
        plan=plan,
        origin="evaluated",
        results=tuple(
            TaskResult(task=task.name, predictions=task.size, expected=task.size) for task in tasks
        ),
        started_at=NOW,
        finished_at=NOW,
        seconds=1.0,
        command="synthetic",
        versions={},
        hardware={},
    )


def answer(questions: Questions, ability: float, rng: np.random.Generator) -> pl.DataFrame:
    """Predictions with log-probabilities: the gold choice gains what ability exceeds difficulty."""
    number = len(questions.gold)
    odds = rng.normal(0, SPREAD, (number, questions.choices))
    odds[np.arange(number), questions.gold] += ability - questions.difficulty
    logprobs = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
    letters = np.array([*LETTERS])
    answers = questions.same.with_columns(
        prediction=pl.Series(letters[logprobs.argmax(axis=1)]),
        logprobs=pl.Series(logprobs).cast(pl.List(pl.Float64)),
        tokens=pl.Series(rng.integers(60, 400, number)),
    )
    unsaid = [pl.lit(None).alias(name) for name in PREDICTIONS if name not in answers.columns]
    return answers.with_columns(unsaid).select(
        pl.col(name).cast(kind) for name, kind in PREDICTIONS.items()
    )
