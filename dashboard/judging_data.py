"""What the Review page asks of the ledger and the warehouse."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboard import case_data, data, judging, ledger_data, run_data
from dashboard.judging import Queue
from warehouse import responses
from warehouse.ledger import assignments, drawing, opening, progress
from warehouse.ledger.cases import Case, Mistake
from warehouse.ledger.drawing import Population
from warehouse.ledger.people import Person
from warehouse.ledger.progress import Rating
from warehouse.ledger.stages import Stage
from warehouse.statistics import raters
from warehouse.statistics.raters import Agreement

AT_ONCE = 500
"""Answers among which the next case is looked for, before further ones are."""
EVERYTHING = 1_000_000
FACTS = ("run_id", "task", "sample_id", "repeat", "model", "prediction", "gold")


class Agreements(NamedTuple):
    """How much reviewers agree on harm."""

    alpha: Agreement
    kappas: dict[tuple[str, str], Agreement]
    """Of each two reviewers who share cases."""


def models() -> list[str]:
    """The models whose answers are worth judging, by name."""
    return judging.find_judged(data.runs())


def take_next(queue: Queue, by: Person | None, but: Collection[int] = ()) -> Case | None:
    """The next case of a queue for a reviewer, now in hand; None where there is none for them.

    Raises a `LedgerError`.
    """
    ledger = ledger_data.ledger()
    if queue.kind == judging.DRAWN:
        return assignments.take_drawn(ledger, by, but=but)
    stages = (Stage.NEW,) if queue.new else assignments.TURNS
    for candidates in find_candidates(queue):
        if case := assignments.take(ledger, candidates, by, but, stages):
            return case
    return None


def find_candidates(queue: Queue) -> Iterator[list[Mistake]]:
    """The wrong answers of a queue in the order of the questions, some at a time."""
    chosen = judging.choose_models(queue, models())
    if not chosen:
        return
    asked = {"run_ids": (), "models": tuple(chosen), "lanes": (), "task": "", "subject": ""}
    asked |= {"safety": queue.safety, "flag": queue.flag, "harm": "unreviewed"}
    skip, total = 0, 1
    while skip < total:
        rows = data.ask("errors", skip=skip, page_size=AT_ONCE, search="", by="", **asked)
        total = int(rows["total"][0]) if rows.height else 0
        skip += AT_ONCE
        yield read_mistakes(without_demonstration(rows))


def without_demonstration(rows: pl.DataFrame) -> pl.DataFrame:
    """The answers to the nine tasks, where there are questions of these at all."""
    nine = data.tasks().filter("headline", "loaded")["task"]
    return rows.filter(pl.col("task").is_in(nine.implode())) if len(nine) else rows


def read_mistakes(rows: pl.DataFrame) -> list[Mistake]:
    return [Mistake(*row) for row in rows.select(FACTS).iter_rows()]


def find_population(run_id: str) -> Population:
    """All wrong answers of a run, with how much oftener each is to be drawn than another.

    They are those of the nine tasks or, where the run answered none of these, of the first other
    task: two boards are never in one number.
    """
    scores = data.tasks().join(run_data.run_scores([run_id]), on="task", maintain_order="left")
    counted = scores.filter("headline") if scores["headline"].any() else scores.head(1)
    answers = data.ask("run_answers", run_id=run_id)
    answered = answers.filter(pl.col("task").is_in(counted["task"].implode())).height
    asked = case_data.choose(run_id, {})
    rows = data.ask("errors", skip=0, page_size=EVERYTHING, **asked)
    rows = rows.filter(pl.col("task").is_in(counted["task"].implode()))
    pairs = rows.select("safety_tags", "flags").iter_rows()
    weights = [judging.weigh(tags, flags) for tags, flags in pairs]
    return Population(read_mistakes(rows), weights, answered)


def draw(run_id: str, size: int, by: Person | None) -> int:
    """Draw wrong answers of a run; returns the draw's number. Raises a `LedgerError`."""
    return drawing.draw(ledger_data.ledger(), find_population(run_id), size, by)


@st.cache_data(ttl=ledger_data.FRESH, max_entries=2, show_spinner=False)
def stages_at(address: str) -> list[tuple[Case, Stage]]:
    with ledger_data.asking(address) as opened:
        return progress.find_stages(opened)


def stages() -> list[tuple[Case, Stage]]:
    """Every case and how far it is; raises a `LedgerError`."""
    return stages_at(opening.ledger_address())


def ratings() -> list[Rating]:
    """What reviewers said at first; raises a `LedgerError`."""
    with ledger_data.asking(opening.ledger_address()) as opened:
        return progress.find_ratings(opened)


@st.cache_data(max_entries=4, show_spinner="Resampling the cases …")
def agree(said: tuple[tuple[int, str, int], ...], values: int) -> Agreements:
    """Of each case, reviewer and rating."""
    names, table = raters.tabulate(said)
    kappas = raters.find_kappas(table, values, ordered=True)
    named = {(names[one], names[other]): found for (one, other), found in kappas.items()}
    return Agreements(raters.find_alpha(table, values, ordered=True), named)


def forget() -> None:
    """Ask anew: the reader has just written something."""
    stages_at.clear()


def read_contents(case: Case) -> dict[str, Any]:
    """The question of a case and the model's words; None for what is not at hand."""
    return {
        "question": case_data.question(case.task, case.sample_id),
        "response": responses.read_response(*case.key),
    }
