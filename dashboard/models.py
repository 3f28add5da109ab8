"""What the model page says of a model, its runs and their scores; no Streamlit here."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from dashboard import tables

HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+")
COMMIT = re.compile(r"[0-9a-f]{40}")
REVISION_LENGTH = 12
Row = Mapping[str, Any]


def hub_address(run: Row) -> str | None:
    """The model's page on the Hugging Face Hub, at the run's commit where that is one.

    None where the name is no Hub id: that of an API, a baseline or a local folder.
    """
    if run["type"] != "open weights" or not HUB_ID.fullmatch(run["model"]):
        return None
    commit = f"/tree/{run['revision']}" if COMMIT.fullmatch(run["revision"]) else ""
    return f"https://huggingface.co/{run['model']}{commit}"


def model_facts(run: Row) -> str:
    """`open weights · 8B · LlamaForCausalLM · licence llama3 · bfloat16 · revision 17af9355`."""
    return " · ".join(
        filter(
            None,
            [
                run["type"],
                run["parameters"] and tables.short_number(run["parameters"]),
                run["architecture"],
                explain_base(run),
                run["licence"] and f"licence {run['licence']}",
                run["released_at"] and f"released {run['released_at']:%B %Y}",
                run["precision"],
                f"revision {short_revision(run['revision'])}",
            ],
        )
    )


def explain_base(run: Row) -> str | None:
    """`adapter of acme/base at 17af93550000`; None for a whole model."""
    if not run["base"]:
        return None
    return f"{run['weights']} of {run['base']} at {short_revision(run['base_revision'])}"


def explain_overlap(run: Row) -> str | None:
    """What its model card says of training on benchmarks here; None where it names none of them."""
    if not run["overlapping"]:
        return None
    return (
        f"Its model card names {', '.join(run['overlapping'])} among what it was trained on "
        f"({', '.join(run['trained_on'])}). Perhaps only the part made for training; if more, "
        "its scores there say little."
    )


def short_revision(revision: str) -> str:
    """The beginning of a hash, and of what is none the whole."""
    head, _, rest = revision.rpartition(":")
    if re.fullmatch(r"[0-9a-f]{20,}", rest):
        return f"{head}:{rest[:REVISION_LENGTH]}" if head else rest[:REVISION_LENGTH]
    return revision


def list_runs(answered: pl.DataFrame) -> pl.DataFrame:
    """A line per run, latest first; `answered` has one per run and task.

    `standing` says whether it counts and, where it does not, why; `partial` which tasks lack how
    much.
    """
    totals = dict(answered.group_by("run_id").agg(pl.col("predictions").sum()).iter_rows())
    suspects = dict(answered.select("run_id", "suspect").iter_rows())
    lines = []
    for _, rows in answered.group_by("run_id", maintain_order=True):
        run = rows.row(0, named=True)
        lines.append(
            {
                "run_id": run["run_id"],
                "finished": run["finished_at"],
                "lane": run["lane"],
                "precision": run["precision"],
                "revision": short_revision(run["revision"]),
                "tasks": rows.height,
                "answered": totals[run["run_id"]],
                "standing": standing(rows, totals, suspects),
                "partial": partial_tasks(rows),
            }
        )
    return pl.DataFrame(lines, schema_overrides={"precision": pl.String})


def standing(rows: pl.DataFrame, totals: Mapping[str, int], suspects: Mapping[str, Any]) -> str:
    """Whether the run of these `rows` counts, in few words; `rows` are its tasks."""
    run_id = rows["run_id"][0]
    counts = rows.filter(pl.col("counting_id") == run_id).height
    if counts == rows.height:
        return "doubtful" if suspects[run_id] else "current"
    other = rows.filter(pl.col("counting_id") != run_id).row(0, named=True)
    rival = other["counting_id"]
    if suspects[run_id] and not suspects.get(rival):
        why = "it is doubtful, and another run is not"
    elif totals.get(rival, 0) > totals[run_id]:
        why = "another run answered more"
    else:
        why = "a later run answered as much"
    if counts:
        return f"current for {counts} of {rows.height} tasks: {why}"
    return f"replaced: {why}"


def partial_tasks(rows: pl.DataFrame) -> str:
    """`MedMCQA 2,816 of 4,183`, of each task with questions left out; empty where none is."""
    left_out = rows.filter(pl.col("predictions") < pl.col("expected"))
    return ", ".join(
        f"{title} {n:,} of {size:,}"
        for title, n, size in left_out.select("task_title", "predictions", "expected").iter_rows()
    )


def best_run(runs: pl.DataFrame) -> str:
    """Of the lines of `list_runs`, the run to open with: one that counts, with most answers."""
    counts = pl.col("standing").str.starts_with("current")
    return str(runs.sort(counts, "answered", "finished", descending=True)["run_id"][0])


def run_names(runs: pl.DataFrame) -> list[str]:
    """What tells the lines of `list_runs` apart: lane, precision, revision, standing."""
    names = []
    for run in runs.iter_rows(named=True):
        parts = [run["lane"], run["precision"], run["revision"], run["standing"].partition(":")[0]]
        names.append(" · ".join(part for part in parts if part))
    return [
        name if names.count(name) == 1 else f"{name} · {run_id}"
        for name, run_id in zip(names, runs["run_id"], strict=True)
    ]


def rank_text(score: Row) -> str | None:
    """`3 (2–7) of 120`; None where a run is not ranked."""
    if score["rank"] is None:
        return None
    rank, low, high, ranked = (score[key] for key in ("rank", "rank_low", "rank_high", "ranked"))
    return f"{rank:,} ({low:,}–{high:,}) of {ranked:,}"


def score_rows(scores: pl.DataFrame) -> pl.DataFrame:
    """A line per task, the average first: what the table of scores shows, in per cent."""
    ranks = [rank_text(row) for row in scores.iter_rows(named=True)]
    return scores.select(
        pl.when("complete")
        .then("task_title")
        .otherwise(pl.col("task_title") + tables.PARTIAL)
        .alias("task"),
        pl.col("accuracy") * 100,
        interval_text(pl.col("interval_low"), pl.col("interval_high")).alias("interval"),
        pl.Series("rank", ranks, dtype=pl.String),
        "tier",
        "n",
        pl.col("unreadable") / pl.col("n") * 100,
        pl.col("calibration_error") * 100,
        pl.col("confidence_when_wrong") * 100,
    )


def interval_text(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """`57.4 to 62.8`, in per cent."""
    ends = (tables.decimals((end * 100).round(1).abs()) for end in (low, high))
    return pl.format("{} to {}", *ends)


def summary(scores: pl.DataFrame) -> dict[str, str]:
    """The figures that head the page, by what they are called; the average where there is one."""
    tasks = scores.filter(pl.col("task") != "average")
    figures = {}
    if average := scores.filter(pl.col("task") == "average").rows(named=True):
        half = (average[0]["interval_high"] - average[0]["interval_low"]) * 50
        figures["Average, per cent"] = f"{average[0]['accuracy'] * 100:.1f} ±{half:.1f}"
        if place := rank_text(average[0]):
            figures["Rank, with its 95% interval"] = place
            figures["Tier"] = str(average[0]["tier"])
    answered, unreadable = int(tasks["n"].sum()), int(tasks["unreadable"].sum())
    figures["Questions answered"] = f"{answered:,}"
    figures["Unreadable answers"] = f"{unreadable / answered:.1%}" if answered else "–"
    return figures


def explain(standing: str) -> str:
    """The standing of a run that does not count in full, as a sentence."""
    return f"This run is {standing}. The part Runs lists all of them."
