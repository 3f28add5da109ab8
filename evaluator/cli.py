"""The command line: `python -m evaluator run …`."""

import shlex
import sys
from functools import partial
from pathlib import Path

import click

from evaluator import asking, models, records, runs
from evaluator.errors import AlreadyDone, EvaluatorError
from evaluator.protocols import parse_protocol
from evaluator.tasks import TASKS, choose_tasks, load_samples

EXAMPLES = """
\b
Examples:
  python -m evaluator run --model baseline:majority --tasks sample
  python -m evaluator run --model toy:llama --revision 7 --tasks sample
  python -m evaluator run --model Qwen/Qwen3-0.6B --tasks all
  python -m evaluator run --model ./my-model --tasks mmlu_anatomy --data ./mirror
"""


@click.group()
def main() -> None:
    """Ask language models medical questions and keep every answer."""


@main.command(epilog=EXAMPLES)
@click.option(
    "--model",
    required=True,
    help=f"A Hub id, a local folder, or one of {', '.join(models.EMBEDDED)}.",
)
@click.option(
    "--revision", help="A branch, tag or commit of the Hub; for an embedded model a seed."
)
@click.option(
    "--tasks", default="all", show_default=True, help=f"all (the nine), or of: {', '.join(TASKS)}."
)
@click.option("--protocol", default="loglikelihood-0shot", show_default=True)
@click.option(
    "--precision",
    type=click.Choice(models.PRECISIONS),
    default="auto",
    show_default=True,
    help="auto is float32 on a CPU and bfloat16 on a GPU.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the Hub's layout, <dataset>/<file>, to read the questions from.",
)
@click.option("--again", is_flag=True, help="Make a finished run anew; it supersedes the old one.")
def run(
    model: str,
    revision: str | None,
    tasks: str,
    protocol: str,
    precision: str,
    data: Path | None,
    again: bool,
) -> None:
    """Ask a model every question of some tasks and write a run folder.

    Ctrl-C leaves a folder that the same command resumes.
    """
    asked = parse_protocol(protocol)
    if not asked.asks:
        raise click.UsageError(f"{protocol} is for imported answers; ask by loglikelihood-0shot.")
    who = models.describe_model(model, revision)
    questions = {task: load_samples(task, data) for task in choose_tasks(tasks)}
    plan = runs.plan_run(who, models.resolve_precision(who, precision), asked, questions)
    folder = records.runs_folder()
    open_model = partial(asking.open_model, who, plan.precision, folder.parent / "models", model)
    command = shlex.join(["python", "-m", "evaluator", *sys.argv[1:]])
    try:
        made = runs.make_run(plan, questions, open_model, command, again)
    except AlreadyDone as done:
        click.echo(f"Already done: {done}")
        return
    except KeyboardInterrupt:
        click.echo("\nStopped. What is answered is kept: the same command resumes.", err=True)
        raise SystemExit(130) from None
    asked_in_all = sum(result.predictions for result in made.results)
    click.echo(f"{asked_in_all} predictions in {folder / made.run_id}")
    if cut := runs.count_truncated(folder / made.run_id, made):
        click.echo(f"{cut} prompts were longer than the model's window and cut from the left.")
    click.echo("Next: python -m ingest runs")


def printable(text: str) -> str:
    """Spell out control characters: names and texts from elsewhere must not steer a terminal."""
    return "".join(x if x == "\n" or x.isprintable() else f"\\x{ord(x):02x}" for x in text)


def run_safely() -> None:
    """Run `main`; an expected error prints its message, says nothing of Python, and exits 1."""
    try:
        main(prog_name="python -m evaluator")
    except (EvaluatorError, OSError) as error:
        click.echo(printable(f"Error: {error}"), err=True)
        raise SystemExit(1) from None
