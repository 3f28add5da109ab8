"""The command line: `python -m ingest runs`."""

import os
import re
import signal
import time
from pathlib import Path

import click
from pydantic import ValidationError

from evaluator import hub
from evaluator.errors import EvaluatorError
from evaluator.records import name_faults
from evaluator.tasks import choose_tasks
from ingest import (
    import_commands,
    leaderboard_results,
    loading,
    reported,
    request_commands,
    runs,
    samples,
    watch,
)
from ingest.errors import IngestError
from ingest.telling import (
    FOLDER,
    command_line,
    mirror_option,
    refused_runs,
    report,
    tell_left_out,
    tell_quarantine,
    tell_refused,
)
from warehouse.errors import WarehouseError
from warehouse.text import printable

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

HUB = "https://huggingface.co/datasets"
RESULTS = f"{HUB}/openlifescienceai/results/tree/main"
"""The public leaderboard's own files."""

EXAMPLES = """
\b
Examples:
  python -m ingest runs
  python -m ingest samples --tasks all --data ./mirror
  python -m ingest predictions ./gpt-4o --model gpt-4o --protocol other-medagents
  python -m ingest lm-eval ./lm-eval-output --dry-run
  python -m ingest inspect ./logs --task medqa_usmle=medqa_4options
  python -m ingest results openlifescienceai/results
  python -m ingest reported
  python -m ingest requests ./requests --dry-run
  python -m ingest watch
"""


@click.group(epilog=EXAMPLES)
def main() -> None:
    """Load questions, runs and published scores into the warehouse."""


for command in (*import_commands.COMMANDS, *request_commands.COMMANDS):
    main.add_command(command)


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


@main.command("reported")
@click.argument("file", type=FILE, default=reported.DEFAULT_FILE)
def load_reported(file: Path) -> None:
    """Load published scores from a CSV FILE, by default the one that comes with the project."""
    reported.read_rows(file)  # nothing is kept of a file that is no such file
    load_scores(reported.keep_file(file))


def load_scores(kept: Path) -> None:
    with loading.open_draft(command_line()) as draft:
        scores = reported.load_reported(draft, kept)
        refused = draft.ask("quarantine").filter(source=f"reported/{kept.name}").height
    report(draft, f"{scores} published scores")
    tell_quarantine(refused)


@main.command("results")
@click.argument("source")
@click.option("--url", help="Where a local copy was published; a data set says it itself.")
@click.option("--dry-run", is_flag=True, help="Show the scores as CSV, and load nothing.")
def load_results(source: str, url: str | None, dry_run: bool) -> None:
    """Load a leaderboard's result files: a folder, or a data set of the Hub as SOURCE."""
    folder = Path(source)
    name = folder.resolve().name
    downloaded = not folder.is_dir()
    if downloaded:
        if not re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", source):
            raise click.UsageError(
                f"{source} is neither a folder nor a data set of the Hub, <organisation>/<name>."
            )
        folder = hub.download_dataset(source, "*/results_*.json")
        name, url = source, f"{HUB}/{source}/tree/{folder.name}"
    table, refused = leaderboard_results.write_reported(folder, url or RESULTS, links=downloaded)
    tell_left_out(refused)
    if dry_run:
        click.echo(printable(table), nl=False)
    else:
        load_scores(reported.keep_text(f"results-{name.replace('/', '--')}.csv", table))


@main.command("rebuild")
@mirror_option
def rebuild(mirror: Path | None) -> None:
    """Make the warehouse anew from run folders, kept questions and published scores."""
    with loading.open_draft(command_line(), mirror=mirror, rebuild=True) as draft:
        loaded = draft.ask("run_keys").height
    report(draft, f"Rebuilt with {loaded} runs")


@main.command("watch")
@click.option(
    "--every",
    default=5.0,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="Seconds between two looks.",
)
@mirror_option
def watch_runs(every: float, mirror: Path | None) -> None:
    """Load run folders as they are finished, until this is stopped."""
    watch.watch(lambda said: click.echo(printable(said)), lambda: time.sleep(every), mirror)


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
