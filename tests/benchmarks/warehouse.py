"""The warehouse as it grows: loading, publishing, asking, file and memory.

`python -m tests.benchmarks.warehouse` makes synthetic runs of the nine tasks, at 100, 1,000 and
10,000 models, and prints what each step takes. Nothing else should run.
"""

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import click

from evaluator.protocols import ZERO_SHOT
from evaluator.tasks import CATALOGUE
from ingest import loading, runs
from ingest.errors import NothingToImport
from tests.benchmarks.synthetic import write_runs
from warehouse import db, settings

NINE = [task for task in CATALOGUE if task.headline]
MOST_TO_REBUILD = 1000  # runs; ten thousand would take many minutes more
PAGE: dict[str, Any] = {"page_size": 20, "skip": 0, "models": (), "lanes": (), "by": "confidence"}
PAGE |= dict.fromkeys(("task", "search", "subject", "safety", "flag", "harm"), "")


mirror_option = click.option(
    "--data",
    "mirror",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(os.environ.get("LEADERBOARD_TEST_DATA", "../shared/data")) / "hub",
    show_default=True,
    help="The mirror with the nine tasks' questions.",
)


@click.command()
@mirror_option
@click.option("--folder", type=click.Path(path_type=Path), help="Keeps what is made.")
@click.option("--sizes", default="100,1000,10000", show_default=True)
def main(mirror: Path, folder: Path | None, sizes: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        data = (folder or Path(temporary)).resolve()
        os.environ["LEADERBOARD_DATA"] = str(data)
        ingest("samples", "--tasks", "all", "--data", str(mirror.resolve()))
        made = 0
        for size in map(int, sizes.split(",")):
            write_runs(settings.runs_folder(), NINE, mirror, range(made, size - 1))
            show(size, "load alone", *in_own_process(load_alone), size - 1 - made)
            show(size, "load and derive", *ingest("runs"), size - 1 - made)
            write_runs(settings.runs_folder(), NINE, mirror, range(size - 1, size))
            show(size, "publish one more", *ingest("runs"), 1)
            if size <= MOST_TO_REBUILD:
                show(size, "rebuild", *ingest("rebuild"), size)
            made = size
            ask_all(size)


def ingest(*arguments: str) -> tuple[float, int]:
    """Run ingest in a process of its own; returns its seconds and its peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "ingest", *arguments])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException(f"ingest {' '.join(arguments)} failed")
    return time.perf_counter() - begun, used.ru_maxrss // 1024


def in_own_process(measure: Callable[[], tuple[float, int]]) -> tuple[float, int]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure).result()


def load_alone() -> tuple[float, int]:
    """Load what is new into a draft, and drop that; returns the same."""
    with contextlib.suppress(NothingToImport), loading.open_draft("benchmark") as draft:
        begun = time.perf_counter()
        runs.load_runs(draft, runs.find_folders([]), None)
        seconds = time.perf_counter() - begun
        raise NothingToImport
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def show(size: int, what: str, seconds: float, peak: int, runs: int) -> None:
    predictions = runs * sum(task.size for task in NINE)
    click.echo(
        f"{size:>6,} runs  {what:<18}{seconds:>9.1f} s {predictions / seconds:>12,.0f} "
        f"predictions/s {peak:>7,} MB"
    )


def ask_all(size: int) -> None:
    """Time what pages ask, and print the file's size."""
    warehouse = db.open_warehouse()
    known = warehouse.ask("run_keys")["run_id"].sort()
    run, other = known[len(known) // 2], known[len(known) // 3]
    ranked = {"lane": ZERO_SHOT.slug, "task": "average"}
    question = {"task": "medqa_4options", "sample_id": "test-00140"}
    asked: dict[str, Callable[[], object]] = {
        "leaderboard": lambda: warehouse.ask("leaderboard"),
        "errors of a model": lambda: warehouse.ask("errors", run_ids=(run,), **PAGE),
        "errors of 20 models": lambda: warehouse.ask(
            "errors", run_ids=tuple(known[:: max(1, len(known) // 20)][:20]), **PAGE
        ),
        "safety board": lambda: warehouse.ask("safety_board", lane=ZERO_SHOT.slug, board="nine"),
        "all on one question": lambda: warehouse.ask("picks", run_id=run, **question),
        "two models compared": lambda: warehouse.ask("compare", run_id=run, other_id=other),
        "ranks": lambda: warehouse.ask("rank_intervals", **ranked),
    }
    for what, ask in asked.items():
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            ask()
            times.append(time.perf_counter() - begun)
        click.echo(f"{size:>6,} runs  {what:<22}{median(times) * 1e3:>9.1f} ms")
    megabytes = warehouse.snapshot.size() / 1e6
    click.echo(f"{size:>6,} runs  {'file':<22}{megabytes:>9,.1f} MB")


if __name__ == "__main__":
    main()
