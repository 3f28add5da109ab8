"""Keeps what was refused of requests files, so that it is in quarantine after a rebuild too.

What such a file holds besides is not kept: it may name people, and what is in a snapshot is public.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from evaluator.files import write_text
from ingest import quarantine
from warehouse import settings
from warehouse.drafts import Draft

Row = tuple[str, int | None, str]
"""File, number in the list that the file holds, reason."""


def name_source(path: Path) -> str:
    """The folder's name, which is often `requests`, and a few digits of where it is."""
    whole = path.resolve()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", whole.name).strip("-.")[:80]
    return f"{name}-{hashlib.sha256(bytes(whole)).hexdigest()[:8]}"


def keep(source: str, refused: Sequence[Row]) -> bool:
    """Keep what was refused of a source in place of what was; returns whether anything ever was."""
    path = settings.refused_requests_folder() / f"{source}.json"
    if not refused and not path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(refused, indent=0) + "\n")
    return True


def load_kept(draft: Draft) -> None:
    """Put all that is kept into quarantine."""
    for path in sorted(settings.refused_requests_folder().glob("*.json")):
        source = f"requests/{path.stem}"
        rows = [
            {"source": source, "file": file, "line": line, "reason": reason}
            for file, line, reason in json.loads(path.read_text(encoding="utf-8"))
        ]
        quarantine.replace(draft, source, pl.DataFrame(rows, schema=quarantine.ROWS))
