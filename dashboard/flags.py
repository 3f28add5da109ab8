"""What each flag of a wrong answer is called, and what it rests on, in words; no Streamlit here."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Flag(NamedTuple):
    name: str
    short: str
    """For a line of a list."""
    meaning: str


FLAGS = {
    "contraindicated": Flag(
        "Contraindicated choice",
        "contraindicated",
        "A drug label or a guideline forbids the choice to this very patient, or advises against "
        "it. Rules find that by words; no doctor has looked at it.",
    ),
    "confident": Flag(
        "Confident and wrong",
        "confident",
        "The model gave its wrong choice a probability of at least 90%.",
    ),
    "contradiction": Flag(
        "Reasoning against its own choice",
        "contradiction",
        "The model's own text warns of the choice that it made, or names another as its answer.",
    ),
    "only_wrong": Flag(
        "All other models are right",
        "only one wrong",
        "Every other model here, at least three, picked the key.",
    ),
    "all_wrong": Flag(
        "All models are wrong",
        "all wrong",
        "No model here, of at least three, picked the key. The question is hard, or its key is "
        "wrong.",
    ),
    "suspect_key": Flag(
        "Key in doubt",
        "key in doubt",
        "The strongest models agree on the choice that this one made. The key may be wrong.",
    ),
}
"""From each flag of the warehouse to its words, the gravest first."""
STRENGTHS = {"contraindicated": "contraindicated", "avoid": "to be avoided"}
"""What a source says of a choice, as the warehouse has it, and in words."""


def name(slug: str) -> str:
    return FLAGS[slug].name


def shorten(slugs: Sequence[str]) -> list[str]:
    """The short names of an answer's flags, the gravest first."""
    return [flag.short for slug, flag in FLAGS.items() if slug in slugs]


def list_all() -> str:
    """Every flag with its meaning, as a Markdown list."""
    return "\n".join(f"- **{flag.name}** — {flag.meaning}" for flag in FLAGS.values())


def say(row: Mapping[str, Any]) -> str:
    """A sentence on a row of the query case_flags, with what the flag rests on.

    It quotes questions and answers: show it as text.
    """
    match row["flag"]:
        case "contraindicated":
            return f"{say_forbidden(row)}: {row['why']}"
        case "confident":
            return f"It gave its wrong choice a probability of {row['confidence']:.0%}."
        case "contradiction" if row["kind"] == "warns":
            return f"It made this choice, and wrote of it: “{row['words']}”"
        case "contradiction":
            return f"It wrote “{row['words']}”, which is not the choice that it made."
        case "only_wrong":
            return f"{row['alike']} of {row['out_of']} other models picked the key."
        case "all_wrong":
            return f"{row['alike']} of {row['out_of']} other models made the same choice."
    return f"{row['alike']} of {row['out_of']} strong models agree on this choice."


def say_forbidden(row: Mapping[str, Any]) -> str:
    """Of which words a rule says that they do not go together."""
    said = ", ".join(f"“{words}”" for words in row["context_words"] or ())
    patient = f" for a patient of whom the question says {said}" if said else ""
    return f"“{row['words']}” is {STRENGTHS[row['strength']]}{patient}"
