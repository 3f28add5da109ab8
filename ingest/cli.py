"""The command line: `python -m ingest runs`."""

import os
import shlex
import signal
import sys
from pathlib import Path
from typing import get_args

import click
from pydantic import ValidationError

from evaluator.errors import EvaluatorError
from evaluator.protocols import parse_protocol
from evaluator.records import (
    Model,
    ModelType,
    Plan,
    Precision,
    name_faults,
    read_predictions,
    read_quarantine,
    read_run,
)
from evaluator.tasks import choose_tasks
from ingest import loading, predictions, reported, runs, samples
from ingest.errors import IngestError
from warehouse.drafts import Draft
from warehouse.errors import WarehouseError
from warehouse.text import printable

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

EXAMPLES = """
\b
Examples:
  python -m ingest runs
  python -m ingest samples --tasks all --data ./mirror
  python -m ingest predictions ./gpt-4o --model gpt-4o --protocol other-medagents
  python -m ingest reported
"""

mirror_option = click.option(
    "--data",
    "mirror",
    type=FOLDER,
    help="A folder with the Hub's layout, <dataset>/<file>, to read the questions from.",
)


@click.group(epilog=EXAMPLES)
def main() -> None:
    """Load questions, runs and published scores into the warehouse."""


def command_line() -> str:
    return shlex.join(["python", "-m", "ingest", *sys.argv[1:]])


def report(draft: Draft, loaded: str) -> None:
    """Say what came of it; `draft` is closed by now."""
    state = f"snapshot {draft.number}" if draft.changed else "nothing new"
    click.echo(printable(f"{loaded} ({state})"))


def tell_quarantine(rows: int) -> None:
    if rows:
        click.echo(f"{rows} in quarantine: python -m warehouse show quarantine", err=True)


@main.command("samples")
@click.option("--tasks", default="all", show_default=True, help="all (the nine), or names.")
@mirror_option
def load_samples(tasks: str, mirror: Path | None) -> None:
    """Load the questions of some tasks."""
    chosen = choose_tasks(tasks)
    with loading.open_draft(command_line(), mirror=mirror) as draft:
        for task in chosen:
            samples.load_questions(draft, task, mirror)
    report(draft, f"{sum(task.size for task in chosen)} questions of {len(chosen)} tasks")


@main.command("runs")
@click.argument("folders", nargs=-1, type=FOLDER)
@mirror_option
def load_runs(folders: tuple[Path, ...], mirror: Path | None) -> None:
    """Load run FOLDERS, by default every one in the data folder."""
    with loading.open_draft(command_line(), mirror=mirror) as draft:
        found = runs.find_folders(folders)
        runs.load_runs(draft, found, mirror)
        refused = refused_runs(draft, {folder.name for folder in found})
    report(draft, f"{len(found) - len(refused)} runs are loaded")
    tell_refused(refused)


@main.command("predictions")
@click.argument("folder", type=FOLDER)
@click.option("--model", required=True, help="Who answered: a Hub id or any name.")
@click.option("--revision", default="unknown", show_default=True)
@click.option("--protocol", required=True, help="other-<source>: how they were asked is another's.")
@click.option("--precision", type=click.Choice(get_args(Precision)), help="Where it is known.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(get_args(ModelType)),
    help="What kind of model; a Hub id has open weights unless said.",
)
@mirror_option
def load_predictions(  # one parameter an option
    folder: Path,
    model: str,
    revision: str,
    protocol: str,
    precision: Precision | None,
    kind: ModelType | None,
    mirror: Path | None,
) -> None:
    """Load a FOLDER of <task>.jsonl, .csv or .parquet with sample_id and prediction or response."""
    asked = parse_protocol(protocol)
    if asked.asks:
        raise click.UsageError(
            f"{protocol} is how this project asks. Name the source: other-<source>."
        )
    kind = kind or ("open weights" if "/" in model else "unknown")
    plan = Plan(
        model=Model(name=model, revision=revision, type=kind),
        precision=precision,
        protocol=asked,
        tasks=(),
    )
    run_folder = predictions.import_predictions(folder, plan, command_line(), mirror)
    with loading.open_draft(command_line(), mirror=mirror) as draft:
        runs.load_runs(draft, [run_folder], mirror)
        refused = refused_runs(draft, {run_folder.name})
    answers = count_answers(run_folder)
    report(draft, f"{answers} in {run_folder}")
    tell_refused(refused)
    tell_quarantine(read_quarantine(run_folder).height)


@main.command("reported")
@click.argument("file", type=FILE, default=reported.DEFAULT_FILE)
def load_reported(file: Path) -> None:
    """Load published scores from a CSV FILE, by default the one that comes with the project."""
    reported.read_rows(file)  # nothing is kept of a file that is no such file
    kept = reported.keep_file(file)
    with loading.open_draft(command_line()) as draft:
        scores = reported.load_reported(draft, kept)
        refused = draft.ask("quarantine").filter(source=f"reported/{kept.name}").height
    report(draft, f"{scores} published scores")
    tell_quarantine(refused)


@main.command("rebuild")
@mirror_option
def rebuild(mirror: Path | None) -> None:
    """Make the warehouse anew from run folders, kept questions and published scores."""
    with loading.open_draft(command_line(), mirror=mirror, rebuild=True) as draft:
        loaded = draft.ask("run_keys").height
    report(draft, f"Rebuilt with {loaded} runs")


def refused_runs(draft: Draft, names: set[str]) -> list[tuple[str, str]]:
    """The runs of `names` that were refused whole, with the reason."""
    rows = draft.ask("quarantine").select("source", "file", "reason").rows()
    return [(source, reason) for source, file, reason in rows if source in names and not file]


def tell_refused(refused: list[tuple[str, str]]) -> None:
    for name, reason in refused:
        click.echo(printable(f"Refused {name}: {reason}"), err=True)
    if refused:
        raise SystemExit(1)


def count_answers(run_folder: Path) -> str:
    """`92 predictions, 3 of them unreadable`."""
    results = read_run(run_folder).results
    tables = [read_predictions(run_folder, result.task) for result in results]
    unreadable = sum(table["prediction"].null_count() for table in tables)
    total = sum(table.height for table in tables)
    return f"{total} predictions" + (f", {unreadable} of them unreadable" if unreadable else "")


def stop_at_once(*_: object) -> None:
    """End at Ctrl-C without tidying up: nothing is published, and the next ingest tidies."""
    os.write(2, b"\nStopped. Nothing was published.\n")
    os._exit(130)


def run_safely() -> None:
    """Run `main`; an expected error prints its message, says nothing of Python, and exits 1."""
    signal.signal(signal.SIGINT, stop_at_once)
    try:
        main(prog_name="python -m ingest")
    except (IngestError, EvaluatorError, WarehouseError, OSError) as error:
        click.echo(printable(f"Error: {error}"), err=True)
        raise SystemExit(1) from None
    except ValidationError as error:  # a name that is empty or too long for a record
        click.echo(printable(f"Error: {name_faults(error)}"), err=True)
        raise SystemExit(1) from None
