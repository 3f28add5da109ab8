"""Rows as text that neither a terminal nor a spreadsheet can be steered by."""

import csv
import io
import json
import re

import polars as pl

FORMULA = re.compile(r"\s*[=+\-@]")


def printable(text: str) -> str:
    """Spell out control characters other than a line's end: a terminal would obey them."""
    return "".join(
        letter if letter == "\n" or letter.isprintable() else f"\\x{ord(letter):02x}"
        for letter in text
    )


def as_table(rows: pl.DataFrame) -> str:
    """A table for a terminal, every row and column; a line break inside a cell is spelt out."""
    texts = pl.selectors.string()
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=-1,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_formatting="NOTHING",
        fmt_str_lengths=60,
        float_precision=4,
    ):
        return printable(str(rows.with_columns(texts.str.replace_all("\n", "\\n", literal=True))))


def as_csv(rows: pl.DataFrame) -> str:
    """A CSV file; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in rows.columns])
    writer.writerows([csv_cell(value) for value in row] for row in rows.rows())
    return lines.getvalue()


def csv_cell(value: object) -> object:
    if isinstance(value, list | dict):
        return printable(json.dumps(value, default=str, ensure_ascii=False))
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if FORMULA.match(text) else text
    return value


def as_json(rows: pl.DataFrame) -> str:
    """A list of objects; JSON spells control characters out by itself."""
    return json.dumps(rows.to_dicts(), indent=2, default=str)
