"""The command line: `python -m evaluator run …`."""

import errno
import shlex
import sys
import time
from functools import partial
from pathlib import Path

import click

from evaluator import asking, hub, listing, models, queue_commands, records, reruns, runs, summary
from evaluator.errors import AlreadyDone, EvaluatorError
from evaluator.protocols import Paper, Protocol, parse_protocol
from evaluator.questions import load_samples, load_shots
from evaluator.tasks import TASKS, choose_tasks, find_task

EXAMPLES = """
\b
Examples:
  python -m evaluator run --model baseline:majority --tasks sample
  python -m evaluator run --model toy:llama --revision 7 --tasks sample
  python -m evaluator run --model Qwen/Qwen3-0.6B --tasks all
  python -m evaluator run --model ./my-model --tasks mmlu_anatomy --data ./mirror
"""
ZERO_SHOT = "loglikelihood-0shot"

model_option = click.option(
    "--model",
    required=True,
    help=f"A Hub id, a local folder, or one of {', '.join(models.EMBEDDED)}.",
)
revision_option = click.option(
    "--revision", help="A branch, tag or commit of the Hub; for an embedded model a seed."
)
protocol_option = click.option(
    "--protocol",
    default=ZERO_SHOT,
    show_default=True,
    help="loglikelihood-<k>shot, with -chat behind it through the model's chat template.",
)
system_option = click.option(
    "--system-prompt", help="Said before all else; its hash joins the lane."
)
data_option = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the Hub's layout, <dataset>/<file>, to read the questions from.",
)


@click.group()
def main() -> None:
    """Ask language models medical questions and keep every answer."""


@main.command(epilog=EXAMPLES)
@model_option
@revision_option
@click.option(
    "--tasks", default="all", show_default=True, help=f"all (the nine), or of: {', '.join(TASKS)}."
)
@protocol_option
@system_option
@click.option(
    "--precision",
    type=click.Choice(models.PRECISIONS),
    default="auto",
    show_default=True,
    help="auto is float32 on a CPU and bfloat16 on a GPU.",
)
@data_option
@click.option("--again", is_flag=True, help="Make a finished run anew; it supersedes the old one.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Stop after so long; resumable.")
def run(
    model: str,
    revision: str | None,
    tasks: str,
    protocol: str,
    system_prompt: str | None,
    precision: str,
    data: Path | None,
    again: bool,
    minutes: float | None,
) -> None:
    """Ask a model every question of some tasks and write a run folder.

    Ctrl-C leaves a folder that the same command resumes.
    """
    deadline = None if minutes is None else time.monotonic() + minutes * 60
    asked = choose_protocol(protocol, system_prompt)
    who = models.describe_model(model, revision)
    papers = [load_paper(task.name, asked, data) for task in choose_tasks(tasks)]
    plan = runs.plan_run(who, models.resolve_precision(who, precision), asked, papers)
    folder = records.runs_folder()
    try:
        made = runs.make_run(
            plan,
            papers,
            partial(asking.open_model, who, plan.precision, folder.parent / "models", model, asked),
            command=shlex.join(["python", "-m", "evaluator", *sys.argv[1:]]),
            source=str(Path(model).resolve()) if Path(model).is_dir() else None,
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
@click.argument("run_id")
@data_option
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the model's folder is now, if it has moved.",
)
def rerun(run_id: str, data: Path | None, model: Path | None) -> None:
    """Do a finished run again from its own record, and report each answer that came out otherwise.

    Nothing is written. Exits 1 if a prediction flipped.
    """
    folder = records.runs_folder() / Path(run_id).name
    made = records.read_run(folder)
    papers = reruns.read_papers(made, data)
    who = made.plan.model
    source = models.find_again(who, model or made.source)
    models_folder = records.runs_folder().parent / "models"
    opened = asking.open_model(who, made.plan.precision, models_folder, source, made.plan.protocol)
    comparisons = reruns.rerun(folder, papers, opened)
    click.echo(listing.show_comparisons(comparisons))
    if any(comparison.flips.height for comparison in comparisons):
        raise SystemExit(1)


@main.command()
def tasks() -> None:
    """List the tasks."""
    click.echo(listing.show_tasks())


@main.command()
@click.option("--task", required=True, help=f"One of {', '.join(TASKS)}.")
@click.option("--n", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--model", help="Also show this model's tokens; its weights are not loaded.")
@revision_option
@protocol_option
@system_option
@data_option
def preview(
    task: str,
    n: int,
    model: str | None,
    revision: str | None,
    protocol: str,
    system_prompt: str | None,
    data: Path | None,
) -> None:
    """Print the exact prompts of a task's first questions, and a model's tokens of them."""
    asked = choose_protocol(protocol, system_prompt)
    paper = load_paper(find_task(task).name, asked, data)
    tokenizer = None
    if model is not None:
        who = models.describe_model(model, revision)
        if who.type == "baseline":
            raise click.UsageError(f"{model} reads no prompt.")
        folder = records.runs_folder().parent / "models"
        tokenizer = asking.find_weights(who, folder, model, weights=False)
    click.echo(printable(listing.preview(paper, asked, n, tokenizer)))


for command in queue_commands.COMMANDS:
    main.add_command(command)


def choose_protocol(slug: str, system_prompt: str | None) -> Protocol:
    protocol = parse_protocol(slug, system_prompt)
    if not protocol.asks:
        raise click.UsageError(f"{slug} is for imported answers; ask by {ZERO_SHOT}.")
    return protocol


def load_paper(task: str, protocol: Protocol, data: Path | None) -> Paper:
    found = find_task(task)
    return Paper(found, load_samples(found, data), load_shots(found, protocol.shots or 0, data))


def printable(text: str) -> str:
    """Spell out control characters: names and texts from elsewhere must not steer a terminal."""
    return "".join(x if x == "\n" or x.isprintable() else f"\\x{ord(x):02x}" for x in text)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run_safely() -> None:
    """Run `main`; an expected error prints its message, says nothing of Python, and exits 1."""
    try:
        main(prog_name="python -m evaluator")
    except (EvaluatorError, OSError) as error:
        if isinstance(error, OSError) and error.errno in FULL:
            error = hub.disk_full("the answers", error)
        code = f" ({error.code})" if isinstance(error, EvaluatorError) else ""
        click.echo(printable(f"Error{code}: {error}"), err=True)
        raise SystemExit(1) from None
