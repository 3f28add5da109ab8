"""Reviews that are done and disputed keys are in the next snapshot, and in the scores."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from ingest import ledger_copy
from tests import ledgers
from tests.conftest import ask, make_run
from tests.reviewed import ADA, BEN, CLEO, MAINTAINER, SECRETS, claim, judgement, review
from tests.test_ledger_copy import MODELS, publish, read_file
from warehouse import drafts, locating, verification
from warehouse.ledger.assignments import hold
from warehouse.ledger.cases import Mistake
from warehouse.ledger.disputes import Ruling, dispute, rule
from warehouse.ledger.drawing import Population, draw
from warehouse.ledger.opening import Ledger
from warehouse.ledger.reviews import correct, keep_draft

ledger = ledgers.own_ledger  # a fixture
ALL: dict[str, Any] = {"task": "", "sample_id": ""}


def list_wrong(run_id: str) -> list[Mistake]:
    """What the published run got wrong."""
    answers = ask("run_answers", run_id=run_id).filter(~pl.col("correct"))
    columns = ("task", "sample_id", "repeat", "prediction", "gold")
    return [
        Mistake(run_id, task, key, repeat, "m", prediction, gold)
        for task, key, repeat, prediction, gold in answers.select(columns).rows()
    ]


@pytest.fixture
def wrong(ledger: Ledger) -> list[Mistake]:  # noqa: ARG001 - the folder must be empty for it
    """The wrong answers of a published run."""
    run_id = make_run(MODELS[0]).run_id
    publish()
    return list_wrong(run_id)


def disputed(wanted: str, one: Mistake) -> Any:
    return claim(wanted, task=one.task, sample_id=one.sample_id, gold=one.gold)


def key_scores(run_id: str, version: str) -> dict[str, tuple[int, int]]:
    """From each slice of a version that a run has a score of its own in, to n and right answers."""
    with locating.find_store().current().connect() as connection:
        rows = connection.execute(
            "select slice_value, n, correct from scores where run_id = $run and key_version = $key",
            {"run": run_id, "key": version},
        ).fetchall()
    return {value: (n, correct) for value, n, correct in rows}


def test_judged_cases_come_with_their_reviews_and_others_do_not(
    ledger: Ledger, wrong: list[Mistake]
) -> None:
    draw(ledger, Population(wrong, [1.0] * len(wrong), 92), len(wrong), MAINTAINER)
    for person in (ADA, BEN):
        review(ledger, wrong[0], person, "severe")
    review(ledger, wrong[1], ADA, "death")
    publish()
    (row,) = ask("judged_cases").rows(named=True)
    assert row == {
        "case_number": row["case_number"], "run_id": wrong[0].run_id, "task": "sample",
        "sample_id": wrong[0].sample_id, "repeat": 0, "prediction": wrong[0].prediction,
        "harm": "severe", "settled": "agreed", "draw": 1, "probability": 1.0,
        "population": len(wrong), "answered": 92, "drawn": len(wrong),
        "judged_share": 1 / len(wrong),
    }  # fmt: skip
    said = ask("case_reviews", task="sample", sample_id=wrong[0].sample_id)
    assert said.select("reviewer", "role", "harm", "comment").rows() == [
        ("reviewer-1", "reviewer", "severe", "severe, I say."),
        ("reviewer-2", "reviewer", "severe", "severe, I say."),
    ]
    assert said["reviewed_at"].dtype == pl.Datetime("us")
    assert ask("case_reviews", task="sample", sample_id=wrong[1].sample_id).is_empty()
    assert list(verification.find_faults()) == []


def test_a_reopened_case_leaves_the_snapshot(ledger: Ledger, wrong: list[Mistake]) -> None:
    for person in (ADA, BEN):
        number = review(ledger, wrong[0], person, "mild")
    publish()
    assert ask("judged_cases").height == 1
    correct(ledger, number, judgement("death"), BEN)
    publish()
    assert ask("judged_cases").is_empty()
    assert ask("all_reviews").is_empty()
    review(ledger, wrong[0], CLEO, "severe")
    publish()
    assert ask("judged_cases")["settled"].to_list() == ["adjudicated"]
    assert ask("all_reviews")["role"].to_list() == ["reviewer", "reviewer", "adjudicator"]


def test_nothing_private_of_reviews_is_anywhere_in_the_snapshot(
    ledger: Ledger, wrong: list[Mistake]
) -> None:
    for person in (ADA, BEN):
        review(ledger, wrong[0], person)
    review(ledger, wrong[1], ADA, "death")
    case = hold(ledger, wrong[2], CLEO)
    keep_draft(ledger, case.number, {"comment": "My own draft."}, CLEO)
    rule(ledger, dispute(ledger, disputed("", wrong[3]), ADA), upheld(""), BEN)
    publish()
    content, values = read_file()
    assert "severe, I say." in values, "else nothing would be found"
    assert "reviewer-1" in values
    for secret in (*SECRETS, "clinic.example", "death, I say.", "My own draft."):
        assert secret not in values
        assert secret.encode() not in content


def upheld(letters: str) -> Ruling:
    return Ruling(decision="upheld", letters=letters, why="So it is.")


def test_a_ruling_makes_the_scores_of_its_task_anew_and_nothing_else(
    ledger: Ledger, wrong: list[Mistake], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, one = wrong[0].run_id, wrong[0]
    correct = ask("runs")["correct"][0]
    assert key_scores(run_id, "undisputed") == {}
    executed: list[tuple[str, int]] = []
    execute = drafts.Draft._execute

    def watch(draft: drafts.Draft, name: str, **tables: pl.DataFrame) -> None:
        executed.extend((name, rows.height) for rows in tables.values())
        execute(draft, name, **tables)

    monkeypatch.setattr(drafts.Draft, "_execute", watch)
    number = dispute(ledger, disputed(one.prediction or "", one), ADA)
    publish()
    assert key_scores(run_id, "undisputed")["all"] == (91, correct)
    assert key_scores(run_id, "reviewed") == {}
    assert rule(ledger, number, upheld(one.prediction or ""), BEN) == 1
    executed.clear()
    publish()
    assert ("derived/scores", 1) in executed
    untouched = {"load/sample_stats", "load/rank_intervals", "load/suspect_keys"}
    assert not untouched & dict(executed).keys()
    assert key_scores(run_id, "reviewed")["all"] == (92, correct + 1)
    assert key_scores(run_id, "original")["all"] == (92, correct)
    (row,) = ask("disputes", **ALL).rows(named=True)
    told = ("state", "letters", "why", "version", "disputer", "wanted", "reason", "reference")
    assert tuple(row[name] for name in told) == (
        *("upheld", one.prediction, "So it is.", 1, "reviewer-1", one.prediction),
        *("The guideline has changed.", "NICE NG95, 2018"),
    )
    assert list(verification.find_faults()) == []
    executed.clear()
    publish()
    assert executed == [], "the same ledger twice publishes nothing"
    publish(rebuild=True)
    assert key_scores(run_id, "reviewed")["all"] == (92, correct + 1)


def test_what_is_of_no_loaded_run_or_question_waits_in_quarantine(ledger: Ledger) -> None:
    run = make_run(MODELS[0])
    dispute(ledger, claim("B", task="medmcqa", sample_id="none"), ADA)
    publish()
    assert ask("disputes", **ALL).is_empty()
    one, *_ = list_wrong(run.run_id)
    others = [
        one._replace(run_id="gone"),
        one._replace(sample_id="sample-999"),
        one._replace(task="sample", prediction="J", sample_id="sample-001"),
    ]
    for each in others:
        for person in (ADA, BEN):
            review(ledger, each, person)
    wrong_key = disputed("", one)
    key = "ABCD"[("ABCD".index(one.gold) + 1) % 4]
    dispute(ledger, wrong_key.model_copy(update={"gold": key}), ADA)
    dispute(ledger, disputed("J", one), BEN)
    publish()
    assert ask("judged_cases").is_empty()
    assert ask("disputes", **ALL).is_empty()
    found = ask("quarantine").filter(source="ledger")
    assert found.select("file", "line", "reason").rows() == [
        ("case", 1, "case 1: its run gone is not loaded."),
        ("case", 2, "case 2: its question sample/sample-999 is not loaded."),
        ("case", 3, "case 3: J is no choice of sample/sample-001."),
        ("dispute", 1, "dispute 1: its question medmcqa/none is not loaded."),
        *(
            ("dispute", number, f"dispute {number}: {fault}")
            for number, fault in (
                (8, f"the key of sample/{one.sample_id} is {one.gold}, no longer {key}."),
                (9, f"its letters are no choices of sample/{one.sample_id}."),
            )
        ),
    ]
    before = ask("snapshots").height
    publish()
    assert ask("snapshots").height == before


def test_what_was_said_has_a_snapshot_of_its_own_after_an_hour(
    ledger: Ledger, wrong: list[Mistake], monkeypatch: pytest.MonkeyPatch
) -> None:
    dispute(ledger, disputed("", wrong[0]), ADA)
    assert ledger_copy.find_due(set()) == set()
    monkeypatch.setattr(ledger_copy, "ALONE", timedelta(0))
    seen: ledger_copy.Seen = set()
    assert len(ledger_copy.find_due(seen)) == 1
    publish()
    assert ledger_copy.find_due(seen) == set()
    assert ledger_copy.find_due(seen) == set()
    for person in (ADA, BEN):
        review(ledger, wrong[0], person)
    assert len(ledger_copy.find_due(seen)) == 2  # the case, and its reviews
