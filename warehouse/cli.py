"""The command line: `python -m warehouse show leaderboard`."""

from pathlib import Path

import click

from warehouse import db, drafts, locating, verification
from warehouse.errors import WarehouseError
from warehouse.text import as_csv, as_json, as_table, printable

EXAMPLES = """
\b
Examples:
  python -m warehouse show leaderboard
  python -m warehouse show scores --param task=sample --format csv
  python -m warehouse snapshots --use 41
"""


@click.group(epilog=EXAMPLES)
def main() -> None:
    """Ask the warehouse."""


@main.command("list")
def list_queries() -> None:
    """List the named queries with the question that each answers."""
    for name, question in db.list_queries().items():
        parameters = sorted(db.parameters_of(db.read_query(name)))
        click.echo(f"{name:18} {question}" + (f"  ({', '.join(parameters)})" if parameters else ""))


@main.command(epilog=EXAMPLES)
@click.argument("query")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="A parameter of the query.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
)
def show(query: str, param: tuple[str, ...], form: str) -> None:
    """Run a named QUERY on the snapshot in use and print its rows."""
    parameters = dict(parse_parameter(text) for text in param)
    rows = db.open_warehouse().ask(query, **parameters)
    click.echo(FORMATS[form](rows).rstrip("\n"))


def parse_parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r}: expected name=value, such as task=sample.")
    return name, value


FORMATS = {"table": as_table, "csv": as_csv, "json": as_json}


@main.command("snapshots")
@click.option("--use", type=int, metavar="NUMBER", help="Make an older or newer one current.")
def list_or_use_snapshots(use: int | None) -> None:
    """List the snapshots, oldest first, or put another into use."""
    store = locating.find_store()
    if use is not None:
        with drafts.explained(store):
            store.use(use)
    current = store.current()
    for snapshot in store.all():
        mark = "in use" if snapshot == current else ""
        size = snapshot.size() / 1e6
        click.echo(f"{snapshot.number:6}  {size:8.1f} MB  {mark}".rstrip())


@main.command("verify")
def verify() -> None:
    """Ask every rule of the whole snapshot in use; exits 1 where anything is wrong."""
    faults = 0
    for fault in verification.find_faults():
        faults += 1
        click.echo(printable(fault) + "\n", err=True)
    number = locating.find_store().current().number
    if faults:
        raise SystemExit(1)
    click.echo(f"Snapshot {number} keeps every rule.")


@main.command("copy")
@click.argument("source")
@click.argument("target")
def copy_snapshot(source: str, target: str) -> None:
    """Copy the snapshot in use in SOURCE to TARGET, row by row, and compare.

    Each is a folder of snapshots or ducklake:postgres:…, as LEADERBOARD_WAREHOUSE is.
    """
    from warehouse import copying

    opened = db.Warehouse(locating.find_store(source).current())
    tallies = copying.copy_snapshot(opened, locating.find_store(target))
    for table, tally in tallies.items():
        click.echo(f"{table:24} {tally.rows:14,}  {tally.checksum:020}")
    rows = sum(tally.rows for tally in tallies.values())
    click.echo(f"{rows:,} rows of {len(tallies)} tables are the same in both.")


@main.command("tidy")
def tidy() -> None:
    """Remove what no snapshot needs any more, and join the small files of a lake."""
    store = locating.find_store()
    with drafts.explained(store):
        store.tidy()


@main.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--to-hub",
    metavar="OWNER/NAME",
    help="Also put it there for all to read: a data set of the Hub, which then holds nothing else.",
)
def export_snapshot(folder: Path, to_hub: str | None) -> None:
    """Write the snapshot in use to FOLDER, for others: DuckDB, Parquet, JSON and what it means."""
    from warehouse import export

    opened = db.open_warehouse()
    number = opened.snapshot.number
    runs = export.export(opened, folder)
    click.echo(f"Snapshot {number}, {runs} runs, is in {folder}.")
    if to_hub is not None:
        from warehouse import pushing  # half a second of imports

        click.echo(f"It is on the Hub: {pushing.push(folder, to_hub, f'Snapshot {number}')}")


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def back_up(file: Path) -> None:
    """Write all that people wrote, the ledger, to FILE; others may go on using it."""
    from warehouse.ledger import backup, opening  # a second of imports

    click.echo(f"{backup.back_up(opening.open_ledger(), file)} rows are in {file}.")


@main.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Fill an empty ledger, on either database, from the FILE of a backup."""
    from warehouse.ledger import backup, opening

    click.echo(f"{backup.restore(opening.open_ledger(), file)} rows are in the ledger.")


@main.group("reviews")
def reviews() -> None:
    """Take reviews and disputes elsewhere, or those of elsewhere in."""


@reviews.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--private", is_flag=True, help="With people's addresses, for their own use.")
def export_reviews(file: Path, private: bool) -> None:
    """Write what is finished of reviews and disputes to FILE, with people as pseudonyms."""
    from warehouse.ledger import opening, review_lines

    count = review_lines.export_reviews(opening.open_ledger(), file, private=private)
    click.echo(f"{count} draws, cases and disputes are in {file}.")


@reviews.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", metavar="NAME", help="Whose they are; by default the name of FILE.")
def import_reviews(file: Path, source: str | None) -> None:
    """Take in the reviews and disputes of FILE, of people whom you trust; exits 1 where a line of
    it is refused, and the others are in."""
    from warehouse.ledger import opening, review_import

    done = review_import.import_reviews(opening.open_ledger(), file, source or file.stem)
    for refused in done.refused:
        click.echo(printable(f"{file}, {refused}"), err=True)
    click.echo(f"{done.new} lines are new, {done.known} known, {len(done.refused)} refused.")
    if done.refused:
        raise SystemExit(1)


def run_safely() -> None:
    """Run `main`; an expected error prints its message, says nothing of Python, and exits 1."""
    try:
        main(prog_name="python -m warehouse")
    except (WarehouseError, OSError) as error:
        click.echo(printable(f"Error: {error}"), err=True)
        raise SystemExit(1) from None
