"""The findings of a comparison in sentences that a clinician understands; no Streamlit here."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dashboard.comparing import FEWEST_MISTAKES, SURE
from warehouse.sheets import AVERAGE
from warehouse.statistics.agreement import find_chance

DIGITS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def say_difference(rows: pl.DataFrame, one: str, other: str, titles: Mapping[str, str]) -> str:
    """On which tasks `other` is better than `one`, or worse, and on how many nobody can tell.

    `rows` are those of `other` in `DIFFERENCES`. A difference is told once its corrected p-value is
    below 5%.
    """
    if rows.is_empty():
        return f"{other} and {one} have no question in common."
    average = rows.filter(task=AVERAGE)
    said = say_tasks_apart(rows.filter(pl.col("task") != AVERAGE), one, other, titles)
    return f"{said} {say_average(average, one, other)}" if average.height else said


def say_average(average: pl.DataFrame, one: str, other: str) -> str:
    """By how much the average differs, where that is sure."""
    row = average.row(0, named=True)
    if row["corrected"] >= SURE:
        return "On the average of the nine the data cannot tell."
    better = other if row["difference"] > 0 else one
    low, high = sorted(abs(row[end]) * 100 for end in ("low", "high"))
    return (
        f"On the average of the nine {better} is {abs(row['difference']) * 100:.1f} points better "
        f"({low:.1f} to {high:.1f})."
    )


def say_tasks_apart(rows: pl.DataFrame, one: str, other: str, titles: Mapping[str, str]) -> str:
    """On which tasks one of the two is better."""
    better: list[str] = []
    worse: list[str] = []
    open_ones: list[str] = []
    for task, p_value, difference in rows.select("task", "corrected", "difference").iter_rows():
        apart = better if difference > 0 else worse
        (apart if p_value < SURE else open_ones).append(titles[task])
    if len(open_ones) == rows.height:
        return f"On {say_tasks(open_ones)} the data cannot tell {one} and {other} apart."
    first, second, ahead, behind = one, other, worse, better
    if better:
        first, second, ahead, behind = other, one, better, worse
    if len(ahead) == rows.height:
        return f"{first} is better than {second} on {say_tasks(ahead)}."
    said = f"{first} is better than {second} on {join_titles(ahead)}"
    if behind:
        said += f", and worse on {join_titles(behind)}"
    if not open_ones:
        return f"{said}."
    rest = open_ones[0] if len(open_ones) == 1 else f"the other {say_number(len(open_ones))} tasks"
    return f"{said}; on {rest} the data cannot tell."


def say_tasks(titles: Sequence[str]) -> str:
    """All tasks there are, by number where they are several."""
    return titles[0] if len(titles) == 1 else f"all {say_number(len(titles))} tasks"


def join_titles(titles: Sequence[str]) -> str:
    *first, last = titles
    return f"{', '.join(first)} and {last}" if first else last


def say_number(number: int) -> str:
    return DIGITS[number] if number < len(DIGITS) else str(number)


def say_revisions(rows: pl.DataFrame) -> str:
    """What the later of two revisions of a model did to the questions that both answered."""
    tasks = rows.filter(pl.col("task") != AVERAGE)
    fixed, broken, asked = (int(tasks[name].sum()) for name in ("only_other", "only_one", "n"))
    return (
        f"Two revisions of one model: {fixed:,} questions fixed, {broken:,} broken, "
        f"{asked - fixed - broken:,} unchanged."
    )


def are_revisions(runs: pl.DataFrame) -> bool:
    """Whether two runs are of one model at different revisions."""
    return runs["model"].n_unique() == 1 and runs["revision"].n_unique() == runs.height == 2


def say_agreement(alike: pl.DataFrame) -> str:
    """Which two runs share most mistakes, if that is more than chance makes of so many pairs.

    `alike` as `comparing.list_alike` has it: the pair that agrees most first.
    """
    if alike.is_empty():
        return f"No two of these models are wrong together on {FEWEST_MISTAKES} questions."
    top = alike.row(0, named=True)
    pair, wrong = f"{top['model']} and {top['partner']}", f"{top['both_wrong']:,} questions"
    same = f"they make the same choice {top['share']:.0f}% of the time"
    if alike.height == 1:
        return f"Where both {pair} are wrong ({wrong}), {same}."
    usual = float(np.median(alike["share"].to_numpy()))
    if find_chance(top["same"], top["both_wrong"], usual / 100, alike.height) >= SURE:
        return (
            "No two of these models share so many mistakes that it stands out: where two are "
            f"wrong, they usually make the same choice {usual:.0f}% of the time."
        )
    return (
        f"{pair} share most mistakes: where both are wrong ({wrong}), {same}. Usual here is "
        f"{usual:.0f}%."
    )
