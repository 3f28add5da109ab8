"""How a run was made, as far as anybody can check it; no Streamlit here."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

RECEIPT = {  # from the columns of a receipt to their heads
    "task_title": "Task",
    "dataset": "Data set",
    "data_revision": "Data revision",
    "samples_hash": "Hash of questions and keys",
    "prompts_hash": "Hash of prompts",
    "source": "Imported file",
    "source_hash": "SHA-256 of the file",
    "reading": "Reading of the file",
}
Row = Mapping[str, Any]


def receipt_rows(receipt: pl.DataFrame) -> pl.DataFrame:
    """A line per task: exactly which questions and prompts, and the file of an import.

    A column that says nothing of any task is left out.
    """
    known = [name for name in RECEIPT if receipt[name].count()]
    return receipt.select(pl.col(name).alias(RECEIPT[name]) for name in known)


def provenance(run: Row) -> pl.DataFrame:
    """What made the run, as lines of a name and a value; `run` is a row of its receipt."""
    took = None if run["seconds"] is None else f"{run['seconds']:,.1f} s"
    lines = {
        "Run": run["run_id"],
        "Model": run["model"],
        "Revision": run["revision"],
        "Weights": run["weights"] if run["base"] else None,
        "Base model": run["base"],
        "Revision of the base": run["base_revision"],
        "Precision": run["precision"],
        "Lane": run["lane"],
        "Origin": run["origin"],
        "Started": f"{run['started_at']:%Y-%m-%d %H:%M} UTC",
        "Finished": f"{run['finished_at']:%Y-%m-%d %H:%M} UTC",
        "Time spent asking": took,
        **{f"Version of {name}": value for name, value in facts_in(run["versions"])},
        **{f"Hardware: {name}": value for name, value in facts_in(run["hardware"])},
        "Replaces the run": run["supersedes"],
        "Hash of its record": run["record_hash"],
    }
    kept = {name: value for name, value in lines.items() if value}
    return pl.DataFrame({"What": list(kept), "Value": list(kept.values())})


def facts_in(record: str) -> list[tuple[str, str]]:
    """The names and values of a JSON object, in order."""
    return [(str(name), str(value)) for name, value in json.loads(record).items()]


def seed_note(run: Row) -> str:
    """Where chance comes in: a model that is asked greedily has no seed."""
    if run["origin"] == "imported":
        return "The answers were imported: the command reads the files again."
    if run["revision"].startswith("seed-"):
        return f"Chance comes in by the seed in its revision, {run['revision']}."
    return "No seed: the choice that the model finds likeliest is its answer, without chance."


def no_prompt(*, folder: bool) -> str:
    """Why there is no prompt to show; `folder` says whether the run folder is at hand."""
    if folder:
        return "The run's record holds no prompt of this question: its maker did not keep it."
    return "The prompt stays in the run folder, and that of this run is not on this machine."
