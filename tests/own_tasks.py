"""Tasks of one's own as people would write them."""

import json
import re
from pathlib import Path
from typing import Any

import polars as pl

from tests.conftest import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "add-a-benchmark.md").read_text(encoding="utf-8")
TASK = """\
name = "ward"
title = "Ward round"
benchmark = "Hospital"
licence = "CC0"
file = "ward.jsonl"
[columns]
question = "q"
choices = "options"
gold = "key"
"""
ROWS: list[dict[str, Any]] = [
    {"q": "Which nerve?", "options": ["Radial", "Ulnar"], "key": "B"},
    {"q": "Pregnant, with malaria?", "options": list("stuvwxyz12"), "key": "J"},
    {"q": "Which dose?", "options": [5, 7.5, "10 mg", "20 mg", "none"], "key": "A"},
]


def write_task(folder: Path, text: str = TASK, rows: list[dict[str, Any]] | None = None) -> Path:
    """Write a task file with its rows in `folder`, as the end of the name that it says has it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ward.toml"
    path.write_text(text, encoding="utf-8")
    rows = ROWS if rows is None else rows
    found = re.search(r'^file = "(.+)"', text, re.MULTILINE)
    data = folder / (found[1] if found else "ward.jsonl")
    if data.suffix == ".parquet":
        pl.DataFrame(rows).write_parquet(data)
    elif data.suffix == ".csv":
        pl.DataFrame(rows).write_csv(data)
    else:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        data.write_text(lines, encoding="utf-8")
    return path


def write_example(folder: Path) -> Path:
    """The complete example of the guide, as files."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = re.findall(r"^```(?:toml|csv)\n(.+?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    names = ("chest.toml", "chest.csv", "chest_examples.csv")
    for name, block in zip(names, blocks, strict=True):
        (folder / name).write_text(block, encoding="utf-8")
    return folder / names[0]
