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
        "Of the choices offered, the model gave its wrong one a probability of at least 90%.",
    ),
    "contradiction": Flag(
        "Reasoning against its own choice",
        "contradiction",
        "The model's own text warns of the choice that it made, or names another as its answer. "
        "Only where it does so in plain words: a text may well argue against its choice unflagged.",
    ),
    "only_wrong": Flag(
        "All other models are right",
        "only one wrong",
        "Every other answer here to the question, of at least three, is right.",
    ),
    "all_wrong": Flag(
        "All models are wrong",
        "all wrong",
        "No answer here to the question, of at least three, is right. It is hard, its key is wrong "
        "or debatable, or a picture is missing.",
    ),
    "suspect_key": Flag(
        "Key in doubt",
        "key in doubt",
        "At least four in five of the strong models (on the task surely above 60%) agree on the "
        "choice that this one made. The key may be wrong, two choices may be right, a picture may "
        "be missing, or the models share a mistake.",
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
            return f"It gave its wrong choice a probability of {say_share(row['confidence'])}."
        case "contradiction" if row["kind"] == "warns":
            return f"It made this choice, and wrote of it: “{row['words']}”"
        case "contradiction":
            return f"It wrote “{row['words']}”, which is not the choice that it made."
        case "only_wrong":
            return f"All {row['out_of']} other answers here are right.{say_unread(row)}"
        case "all_wrong" if row["prediction"] is None:
            return f"None of the {row['out_of']} other answers here is right.{say_unread(row)}"
        case "all_wrong":
            alike = row["alike"] or "none"
            return (
                f"None of the {row['out_of']} other answers here is right; "
                f"{alike} of them {'is' if alike == 1 else 'are'} this same choice."
            )
    return f"{row['alike']} of {row['out_of']} strong models agree on this choice, against the key."


def say_share(probability: float) -> str:
    return "more than 99%" if probability >= 0.995 else f"{probability:.0%}"


def say_unread(row: Mapping[str, Any]) -> str:
    """That an answer is wrong for want of a letter, where it is: it chose nothing wrong."""
    return " In this one no choice could be read." if row["prediction"] is None else ""


def say_forbidden(row: Mapping[str, Any]) -> str:
    """Of which words a rule says that they do not go together."""
    said = ", ".join(f"“{words}”" for words in row["context_words"] or ())
    patient = f" for a patient of whom the question says {said}" if said else ""
    return f"“{row['words']}” is {STRENGTHS[row['strength']]}{patient}"
