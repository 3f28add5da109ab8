"""Reads the lines of a file that `review_lines` wrote, or that someone made to break something."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warehouse.ledger.errors import BadSubmission
from warehouse.ledger.judgements import explain
from warehouse.ledger.review_lines import HEAD, LINES, VERSION
from warehouse.ledger.submissions import Record

LONGEST_LINE = 64 * 2**20  # bytes; a draw from 100,000 wrong answers has about 6 million
NOT_JSON = (ValueError, RecursionError)


def read_file(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines below the first, with their numbers; of one that is too long only its beginning.

    Raises `BadSubmission` where it is no such file.
    """
    with path.open("rb") as file:
        try:
            version = json.loads(file.readline(LONGEST_LINE))[HEAD]
        except (*NOT_JSON, TypeError, LookupError) as error:
            raise BadSubmission(f"{path} is no file that `reviews export` wrote.") from error
        if version != VERSION:
            raise BadSubmission(
                f"{path} has the form {str(version)[:100]!r}, and this program reads {VERSION}. "
                "Export it with the program that reads it."
            )
        number = 1
        while line := file.readline(LONGEST_LINE + 2):  # with its end
            number += 1
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(LONGEST_LINE)
            if line.strip():
                yield number, line.removesuffix(b"\n")


def read_line(text: bytes) -> Record:
    """Raises `BadSubmission`."""
    if len(text) > LONGEST_LINE:
        raise BadSubmission(f"it has more than {LONGEST_LINE:,} bytes")
    try:
        line = json.loads(text, object_pairs_hook=read_object)
    except NOT_JSON as error:
        raise BadSubmission(f"it is no JSON: {error}") from error
    if not (isinstance(line, dict) and len(line) == 1 and next(iter(line)) in LINES):
        raise BadSubmission(f"it is none of {', '.join(LINES)}")
    ((kind, row),) = line.items()
    try:
        return LINES[kind].model_validate(row)
    except ValidationError as error:
        raise BadSubmission(explain(error)) from error


def read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises `BadSubmission` for a name that stands twice: another reader would take the other."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadSubmission(f"{name} stands twice in it")
        found[name] = value
    return found
