"""Reads the files of a task of one's own: within limits, and with the place of every fault."""

import csv
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from evaluator.errors import BadSample, BadTask
from evaluator.own_format import MOST_QUESTIONS, Columns, Fault
from evaluator.rows import Row
from evaluator.samples import LETTERS, Sample

LARGEST_FILE = 2**28
"""Bytes. MedMCQA's 182,822 training questions have 86 MB."""
LARGEST_CELL = 2**20
"""Bytes of one text."""
AT_ONCE = 100
Placed = tuple[str, Row | Fault]
"""`line 3` or `row 3`, counted from 1, and what stands there."""


def find_file(folder: Path, name: str) -> Path:
    """The plain file `name` in `folder`; raises `BadTask` where a link is on the way."""
    path = folder
    for part in Path(name).parts:
        path = path / part
        if path.is_symlink():
            raise BadTask([Fault(str(path), "a link, which could lead anywhere. Copy the file.")])
    if not path.is_file():
        raise BadTask([Fault(str(path), "no such file. Put it there, or mend its name.")])
    if path.stat().st_size > LARGEST_FILE:
        says = f"more than {LARGEST_FILE >> 20} MB. Leave out what is no question."
        raise BadTask([Fault(str(path), says)])
    return path


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Every row of a file that was checked; raises `BadTask` at the first that is none."""
    rows = []
    for place, row in read_places(path, columns):
        if isinstance(row, Fault):
            raise BadTask([Fault(f"{path}, {place}", row.says)])
        rows.append(row)
    return rows


def read_places(path: Path, columns: Sequence[str]) -> Iterator[Placed]:
    """Yield each row with its place; what is missing of the `columns` is None.

    Raises `BadTask` where the file cannot be read on, or lacks a column altogether.
    """
    read = {".parquet": read_parquet, ".csv": read_csv}.get(path.suffix, read_lines)
    try:
        str(path).encode()  # polars takes no other names
        for number, placed in enumerate(read(path, columns)):
            if number == MOST_QUESTIONS:
                says = f"more than {MOST_QUESTIONS:,} questions. Part them into several tasks."
                raise BadTask([Fault(str(path), says)])
            yield placed
    except (OSError, UnicodeError, csv.Error, pl.exceptions.PolarsError) as error:
        says = f"cannot be read as {path.suffix[1:]} in UTF-8: {error}. Write it anew."
        raise BadTask([Fault(str(path), says)]) from error


def read_parquet(path: Path, columns: Sequence[str]) -> Iterator[Placed]:
    rows = pl.scan_parquet(path, glob=False)
    schema = rows.collect_schema()
    need_columns(path, columns, schema.names())
    odd = [f"{name} ({schema[name]})" for name in columns if not is_plain(schema[name])]
    if odd:
        says = f"{', '.join(odd)}: expected text, numbers, or lists of these. Write them as text."
        raise BadTask([Fault(str(path), says)])
    chosen = rows.select(columns)
    height = int(chosen.select(pl.len()).collect().item())
    if height > MOST_QUESTIONS:  # a file of some kilobytes can spell out billions
        says = f"{height:,} rows, expected at most {MOST_QUESTIONS:,}."
        raise BadTask([Fault(str(path), says)])
    texts = [
        (pl.col(name).explode() if isinstance(schema[name], pl.List) else pl.col(name))
        .str.len_bytes()
        .max()
        for name in columns
        if schema[name] in (pl.String, pl.List(pl.String))
    ]
    for text in texts:
        if (chosen.select(text).collect().item() or 0) > LARGEST_CELL:
            raise BadTask([Fault(str(path), f"a text of more than {LARGEST_CELL >> 20} MB.")])
    for start in range(0, height, AT_ONCE):
        part = chosen.slice(start, AT_ONCE).collect()
        for number, row in enumerate(part.iter_rows(named=True), start + 1):
            yield f"row {number}", row


def is_plain(kind: pl.DataType) -> bool:
    inner = kind.inner if isinstance(kind, pl.List) else kind
    return inner in (pl.String, pl.Null) or inner.is_numeric()


def read_csv(path: Path, columns: Sequence[str]) -> Iterator[Placed]:
    csv.field_size_limit(LARGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or ()
        need_columns(path, columns, names)
        if twice := [name for name in columns if list(names).count(name) > 1]:
            says = f"several columns named {', '.join(twice)}. Give each its own name."
            raise BadTask([Fault(str(path), says)])
        for row in reader:
            place = f"line {reader.line_num}"
            if None in row:
                says = "more cells than the header. Put texts with commas in quotation marks."
                yield place, Fault(place, says)
            else:
                yield place, {name: row[name] or None for name in columns}


def read_lines(path: Path, columns: Sequence[str]) -> Iterator[Placed]:
    unseen = set(columns)
    with path.open("rb") as file:
        number = 0
        while line := file.readline(16 * LARGEST_CELL):
            number += 1
            place = f"line {number}"
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except (ValueError, RecursionError) as error:
                yield place, Fault(place, f"not JSON ({str(error)[:200]}). Expected an object.")
                continue
            if isinstance(row, dict):
                unseen -= row.keys()
                yield place, {name: row.get(name) for name in columns}
            else:
                yield place, Fault(place, f"expected a JSON object, found {str(row)[:40]!r}.")
    need_columns(path, [name for name in columns if name in unseen], ())


def need_columns(path: Path, columns: Sequence[str], found: Sequence[str]) -> None:
    if missing := [name for name in columns if name not in found]:
        has = f" It has {', '.join(map(str, found))[:400]}." if found else ""
        says = f"no column {', '.join(missing)}.{has} Mend the names under [columns]."
        raise BadTask([Fault(str(path), says)])


def read_sample(columns: Columns, row: Row, default_id: str) -> Sample:
    """From a row to a sample; raises `BadSample`, which says what is wrong with it."""
    choices = read_choices(columns, row)
    optional = {"context": columns.context, "subject": columns.subject, "topic": columns.topic}
    optional |= {"explanation": columns.explanation, "reference": columns.reference}
    said = {field: as_text(name, row[name]) for field, name in optional.items() if name}
    tags = read_tags(row[columns.safety_tags]) if columns.safety_tags else ()
    sample_id = as_text(columns.id, row[columns.id]) if columns.id else default_id
    if not sample_id or not sample_id.isprintable() or len(sample_id) > 200:
        raise BadSample(f"{columns.id} is {sample_id!r}, expected a name of one line.")
    return Sample(
        sample_id=sample_id,
        question=as_text(columns.question, row[columns.question]) or "",
        choices=choices,
        gold=read_gold(columns, row[columns.gold], choices),
        safety_tags=tags,
        **said,
    )


def read_choices(columns: Columns, row: Row) -> tuple[str, ...]:
    if isinstance(columns.choices, str):
        name, listed = columns.choices, row[columns.choices]
        if isinstance(listed, str):
            try:
                listed = json.loads(listed)
            except (ValueError, RecursionError):
                listed = None
        if not isinstance(listed, list):
            raise BadSample(f"{name} is no list of choices. In CSV it is a JSON array.")
        texts = [as_text(name, value) for value in listed[: len(LETTERS) + 1]]
    else:
        texts = [as_text(name, row[name]) for name in columns.choices]
        while texts and not (texts[-1] or "").strip():
            texts.pop()
    if not 2 <= len(texts) <= len(LETTERS):
        raise BadSample(f"there are {len(texts)} choices, expected 2 to {len(LETTERS)}.")
    if empty := [LETTERS[place] for place, text in enumerate(texts) if not (text or "").strip()]:
        raise BadSample(f"choice {', '.join(empty)} is empty. Fill it, or move the others up.")
    return tuple(text or "" for text in texts)


def read_gold(columns: Columns, said: Any, choices: Sequence[str]) -> str:
    """The letter of the right choice, from what the gold column says."""
    text = (as_text(columns.gold, said) or "").strip()
    letters = LETTERS[: len(choices)]
    if columns.gold_is == "letter":
        known = dict(zip(letters, letters, strict=True))
    elif columns.gold_is == "text":
        stripped = [choice.strip() for choice in choices]
        if stripped.count(text) > 1:
            raise BadSample(f"{columns.gold} is {text[:80]!r}, which several choices are.")
        known = dict(zip(stripped, letters, strict=True))
    else:
        first = int(columns.gold_is[-1])
        known = {str(first + place): letter for place, letter in enumerate(letters)}
    if text not in known:
        expected = ", ".join(choice[:40] for choice in known)
        raise BadSample(
            f"{columns.gold} is {text[:80]!r}, expected one of {expected}, since gold_is is "
            f"{columns.gold_is!r}."
        )
    return known[text]


def read_tags(said: Any) -> tuple[str, ...]:
    words = said.split(";") if isinstance(said, str) else said or ()
    if not isinstance(words, list | tuple):
        raise BadSample(f"safety tags are {str(said)[:80]!r}, expected a list.")
    return tuple(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))


def as_text(name: str | None, value: Any) -> str | None:
    """A text, or a number as it is written; raises `BadSample` for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadSample(f"{name} is {str(value)[:80]!r}, expected text or a number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadSample(f"{name} is {value}, expected text or a number.")
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spreadsheet's 2 is 2.0
    text = str(value)
    if len(text) > LARGEST_CELL or "\0" in text or text != text.encode(errors="ignore").decode():
        raise BadSample(f"{name} has characters that are no text, or more than a million of them.")
    return text
