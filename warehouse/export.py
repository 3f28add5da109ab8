"""Writes a published snapshot as a folder that others can use without this program.

leaderboard.duckdb        the snapshot, to ask with SQL
tables/<table>.parquet    each table by itself
every_eval_ever/          each run's scores and answers, for other collections of evaluations
DICTIONARY.md             what each table and column means
README.md                 a dataset card, as the Hub reads it
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from string import Template

import polars as pl

from warehouse import copying, exchange
from warehouse.db import HERE, Warehouse
from warehouse.errors import NotEmpty

CARD = HERE / "card.md"
TABLES = "tables"
EXCHANGE = "every_eval_ever"
MARKS = re.compile(r"[\\`*_{}\[\]<>()#+!|~$-]")


def export(warehouse: Warehouse, folder: Path) -> int:
    """Write the snapshot into `folder`, whole or not at all; returns the number of its runs.

    Raises `NotEmpty` where there is something in it already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotEmpty(f"{folder} is not empty. Name a new folder, or empty it first.")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    shutil.copyfile(copying.native_file(warehouse), unfinished / "leaderboard.duckdb")
    dictionary = warehouse.ask("dictionary")
    (unfinished / TABLES).mkdir()
    tables = warehouse.ask("tables")["table_name"].to_list()
    for table in tables:
        warehouse.write_table(table, unfinished / TABLES / f"{table}.parquet")
    runs = exchange.write_runs(warehouse, unfinished / EXCHANGE)
    text = "\n".join(describe_tables(dictionary)) + "\n"
    (unfinished / "DICTIONARY.md").write_text(text, encoding="utf-8")
    card = fill_card(warehouse, tables, dictionary)
    (unfinished / "README.md").write_text(card, encoding="utf-8")
    if folder.exists():
        folder.rmdir()
    unfinished.rename(folder)
    return runs


def describe_tables(dictionary: pl.DataFrame) -> Iterator[str]:
    """Each table and view with its columns, in Markdown."""
    yield "# Data dictionary"
    for (table, said), columns in dictionary.group_by(
        "table_name", "table_comment", maintain_order=True
    ):
        yield f"\n## {table}\n\n{said}\n\n| Column | Type | Meaning |\n|---|---|---|"
        for name, kind, meaning in columns[["column_name", "data_type", "comment"]].iter_rows():
            yield f"| {name} | {kind} | {in_cell(meaning or '')} |"


def fill_card(warehouse: Warehouse, tables: list[str], dictionary: pl.DataFrame) -> str:
    """The dataset card: what is in the folder, how much, and under which licences."""
    about = dict(dictionary[["table_name", "table_comment"]].unique().iter_rows())
    last = warehouse.ask("snapshots").row(0, named=True)
    tasks = warehouse.ask("tasks").filter("loaded")
    configs = (
        f"- config_name: {table}\n  data_files: {TABLES}/{table}.parquet" for table in tables
    )
    licences = (
        f"| {in_cell(title)} | {in_cell(dataset)} | {in_cell(licence)} |"
        for title, dataset, licence in tasks[["title", "dataset", "licence"]].iter_rows()
    )
    return Template(CARD.read_text(encoding="utf-8")).substitute(
        configs="\n".join(configs),
        snapshot=last["snapshot"],
        published=f"{last['published_at']:%Y-%m-%d}",
        tables="\n".join(f"| `{table}` | {about[table]} |" for table in tables),
        licences="\n".join(licences),
    )


def in_cell(text: str) -> str:
    """A text as a cell of a Markdown table, with nothing in it that Markdown would obey."""
    return MARKS.sub(r"\\\g<0>", " ".join(text.split()))
