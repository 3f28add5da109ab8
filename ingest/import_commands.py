"""The commands that load other tools' logs: `python -m ingest predictions`, `… lm-eval`."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click

from evaluator.errors import EvaluatorError
from evaluator.protocols import Protocol, parse_protocol
from evaluator.records import ModelType, Plan, Precision
from evaluator.tables import read_quarantine
from evaluator.tasks import Task, find_task
from ingest import (
    every_eval_ever,
    importing,
    inspect_ai,
    lighteval,
    lm_eval,
    loading,
    predictions,
    runs,
)
from ingest.errors import IngestError, NothingToImport
from ingest.foreign import Found, Wanted
from ingest.telling import (
    FOLDER,
    command_line,
    count_answers,
    mirror_option,
    refused_runs,
    report,
    tell_left_out,
    tell_quarantine,
    tell_refused,
)
from warehouse.text import printable

PATH = click.Path(exists=True, path_type=Path)


@dataclass(frozen=True)
class Import:
    """What every importing command is told besides where the logs are."""

    wanted: Wanted
    mirror: Path | None
    dry_run: bool


def read_pairs(_: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    pairs = dict(pair.partition("=")[::2] for pair in given)
    if not all(name and value for name, value in pairs.items()):
        raise click.BadParameter(f"expected {option.metavar}, found {' '.join(given)}.")
    return pairs


OPTIONS = (
    click.option("--model", help="Who answered: a Hub id or any name."),
    click.option("--revision", help="The commit of its weights."),
    click.option("--precision", type=click.Choice(get_args(Precision)), help="Where it is known."),
    click.option(
        "--type",
        type=click.Choice(get_args(ModelType)),
        help="What kind of model; a Hub id has open weights unless said.",
    ),
    click.option("--protocol", help="other-<source>: how they were asked is another's."),
    click.option("--dry-run", is_flag=True, help="Say what would be loaded, and write nothing."),
    mirror_option,
)
tasks_option = click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="THEIRS=OURS",
    callback=read_pairs,
    help="What a task of the log is here.",
)


def importing_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the options above; it receives them as one `Import`."""

    @functools.wraps(command)
    def collected(mirror: Path | None, dry_run: bool, protocol: str | None, **given: Any) -> None:
        tasks: dict[str, Task] = {
            theirs: find_task(ours) for theirs, ours in given.pop("tasks", {}).items()
        }
        said = {name: given.pop(name) for name in ("model", "revision", "precision", "type")}
        asked: Protocol | None = parse_protocol(protocol) if protocol else None
        if asked and asked.asks:  # only equal prompts lead into a lane of our own runs
            raise click.UsageError(
                f"{protocol} is how this project asks. Name the source: other-<source>."
            )
        command(Import(Wanted(**said, protocol=asked, tasks=tasks), mirror, dry_run), **given)

    for option in reversed(OPTIONS):
        option(collected)
    return collected


def load_found(found: Found, given: Import) -> None:
    """Load what an importer found, or say what it would load; see `load_all`."""
    load_all([found], given)


def load_all(found: Iterable[Found], given: Import) -> None:
    """Load what an importer finds, one after the other, or say what it would load.

    What cannot be imported is told and does not keep the rest from loading; a file goes to the
    quarantine of the next run that is made. The program ends in 1 where a run was refused.
    """
    folders: list[Path] = []
    refused: list[tuple[str, str]] = []
    left_out: list[tuple[Path, str]] = []
    for each in found:
        tell_left_out(each.refused)
        left_out += each.refused
        for run in each.runs:
            try:
                if given.dry_run:
                    click.echo(printable(importing.try_run(run, given.mirror)))
                    continue
                folders.append(importing.import_run(run, command_line(), given.mirror, left_out))
                left_out = []
            except (IngestError, EvaluatorError) as error:
                refused.append((", ".join(log.path.name for log in run.logs), str(error)))
    if folders:
        load_folders(folders, given.mirror, refused)
    elif given.dry_run:
        tell_refused(refused)
    else:
        raise NothingToImport(
            "; ".join(reason for _, reason in refused)
            or "No file could be imported; the reasons are above."
        )


def load_folders(
    folders: Sequence[Path], mirror: Path | None, refused: Sequence[tuple[str, str]]
) -> None:
    """Load run folders that were just made; tells of those that are broken, and of `refused`."""
    with loading.open_draft(command_line(), mirror=mirror) as draft:
        runs.load_runs(draft, folders, mirror)
        broken = refused_runs(draft, {folder.name for folder in folders})
    for folder in folders:
        report(draft, f"{count_answers(folder)} in {folder}")
    tell_refused([*refused, *broken])
    tell_quarantine(sum(read_quarantine(folder).height for folder in folders))


@click.command("predictions")
@click.argument("folder", type=FOLDER)
@importing_options
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    callback=read_pairs,
    help=f"What a column is called in the files. Ours: {', '.join(predictions.COLUMNS)}.",
)
def load_predictions(given: Import, folder: Path, columns: dict[str, str]) -> None:
    """Load a FOLDER of <task>.jsonl, .csv or .parquet with sample_id and prediction or response.

    A .jsonl may be compressed, as .jsonl.gz or .jsonl.zst.
    """
    wanted = given.wanted
    if wanted.model is None or wanted.protocol is None:
        raise click.UsageError("--model and --protocol are needed: the files do not say them.")
    if unknown := sorted(set(columns) - set(predictions.COLUMNS)):
        raise click.UsageError(
            f"--map has no column {', '.join(unknown)}. Ours: {', '.join(predictions.COLUMNS)}."
        )
    plan = Plan(
        model=wanted.describe_model(wanted.model, None),
        precision=wanted.precision,
        protocol=wanted.protocol,
        tasks=(),
    )
    load_found(predictions.read_folder(folder, plan, columns), given)


@click.command("lm-eval")
@click.argument("folder", type=FOLDER)
@importing_options
@tasks_option
@click.option(
    "--filter", "chosen", help="Which reading of the answers; the task's first unless said."
)
def load_lm_eval(given: Import, folder: Path, chosen: str | None) -> None:
    """Load the samples_*.jsonl that lm_eval --log_samples wrote into FOLDER."""
    load_all(lm_eval.read_folders(folder, given.wanted, chosen, given.mirror), given)


@click.command("inspect")
@click.argument("path", type=PATH)
@importing_options
@tasks_option
def load_inspect(given: Import, path: Path) -> None:
    """Load an Inspect AI log, .eval or .json, or a folder of them."""
    load_found(inspect_ai.read_logs(path, given.wanted), given)


@click.command("lighteval")
@click.argument("path", type=PATH)
@importing_options
@tasks_option
def load_lighteval(given: Import, path: Path) -> None:
    """Load a details_*.parquet that lighteval --save-details wrote, or a folder of them."""
    load_found(lighteval.read_details(path, given.wanted), given)


@click.command("every-eval-ever")
@click.argument("path", type=PATH)
@importing_options
@tasks_option
def load_every_eval_ever(given: Import, path: Path) -> None:
    """Load an Every Eval Ever *.jsonl of instances, or a folder of them."""
    load_found(every_eval_ever.read_instances(path, given.wanted), given)


COMMANDS = (load_predictions, load_lm_eval, load_inspect, load_lighteval, load_every_eval_ever)
