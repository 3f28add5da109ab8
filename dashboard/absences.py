"""Why a model is not among the rows shown; no Streamlit here."""

import polars as pl

from dashboard.search import occurs_in_name

MOST_MODELS = 5


def locate(rows: pl.DataFrame, in_lane: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Leaderboard `rows` with `place`: shown, hidden by filters, or elsewhere."""
    key = pl.struct("entry", "headline")
    here, seen = (frame.select(key).to_series() for frame in (in_lane, shown))
    return rows.with_columns(
        place=pl.when(key.is_in(seen.implode()))
        .then(pl.lit("shown"))
        .when(key.is_in(here.implode()))
        .then(pl.lit("hidden"))
        .otherwise(pl.lit("elsewhere"))
    )


def explain(
    name: str, located: pl.DataFrame, quarantine: pl.DataFrame, runs: pl.DataFrame
) -> list[str]:
    """Sentences on where the models are whose name holds every word of `name`.

    `located` are rows of `locate`, and `runs` all there are, replaced ones too. The sentences hold
    names as others wrote them: show them as plain text.
    """
    words = name.lower().split()
    found = located.filter(True, *(occurs_in_name(word) for word in words))
    exact = found.filter(pl.col("model").str.to_lowercase() == name.strip().lower())
    found = exact if exact.height else found
    models = found["model"].unique(maintain_order=True).to_list()
    told = [explain_model(model, found.filter(model=model)) for model in models[:MOST_MODELS]]
    if len(models) > MOST_MODELS:
        told.append(f"{len(models) - MOST_MODELS} more models are called so.")
    told += explain_replaced(models[:MOST_MODELS], runs)
    told += explain_quarantine(name, quarantine)
    return told or [
        f"Nothing of “{name.strip()}” is in the warehouse. To ask a model: "
        "python -m evaluator run --model NAME --tasks all"
    ]


def explain_model(model: str, rows: pl.DataFrame) -> str:
    """Where the `rows` of one model are, the nearest first."""
    if (rows["place"] == "shown").any():
        partial = rows.filter(pl.col("headline") & (pl.col("place") == "shown"))
        complete = partial["tasks_complete"].to_list()
        short = complete and max(complete) < 9
        doubts = rows.filter("suspect", pl.col("place") == "shown")["note"].drop_nulls()
        why = f" It has no average: {max(complete)} of 9 tasks are complete." if short else ""
        doubt = f" Its scores are doubted: {doubts[0]}" if len(doubts) else ""
        return f"{model} is here.{why}{doubt}"
    if (rows["place"] == "hidden").any():
        return f"{model} is in this lane, and your filters hide it."
    lanes = (
        rows.sort("lane").select("lane", "headline", "tasks_complete").unique(maintain_order=True)
    )
    where = [
        f"{lane} ({complete} of 9 tasks complete)" if nine else f"{lane} (demonstration questions)"
        for lane, nine, complete in lanes.iter_rows()
    ]
    return f"{model} was asked otherwise. It is in: {', '.join(where)}."


def explain_replaced(models: list[str], runs: pl.DataFrame) -> list[str]:
    """A sentence for each of these models that has runs which do not count any more."""
    replaced = runs.filter(~pl.col("current"), pl.col("model").is_in(models))
    counts = replaced.group_by("model", maintain_order=True).agg(
        pl.len(), pl.col("finished_at").max()
    )
    return [
        f"{number} earlier run{'' if number == 1 else 's'} of {model}, the last of "
        f"{finished:%Y-%m-%d}, {'is' if number == 1 else 'are'} replaced: the Model page lists "
        f"{'it' if number == 1 else 'them'} under Runs, with the reason."
        for model, number, finished in counts.iter_rows()
    ]


def explain_quarantine(name: str, quarantine: pl.DataFrame) -> list[str]:
    """A sentence for each file that names it and could not be loaded in full."""
    text = pl.concat_str("source", "file", "content", separator=" ", ignore_nulls=True)
    wanted = name.strip().lower()
    found = quarantine.filter(text.str.to_lowercase().str.contains(wanted, literal=True))
    counts = found.group_by("source", "file", "reason").len().sort("len", descending=True)
    return [
        f"In quarantine: {file or source}, {number:,} "
        f"{'line' if number == 1 else 'lines'}: {reason}"
        for source, file, reason, number in counts.head(MOST_MODELS).iter_rows()
    ]
