"""What a reader takes away: rows as a file, and how to cite them; no Streamlit here."""

import io
from collections.abc import Callable
from datetime import datetime

import polars as pl

Maker = Callable[[], str | bytes]
"""Makes a file when it is asked for."""
CITATION = """\
@misc{{open-medical-llm-leaderboard-{number},
  title = {{Open Medical-LLM Leaderboard}},
  howpublished = {{Snapshot {number}, published {when:%Y-%m-%d}}},
  year = {{{when:%Y}}},
  url = {{{address}}},
}}"""


def as_parquet(rows: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    rows.write_parquet(file)
    return file.getvalue()


def cite(number: int, when: datetime, address: str) -> str:
    """BibTeX of a snapshot's `number`, published `when` (UTC); `address` is percent-encoded."""
    return CITATION.format(number=number, when=when, address=address)
