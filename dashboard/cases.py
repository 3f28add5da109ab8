"""What the pages say of questions, answers and runs; no Streamlit here."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard import flags, judged, repeat_names

ID_LENGTH = 16  # a PubMed id whole, a UUID in part
LINE_LENGTH = 300  # characters of a question in a list
BEFORE = 60  # characters shown before the first word that was searched


def letter_and_text(letter: str | None, choices: list[str]) -> str:
    """`C · Amoxicillin`, or `unreadable` for a prediction that could not be read."""
    if letter is None:
        return "unreadable"
    return f"{letter} · {choices[ord(letter) - ord('A')]}"


def error_rows(errors: pl.DataFrame, search: str = "") -> pl.DataFrame:
    """A line per wrong answer, as the list shows it, with the words of `search` marked."""
    words = find_any(search.split())
    return pl.DataFrame(
        {
            "question": [excerpt(text, words) for text in errors["question"]],
            **{kind: tell_repeats(errors, kind) for kind in ("draw", "order")},
            "picked": [mark(text, words) for text in pick_texts(errors, "prediction")],
            "key": [mark(text, words) for text in pick_texts(errors, "gold")],
            "flags": [flags.shorten(slugs) for slugs in errors["flags"]],
            "harm": errors["harm"].replace(judged.HARMS),
            "answered_by": errors["model"],
            "confidence": errors["confidence"] * 100,
            "task": errors["task_title"],
            "subject": errors["subject"],
            "context": errors["safety_tags"].list.join(", "),
        },
        schema_overrides={
            "draw": pl.String,
            "order": pl.String,
            "confidence": pl.Float64,
            "subject": pl.String,
            "flags": pl.List(pl.String),
        },
    )


def find_any(words: Sequence[str]) -> re.Pattern[str] | None:
    """What finds any of `words`, in capitals or not, the longest of several; None of none."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest)), re.IGNORECASE) if words else None


def mark(text: str, words: re.Pattern[str] | None) -> str:
    """The text with »words« marked; a table can show no other marks."""
    return words.sub(lambda found: f"»{found[0]}«", text) if words else text


def excerpt(text: str, words: re.Pattern[str] | None) -> str:
    """The beginning of a question on one line, or what stands around the first of `words` in it."""
    line = " ".join(text.split())
    found = words.search(line) if words else None
    if found is None or found.end() < LINE_LENGTH // 3:
        return mark(line[:LINE_LENGTH], words)
    start = line.rfind(" ", 0, max(found.start() - BEFORE, 1)) + 1
    return "…" * bool(start) + mark(line[start : start + LINE_LENGTH], words)


def tell_repeats(errors: pl.DataFrame, kind: str) -> list[str | None]:
    """Which draw, or order of the choices, each answer is of; None of one given once."""
    return [
        repeat_names.label(repeat, lane, len(choices))
        if several and repeat_names.kind(lane) == kind
        else None
        for several, repeat, lane, choices in errors.select(
            "several", "repeat", "lane", "choices"
        ).iter_rows()
    ]


def pick_texts(errors: pl.DataFrame, column: str) -> list[str]:
    pairs = errors.select(column, "choices").iter_rows()
    return [letter_and_text(letter, choices) for letter, choices in pairs]


def pick_rows(picks: pl.DataFrame) -> pl.DataFrame:
    """A line per model that answered a question; right and wrong in words."""
    return picks.select(
        pl.when("correct").then(pl.lit("right")).otherwise(pl.lit("wrong")).alias("result"),
        "model",
        pl.col("prediction").fill_null("none").alias("pick"),
        pl.col("confidence") * 100,
        "lane",
    )


def find_pick(picks: pl.DataFrame, run_id: str, repeat: int = 0) -> dict[str, Any] | None:
    """The pick of one run's `repeat`, or its first without it; None where it did not answer."""
    rows = picks.filter(pl.col("run_id") == run_id).sort(pl.col("repeat") != repeat, "repeat")
    return rows.row(0, named=True) if rows.height else None


def run_label(run: Mapping[str, Any]) -> str:
    """`gpt-4o · other-medagents`, with the precision where there is one."""
    parts = [run["model"], run["lane"], run["precision"]]
    return " · ".join(part for part in parts if part)


def run_labels(runs: pl.DataFrame) -> list[str]:
    """A name per run; runs that would share one are told apart by revision and run."""
    labels = [
        f"{run_label(run)} · {short_tasks(run['tasks'])}"
        + ("" if run["current"] else " · replaced")
        + (" · hidden" if run["hidden"] else "")
        for run in runs.iter_rows(named=True)
    ]
    counts = Counter(labels)
    return [
        label if counts[label] == 1 else f"{label} · {run_id}"
        for label, run_id in zip(labels, runs["run_id"], strict=True)
    ]


def short_tasks(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} tasks"


def case_title(question: Mapping[str, Any]) -> str:
    """Task and the beginning of the id, without what Markdown would act on in a heading."""
    text = f"{question['task_title']} · {question['sample_id'][:ID_LENGTH]}"
    return re.sub(r"[^\w\s·,()/&-]|_", "", text)


def case_facts(question: Mapping[str, Any]) -> str:
    """Subject, topic, and the id where the title holds only its beginning."""
    rest = question["sample_id"] if len(question["sample_id"]) > ID_LENGTH else None
    return " · ".join(part for part in (question["subject"], question["topic"], rest) if part)


def verdict(question: Mapping[str, Any], pick: Mapping[str, Any]) -> str:
    """What a run picked and what the key is, in a sentence."""
    key = letter_and_text(question["gold"], question["choices"])
    if pick["correct"]:
        return f"{run_label(pick)} picked the key, {key}."
    if pick["prediction"] is None:
        return f"No choice could be read from the answer of {run_label(pick)}. The key is {key}."
    picked = letter_and_text(pick["prediction"], question["choices"])
    return f"{run_label(pick)} picked {picked}. The key is {key}."


def count_right(picks: pl.DataFrame) -> str:
    """`3 of 12 runs`; where a run was asked several times, each of its answers counts."""
    who = "runs" if picks["run_id"].is_unique().all() else "answers"
    return f"{int(picks['correct'].sum())} of {picks.height} {who}"


def picks_summary(question: Mapping[str, Any], current: pl.DataFrame) -> str:
    """How many runs picked the key, how many gave no readable answer, how many are baselines."""
    counts = [f"{count_right(current)} picked the key, {question['gold']}"]
    if unreadable := current["prediction"].null_count():
        counts.append(f"{unreadable} unreadable")
    if baselines := current.filter(type="baseline")["run_id"].n_unique():
        are = "is a baseline" if baselines == 1 else "are baselines"
        counts.append(f"{baselines} {are} and read no question")
    return "; ".join(counts) + "."


def safety_words(question: Mapping[str, Any]) -> dict[str, str]:
    """From each safety context to the words behind it, empty where a person set it.

    A context that Markdown could act on is left out; the words are still to be shown as text.
    """
    return {
        tag: ", ".join(
            f"“{' '.join(found['words'].split())}”"
            + ("" if found["place"] == "question" else f" ({found['place']})")
            for found in question["safety_evidence"]
            if found["tag"] == tag and found["place"]
        )
        for tag in question["safety_tags"]
        if re.fullmatch(r"[a-z ]+", tag)
    }
