"""What a reader takes away."""

import io
from datetime import datetime

import polars as pl

from dashboard.downloads import as_parquet, cite


def test_a_parquet_file_has_the_rows() -> None:
    rows = pl.DataFrame({"model": ["=1+1", None], "tasks": [["a"], []], "score": [0.5, None]})
    assert pl.read_parquet(io.BytesIO(as_parquet(rows))).equals(rows)


def test_a_citation_names_the_snapshot_its_day_and_the_view() -> None:
    address = "http://localhost:8501?find=%7Bllama%7D"
    assert cite(12, datetime(2026, 11, 23, 1, 2), address) == (
        "@misc{open-medical-llm-leaderboard-12,\n"
        "  title = {Open Medical-LLM Leaderboard},\n"
        "  howpublished = {Snapshot 12, published 2026-11-23},\n"
        "  year = {2026},\n"
        "  url = {http://localhost:8501?find=%7Bllama%7D},\n"
        "}"
    )
