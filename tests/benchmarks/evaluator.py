"""How fast the evaluator is beside lm-evaluation-harness, on this machine and in this run.

`python -m tests.benchmarks.evaluator` builds models of real shapes with random weights, asks both
sides the same real questions in turn, prints a table and writes JSON. Nothing else should run.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import click
import torch
import transformers
from pydantic import BaseModel, ConfigDict

from evaluator.prompts import render
from evaluator.questions import load_samples
from evaluator.tasks import NINE, find_task
from tests.benchmarks.shapes import save_model
from tests.benchmarks.sides import Job, Measurement

TRIAL = 24  # questions: enough to tell which batch size suits the peer
BATCHES = (1, 4, 16)
RESULTS = Path(__file__).parent / "evaluator.json"


class Contest(BaseModel):
    """One row of the table: what is asked of both sides."""

    model_config = ConfigDict(frozen=True)

    shape: str
    task: str
    shots: int
    questions: int
    precision: str = "float32"
    most_tokens: int = 0


class Result(BaseModel):
    """What came of it; rates are questions per second, medians of the turns."""

    model_config = ConfigDict(frozen=True)

    contest: Contest
    ours: float
    peer: float
    ratio: float
    share_of_matmul: float
    matmul_gflops: float
    our_peak_mb: int
    peer_peak_mb: int
    peer_batch: int
    largest_difference: float
    different_texts: int = 0


CONTESTS = (
    Contest(shape="Llama 60M", task="medqa_4options", shots=0, questions=256),
    Contest(shape="Llama 60M", task="mmlu_anatomy", shots=5, questions=135),
    Contest(shape="Gemma 100M", task="medqa_4options", shots=0, questions=48),
    Contest(shape="Llama 60M", task="medqa_4options", shots=0, questions=256, precision="bfloat16"),
    Contest(
        shape="Writing Llama 60M", task="medqa_4options", shots=0, questions=128, most_tokens=384
    ),
)


@click.command()
@click.option("--turns", default=3, show_default=True, help="Of each side; medians are reported.")
@click.option("--output", default=RESULTS, type=click.Path(path_type=Path), show_default=True)
def main(turns: int, output: Path) -> None:
    """Time the evaluator beside lm_eval and write what came of it."""
    mirror = Path(os.environ.get("LEADERBOARD_TEST_DATA", "../shared/data")) / "hub"
    with tempfile.TemporaryDirectory() as folder:
        texts = [
            render(task, sample).prompt
            for task in map(find_task, NINE)
            for sample in load_samples(task, mirror)
        ]
        results = []
        for contest in CONTESTS:
            job = Job(
                model=save_model(contest.shape, texts, Path(folder)),
                mirror=mirror,
                **contest.model_dump(exclude={"shape"}),
            )
            results.append(hold(contest, job, turns))
            click.echo(show(results[-1]))
    record = {
        "date": str(datetime.now(UTC).date()),
        "machine": describe_machine(),
        "results": [result.model_dump() for result in results],
    }
    output.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    click.echo("\n" + as_table(results))
    click.echo(f"\n{record['machine']}; written to {output}")


def hold(contest: Contest, job: Job, turns: int) -> Result:
    """Ask both sides in turn, the peer at the batch size that suits it best."""
    trial = job.model_copy(update={"questions": min(TRIAL, job.questions)})
    rates = {
        batch: measure("lm_eval", trial.model_copy(update={"batch": batch})).rate
        for batch in BATCHES
    }
    best = max(rates, key=rates.__getitem__)
    ours, peer = [], []
    for _ in range(turns):
        ours.append(measure("ours", job))
        peer.append(measure("lm_eval", job.model_copy(update={"batch": best})))
    return Result(
        contest=contest,
        ours=median(turn.rate for turn in ours),
        peer=median(turn.rate for turn in peer),
        ratio=median(turn.rate for turn in ours) / median(turn.rate for turn in peer),
        share_of_matmul=median(turn.gflops / turn.matmul_gflops for turn in ours),
        matmul_gflops=median(turn.matmul_gflops for turn in ours),
        our_peak_mb=max(turn.peak_mb for turn in ours),
        peer_peak_mb=max(turn.peak_mb for turn in peer),
        peer_batch=best,
        largest_difference=largest_difference(ours[0], peer[0]),
        different_texts=sum(map(str.__ne__, ours[0].texts, peer[0].texts)),
    )


def measure(side: str, job: Job) -> Measurement:
    """Run one side in a fresh process."""
    module = f"tests.benchmarks.{'writers' if job.most_tokens else 'sides'}"
    done = subprocess.run(
        [sys.executable, "-m", module, side, job.model_dump_json()],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    if done.returncode:
        raise click.ClickException(f"{side} failed on {job}:\n{done.stderr[-2000:]}")
    return Measurement.model_validate_json(done.stdout.splitlines()[-1])


def largest_difference(ours: Measurement, peer: Measurement) -> float:
    """Of any log-probability, in nats."""
    return max(
        (
            abs(one - other)
            for mine, theirs in zip(ours.logprobs, peer.logprobs, strict=True)
            for one, other in zip(mine, theirs, strict=True)
        ),
        default=0.0,
    )


def describe_machine() -> str:
    """The processor, how much of it, and the libraries."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return (
        f"{names[0] if names else platform.processor()}, {torch.get_num_threads()} cores, "
        f"torch {torch.__version__}, transformers {transformers.__version__}"
    )


def show(result: Result) -> str:
    contest = result.contest
    return (
        f"{contest.shape}, {contest.task}, {contest.shots} shots, {contest.precision}: "
        f"{result.ours:.1f} against {result.peer:.1f} questions/s, {result.ratio:.2f} times"
        + (f", {result.different_texts} texts differ" if contest.most_tokens else "")
    )


def as_table(results: Sequence[Result]) -> str:
    """The table that the README has."""
    head = (
        "| model, questions | ours | lm_eval | ratio | of the matrix rate | peak memory |\n"
        "|---|---:|---:|---:|---:|---:|"
    )
    rows = [
        f"| {name(result.contest)} | {result.ours:.1f}/s | {result.peer:.1f}/s "
        f"| {result.ratio:.1f}× | {result.share_of_matmul:.0%} "
        f"| {result.our_peak_mb / 1000:.1f} against {result.peer_peak_mb / 1000:.1f} GB |"
        for result in results
    ]
    return "\n".join([head, *rows])


def name(contest: Contest) -> str:
    shots = "0 shots" if not contest.shots else f"{contest.shots} shots"
    shots += f", up to {contest.most_tokens} tokens written" if contest.most_tokens else ""
    return f"{contest.shape} {contest.precision}, {find_task(contest.task).title} {shots}"


if __name__ == "__main__":
    main()
