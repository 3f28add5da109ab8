"""Reads the requests files of a Hugging Face leaderboard: what it was asked to evaluate.

The layout is that of open-llm-leaderboard/requests and openlifescienceai/requests: one JSON object
a file, `<org>/<name>_eval_request_<private>_<precision>_<weights>.json`, as the leaderboards'
`submit.py` writes it and their `EvalRequest` reads it. The oldest have `8bit_eval` and
`is_delta_weight` in place of precision and weight type; some files hold a list of objects. What a
file's name says stands inside, so names decide nothing, and keys that are not known are ignored.
"""

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ingest.bounded import parse_json
from ingest.errors import NothingToImport, UnreadableFile
from ingest.matching import utf8
from ingest.recognising import text
from ingest.request_fields import (
    WEIGHTS,
    find_fault,
    find_hindrance,
    read_precision,
    read_protocol,
    read_revision,
    read_sender,
    read_tasks,
    read_time,
    read_tuning,
    read_weights,
    said,
)
from warehouse.ledger.submissions import Asked
from warehouse.text import printable

LARGEST = 4 * 2**20
"""Bytes of a file. Real ones have under one kilobyte."""
MOST = 10_000
"""Requests of one file that holds a list."""
LINK = "is a link, which is not followed: put here what it leads to"


class Request(NamedTuple):
    """What one object of a file asks for."""

    place: str
    """The file's path inside the folder, and its number where that holds a list."""
    asked: Asked
    """Its precision is none of ours where that is what keeps it from being run."""
    status: str
    """In capitals: `PENDING`, `FINISHED`, or what else that leaderboard calls it."""
    asked_at: datetime | None
    """When the other leaderboard was asked, where that can be read."""
    hindrance: str | None
    """Why it cannot be run here; None where nothing is known to be in its way."""


class Refused(NamedTuple):
    """What is no request."""

    file: str
    number: int | None
    """Of the object in the list that the file holds, counted from 1."""
    reason: str
    """Quotes a model's name or revision at most: who asked is nobody else's affair."""


Reading = tuple[list[Request], list[Refused]]


def read_requests(path: Path) -> Reading:
    """Return the requests of a file, or of every .json below a folder, and what is none.

    Each file gives at least one of either. Links are refused and not followed, for they could
    bring in any file or lead round in a circle; hidden files and folders are passed over. Raises
    `NothingToImport`.
    """
    requests: list[Request] = []
    refused: list[Refused] = []
    for file, fault in find_files(path):
        inside = str(utf8(file.relative_to(path).as_posix() if file != path else file.name))
        if fault:
            refused.append(Refused(inside, None, fault))
            continue
        for each in read_file(file, inside):
            requests += [each] if isinstance(each, Request) else []
            refused += [each] if isinstance(each, Refused) else []
    if not requests and not refused:
        raise NothingToImport(f"{path} has no file whose name ends in .json.")
    return requests, refused


def find_files(path: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield what may be a requests file, with a reason where it cannot be read as one."""
    if not path.is_dir():
        yield path, judge(path.resolve())
        return
    closed: list[OSError] = []
    for place, folders, files in os.walk(path, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in files if not name.startswith(".")):
            file = Path(place, name)
            if name.endswith(".json") or leads_nowhere(file):
                yield file, judge(file)
        yield from ((file, LINK) for name in folders if is_link(file := Path(place, name)))
    for error in closed:
        yield Path(error.filename), f"the folder cannot be opened: {error.strerror}"


def is_link(file: Path) -> bool:
    try:
        return file.is_symlink()
    except OSError:  # its folder may not be searched, which is told where it is opened
        return False


def leads_nowhere(file: Path) -> bool:
    """Whether it is a link that leads to nothing, or round in a circle."""
    return is_link(file) and not file.exists()


def judge(file: Path) -> str | None:
    """Why a file cannot be read; opening a pipe would wait for ever."""
    try:
        kind = file.lstat().st_mode
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISLNK(kind):
        return LINK
    return None if stat.S_ISREG(kind) else "is no plain file"


def read_file(path: Path, inside: str) -> Iterator[Request | Refused]:
    """Yield what a file asks for: one request, or one for each object of a list."""
    try:
        with path.open("rb") as file:
            document = parse_json(file.read(LARGEST + 1), "the file", LARGEST)
        if isinstance(document, list) and not 0 < len(document) <= MOST:
            raise UnreadableFile(f"holds {len(document):,} requests, expected 1 to {MOST:,}")
    except UnreadableFile as error:
        yield Refused(inside, None, str(error).rstrip("."))
        return
    except OSError as error:
        yield Refused(inside, None, f"cannot be read: {error.strerror}")
        return
    objects = document if isinstance(document, list) else [document]
    for number, each in enumerate(objects, 1):
        among = number if isinstance(document, list) else None
        try:
            yield read_object(each, f"{inside}, {among}" if among else inside)
        except UnreadableFile as error:
            yield Refused(inside, among, str(error))


def read_object(document: object, place: str) -> Request:
    """Return what an object asks for; raises `UnreadableFile` where it is no request."""
    if not isinstance(document, dict):
        raise UnreadableFile(f"holds a {type(document).__name__}, expected a JSON object")
    model, status = said(document, "model"), said(document, "status").upper()
    if fault := find_fault(model):
        raise UnreadableFile(fault)
    if not status:
        raise UnreadableFile("says no status, such as PENDING or FINISHED")
    precision, weights = read_precision(document), read_weights(document)
    base = text(document.get("base_model"))
    asked_at = read_time(document.get("submitted_time") or document.get("created_at"))
    when = f"; asked for there at {asked_at:%Y-%m-%d %H:%M} UTC" if asked_at else ""
    asked = Asked(
        model=model,
        revision=read_revision(document),
        precision=precision,
        protocol=read_protocol(document),
        tasks=read_tasks(document),
        weights=WEIGHTS.get(weights, "original"),
        base=None if weights == "original" or not base or find_fault(base) else base,
        type=read_tuning(document.get("model_type")),
        contact=read_sender(document.get("sender")),
        note=f"From a requests file, {printable(place)[:300]}{when}.",
    )
    hindrance = find_hindrance(document, precision, weights)
    return Request(place, asked, status[:40], asked_at, hindrance)
