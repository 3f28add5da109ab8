"""A warehouse of ten thousand models, as a file and as a lake: what it takes, and what pages wait.

`python -m tests.benchmarks.scale` loads a hundred synthetic runs of the nine tasks, has each of
them a hundred times under other names, publishes one more, copies all that to a lake, whose
catalogue is a PostgreSQL of this machine, and publishes one more there. Nothing else should run.
"""

import os
import tempfile
import time
from pathlib import Path

import click
import duckdb

from tests.benchmarks.synthetic import write_runs
from tests.benchmarks.warehouse import NINE, ask_all, ingest, mirror_option, show
from tests.ledgers import make_database, serve_postgres
from warehouse import copying, db, locating, settings

BASE = 100
"""Runs that are loaded; all others are these under other names."""
NAMED = {
    "run": "run + $runs * $times",
    "number": "number + $runs * $times",
    "run_id": "run_id || '-' || $times",
    "model": "model || '-' || $times",
}
"""Columns that name a run or a model, and how those of its copies are made."""
MULTIPLIED = (
    *("models", "runs", "run_tasks", "predictions", "answers", "answer_sheets", "scores"),
    *("counted_runs", "leaderboard", "rank_intervals"),
)


@click.command()
@mirror_option
@click.option("--models", default=10_000, show_default=True)
def main(mirror: Path, models: int) -> None:
    with tempfile.TemporaryDirectory() as folder, serve_postgres() as server:
        os.environ["LEADERBOARD_DATA"] = folder
        ingest("samples", "--tasks", "all", "--data", str(mirror.resolve()))
        write_runs(settings.runs_folder(), NINE, mirror, range(BASE))
        show(BASE, "load and derive", *ingest("runs"), BASE)
        multiply(models // BASE)
        write_runs(settings.runs_folder(), NINE, mirror, range(BASE, BASE + 1))
        show(models, "publish one more", *ingest("runs"), 1)
        ask_all(models)
        lake = f"ducklake:postgres:{make_database(server.address)}"
        os.environ["LEADERBOARD_WAREHOUSE"] = lake
        begun = time.perf_counter()
        copy = db.Warehouse(locating.find_store(str(settings.snapshots_folder())).current())
        rows = copying.copy_snapshot(copy, locating.find_store())["predictions"].rows
        copy.close()
        seconds = time.perf_counter() - begun
        click.echo(f"copied to a lake in {seconds:.0f} s, {rows:,} predictions")
        write_runs(settings.runs_folder(), NINE, mirror, range(BASE + 1, BASE + 2))
        show(models, "publish one more", *ingest("runs"), 1)
        ask_all(models)


def multiply(times: int) -> None:
    """Have each run of the snapshot in use `times` times under other names, in the same file.

    One copy comes after the other, so that a run's rows lie together, as they do when it is loaded.
    """
    path = locating.file_store().current().path
    with duckdb.connect(str(path), config={"memory_limit": "4GB"}) as connection:
        for table in MULTIPLIED:
            columns = connection.table(table).columns
            said = ", ".join(f"{made} as {name}" for name, made in NAMED.items() if name in columns)
            connection.execute(f"create temp table base as from {table}")
            for number in range(1, times):
                asked = {"times": number, "runs": BASE}
                connection.execute(
                    f"insert into {table} by name select * replace ({said}) from base",
                    {name: value for name, value in asked.items() if f"${name}" in said},
                )
            connection.execute("drop table base")
        connection.execute("checkpoint")


if __name__ == "__main__":
    main()
