"""The commands about tasks: `python -m evaluator tasks`, `… tasks check`, `… tasks add`."""

from collections.abc import Sequence
from pathlib import Path

import click

from evaluator import listing, own_tasks
from evaluator.samples import Sample
from evaluator.tasks import TITLES, Task, add_task, choose_tasks
from evaluator.text import printable

FILE = click.Path(path_type=Path)
ENGLISH_RULES = (
    "The rules that find safety contexts are English: they will find few of them in {language}. "
    "Give your own in a column, and name it as safety_tags."
)


@click.group(invoke_without_command=True)
@click.pass_context
def tasks(context: click.Context) -> None:
    """List the tasks, or check and add one of your own."""
    if context.invoked_subcommand is None:
        click.echo(printable(listing.show_tasks()))


@tasks.command("list")
def list_tasks() -> None:
    """List the tasks."""
    click.echo(printable(listing.show_tasks()))


@tasks.command("check")
@click.argument("file", type=FILE)
def check_task(file: Path) -> None:
    """Say all that is wrong with a task FILE and its data, and change nothing."""
    checked = own_tasks.check(file, TITLES)
    described = checked.description
    click.echo(printable(f"{file} is right: {describe(described.title, checked.samples)}."))
    tell_language(described.language)
    click.echo(printable(f"Next: python -m evaluator tasks add {file}"))


@tasks.command("add")
@click.argument("file", type=FILE)
def add(file: Path) -> None:
    """Put a task FILE and its data into the data folder."""
    task = add_task(file)
    click.echo(printable(tell_added(task)))
    tell_language(task.language)
    click.echo(f"Next: python -m evaluator run --model baseline:majority --tasks {task.name}")


def tell_added(task: Task) -> str:
    return f"Added {task.name} @ {task.revision}: {task.size:,} questions."


def tell_language(language: str) -> None:
    if language.partition("-")[0] != "en":
        click.echo(printable(ENGLISH_RULES.format(language=language)))


def describe(title: str, samples: Sequence[Sample]) -> str:
    """`Ward round, 3 questions with 2 to 5 choices`"""
    counts = sorted({len(sample.choices) for sample in samples})
    choices = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    questions = "1 question" if len(samples) == 1 else f"{len(samples):,} questions"
    return f"{title}, {questions} with {choices} choices"


def add_and_choose(names: str) -> list[Task]:
    """The tasks of names parted by commas; a name that ends in .toml is a task file to be added.

    Only for what is typed at this computer: a submission must not name files.
    """
    chosen = []
    for name in names.split(","):
        if name.strip().endswith(".toml"):
            task = add_task(Path(name.strip()))
            click.echo(printable(tell_added(task)), err=True)
            chosen.append(task.name)
        else:
            chosen.append(name)
    return choose_tasks(",".join(chosen))
