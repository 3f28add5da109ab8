"""What is typed into the search for models, to a filter of leaderboard rows; no Streamlit here."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple

import polars as pl

UNKNOWN = "unknown"
UNITS = {"k": 1e3, "m": 1e6, "b": 1e9}
NUMBER = re.compile(r"(?P<number>\d{1,6}(\.\d{1,6})?)(?P<unit>[kmb]?)")
NEAR = 0.1  # size:7 finds what people call 7B, which may be 6.7 or 7.6 billion
SHORT_PRECISIONS = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
SIZES_LOOK = "sizes are billions of weights, such as size:<10, size:7, size:3-13 or size:500m."
COMPLETE = {"yes": True, "no": False}
PRESETS = {
    "Open weights under 10B": "type:open size:<10",
    "Complete only": "complete:yes",
    "No baselines": "-type:baseline,random",
}
"""From the name of a search that many want to what one would type for it."""
ORGANISATION = pl.when(pl.col("model").str.contains("/", literal=True)).then(
    pl.col("model").str.split("/").list.first()
)
"""The part of a model's name before the slash; null where there is none."""


class Search(NamedTuple):
    keep: pl.Expr
    """Holds for the rows to be kept."""
    words: tuple[str, ...]
    """What is looked for in names."""
    problems: tuple[str, ...]
    """A sentence for each part that was not understood and is left out."""


class NotUnderstood(ValueError):
    """What a field's value should look like instead."""


def parse_search(text: str) -> Search:
    """Read `llama type:open size:<10 -org:google`: all of it must hold, a minus turns one around.

    A word without a field must occur in the model's name, its revision or its entry, in any case.
    A comma stands between values of which one is enough, as in `type:open,closed`.
    """
    keep, words, problems = pl.lit(True), [], []
    for term in text.lower().split():
        bare = term.removeprefix("-")
        field, colon, value = bare.partition(":")
        if not (read := FIELDS.get(field) if colon else None):
            keep &= occurs_in_name(term)
            words.append(term)
            if colon and (near := get_close_matches(field, FIELDS, 1, 0.7)):
                problems.append(f"“{term}” is looked for in names. Or is {near[0]}:{value} meant?")
            continue
        try:
            found = read(value)
        except NotUnderstood as error:
            problems.append(f"“{term}” is left out: {error}")
            continue
        keep &= found if bare == term else ~found
    return Search(keep, tuple(words), tuple(problems))


def occurs_in_name(word: str) -> pl.Expr:
    names = pl.concat_str("model", "revision", "entry", separator=" ", ignore_nulls=True)
    return names.str.to_lowercase().str.contains(word, literal=True)


def match_text(column: pl.Expr, example: str) -> Callable[[str], pl.Expr]:
    """A reader of values of which one must occur in `column`; nothing known is `unknown`."""

    def read(value: str) -> pl.Expr:
        wanted = [part for part in value.split(",") if part]
        if not wanted:
            raise NotUnderstood(f"it needs a value, such as {example}.")
        lowered = column.fill_null(UNKNOWN).str.to_lowercase()
        return pl.any_horizontal(lowered.str.contains(part, literal=True) for part in wanted)

    return read


def match_size(value: str) -> pl.Expr:
    """Read `<10`, `>=0.5`, `3-13`, `7` or `500m`: billions, unless a unit is named."""
    size = pl.col("parameters")
    if value == UNKNOWN:
        return size.is_null()
    sign = next((sign for sign in ("<=", ">=", "<", ">") if value.startswith(sign)), "")
    ends = [read_number(part) for part in value.removeprefix(sign).split("-")]
    if len(ends) == 2 and not sign:
        found = size.is_between(ends[0], ends[1])
    elif len(ends) == 1:
        end = ends[0]
        found = {
            "<": size < end,
            "<=": size <= end,
            ">": size > end,
            ">=": size >= end,
            "": size.is_between(end * (1 - NEAR), end * (1 + NEAR)),
        }[sign]
    else:
        raise NotUnderstood(SIZES_LOOK)
    return found.fill_null(value=False)


def read_number(text: str) -> float:
    if not (found := NUMBER.fullmatch(text)):
        raise NotUnderstood(SIZES_LOOK)
    return float(found["number"]) * UNITS[found["unit"] or "b"]


def match_complete(value: str) -> pl.Expr:
    if value not in COMPLETE:
        raise NotUnderstood("write complete:yes or complete:no.")
    return is_complete() == COMPLETE[value]


def is_complete() -> pl.Expr:
    """Whether a row answers all that is asked: the nine tasks, or the demonstration's questions."""
    return (pl.col("tasks_complete") == 9) | (
        ~pl.col("headline") & (pl.col("partial_tasks").list.len() == 0)
    )


def match_precision(value: str) -> pl.Expr:
    """Whole names, unlike other fields: float16 is also the end of bfloat16."""
    wanted = [SHORT_PRECISIONS.get(part, part) for part in value.split(",") if part]
    if not wanted:
        raise NotUnderstood("it needs a value, such as precision:bf16.")
    return pl.col("precision").fill_null(UNKNOWN).is_in(wanted)


FIELDS: dict[str, Callable[[str], pl.Expr]] = {
    "type": match_text(pl.col("type"), "type:open"),
    "size": match_size,
    "precision": match_precision,
    "licence": match_text(pl.col("licence"), "licence:apache"),
    "license": match_text(pl.col("licence"), "license:apache"),
    "org": match_text(ORGANISATION, "org:google"),
    "architecture": match_text(pl.col("architecture"), "architecture:llama"),
    "complete": match_complete,
}
