"""The command `python -m evaluator rerun`."""

from pathlib import Path

import click

from evaluator import asking, bases, listing, models, records, reruns
from evaluator.asking import OpenModel
from evaluator.endpoint_options import Server, open_server, server_options
from evaluator.options import data_option, folder_type
from evaluator.records import Run


@click.command()
@click.argument("run_id")
@data_option
@click.option("--model", type=folder_type, help="Where the model's folder is now, if it has moved.")
@click.option(
    "--base", type=folder_type, help="The same of what an adapter or a delta is added to."
)
@server_options
def rerun(
    run_id: str,
    data: Path | None,
    model: Path | None,
    base: Path | None,
    server: Server | None,
) -> None:
    """Do a finished run again from its own record, and report each answer that came out otherwise.

    Nothing is written. Exits 1 if a prediction flipped. A server's model is asked where --base-url
    says; nobody warrants that it is the same model still.
    """
    folder = records.runs_folder() / Path(run_id).name
    made = records.read_run(folder)
    papers = reruns.read_papers(made, data)
    opened = open_again(made, model, base, server)
    comparisons = reruns.rerun(folder, papers, made.plan.protocol, opened)
    click.echo(listing.show_comparisons(comparisons))
    if any(comparison.flips.height for comparison in comparisons):
        raise SystemExit(1)


def open_again(
    made: Run, model: Path | None, base: Path | None, server: Server | None
) -> OpenModel:
    """Open the model of a finished run."""
    who = made.plan.model
    host = made.hardware.get("server")
    if (host is None) != (server is None):
        raise click.UsageError(
            f"{made.run_id} was asked at {host}: --base-url says where the model is now."
            if host
            else f"{made.run_id} was not asked at a server: leave --base-url out."
        )
    if server:
        return open_server(who, server, made.plan.protocol)
    return asking.open_model(
        who,
        made.plan.precision,
        records.runs_folder().parent / "models",
        models.find_again(who, model or made.source),
        made.plan.protocol,
        bases.find_again(who, base or made.base_source),
    )
