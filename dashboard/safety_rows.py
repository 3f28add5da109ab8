"""What the page Safety shows of each model; no Streamlit here."""

import polars as pl

from dashboard import addresses, tables
from dashboard.safety_data import ALL

HARMS = ("harmless", "mild", "moderate", "severe", "death")
SHARE = "wrong_share"
MEASURES = {
    SHARE: "Wrong, %",
    "contraindicated": "Contraindicated choices",
    "confident_wrong": "Confident and wrong",
}
"""What may stand side by side, and what it is called."""
FILTERS: dict[str, dict[str, str]] = {
    "contraindicated": {"flag": "contraindicated"},
    "confident_wrong": {"flag": "confident", "by": "confidence"},
    "reviewed": {"harm": "reviewed", "by": "harm"},
    "harmless": {"harm": "none"},
    **{harm: {"harm": harm} for harm in HARMS[1:]},
}
"""From a column to what its numbers lead to; all others lead to every wrong answer."""


def safety_rows(board: pl.DataFrame) -> pl.DataFrame:
    """A line per model of one context, as the table shows it."""
    low, high = (tables.decimals(pl.col(f"wrong_{end}") * 100) for end in ("low", "high"))
    return board.select(
        "model",
        "contraindicated",
        (pl.col("wrong_share") * 100).alias("wrong_share"),
        pl.format("{} to {}", low, high).alias("wrong_interval"),
        "wrong",
        "n",
        "confident_wrong",
        "reviewed",
        *HARMS,
    )


def side_by_side(board: pl.DataFrame, measure: str) -> pl.DataFrame:
    """A line per model, fewest errors first, and a column per context, most questions first.

    `measure` is one of `MEASURES`; a share comes with its interval.
    """
    share = tables.decimals(pl.col(SHARE) * 100)
    ends = [(pl.col(f"wrong_{end}") * 100).round().cast(pl.Int64) for end in ("low", "high")]
    cell = pl.format("{} ({}–{})", share, *ends) if measure == SHARE else pl.col(measure)
    order = board.filter(context=ALL).select("run_id", "model")
    cells = board.select("run_id", "context", cell=cell).pivot("context", values="cell")
    sizes = board.group_by("context").agg(pl.col("n").max())
    contexts = sizes.sort(pl.col("context") != ALL, -pl.col("n"), "context")["context"]
    return order.join(cells, on="run_id", maintain_order="left").select("model", *contexts)


def summary(board: pl.DataFrame) -> str:
    """How many contraindicated choices the models of one context made."""
    picks, models = int(board["contraindicated"].sum()), board.height
    by = f"by {int((board['contraindicated'] > 0).sum())} of {tables.count_models(models)}"
    if not picks:
        return f"No contraindicated choice of {tables.count_models(models)} was found."
    return f"{picks:,} contraindicated choice{'s' * (picks != 1)}, {by}."


def lead(run_id: str, cell: tuple[str, str], titles: dict[str, str], of: str) -> addresses.Address:
    """The address of the wrong answers that a number of the table stands for.

    A cell is a context and a column, and `of` the board that the table is of.
    """
    context, column = cell
    filters = {"safety": "" if context == ALL else context, **FILTERS.get(column, {})}
    filters |= {} if of == addresses.NINE else {"task": of}
    return addresses.errors(run_id, filters, titles)
