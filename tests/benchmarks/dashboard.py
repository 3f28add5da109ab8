"""How long readers wait for the dashboard of a thousand models, against fixed limits.

`python -m tests.benchmarks.dashboard` makes the models, then asks the server as one reader, clicks
in a browser, compares first visits with bare apps, and lets fifty readers in. It exits 1 where a
limit is passed. Nothing else should run.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from tests.benchmarks import crowds, interactions, visits
from tests.benchmarks.events import EVENTS, Event, Ground, read_ground
from tests.benchmarks.limits import Row, as_table
from tests.benchmarks.serving import serve_dashboard
from tests.benchmarks.synthetic import write_runs
from tests.benchmarks.warehouse import NINE, ingest
from warehouse import settings

MODELS = 1000
PARTS = ("server", "browser", "visit", "load")
MIRROR = Path(os.environ.get("LEADERBOARD_TEST_DATA", "../shared/data")) / "hub"
GRADIO = Path(".venv/gradio/bin/python")


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Keeps the models, or has them.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="All parts without it.")
@click.option("--event", default="", help="Only events whose name has this in it.")
@click.option("--repeats", default=20, show_default=True, help="A quarter as many first visits.")
@click.option("--seconds", default=300.0, show_default=True, help="For which readers crowd.")
def main(
    folder: Path | None, only: tuple[str, ...], event: str, repeats: int, seconds: float
) -> None:
    """Print a table for each part."""
    chosen = [one for one in EVENTS if event in one.name]
    if not chosen:
        raise click.UsageError(f"No event is named like {event}.")
    with tempfile.TemporaryDirectory() as temporary:
        data = (folder or Path(temporary)).resolve()
        os.environ["LEADERBOARD_DATA"] = str(data)
        if not settings.snapshots_folder().exists():
            make_models()
        ground = read_ground()
        rows: list[Row] = []
        for part in only or PARTS:
            found = measure(part, chosen, ground, repeats, seconds)
            click.echo(f"\n{part}\n{as_table(found)}")
            rows += found
    over = [row.name for row in rows if not row.is_within]
    click.echo(
        f"\n{len(over)} of {len(rows)} are over a limit." if over else "\nAll within limits."
    )
    sys.exit(bool(over))


def make_models() -> None:
    """Make the models' run folders, and load them as any others."""
    ingest("samples", "--tasks", "all", "--data", str(MIRROR.resolve()))
    write_runs(settings.runs_folder(), NINE, MIRROR, range(MODELS))
    ingest("runs")


def measure(
    part: str, events: Sequence[Event], ground: Ground, repeats: int, seconds: float
) -> list[Row]:
    data = settings.data_folder()
    if part == "visit":
        gradio = Path(os.environ.get("GRADIO_PYTHON", GRADIO))
        sides = visits.sides_of(data, len(ground.runs), gradio)
        return visits.measure_visits(sides, max(1, repeats // 4))
    with serve_dashboard(data) as server:
        if part == "browser":
            return visits.measure_clicks(server.address, repeats)
        if part == "load":
            return crowds.measure(server, events, ground, seconds)
        return interactions.measure(server.address, events, ground, repeats)


if __name__ == "__main__":
    main()
