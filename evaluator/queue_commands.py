"""The commands around the queue: submit, check what is submitted, and ask what waits."""

import os
import platform
import signal
from pathlib import Path
from threading import Event

import click


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
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the Hub's layout, <dataset>/<file>, to read the questions from.",
)
def work(*, once: bool, name: str | None, data: Path | None) -> None:
    """Ask the models that wait in the queue, until Ctrl-C or SIGTERM.

    What is being asked then keeps its answers, and whoever works next goes on with it.
    """
    from evaluator.work import Worker  # half a second of imports
    from warehouse.ledger.opening import open_ledger

    worker = Worker(open_ledger(), name or own_name("worker"), stop_on_signals(), data)
    taken = worker.work(once=once)
    click.echo(f"{worker.name} has worked on {taken} submissions.")


COMMANDS = (work,)
