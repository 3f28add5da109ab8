"""What answer sheets say of runs, questions and keys: from rows to arrays, and back to rows.

A sheet is a string: what a run picked in a task, a character a question. What compares many runs
reads their sheets: ten thousand runs answered nine tasks in 70 MB.
"""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from warehouse.errors import LoadFailed
from warehouse.statistics.exams import Exam, Marks, Outcomes, Shares
from warehouse.statistics.items import Letters, analyse_items, count_picks
from warehouse.statistics.ranks import rank_runs

AVERAGE = "average"
"""Stands for a task where the mean of the nine is ranked."""

Ask = Callable[..., pl.DataFrame]
"""Answers a named query with its parameters."""


def describe_questions(ask: Ask, changed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The `sample_stats` of the lanes and tasks of which runs are `changed`."""
    for lane, task in list_tasks(changed):
        keys, sheets = ask("keys", task=task), ask("sheets", lane=lane, task=task)
        if sheets.is_empty():  # of hidden models alone
            continue
        items = analyse_items(
            stack(sheets["picks"], keys.height), read_letters("".join(keys["gold"]))
        )
        yield keys.select(
            "task",
            "sample_id",
            lane=pl.lit(lane),
            runs=items.answered,
            picks=cut_to_choices(items.picks, keys["choices"]),
            unreadable=items.unreadable,
            difficulty=items.difficulty,
            discrimination=pl.Series(items.discrimination).fill_nan(None),
            only_wrong=sheets["run_id"].gather(pl.Series(items.only_wrong).replace(-1, None)),
        ).filter(pl.col("runs") > 0)


def count_field(ask: Ask, changed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What all models picked in the tasks of which runs are `changed`: the `sample_picks`."""
    for task in changed["task"].unique().sort():
        keys, sheets = ask("keys", task=task), ask("field_sheets", task=task)
        if sheets.is_empty():  # of baselines and hidden models alone
            continue
        picks, _, answered = count_picks(stack(sheets["picks"], keys.height))
        yield keys.select(
            "task",
            "sample_id",
            runs=answered,
            picks=cut_to_choices(picks, keys["choices"]),
        ).filter(pl.col("runs") > 0)


def count_votes(ask: Ask, changed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What strong models picked in the tasks of which runs are `changed`: for `suspect_keys`."""
    for task in changed["task"].unique().sort():
        keys, sheets = ask("keys", task=task), ask("strong_sheets", task=task)
        picks, _, answered = count_picks(stack(sheets["picks"], keys.height))
        yield keys.select(
            "task",
            "sample_id",
            picks=cut_to_choices(picks, keys["choices"]),
            answered=answered,
        )


def rank(ask: Ask, changed: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The `rank_intervals` of the lanes and tasks of which runs are `changed`."""
    for lane, task in list_rankings(changed):
        sheets = ask("ranked_sheets", lane=lane, task=task)
        if sheets.is_empty():
            continue
        keys = ask("keys", task=task)
        right = mark(sheets, read_letters("".join(keys["gold"])))
        ranks = rank_runs(right, Exam(number_names(keys["cluster_id"]), number_names(keys["task"])))
        yield sheets.select(
            "run_id",
            lane=pl.lit(lane),
            task=pl.lit(task),
            runs=pl.lit(sheets.height),
            rank=ranks.rank,
            rank_low=ranks.low,
            rank_high=ranks.high,
            tier=ranks.tier,
            best_share=ranks.best_share,
        )


MADE_OF_SHEETS: dict[str, Callable[[Ask, pl.DataFrame], Iterator[pl.DataFrame]]] = {
    "sample_stats": describe_questions,
    "sample_picks": count_field,
    "suspect_keys": count_votes,
    "rank_intervals": rank,
}
"""Tables with what makes their rows, each from those before it."""


def list_tasks(changed: pl.DataFrame) -> list[tuple[str, str]]:
    """The lanes and tasks of which runs are `changed`."""
    return sorted(changed.select("lane", "task").unique().rows())


def list_rankings(changed: pl.DataFrame) -> list[tuple[str, str]]:
    """The lanes and tasks, the average included, that are to be ranked again."""
    return sorted(list_tasks(changed) + [(lane, AVERAGE) for lane in changed["lane"].unique()])


def stack(sheets: pl.Series, questions: int) -> Letters:
    """An array of sheets × questions; raises `LoadFailed` where a sheet is of another length."""
    if (sheets.str.len_bytes() != questions).any():
        raise LoadFailed(
            "Nothing was published: an answer sheet is longer or shorter than its task. "
            "python -m ingest rebuild makes it anew."
        )
    return read_letters("".join(sheets)).reshape(len(sheets), questions)


def mark(sheets: pl.DataFrame, key: Letters) -> Outcomes:
    """What each run has right, runs × questions: its first picks, or where `shares` has one, that.

    `sheets` has picks and shares, as a query has them over several tasks. Raises `LoadFailed` where
    they are of another length than the `key`.
    """
    right: Marks = stack(sheets["picks"], len(key)) == key
    several = sheets.select("shares").with_row_index().drop_nulls()
    if several.is_empty():
        return right
    if (several["shares"].list.len() != len(key)).any():
        raise LoadFailed(
            "Nothing was published: an answer sheet has more or fewer shares than its task "
            "questions. python -m ingest rebuild makes it anew."
        )
    places = several["index"].to_numpy()
    marks: Shares = right.astype(np.float64)
    shares = several["shares"].explode().to_numpy().reshape(-1, len(key))
    marks[places] = np.where(np.isnan(shares), marks[places], shares)
    return marks


def read_letters(text: str) -> Letters:
    return np.frombuffer(text.encode("ascii"), np.uint8)


def cut_to_choices(picks: np.typing.NDArray[np.int64], choices: pl.Series) -> pl.Series:
    """Each question's counts of picks as a list, as long as it has choices."""
    rows = zip(picks.tolist(), choices, strict=True)
    return pl.Series([row[:number] for row, number in rows], dtype=pl.List(pl.Int64))


def number_names(names: pl.Series) -> np.typing.NDArray[np.int64]:
    """The place, from 0, of each of `names` in the alphabet of them all."""
    return names.rank("dense").to_numpy().astype(np.int64) - 1
