"""How long readers and writers of a lake wait for each other.

`python -m tests.benchmarks.waits` has four processes load runs of the nine tasks, one by one,
into a lake whose catalogue is a PostgreSQL of this machine, while two read it as pages do; then the
readers read alone. Every run must be there at the end. Nothing else should run.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

from evaluator.protocols import ZERO_SHOT
from tests.benchmarks.synthetic import write_runs
from tests.benchmarks.warehouse import NINE, ingest, mirror_option
from tests.ledgers import make_database, serve_postgres
from warehouse import db, locating, settings

WRITERS, READERS = 4, 2
ALONE = 15.0
"""Seconds that readers read alone."""


@click.command()
@mirror_option
@click.option("--runs", default=3, show_default=True, help="That each writer loads.")
def main(mirror: Path, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder, serve_postgres() as server:
        os.environ["LEADERBOARD_DATA"] = folder
        os.environ["LEADERBOARD_WAREHOUSE"] = f"ducklake:postgres:{make_database(server.address)}"
        ingest("samples", "--tasks", "all", "--data", str(mirror.resolve()))
        write_runs(settings.runs_folder(), NINE, mirror, range(1))
        ingest("runs")
        brought = Path(folder) / "brought"  # a run that is kept already would be loaded by any
        write_runs(brought, NINE, mirror, range(1, 1 + WRITERS * runs))
        others = sorted(brought.iterdir())
        waits: list[float] = []

        def write(lot: Sequence[Path]) -> None:
            waits.extend(ingest("runs", str(folder))[0] for folder in lot)

        writing = [
            threading.Thread(target=write, args=(others[number::WRITERS],))
            for number in range(WRITERS)
        ]
        for thread in writing:
            thread.start()
        seen = read_while(lambda: any(thread.is_alive() for thread in writing))
        until = time.monotonic() + ALONE
        alone = read_while(lambda: time.monotonic() < until)
        found = db.open_warehouse().ask("run_keys").height
        click.echo(f"{found} runs of {1 + WRITERS * runs} are there")
        tell(f"{WRITERS} writers, each publish", waits)
        tell(f"{READERS} readers meanwhile", seen)
        tell(f"{READERS} readers alone", alone)
        if found != 1 + WRITERS * runs:
            sys.exit(1)


def read_while(busy: Callable[[], bool]) -> list[float]:
    """Have processes read while others are busy; returns the seconds that each page waited."""
    command = [sys.executable, "-m", "tests.benchmarks.waits", "read"]
    reading = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    while busy():
        time.sleep(0.2)
    return [
        float(wait) for process in reading for wait in process.communicate("enough\n")[0].split()
    ]


def read() -> None:
    """Read the leaderboard, ranks and a model's runs of the newest snapshot until told enough."""
    told = threading.Thread(target=sys.stdin.readline)
    told.start()
    opened = db.open_warehouse()
    while told.is_alive():
        begun = time.perf_counter()
        newest = locating.find_store().current()
        if newest != opened.snapshot:
            opened.close()
            opened = db.open_warehouse()
        opened.ask("leaderboard_rows")
        opened.ask("rank_intervals", lane=ZERO_SHOT.slug, task="average")
        print(time.perf_counter() - begun)


def tell(what: str, waits: Sequence[float]) -> None:
    middle, high, most = np.quantile(waits, (0.5, 0.99, 1.0))
    click.echo(
        f"{what:<26}{len(waits):>6} times, median {middle:.2f} s, 99% {high:.2f} s, "
        f"longest {most:.2f} s"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["read"]:
        read()
    else:
        main()
