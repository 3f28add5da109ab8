"""How much of another worker Ray makes use of, on this machine and in this run.

`python -m tests.benchmarks.workers` asks a model of a real shape the same real questions in one
process with one thread, and on Ray by one worker and by two, each with one thread; all in turn.
Only the asking is timed, not the start. Nothing else should run.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from evaluator import cluster_options, models, shards
from evaluator.asking import OpenModel
from evaluator.cluster_team import Team
from evaluator.cluster_worker import Told
from evaluator.crews import Crew
from evaluator.papers import Paper
from evaluator.prompts import render
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.shards import Chunk
from evaluator.tasks import find_task
from tests.benchmarks.shapes import save_model

SHAPE, TASK = "Llama 60M", "medqa_4options"
ALONE = "one process"
SIDES = {ALONE: None, "one worker": 1, "two workers": 2}


@click.group(invoke_without_command=True)
@click.option("--turns", default=3, show_default=True, help="Of each side; the best counts.")
@click.option("--questions", default=256, show_default=True)
@click.pass_context
def main(context: click.Context, turns: int, questions: int) -> None:
    """Time the sides in turn, and show the best of each."""
    if context.invoked_subcommand:
        return
    mirror = Path(os.environ.get("LEADERBOARD_TEST_DATA", "../shared/data")) / "hub"
    with tempfile.TemporaryDirectory() as folder:
        task = find_task(TASK)
        texts = [render(task, sample).prompt for sample in load_samples(task, mirror)]
        model = save_model(SHAPE, texts, Path(folder))
        best = dict.fromkeys(SIDES, 0.0)
        for _ in range(turns):
            for side in SIDES:
                best[side] = max(best[side], measure(side, model, mirror, questions))
    for side, rate in best.items():
        click.echo(f"{side}: {rate:.1f} questions/s, {rate / best[ALONE]:.2f} of {ALONE}")
    efficiency = best["two workers"] / best["one worker"] / 2
    click.echo(f"two workers do {efficiency:.0%} of twice what one does")


def measure(side: str, model: Path, mirror: Path, questions: int) -> float:
    """Questions per second, in a fresh process."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.workers",
        "ask",
        side,
        str(model),
        str(mirror),
    ]
    early = cluster_options.LOOPBACK | {"RAY_AUTH_MODE": "token"}  # read as Ray is imported, above
    done = subprocess.run(
        [*command, str(questions)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"} | early,
    )
    if done.returncode:
        raise click.ClickException(f"{side} failed:\n{done.stderr[-2000:]}")
    return float(done.stdout.splitlines()[-1])


@main.command()
@click.argument("side", type=click.Choice(list(SIDES)))
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("mirror", type=click.Path(path_type=Path))
@click.argument("questions", type=int)
def ask(side: str, model: Path, mirror: Path, questions: int) -> None:
    """Ask by one side, and print its rate from the first question to the last answer."""
    task, workers = find_task(TASK), SIDES[side]
    paper = Paper(task, load_samples(task, mirror)[:questions])
    cluster = cluster_options.Cluster(None, workers) if workers else None
    pytest.MonkeyPatch().setattr(Team, "wait_for_one", wait_for_all)
    who = models.describe_model(str(model), None)
    given = (who, "float32", model.parent, str(model), ZERO_SHOT)
    opened = cluster_options.choose_opener(cluster, None)(*given)
    with tempfile.TemporaryDirectory() as folder:
        (chunk,) = shards.part(Path(folder), TASK, paper.turns(ZERO_SHOT))
        begun = ended = time.perf_counter()
        for _ in answers(opened, paper, chunk):
            ended = time.perf_counter()
    click.echo(len(paper.samples) / (ended - begun))


def answers(opened: OpenModel | Crew, paper: Paper, chunk: Chunk) -> Iterator[object]:
    if isinstance(opened, Crew):
        return opened.spread([(paper, chunk)], None)
    return opened.prepare(paper, chunk.turns)((), chunk.recall(None))


def wait_for_all(team: Team) -> Told:
    while len(team.told) < len(team.seats):
        list(team.step())
    return team.told[0]


if __name__ == "__main__":
    main()
