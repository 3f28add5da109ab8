"""The command line: `python -m evaluator run …`."""

import os
import shlex
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import ValidationError

from evaluator import (
    asking,
    bases,
    checking,
    cluster_options,
    endpoint_options,
    files,
    hub,
    listing,
    models,
    queue_commands,
    records,
    rerun_command,
    runs,
    summary,
    task_commands,
)
from evaluator.errors import AlreadyDone, EvaluatorError, NotChecked, OutOfMemory
from evaluator.options import (
    base_option,
    base_revision_option,
    choose_protocol,
    data_option,
    model_option,
    protocol_option,
    revision_option,
    stop_option,
    system_option,
    weights_option,
)
from evaluator.questions import load_paper
from evaluator.tasks import TASKS, find_task
from evaluator.text import printable
from evaluator.verdicts import Asked, Rules, Tuning
from warehouse.errors import WarehouseError

EXAMPLES = """
\b
Examples:
  python -m evaluator run --model baseline:majority --tasks sample
  python -m evaluator run --model toy:llama --revision 7 --tasks sample
  python -m evaluator run --model Qwen/Qwen3-0.6B --tasks all
  python -m evaluator run --model ./my-model --tasks mmlu_anatomy --data ./mirror
  python -m evaluator run --engine endpoint --base-url http://localhost:8000/v1 --model my-model
"""


@click.group()
def main() -> None:
    """Ask language models medical questions and keep every answer."""


@main.command(epilog=EXAMPLES)
@model_option
@revision_option
@weights_option
@base_option
@base_revision_option
@click.option(
    "--tasks",
    default="all",
    show_default=True,
    help=f"all (the nine), or of: {', '.join(TASKS)}; or a task file of your own.",
)
@protocol_option
@system_option
@stop_option
@click.option(
    "--precision",
    type=click.Choice(models.PRECISIONS),
    default="auto",
    show_default=True,
    help="auto is float32 on a CPU and bfloat16 on a GPU.",
)
@click.option(
    "--engine",
    type=click.Choice(("local", "ray", "endpoint")),
    default="local",
    show_default=True,
    help="Load the model here, or on every GPU here or of a cluster by Ray, or ask a server.",
)
@cluster_options.ray_options
@endpoint_options.server_options
@endpoint_options.type_option
@data_option
@click.option("--again", is_flag=True, help="Make a finished run anew; it supersedes the old one.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Stop after so long; resumable.")
def run(
    model: str,
    revision: str | None,
    weights: records.Weights,
    base: str | None,
    base_revision: str | None,
    tasks: str,
    protocol: str,
    system_prompt: str | None,
    stop: tuple[str, ...],
    precision: str,
    engine: str,
    cluster: cluster_options.Cluster | None,
    server: endpoint_options.Server | None,
    kind: str,
    data: Path | None,
    again: bool,
    minutes: float | None,
) -> None:
    """Ask a model every question of some tasks and write a run folder.

    Ctrl-C leaves a folder that the same command resumes.
    """
    deadline = None if minutes is None else time.monotonic() + minutes * 60
    asked = choose_protocol(protocol, system_prompt, stop)
    endpoint_options.check_engine(engine, server, weights, base or base_revision, precision)
    opener: runs.Opener
    papers = [load_paper(task, asked, data) for task in task_commands.add_and_choose(tasks)]
    folder = records.runs_folder()
    if server:
        who = endpoint_options.describe(model, revision, kind)
        plan = endpoint_options.plan_run(who, asked, papers, again=again)
        opener = partial(endpoint_options.open_server, plan.model, server, asked, deadline)
    else:
        who = bases.describe(bases.Named(model, revision, weights, base, base_revision))
        plan = runs.plan_run(who, models.resolve_precision(who, precision), asked, papers)
        opener = partial(
            cluster_options.choose_opener(cluster, deadline),
            *(who, plan.precision, folder.parent / "models", model, asked, base),
        )
    command = shlex.join(["python", "-m", "evaluator", *sys.argv[1:]])
    try:
        made = runs.make_run(
            plan,
            papers,
            opener,
            command=server.hide(command) if server else command,
            source=None if server else asking.find_folder(model),
            again=again,
            deadline=deadline,
        )
    except AlreadyDone as done:
        click.echo(f"Already done: {done}")
        return
    except KeyboardInterrupt:
        click.echo("\nStopped. What is answered is kept: the same command resumes.", err=True)
        raise SystemExit(130) from None
    click.echo(summary.summarize(papers, folder / made.run_id))


@main.command()
@click.option("--task", required=True, help=f"One of {', '.join(TASKS)}, or of your own.")
@click.option("--n", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--model", help="Also show this model's tokens; its weights are not loaded.")
@revision_option
@protocol_option
@system_option
@stop_option
@data_option
def preview(
    task: str,
    n: int,
    model: str | None,
    revision: str | None,
    protocol: str,
    system_prompt: str | None,
    stop: tuple[str, ...],
    data: Path | None,
) -> None:
    """Print the exact prompts of a task's first questions, and a model's tokens of them."""
    asked = choose_protocol(protocol, system_prompt, stop)
    paper = load_paper(find_task(task), asked, data)
    tokenizer = None
    if model is not None:
        who = models.describe_model(model, revision)
        if who.type == "baseline":
            raise click.UsageError(f"{model} reads no prompt.")
        folder = records.runs_folder().parent / "models"
        tokenizer = asking.find_weights(who, folder, model, weights=False)
    click.echo(printable(listing.preview(paper, asked, n, tokenizer)))


@main.command()
@click.argument("model")
@revision_option
@click.option(
    "--precision",
    type=click.Choice(get_args(records.Precision)),
    default="bfloat16",
    show_default=True,
)
@protocol_option
@weights_option
@base_option
@click.option("--type", type=click.Choice(get_args(Tuning)), default="unknown", show_default=True)
@click.option(
    "--most-gigabytes",
    type=click.FloatRange(min=0, min_open=True),
    default=Rules.model_fields["most_gigabytes"].default,
    show_default=True,
    help="That the weights may take in the precision.",
)
def check(protocol: str, most_gigabytes: float, **asked: Any) -> None:
    """Say all that speaks against evaluating a model, without reading its weights.

    MODEL is named as for run. Exits 1 if there is a problem, and 75 if that did not become known.
    """
    try:
        wanted = Asked(protocol=choose_protocol(protocol, None), **asked)
        checked = checking.check_model(wanted, Rules(most_gigabytes=most_gigabytes, local=True))
    except ValidationError as error:
        raise click.UsageError(records.name_faults(error)) from None
    except NotChecked as error:
        click.echo(printable(f"Error ({error.code}): {error}"), err=True)
        raise SystemExit(os.EX_TEMPFAIL) from None
    click.echo(printable(listing.show_checked(checked)))
    if checked.problems:
        raise SystemExit(1)


for command in (rerun_command.rerun, task_commands.tasks, *queue_commands.COMMANDS):
    main.add_command(command)


def run_safely() -> None:
    """Run `main`; an expected error prints its message, says nothing of Python, and exits 1."""
    try:
        main(prog_name="python -m evaluator")
    except (EvaluatorError, WarehouseError, OSError, MemoryError) as error:
        if isinstance(error, MemoryError):
            error = OutOfMemory("The memory of this machine does not suffice. Take a larger one.")
        if isinstance(error, OSError) and error.errno in files.FULL:
            error = hub.disk_full("the answers", error)
        code = f" ({error.code})" if isinstance(error, EvaluatorError) else ""
        click.echo(printable(f"Error{code}: {error}"), err=True)
        raise SystemExit(1) from None
