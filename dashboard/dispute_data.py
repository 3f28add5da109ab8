"""Disputes of keys: as the ledger has them now, else as the snapshot in use does."""

from typing import Any

import polars as pl

from dashboard import case_data, data
from warehouse.ledger.people import Person
from warehouse.ledger.presence import ledger_exists

Row = dict[str, Any]
FACTS = ("number", "task", "sample_id", "gold", "wanted", "reason", "reference", "disputer")
RULED = ("state", "letters", "why", "version")


def disputes(task: str = "", sample_id: str = "") -> list[Row]:
    """Open ones first, the newest first; of one question where that is named."""
    if not ledger_exists():
        return data.ask("disputes", task=task, sample_id=sample_id).to_dicts()
    from dashboard import ledger_data
    from warehouse.ledger import disputes as ours

    found = ledger_data.if_in_reach(lambda: ours.find_disputes(ledger_data.ledger()))
    if found is None:
        return data.ask("disputes", task=task, sample_id=sample_id).to_dicts()
    rows = [
        {name: getattr(one, name) for name in (*FACTS, *RULED)}
        | {"disputed_at": one.at, "ruled_at": one.ruled_at}
        for one in found
        if not task or (one.task, one.sample_id) == (task, sample_id)
    ]
    return sorted(rows, key=lambda row: (row["state"] != "open", -row["number"]))


def suspects() -> pl.DataFrame:
    """Keys that strong models contradict and nobody has disputed."""
    taken = pl.DataFrame(
        [(row["task"], row["sample_id"]) for row in disputes()],
        schema={"task": pl.String(), "sample_id": pl.String()},
        orient="row",
    )
    rows = data.ask("suspect_keys")
    return rows.join(taken, on=["task", "sample_id"], how="anti", maintain_order="left")


def question(task: str, sample_id: str) -> Row | None:
    """What is disputed; None where no such question is in the snapshot in use."""
    return case_data.question(task, sample_id)


def suspicion(task: str, sample_id: str) -> Row | None:
    """What strong models say of a key; None where they do not contradict it."""
    rows = data.ask("suspect_keys").filter(task=task, sample_id=sample_id)
    return rows.row(0, named=True) if rows.height else None


def may_rule(number: int, by: Person | None) -> bool:
    """Whether a person may decide a dispute; raises a `LedgerError`."""
    from dashboard import ledger_data
    from warehouse.ledger import disputes as ours

    return ours.may_rule(ledger_data.ledger(), number, by)
