"""How an answer was given: several times, in words, after a rationale; no Streamlit here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

import polars as pl

from dashboard import cases, repeat_names, subjects

Row = Mapping[str, Any]
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LINE = (
    *("task", "always_right", "agreement", "rationale_changes", "reasons_otherwise"),
    *("written_tokens", "cut_off", "thought", "seconds", "cost", "questions", "repeats"),
)
"""The columns of `task_rows`: first what a phone shows."""
OTHERS = "other-"
"""How lanes begin of whose prompts nothing is known."""


def count_in_words(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def say_times(number: int) -> str:
    """`once`, `twice` or `three times`."""
    return {1: "once", 2: "twice"}.get(number, f"{count_in_words(number)} times")


def say_repeats(repeats: pl.DataFrame, lane: str) -> str:
    """How often one question's repeats picked the key, and what they picked where they differ."""
    asked, right = repeats.height, int(repeats["correct"].sum())
    how = f"Asked {say_times(asked)}"
    if repeat_names.is_rotated(lane):
        how = "With each choice in each place in turn"
    elif not lane.startswith(OTHERS):
        how = f"{how} with the same words"
    often = "each time" if right == asked else say_times(right)
    found = f"it picked the key {often}" if right else "it never picked the key"
    counts = Counter(letter or "unreadable" for letter in repeats["prediction"])
    if len(counts) == 1:
        return f"{how}, {found}."
    picks = (f"{letter} {say_times(n)}" for letter, n in sorted(counts.items()))
    return f"{how}, {found}. Its picks: {', '.join(picks)}."


def repeat_rows(repeats: pl.DataFrame, lane: str, choices: int) -> pl.DataFrame:
    """A line per repeat: the order of the choices that was shown, or the number of the draw.

    Letters are those of the source's order. Probabilities are in per cent.
    """
    orders = [repeat_names.label(repeat, lane, choices) for repeat in repeats["repeat"]]
    return repeats.select(
        pl.Series(repeat_names.kind(lane), orders, dtype=pl.String),
        pl.col("prediction").fill_null("none").alias("pick"),
        pl.when("correct").then(pl.lit("right")).otherwise(pl.lit("wrong")).alias("result"),
        pl.col("confidence") * 100,
        "written_tokens",
        pl.when(pl.col("finish") == "limit").then(pl.lit("cut off")).alias("ended"),
    )


def label_repeats(rows: pl.DataFrame) -> list[str]:
    """`Draw 2: C, wrong` for each of `repeat_rows`."""
    kind = rows.columns[0]
    return [
        f"{kind.capitalize()} {row[kind]}: {row['pick']}, {row['result']}"
        for row in rows.iter_rows(named=True)
    ]


def say_all(repeats: pl.DataFrame, read: Row, choices: int) -> list[str]:
    """How the answer `read` was given, in sentences, as far as there is something to say."""
    said = [say_repeats(repeats, read["lane"])] if repeats.height > 1 else []
    own = repeats.filter(repeat=read["repeat"]).to_dicts()
    if own and own[0]["after"]:
        said += say_reasoning(own[0], name_repeat(repeats, read, choices))
    return [*said, *filter(None, [say_effort(repeats)])]


def name_repeat(repeats: pl.DataFrame, read: Row, choices: int) -> str:
    """`draw 2` or `order B C D A` of the answer `read`; empty where the run has no other."""
    return repeat_names.name(read["repeat"], read["lane"], choices) if repeats.height > 1 else ""


def say_reasoning(pick: Row, which: str = "") -> list[str]:
    """What the rationale did to the letter, and whether the answer is that letter.

    `which` names the one of several answers that it is said of.
    """
    before, after, answer = pick["pick_before"], pick["pick_after"], pick["prediction"]
    reasoning = f"In {which}, the reasoning" if which else "The reasoning"
    said = [f"{reasoning} left its pick as it was: {after}."]
    if before != after:
        said = [f"{reasoning} changed its pick from {before} to {after}."]
    if answer is None:
        said.append(
            f"Asked for a letter right after its reasoning, it picks {after}; no choice could be "
            "read from the answer that it wrote."
        )
    elif answer != after:
        said.append(
            f"Asked for a letter right after its reasoning, it picks {after}; the answer that it "
            f"wrote is another, {answer}."
        )
    return said


def reasoning_rows(pick: Row, choices: Sequence[str]) -> pl.DataFrame:
    """A line per choice with its probabilities, in per cent."""
    letters = [chr(ord("A") + place) for place in range(len(choices))]
    return pl.DataFrame(
        {
            "choice": [cases.letter_and_text(letter, list(choices)) for letter in letters],
            "before": [share * 100 for share in pick["before"]],
            "after": [share * 100 for share in pick["after"]],
        }
    )


def say_effort(repeats: pl.DataFrame) -> str:
    """What answers took, all together: `60 tokens written, 2.1 seconds, 0.0012 US dollars.`

    Empty where nothing is known. None of it has a dollar sign, between two of which Markdown would
    set a formula.
    """
    tokens, seconds, cost = (
        float(repeats[name].sum()) if repeats[name].count() else None
        for name in ("written_tokens", "seconds", "cost")
    )
    parts = [
        "" if tokens is None else f"{tokens:,.0f} {'token' if tokens == 1 else 'tokens'} written",
        "" if seconds is None else say_seconds(seconds),
        "" if cost is None else f"{dollars(cost)} US dollars",
    ]
    known = ", ".join(filter(None, parts))
    number = repeats.height
    together = {1: "", 2: "Both answers: "}.get(number, f"All {count_in_words(number)} answers: ")
    return " ".join(filter(None, [known and f"{together}{known}.", say_cut_off(repeats)]))


def say_seconds(seconds: float) -> str:
    return f"{seconds:,.1f} seconds" if seconds >= 0.05 else "less than 0.1 seconds"


def say_cut_off(repeats: pl.DataFrame) -> str:
    """How many answers end at the limit of tokens; empty where none does."""
    cut = repeats.filter(finish="limit").height
    if not cut:
        return ""
    whose = "All were" if cut == repeats.height else f"{cut:,} {'was' if cut == 1 else 'were'}"
    return f"{'The answer was' if repeats.height == 1 else whose} cut off at the limit."


def task_rows(answered: pl.DataFrame) -> pl.DataFrame:
    """A line per task of the query `written_answers`, shares in per cent.

    What was never thought before an answer is left empty: most models do not.
    """
    shares = ("always_right", "agreement", "cut_off", "rationale_changes", "reasons_otherwise")
    thought = pl.col("thought") * 100
    return answered.select(
        pl.col("task_title").alias("task"),
        "questions",
        pl.when(pl.col("repeats") > 1).then("repeats"),
        *(pl.col(name) * 100 for name in shares),
        pl.when(thought > 0).then(thought),
        "written_tokens",
        "seconds",
        "cost",
    ).select(LINE)


def say_answers(answered: pl.DataFrame) -> list[str]:
    """What stands out in a run's answers to one board, the nine if it answered any of them.

    Tasks are weighed by their questions, where only some answers count by the number of these.
    """
    counted = subjects.keep_board(answered)
    often, otherwise, changed, cut = (
        weigh(counted, name, by)
        for name, by in (
            ("always_right", "questions"),
            ("reasons_otherwise", "asked_after"),
            ("rationale_changes", "questions"),
            ("cut_off", "questions"),
        )
    )
    accuracy = weigh(counted, "accuracy", "questions")
    said = []
    if often is not None and accuracy is not None:
        said.append(
            f"{accuracy:.1%} of its answers are right, and {often:.1%} of the questions were right "
            "every time. The other right answers came and went from one time to the next."
        )
    if changed is not None:
        said.append(f"Its reasoning changed its pick in {changed:.1%} of the answers.")
    if otherwise is not None:
        said.append(
            f"In {otherwise:.1%} of the answers that can be read, it answered otherwise than it "
            "does when asked for a letter right after its reasoning."
        )
    if cut:
        said.append(f"{cut:.1%} of the answers were cut off at the limit of tokens.")
    if said and counted.height < answered.height:
        nine = counted["headline"].any()
        said.append(f"This is of {'the nine tasks' if nine else counted['task_title'][0]} alone.")
    return said


def weigh(answered: pl.DataFrame, name: str, by: str) -> float | None:
    """The mean of a column over tasks, weighed by another; None where none has it."""
    known = answered.drop_nulls(name)
    if known.is_empty():
        return None
    whole = known.select((pl.col(name) * pl.col(by)).sum() / pl.col(by).sum())
    return float(whole.item())


def dollars(cost: float) -> str:
    """Two digits that count, at least: `12.34`, `0.0012`."""
    digits = max(2, 1 - floor(log10(cost))) if cost > 0 else 0
    return f"{cost:,.{digits}f}"
