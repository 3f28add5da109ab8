"""What the page Safety asks of a lane, each answer cached with its snapshot."""

import polars as pl

from dashboard import data

ALL = "all"
"""The context that every question is of."""


def board(lane: str, board: str) -> pl.DataFrame:
    """A row per current run of a lane and safety context, of one board's questions."""
    return data.ask("safety_board", lane=lane, board=board)
