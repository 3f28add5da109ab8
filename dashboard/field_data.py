"""What the charts ask of a lane, each answer cached with its snapshot."""

import polars as pl

from dashboard import data


def subject_scores(lane: str, board: str) -> pl.DataFrame:
    """A row per run of a lane and kind of a board's questions."""
    return data.ask("subject_scores", lane=lane, board=board)


def difficulties(lane: str, task: str) -> pl.DataFrame:
    """A row per twentieth of difficulty of a task's questions."""
    return data.ask("difficulties", lane=lane, task=task)


def letters(lane: str, task: str) -> pl.DataFrame:
    """A row per letter: how often it is picked, and how often it is the key."""
    return data.ask("letters", lane=lane, task=task)


def marked_questions(lane: str, task: str, mark: str, skip: int) -> pl.DataFrame:
    """One page of the questions that are answered strangely; `total` counts them all."""
    return data.ask(
        "marked_questions", lane=lane, task=task, mark=mark, skip=skip, page_size=data.PAGE_SIZE
    )
