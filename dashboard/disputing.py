"""What is said of disputed keys; no Streamlit here."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

LISTED, SUSPECTS, SCORES = "Disputes", "Keys in doubt", "How scores change"
PARTS = (LISTED, SUSPECTS, SCORES)
STATES = {
    "open": (":orange-badge[:material/hourglass: open]", "Another reviewer is to decide."),
    "upheld": (":green-badge[:material/check: upheld]", "The key was changed."),
    "rejected": (":gray-badge[:material/close: rejected]", "The key stays as it is."),
}
ABOUT = (
    "A reviewer who finds a key wrong says which letters should be right, why, and where it is "
    "written. Another person decides. The score by the original keys always stays: beside it stand "
    "one by the keys as ruled, and one without the disputed questions."
)
WANTED = "Which choices should be right? None: no choice is, or it cannot be answered."
REASON, REFERENCE = "Reason, for all to read", "Where it is written: a guideline, a label, a paper"
UPHOLD, REJECT = "Uphold: the key changes", "Reject: the key stays"
SUSPECTED = (
    "Strong models agree on another choice. The key may be wrong, two choices may be right, or the "
    "models are all wrong: read, and judge. Those on which all of them agree come first."
)
NO_SUSPECTS = (
    "No key is in doubt that is not disputed already. A key comes here when most strong models, of "
    "which there must be several, agree on another choice."
)
NO_DISPUTES = (
    "No key is disputed. A reviewer disputes one from the page of its question; the keys in doubt "
    "are a good place to begin."
)
NO_CHANGES = (
    "No score of this lane changes: none of the questions that its models answered is disputed. A "
    "new dispute counts from the next snapshot on."
)
SCORES_SAID = (
    "Percent right. Original: the keys as their source has them. Reviewed: as ruled. Undisputed: "
    "without the questions of open or upheld disputes."
)
ONLY_REVIEWERS = "Reviewers dispute keys and decide. The Review page says how to become one."


def name_key(letters: str | None) -> str:
    """`C`, `A or C`, or `no choice`."""
    return " or ".join(letters) if letters else "no choice"


def describe(dispute: Mapping[str, Any]) -> str:
    """What is wanted of the key, by whom and when."""
    return (
        f"Key {dispute['gold']}, should be {name_key(dispute['wanted'])}. "
        f"Dispute {dispute['number']} by {dispute['disputer']}, {dispute['disputed_at']:%Y-%m-%d}."
    )


def describe_ruling(dispute: Mapping[str, Any]) -> str:
    """What was decided, and why; or what is awaited."""
    _, meaning = STATES[dispute["state"]]
    if dispute["state"] == "open":
        return meaning
    now = f" It is {name_key(dispute['letters'])} now." if dispute["state"] == "upheld" else ""
    return f"{meaning}{now} {dispute['why']}"


def describe_suspicion(row: Mapping[str, Any]) -> str:
    return (
        f"{row['agreeing']} of {row['strong']} strong models pick {row['suspected']}, "
        f"{row['right_picks'] or 'none'} the key, {row['gold']}."
    )


def suspect_rows(suspects: pl.DataFrame, titles: Mapping[str, str]) -> pl.DataFrame:
    """A line per key in doubt, as the list shows it."""
    choice = pl.format("{} · {}", "suspected", "suspected_choice")
    return suspects.select(
        pl.col("question").str.replace_all(r"\s+", " ").str.slice(0, 300).alias("Question"),
        pl.format("{} · {}", "gold", "gold_choice").alias("Key"),
        choice.alias("They pick"),
        pl.format("{} of {}", "agreeing", "strong").alias("Strong models"),
        pl.col("task").replace(dict(titles)).alias("Benchmark"),
    )


def change_rows(changes: pl.DataFrame) -> pl.DataFrame:
    """A line per run and task, or average, whose score depends on the keys."""
    versions = ("original", "reviewed", "undisputed")
    return changes.select(
        pl.col("model").alias("Model"),
        pl.col("task_title").fill_null("Average").alias("Benchmark"),
        *((pl.col(name) * 100).round(2).alias(name.capitalize()) for name in versions),
        *(
            (pl.col(f"{name}_change") * 100).round(2).alias(f"{name.capitalize()}, points")
            for name in versions[1:]
        ),
    )


def letters_of(choices: Sequence[str]) -> list[str]:
    return [chr(ord("A") + place) for place in range(len(choices))]
