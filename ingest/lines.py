"""Reads JSON lines that others wrote: whatever stands in them, a line is an object or a refusal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from ingest.bounded import open_unpacked
from ingest.foreign import Refusal
from ingest.quarantine import CONTENT_LENGTH

LINE_LIMIT = 16 * 2**20
"""Bytes. The longest line of a real log, a five-shot question asked four times, has 0.1 MB."""
Row = dict[str, Any]


def read_objects(path: Path) -> Iterator[tuple[int, Row | Refusal]]:
    """Yield each line of `path` that is not blank, with its number, counted from 1.

    Never holds more than one line. Raises `UnreadableFile` where the file cannot be read on.
    """
    number = 0
    with open_unpacked(path) as file:
        while line := file.readline(LINE_LIMIT):
            number += 1
            if len(line) == LINE_LIMIT and not line.endswith(b"\n"):
                while (rest := file.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
                    pass
                yield number, refuse(number, f"a line over {LINE_LIMIT // 2**20} MB", line)
            elif not line.isspace():
                yield number, parse_object(number, line)


def parse_object(number: int, line: bytes) -> Row | Refusal:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        try:  # Python writes what is no JSON, such as NaN, reads it, and a byte order mark too
            row = json.loads(line)
        except UnicodeDecodeError:
            return refuse(number, "not UTF-8", line)
        except (ValueError, RecursionError):
            return refuse(number, "not a JSON object", line)
    return row if isinstance(row, dict) else refuse(number, "not a JSON object", line)


def refuse(number: int, reason: str, line: bytes) -> Refusal:
    return Refusal(number, reason, line[: 4 * CONTENT_LENGTH].decode(errors="replace").rstrip())


def as_text(row: object) -> str:
    """A row that was read, as its log has it or nearly so."""
    try:
        return json.dumps(row, default=str, ensure_ascii=False)
    except RecursionError:
        return "(nested too deep to be shown)"
