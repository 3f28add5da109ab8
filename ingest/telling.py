"""What the commands of `python -m ingest` share: options, and what they say of what came of it."""

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from evaluator.records import read_run
from evaluator.tables import read_predictions
from ingest.matching import utf8
from warehouse.drafts import Draft
from warehouse.text import printable

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

mirror_option = click.option(
    "--data",
    "mirror",
    type=FOLDER,
    help="A folder with the Hub's layout, <dataset>/<file>, to read the questions from.",
)


def command_line() -> str:
    return utf8(shlex.join(["python", "-m", "ingest", *sys.argv[1:]])) or ""


def report(draft: Draft, loaded: str) -> None:
    """Say what came of it; `draft` is closed by now."""
    state = f"snapshot {draft.number}" if draft.changed else "nothing new"
    click.echo(printable(f"{loaded} ({state})"))


def tell_quarantine(rows: int) -> None:
    if rows:
        click.echo(f"{rows} in quarantine: python -m warehouse show quarantine", err=True)


def refused_runs(draft: Draft, names: set[str]) -> list[tuple[str, str]]:
    """The runs of `names` that were refused whole, with the reason."""
    rows = draft.ask("quarantine").select("source", "file", "reason").rows()
    return [(source, reason) for source, file, reason in rows if source in names and not file]


def tell_refused(refused: list[tuple[str, str]]) -> None:
    for name, reason in refused:
        click.echo(printable(f"Refused {name}: {reason}"), err=True)
    if refused:
        raise SystemExit(1)


def tell_left_out(refused: Iterable[tuple[Path, str]]) -> None:
    """Name the files that an importer could not use; the rest is imported."""
    for path, reason in refused:
        click.echo(printable(f"Not imported: {path}: {reason}"), err=True)


def count_answers(run_folder: Path) -> str:
    """`92 predictions, 3 of them unreadable`."""
    results = read_run(run_folder).results
    tables = [read_predictions(run_folder, result.task) for result in results]
    unreadable = sum(table["prediction"].null_count() for table in tables)
    total = sum(table.height for table in tables)
    return f"{total} predictions" + (f", {unreadable} of them unreadable" if unreadable else "")
