"""What the pages ask of questions and answers, each answer cached with its snapshot."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from dashboard import cases, data, flags, judged
from dashboard.addresses import FILTERS, read_runs
from warehouse import responses

Place = tuple[str, str, str, int]
"""A task, a sample id, the run whose answer is read, empty for none, and which of its answers."""
Row = Mapping[str, Any]


class Case(NamedTuple):
    """All that is known of a question, and of one run's or two runs' answers to it."""

    question: Row
    picks: pl.DataFrame
    """What each run picked."""
    own: Row | None
    """The pick that is read: one of a run's, where it has several."""
    beside: Row | None
    """The pick of another, read beside it."""
    flags: Sequence[Row]
    """Of every run's wrong answer."""
    reviews: Sequence[Row]
    """Of every run's answer that is judged."""
    disputes: Sequence[Row]
    """Of the key."""
    forbidden: Sequence[Row]
    """Which choices a label or a guideline forbids to the patient, picked or not."""

    def flags_of(self, pick: Row) -> list[Row]:
        """Those of an answer, the gravest first."""
        order = [*flags.FLAGS]
        found = judged.of_answer(self.flags, pick)
        return sorted(found, key=lambda row: order.index(row["flag"]))

    @property
    def context_words(self) -> list[str]:
        """The words of the question behind a flag of the answer that is read."""
        found = self.flags_of(self.own) if self.own else []
        return [word for flag in found for word in flag["context_words"] or []]

    def forbidden_to_pick(self, letter: str) -> list[Row]:
        """What forbids a choice to the patient."""
        return [row for row in self.forbidden if row["letter"] == letter]

    def reviews_of(self, pick: Row) -> list[Row]:
        return judged.of_answer(self.reviews, pick)

    @property
    def is_spoken_of(self) -> bool:
        """Whether anything is said of the answer that is read."""
        return self.own is not None and bool(self.flags_of(self.own) or self.reviews_of(self.own))


def error_counts(run_ids: Sequence[str]) -> pl.DataFrame:
    """Errors of runs by task, subject, safety context, flag and harm; of no runs those of all."""
    return data.ask("error_counts", **of_runs(run_ids))


def errors(
    run_id: str, filters: Mapping[str, str], skip: int, size: int = data.PAGE_SIZE
) -> pl.DataFrame:
    """One page of the wrong answers of a run, or of those that `filters` name.

    `total` in each row counts them all.
    """
    return data.ask("errors", skip=skip, page_size=size, **choose(run_id, filters))


def of_runs(run_ids: Sequence[str]) -> dict[str, Any]:
    """Whose wrong answers are asked for; where no run is named, those of all that count."""
    return {"run_ids": tuple(run_ids), "models": (), "lanes": ()}


def choose(run_id: str, filters: Mapping[str, str]) -> dict[str, Any]:
    """What a list of wrong answers is made by."""
    narrowed = {name: filters.get(name, "") for name in FILTERS if name != "runs"}
    return of_runs(read_runs(run_id, filters)) | narrowed


def count_errors(run_id: str, filters: Mapping[str, str]) -> int:
    """How many wrong answers fit the filters."""
    first = errors(run_id, filters, skip=0)  # which is asked for next, most often
    return int(first["total"][0]) if first.height else 0


def has_confidence(run_id: str) -> bool:
    """Whether answers of the run come with probabilities."""
    return bool(data.ask("sure_answers", run_id=run_id)["answers"][0])


def question(task: str, sample_id: str) -> dict[str, Any] | None:
    """One question, with its neighbours in the task; None where there is none."""
    rows = data.ask("question", task=task, sample_id=sample_id)
    return rows.row(0, named=True) if rows.height else None


def case(question: Row, run_id: str, beside: str, repeat: int = 0) -> Case:
    """Everything on a `question`, with the answers of two runs; either may be empty.

    Of the run that is read it is the answer `repeat`, of the one beside it the first.
    """
    place = {"task": question["task"], "sample_id": question["sample_id"]}
    answers = picks(**place, run_id=run_id)
    second = None if beside == run_id else cases.find_pick(answers, beside)
    return Case(
        question,
        answers,
        cases.find_pick(answers, run_id, repeat),
        second,
        data.ask("case_flags", **place, run_id=run_id).to_dicts(),
        data.ask("case_reviews", **place).to_dicts(),
        data.ask("disputes", **place).to_dicts(),
        data.ask("contraindicated", **place).to_dicts(),
    )


def neighbours(
    question: Row, own: Row | None, filters: Mapping[str, str]
) -> tuple[Place | None, Place | None, str]:
    """The places before and after the answer `own` in the filtered list, else in its task.

    With them comes where in the list it stands, `3 of 12`; empty where it is in none. A right
    answer steps as the nearest wrong one of the same run to the question does.
    """
    task, run_id = question["task"], own["run_id"] if own else ""
    rows = data.ask(
        "error_neighbours",
        at_run=run_id,
        at_task=task,
        at_sample=question["sample_id"],
        at_repeat=own["repeat"] if own else 0,
        **choose(run_id, filters),
    )
    if rows.height:
        found = rows.row(0, named=True)
        before, after = (
            place(*(found[f"{end}_{name}"] for name in ("task", "id", "run", "repeat")))
            for end in ("previous", "next")
        )
        is_listed = own is not None and own["repeat"] == found["repeat"]
        return before, after, f"{found['number']:,} of {found['total']:,}" if is_listed else ""
    before, after = (place(task, question[end], run_id) for end in ("previous_id", "next_id"))
    return before, after, ""


def place(task: str | None, sample_id: str | None, run_id: str, repeat: int = 0) -> Place | None:
    return (task, sample_id, run_id, repeat) if task and sample_id else None


def picks(task: str, sample_id: str, run_id: str = "") -> pl.DataFrame:
    """What every current run picked, and `run_id` even where it is superseded."""
    return data.ask("picks", task=task, sample_id=sample_id, run_id=run_id)


def repeats(question: Row, run_id: str) -> pl.DataFrame:
    """Each answer of a run to a question, with how it was given."""
    place = {"task": question["task"], "sample_id": question["sample_id"]}
    return data.ask("repeats", **place, run_id=run_id)


def duplicates(task: str, sample_id: str) -> pl.DataFrame:
    """The same question elsewhere."""
    return data.ask("duplicates", task=task, sample_id=sample_id)


def written(pick: Row, question: Row) -> str:
    """What a run wrote on a question; empty where it wrote nothing, or nothing is at hand."""
    found = response(pick["run_id"], question["task"], question["sample_id"], pick["repeat"])
    return found["response"] or "" if found else ""


def response(run_id: str, task: str, sample_id: str, repeat: int = 0) -> dict[str, Any] | None:
    """The prompt and the text that the model gave, where the run folder is at hand."""
    return responses.read_response(run_id, task, sample_id, repeat)
