"""The command line: `python -m ingest runs`."""

import shlex
import sys
from pathlib import Path

import click

from evaluator.errors import EvaluatorError
from evaluator.protocols import parse_protocol
from evaluator.records import Model, ModelType, Plan
from evaluator.tasks import choose_tasks
from ingest import loading, predictions, reported, runs, samples
from ingest.errors import IngestError
from warehouse.drafts import Draft
from warehouse.errors import WarehouseError

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
    click.echo(f"{loaded} ({state})")


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
@click.option("--precision", help="The number format, where it is known.")
@mirror_option
def load_predictions(  # one parameter an option
    folder: Path,
    model: str,
    revision: str,
    protocol: str,
    precision: str | None,
    mirror: Path | None,
) -> None:
    """Load a FOLDER of <task>.jsonl, .csv or .parquet with sample_id and prediction or response."""
    asked = parse_protocol(protocol)
    if asked.asks:
        raise click.UsageError(
            f"{protocol} is how this project asks. Name the source: other-<source>."
        )
    kind: ModelType = "open weights" if "/" in model else "closed"
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
    report(draft, f"{run_folder}")
    tell_refused(refused)


@main.command("reported")
@click.argument("file", type=FILE, default=reported.DEFAULT_FILE)
def load_reported(file: Path) -> None:
    """Load published scores from a CSV FILE, by default the one that comes with the project."""
    reported.read_rows(file)  # nothing is kept of a file that is no such file
    kept = reported.keep_file(file)
    with loading.open_draft(command_line()) as draft:
        scores = reported.load_reported(draft, kept)
    report(draft, f"{scores} published scores")


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
        click.echo(f"Refused {name}: {reason}", err=True)
    if refused:
        raise SystemExit(1)


def run_safely() -> None:
    """Run `main`; an expected error prints its message, says nothing of Python, and exits 1."""
    try:
        main(prog_name="python -m ingest")
    except (IngestError, EvaluatorError, WarehouseError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
