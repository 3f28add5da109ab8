"""`python -m ingest requests` and `… write-requests`: the queues of other leaderboards.

What imports the ledger is imported where it is needed: it takes half a second.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from ingest import loading, refused_requests
from ingest.telling import command_line, tell_left_out, tell_quarantine
from warehouse.text import printable

DRY = "Say what would be submitted, and write nothing."


@click.command("requests")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help=DRY)
def load_requests(folder: Path, dry_run: bool) -> None:
    """Submit what waits in the requests files of a leaderboard: a FOLDER, or one file.

    What is in the ledger already, has ended there or cannot be run here is told, not submitted.
    """
    from ingest import leaderboard_requests, submitting_requests
    from warehouse.ledger import opening, submissions

    requests, refused = leaderboard_requests.read_requests(folder)
    # what would be can be said without a ledger, and without making one
    ledger = opening.open_ledger() if opening.is_made() or not dry_run else None
    known = submissions.find_all(ledger) if ledger else []
    found = submitting_requests.sort_out(requests, known)
    for request in found.wanted:
        asked = request.asked
        told = f"{asked.model}, {asked.precision}, {asked.protocol}: {request.place}"
        if ledger and not dry_run:
            told = f"Submission {submitting_requests.put_down(ledger, request)}: {told}"
        click.echo(printable(told))
    for request, reason in found.passed:
        click.echo(printable(f"Passed over {request.place}: {reason}."), err=True)
    where = [(f"{file}, {number}" if number else file, reason) for file, number, reason in refused]
    tell_left_out((Path(file), f"{reason}.") for file, reason in where)
    ended = sum(found.ended.values())
    statuses = ", ".join(f"{number} {status}" for status, number in sorted(found.ended.items()))
    click.echo(
        printable(
            f"{len(found.wanted)} {'would be submitted' if dry_run else 'submitted'}, "
            f"{len(found.passed)} passed over, {len(refused)} refused, {ended} not waiting"
            + (f": {statuses}." if ended else ".")
        )
    )
    if not dry_run:
        put_in_quarantine(folder, refused)


def put_in_quarantine(folder: Path, refused: Sequence[refused_requests.Row]) -> None:
    source = refused_requests.name_source(folder)
    if refused_requests.keep(source, refused):
        with loading.open_draft(command_line()) as draft:
            refused_requests.load_kept(draft)
    tell_quarantine(len(refused))


@click.command("write-requests")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def write_requests(folder: Path) -> None:
    """Write each submission into FOLDER as the requests file that a leaderboard reads."""
    from ingest import writing_requests
    from warehouse.ledger import opening, submissions

    found = submissions.find_all(opening.open_ledger()) if opening.is_made() else []
    written, left_out = writing_requests.write_requests(found, folder)
    for one, reason in left_out:
        click.echo(printable(f"Not written: submission {one.number}: {reason}."), err=True)
    click.echo(printable(f"{len(written)} submissions are in {folder}."))


COMMANDS = (load_requests, write_requests)
