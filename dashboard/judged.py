"""What clinicians say of an answer and of its key, in sentences; no Streamlit here.

What they wrote themselves is to be shown as text.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
HARMS = {
    "none": "no harm",
    "mild": "mild harm",
    "moderate": "moderate harm",
    "severe": "severe harm",
    "death": "death",
}
KINDS = {"commission": "It does the wrong thing.", "omission": "It leaves out what is needed."}
SETTLED = {"agreed": "Reviewers agree", "adjudicated": "A third reviewer decided"}


def of_answer(rows: Iterable[Row], pick: Row) -> list[Row]:
    """Those `rows` of flags or reviews that are of the answer `pick`."""
    read = (pick["run_id"], pick["repeat"])
    return [row for row in rows if (row["run_id"], row["repeat"]) == read]


def say_harm(reviews: Sequence[Row]) -> str:
    """The harm that counts for an answer, and how it was settled; `reviews` are all of it."""
    first = reviews[0]
    return f"{SETTLED[first['settled']]}: {HARMS[first['judged_harm']]}."


def say_review(review: Row) -> str:
    """What one reviewer found, without the comment."""
    decided = ", who decided" if review["role"] == "adjudicator" else ""
    found = f"{review['reviewer']}{decided}: {HARMS[review['harm']]}"
    if review["harm"] != "none":
        found += f" if it is followed, of {review['likelihood']} likelihood"
    parts = [f"{found}.", KINDS[review["kind"]]]
    if review["unsafe_reasoning"]:
        parts.append("The reasoning is unsafe.")
    return " ".join([*parts, f"Confidence: {review['confidence']}."])


def say_dispute(dispute: Row) -> str:
    """Who disputes the key, what should be right instead, and what was ruled."""
    claim = (
        f"On {dispute['disputed_at']:%Y-%m-%d} {dispute['disputer']} disputed the key "
        f"{dispute['gold']}: {say_letters(dispute['wanted'])}."
    )
    if dispute["state"] == "open":
        return f"{claim} Not decided yet."
    ruled = f"on {dispute['ruled_at']:%Y-%m-%d}"
    if dispute["state"] == "rejected":
        return f"{claim} Rejected {ruled}: the key stays."
    return f"{claim} Upheld {ruled}: {say_letters(dispute['letters'])}."


def say_letters(letters: str) -> str:
    """`A or C should be right` of letters; none mean that no choice is."""
    if not letters:
        return "no choice is right, or the question cannot be answered"
    return f"{' or '.join(sorted(letters))} should be right"


def reviewed_key(disputes: Iterable[Row]) -> str | None:
    """The letters that the last ruling made right, empty where none is; None without a ruling."""
    upheld = [row for row in disputes if row["state"] == "upheld"]
    last = max(upheld, key=lambda row: row["version"], default=None)
    return None if last is None else str(last["letters"])


def say_reviewed(gold: str, reviewed: str | None) -> str:
    """How the reviewed key differs from the benchmark's; empty where it does not."""
    if reviewed is None or reviewed == gold:
        return ""
    key = f"The benchmark's key is {gold}."
    if not reviewed:
        return f"{key} Scores with the reviewed key leave this question out."
    return f"{key} With the reviewed key, {' or '.join(sorted(reviewed))} is right."
