"""The commands around the queue: submit, check what is submitted, and ask what waits."""

import os
import platform
import signal
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, get_args

import click

from evaluator import checking, cluster_options
from evaluator.cluster_options import Cluster
from evaluator.options import (
    base_option,
    choose_protocol,
    data_option,
    protocol_option,
    revision_option,
    weights_option,
)
from evaluator.records import Precision
from evaluator.tasks import choose_tasks
from evaluator.verdicts import read_rules


def stop_on_signals() -> Event:
    """An event that Ctrl-C and SIGTERM set."""
    stop = Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    return stop


def own_name(kind: str) -> str:
    return f"{kind} {platform.node()}:{os.getpid()}"


once_option = click.option("--once", is_flag=True, help="Take at most one submission.")
name_option = click.option("--name", help="In the history; by default of machine and process.")


@click.command()
@once_option
@name_option
@data_option
@click.option(
    "--engine",
    type=click.Choice(("local", cluster_options.ENGINE)),
    default="local",
    show_default=True,
    help="Load models here, or on every GPU here or of a cluster by Ray.",
)
@cluster_options.ray_options
def work(
    *,
    once: bool,
    name: str | None,
    data: Path | None,
    engine: str,  # noqa: ARG001 - the cluster says it
    cluster: Cluster | None,
) -> None:
    """Ask the models that wait in the queue, until Ctrl-C or SIGTERM.

    What is being asked then keeps its answers, and whoever works next goes on with it.
    """
    from evaluator.work import Worker  # half a second of imports
    from warehouse.ledger.opening import open_ledger

    words = tuple(cluster_options.in_words(cluster))
    worker = Worker(open_ledger(), name or own_name("worker"), stop_on_signals(), data, words)
    taken = worker.work(once=once)
    click.echo(f"{worker.name} has worked on {taken} submissions.")


@click.command("check-queue")
@once_option
@name_option
def check_queue(*, once: bool, name: str | None) -> None:
    """Check what is submitted, until Ctrl-C or SIGTERM, by the rules of settings.toml."""
    from evaluator.checker import Checker
    from warehouse.ledger.opening import open_ledger

    check = partial(checking.check_model, rules=read_rules())
    checker = Checker(open_ledger(), name or own_name("checker"), stop_on_signals(), check)
    click.echo(f"{checker.name} has checked {checker.work(once=once)} submissions.")


@click.command()
@click.argument("model")
@revision_option
@click.option("--precision", type=click.Choice(get_args(Precision)), default="bfloat16")
@protocol_option
@weights_option
@base_option
@click.option("--tasks", default="nine", show_default=True, help="nine, or names of tasks.")
@click.option("--note", help="For the maintainers.")
def submit(protocol: str, tasks: str, **asked: Any) -> None:
    """Put a MODEL before the checker, who puts it into the queue or says what to change."""
    from warehouse.ledger import opening, people, submissions

    slug = choose_protocol(protocol, None).slug
    choose_tasks(tasks)  # which says so if there is no such task
    wanted = submissions.Asked(protocol=slug, tasks=tasks, **asked)
    number = submissions.submit(opening.open_ledger(), wanted, people.LOCAL)
    click.echo(f"Submission {number}: {wanted.model} is submitted.")


COMMANDS = (submit, check_queue, work)
