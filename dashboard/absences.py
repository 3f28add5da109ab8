"""Where a model is that a reader misses; no Streamlit here.

The sentences hold names and reasons as others wrote them: show them as plain text.
"""

import re
from typing import NamedTuple

import polars as pl

from dashboard import marking, standing
from dashboard.search import occurs_in_name

MOST_MODELS = 5
HUB = re.compile(r"(https?://)?(www\.)?(huggingface\.co|hf\.co)/(models/)?", re.IGNORECASE)
TO_RUN = "To ask a model: python -m evaluator run --model NAME --tasks all"
TO_SUBMIT = "To submit it: python -m evaluator submit NAME"
SILENT = (
    "The queue does not answer now. What is said of it is what was known when the snapshot in use "
    "was published."
)


class Known(NamedTuple):
    """All that is known of models."""

    located: pl.DataFrame
    """Rows of `locate`."""
    marks: pl.DataFrame
    """model, kind, why and since."""
    submitted: standing.Submitted
    """What was submitted under the name that is looked for."""
    quarantine: pl.DataFrame
    runs: pl.DataFrame
    """All there are, replaced ones and those of hidden models too."""


class Told(NamedTuple):
    """A sentence, and the submission that it is about."""

    says: str
    submission: int | None = None


class Answer(NamedTuple):
    told: list[Told]
    is_known: bool
    """Whether anything of that name is anywhere."""


def read_name(typed: str) -> str:
    """What is looked for in names: of the address of a model on the Hub, the model."""
    text = typed.strip()
    if found := HUB.match(text):
        path = re.split(r"[?#]", text[found.end() :])[0].strip("/")
        return "/".join(path.split("/")[:2])
    return text


def locate(rows: pl.DataFrame, in_lane: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Leaderboard `rows` with `place`: shown, filtered out, or elsewhere."""
    key = pl.struct("entry", "board")
    here, seen = (frame.select(key).to_series() for frame in (in_lane, shown))
    return rows.with_columns(
        place=pl.when(key.is_in(seen.implode()))
        .then(pl.lit("shown"))
        .when(key.is_in(here.implode()))
        .then(pl.lit("filtered"))
        .otherwise(pl.lit("elsewhere"))
    )


def explain(name: str, known: Known) -> Answer:
    """Where the models are whose name holds every word of `name`, as `read_name` gives it."""
    models = find_models(name, known)
    told = [one for model in models[:MOST_MODELS] for one in explain_model(model, known)]
    if len(models) > MOST_MODELS:
        least = "At least " if known.submitted.rows.height == standing.MOST else ""
        told.append(Told(f"{least}{len(models) - MOST_MODELS} more models are called so."))
    told += explain_replaced(models[:MOST_MODELS], known.runs)
    told += explain_quarantine(name, known.quarantine)
    is_known = bool(told)
    if not is_known:
        told.append(Told(explain_nothing(name, known.submitted.source)))
    if known.submitted.source == "snapshot":
        told.append(Told(SILENT))
    return Answer(told, is_known)


def find_models(name: str, known: Known) -> list[str]:
    """The models meant: those of just this name, else those that hold each of its words."""
    words = name.lower().split()
    rows = known.located.filter(True, *(occurs_in_name(word) for word in words))
    hidden = known.runs.filter("hidden")["model"]
    others = [*known.marks["model"], *known.submitted.rows["model"], *hidden]
    holding = [model for model in others if all(word in model.lower() for word in words)]
    found = list(dict.fromkeys([*rows["model"], *holding]))
    return [model for model in found if model.lower() == name.lower()] or found


def explain_model(model: str, known: Known) -> list[Told]:
    """What the leaderboard, maintainers and the queue say of one model."""
    mark = marking.find(known.marks, model)
    rows = known.located.filter(model=model)
    runs = known.runs.filter(model=model)
    is_hidden = mark is not None and mark["kind"] == marking.HIDDEN
    told = []
    if mark and is_hidden:
        page = " Its page shows its scores all the same." if runs.height else ""
        told.append(f"{model} is {marking.describe(mark)}{page}")
    elif rows.height:
        told.append(explain_place(model, rows))
    elif runs["hidden"].any():
        told.append(f"{model} is not hidden any more, and comes with the next snapshot.")
    if mark and not is_hidden:
        told.append(f"{model} is {marking.describe(mark)} Its scores count all the same.")
    submitted = known.submitted.rows.filter(model=model)
    stand = standing.tell(submitted, is_shown=is_hidden or rows.height > 0)
    return [Told(says) for says in told] + [Told(*one) for one in stand]


def explain_place(model: str, rows: pl.DataFrame) -> str:
    """Where the `rows` of one model are, the nearest first."""
    if (rows["place"] == "shown").any():
        partial = rows.filter(pl.col("headline") & (pl.col("place") == "shown"))
        complete = partial["tasks_complete"].to_list()
        short = complete and max(complete) < 9
        doubts = rows.filter("suspect", pl.col("place") == "shown")["note"].drop_nulls()
        why = f" It has no average: {max(complete)} of 9 tasks are complete." if short else ""
        doubt = f" Its scores are doubted: {doubts[0]}" if len(doubts) else ""
        return f"{model} is here.{why}{doubt}"
    if (rows["place"] == "filtered").any():
        return f"{model} is in this lane, and your filters hide it."
    lanes = rows.sort("lane").select("lane", "board", "tasks_complete").unique(maintain_order=True)
    others = {"sample": "demonstration questions"}
    where = [
        f"{lane} ({complete} of 9 tasks complete)"
        if board == "nine"
        else f"{lane} ({others.get(board, board)})"
        for lane, board, complete in lanes.iter_rows()
    ]
    return f"{model} was asked otherwise. It is in: {', '.join(where)}."


def explain_nothing(name: str, source: standing.Source) -> str:
    nothing = f"Nothing of “{name}” is in the warehouse"
    if source == "ledger":
        return f"{nothing}, and nothing of that name was ever submitted. {TO_SUBMIT}"
    return f"{nothing}. {TO_RUN}"


def explain_replaced(models: list[str], runs: pl.DataFrame) -> list[Told]:
    """A sentence for each of these models that has runs which do not count any more."""
    replaced = runs.filter(~pl.col("current"), pl.col("model").is_in(models))
    counts = replaced.group_by("model", maintain_order=True).agg(
        pl.len(), pl.col("finished_at").max()
    )
    return [
        Told(
            f"{number} earlier run{'' if number == 1 else 's'} of {model}, the last of "
            f"{finished:%Y-%m-%d}, {'is' if number == 1 else 'are'} replaced: the Model page lists "
            f"{'it' if number == 1 else 'them'} under Runs, with the reason."
        )
        for model, number, finished in counts.iter_rows()
    ]


def explain_quarantine(name: str, quarantine: pl.DataFrame) -> list[Told]:
    """A sentence for each file that names it and could not be loaded in full."""
    text = pl.concat_str("source", "file", "content", separator=" ", ignore_nulls=True)
    found = quarantine.filter(text.str.to_lowercase().str.contains(name.lower(), literal=True))
    counts = found.group_by("source", "file", "reason").len().sort("len", descending=True)
    return [
        Told(
            f"In quarantine: {file or source}, {number:,} "
            f"{'line' if number == 1 else 'lines'}: {reason}"
        )
        for source, file, reason, number in counts.head(MOST_MODELS).iter_rows()
    ]
