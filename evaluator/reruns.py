"""Does a finished run again from its own record, and says what came out otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from evaluator import asking, records, runs, shards, tables
from evaluator.asking import Answer, BatchPlan, Recall
from evaluator.errors import BrokenRun, DatasetMismatch
from evaluator.papers import Paper
from evaluator.protocols import Protocol
from evaluator.questions import load_paper
from evaluator.records import Run
from evaluator.tasks import find_task


@dataclass(frozen=True)
class Comparison:
    """How a task's answers came out the second time."""

    task: str
    changes: pl.DataFrame
    """A row per prediction: sample_id, before and after (letters), difference (of its
    log-probabilities, the largest; null without any), same_prompt."""

    @property
    def flips(self) -> pl.DataFrame:
        """The questions whose prediction is another one now."""
        return self.changes.filter(pl.col("before").ne_missing(pl.col("after")))

    @property
    def largest(self) -> float:
        """The largest difference of a log-probability, in nats."""
        return float(self.changes["difference"].fill_null(0).max() or 0)  # type: ignore[arg-type]

    @property
    def other_prompts(self) -> int:
        return int((~self.changes["same_prompt"]).sum())


def read_papers(run: Run, mirror: Path | None) -> list[Paper]:
    """Load what the run was asked; raises `DatasetMismatch` where it would be asked otherwise."""
    if run.origin != "evaluated":
        raise BrokenRun(f"{run.run_id} was imported: there is no model here to ask again.")
    protocol = run.plan.protocol
    papers = [load_paper(find_task(planned.task), protocol, mirror) for planned in run.plan.tasks]
    now = runs.plan_run(run.plan.model, run.plan.precision, protocol, papers)
    for then, again in zip(run.plan.tasks, now.tasks, strict=True):
        if then != again:
            raise DatasetMismatch(
                f"{run.run_id} was asked other questions or prompts of {then.task} than there are "
                f"now (then {then.samples_hash}/{then.prompts_hash}, now {again.samples_hash}/"
                f"{again.prompts_hash}). Take the data of revision {then.revision} and the "
                "version of this program that made the run."
            )
    return papers


def rerun(
    folder: Path, papers: Sequence[Paper], protocol: Protocol, opened: asking.OpenModel
) -> list[Comparison]:
    """Ask `papers` again in the batches of the run in `folder`; nothing is written."""
    return [
        compare(
            paper.task.name,
            tables.read_predictions(folder, paper.task.name),
            [
                answer
                for chunk in shards.part(folder, paper.task.name, paper.turns(protocol))
                for answer in opened.prepare(paper, chunk.turns)((), replay(chunk))
            ],
        )
        for paper in papers
    ]


def replay(chunk: shards.Chunk) -> Recall:
    """Play the finished run's batch plan again, or a new one where it kept none."""

    def recall(make: Callable[[int | None], BatchPlan]) -> BatchPlan:
        path = chunk.run_folder / records.PLANS / chunk.plan_file.name
        return shards.read_plan(path, len(chunk.turns)) or make(None)

    return recall


def compare(task: str, before: pl.DataFrame, answers: Sequence[Answer]) -> Comparison:
    then = {(row["sample_id"], row["repeat"]): row for row in before.iter_rows(named=True)}
    if lost := [answer.turn.key for answer in answers if answer.turn.key not in then]:
        raise BrokenRun(f"The run has no prediction of {task} for {lost[0][0]}: it is damaged.")
    rows = []
    for answer in answers:
        row = then[answer.turn.key]
        pairs = zip(row["logprobs"] or (), answer.logprobs or (), strict=False)
        rows.append(
            {
                "sample_id": answer.turn.sample.sample_id,
                "before": row["prediction"],
                "after": answer.prediction,
                "difference": max((abs(old - new) for old, new in pairs), default=None),
                "same_prompt": row["prompt"] == answer.prompt,
            }
        )
    schema = {
        "sample_id": pl.String,
        "before": pl.String,
        "after": pl.String,
        "difference": pl.Float64,
        "same_prompt": pl.Boolean,
    }
    return Comparison(task, pl.DataFrame(rows, schema=schema))
