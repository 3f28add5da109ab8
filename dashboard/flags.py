"""What each flag of a wrong answer is called, and what it rests on, in words; no Streamlit here."""

from collections.abc import Mapping
from typing import Any

NAMES = {
    "contraindicated": "Contraindicated choice",
    "confident": "Confident and wrong",
    "contradiction": "Reasoning against its own choice",
    "only_wrong": "All other models are right",
    "all_wrong": "All models are wrong",
    "suspect_key": "Key in doubt",
}


def name(slug: str) -> str:
    return NAMES[slug]


def say(row: Mapping[str, Any]) -> str:
    """A sentence on a row of the query case_flags; text of others, to be shown as text."""
    match row["flag"]:
        case "contraindicated":
            stem = ", ".join(f"“{words}”" for words in row["context_words"] or [])
            return f"“{row['words']}” for a patient of whom the question says {stem}: {row['why']}"
        case "confident":
            return f"It gave its wrong choice a probability of {row['confidence']:.0%}."
        case "contradiction":
            return f"Its reasoning says: “{row['words']}”"
        case "only_wrong":
            return f"{row['alike']} of {row['out_of']} others picked the key."
        case "all_wrong":
            return f"{row['alike']} of {row['out_of']} others picked the same."
    return f"{row['alike']} of {row['out_of']} strong models pick this choice, too."
