"""A small warehouse made by hand, of which every query is asked."""

from collections.abc import Iterator
from datetime import datetime
from math import log
from typing import Any

import polars as pl
import pytest

from ingest import frames, ledger_copy, quarantine, reported, samples
from tests import lakes
from warehouse import db, drafts

SIZES = {"sample": 3, "mmlu_anatomy": 2}
EARLY, LATE = datetime(2026, 1, 1), datetime(2026, 2, 2)
QUESTIONS: list[tuple[Any, ...]] = [  # task, id, question, gold, subject, safety tags, content hash
    ("sample", "s-1", "Pregnant, with malaria?", "A", "Obstetrics", ["children", "dosing"], "one"),
    ("sample", "s-2", "Which nerve?", "B", "Surgery", [], "two"),
    ("sample", "s-3", "50% glucose?", "C", "Obstetrics", ["dosing"], "three"),
    ("mmlu_anatomy", "t-0", "Which nerve?", "A", "Anatomy", [], "two"),
    ("mmlu_anatomy", "t-1", "Which bone?", "D", "Anatomy", [], "four"),
]
CLUSTERS = {content: f"{task}/{key}" for task, key, *_, content in QUESTIONS}  # by the alphabet
RUNS = {"a-1": ("a", EARLY), "a-2": ("a", LATE), "b-1": ("b", LATE)}
PICKS: dict[str, list[str | None]] = {  # in the order of the questions; a-1 leaves the last one out
    "a-1": ["A", "B", "C", "A"],
    "a-2": ["A", "A", "B", "A", "A"],
    "b-1": [None, "B", "C", "B", "D"],
}
TRAINED_ON = ["org/cMedQA2", "cais/mmlu", "bigbio/med_qa", "x/MMLU-Pro"]  # of b; overlapping twice
SURE = {"s-2": 0.5, "s-3": 0.7, "t-1": 0.6}  # how sure a-2 is of each wrong answer
CHOICES = ["one", "two", "three", "four"]
FORBIDDEN: dict[str, Any] = {
    "letter": "B",
    "rule": "two-children",
    "words": "two",
    "context": "children",
}
FORBIDDEN |= {"why": "It hurts.", "source": "Label, section 4", "strength": "avoid"}
FORBIDDEN |= {"context_words": ["boy"]}  # on s-3, where a-2 picks it
PASSAGE = {"flag": "contradiction", "kind": "other", "words": "It is B.", "start": 3, "end_": 11}
IMPORTED = ("r", "closed", None, "other-x", "imported")
Case = tuple[str, dict[str, Any], list[Any]]
"""A query, its parameters, and the rows that it answers: tuples, or what a row has but nulls."""


def probabilities_of(sample_id: str) -> list[float]:
    """Of a-2's first pick as in `SURE`, and the rest equally; B is what it picks on s-3."""
    sure = SURE.get(sample_id, 0.4)
    shares = [(1 - sure) / 3] * 4
    shares["AB".index("B" if sample_id == "s-3" else "A")] = sure
    return shares


def predictions_of(run: str) -> list[dict[str, Any]]:
    return [
        {
            "run_id": run,
            "task": task,
            "sample_id": key,
            "repeat": 0,
            "prediction": letter,
            "logprobs": [log(share) for share in probabilities_of(key)] if run == "a-2" else None,
        }
        for (task, key, *_), letter in zip(QUESTIONS, PICKS[run], strict=False)
    ]


def load_runs(draft: drafts.Draft) -> None:
    same = {"revision": "r", "type": "closed", "licence": "mit", "architecture": "Net"}
    models = [
        {"model": name, "released_at": released, "trained_on": data, **same}
        for name, released, data in (("a", EARLY, []), ("b", None, TRAINED_ON))
    ]
    draft.load("models", pl.DataFrame(models))
    for run, (model, finished) in RUNS.items():
        facts = {"run_id": run, "model": model, "revision": "r", "lane": "other-x"}
        texts = {"command": "", "versions": "{}", "hardware": "{}", "record_hash": f"hash of {run}"}
        times = {"started_at": EARLY, "finished_at": finished, "origin": "imported"}
        draft.load("runs", pl.DataFrame([facts | texts | times]))
        numbers = draft.ask("sample_choices")
        rows = pl.DataFrame(predictions_of(run), infer_schema_length=None).join(
            numbers.rename({"number": "sample"}), on=["task", "sample_id"]
        )
        rows = rows.cast({"logprobs": pl.List(pl.Float32)})
        draft.load("predictions", frames.predictions_frame(rows, draft.ask("run_numbers")))
        draft.load("answer_sheets", frames.answer_sheets_frame(rows, numbers))
        asked = [
            {"run_id": run, "task": task, "revision": "", "samples_hash": f"hash of {task}"}
            | {"predictions": rows.filter(task=task).height, "expected": size}
            for task, size in SIZES.items()
            if rows.filter(task=task).height
        ]
        draft.load("run_tasks", pl.DataFrame(asked))


def evidence_of(tags: list[str]) -> list[dict[str, str]]:
    return [{"tag": tag, "words": f"words of {tag}", "place": "question"} for tag in tags]


def load_world(draft: drafts.Draft) -> None:
    catalogue = samples.catalogue_frame().to_dicts()
    for task in catalogue:
        if task["task"] in SIZES:
            task |= {"size": SIZES[task["task"]], "samples_hash": f"hash of {task['task']}"}
    draft.load("tasks", pl.DataFrame(catalogue))
    questions = [
        {"task": task, "sample_id": key, "question": question, "gold": gold, "subject": subject}
        | {"safety_tags": tags, "content_hash": content, "position": number, "topic": "Fever"}
        | {"choices": CHOICES, "safety_evidence": evidence_of(tags)}
        | {"cluster_id": CLUSTERS[content]}
        for number, (task, key, question, gold, subject, tags, content) in enumerate(QUESTIONS)
    ]
    draft.load("samples", pl.DataFrame(questions, schema=samples.SAMPLES))
    load_runs(draft)
    marked = [FORBIDDEN | {"task": "sample", "sample_id": "s-3"}]
    draft.load("contraindicated_choices", pl.DataFrame(marked, schema=samples.CONTRAINDICATED))
    passage = [PASSAGE | {"run_id": "a-2", "task": "sample", "sample_id": "s-2", "repeat": 0}]
    draft.load("prediction_flags", pl.DataFrame(passage))
    load_judgements(draft)
    score = {"entry": "published-1", "model": "p", "task": "pubmedqa", "accuracy": 0.5, "n": None}
    score |= {"lane": "reported-x", "type": "closed", "protocol": "x", "origin": "paper"}
    score |= {"suspect": True, "source_url": "https://a.org", "file": "f.csv", "file_hash": "hash"}
    draft.load("reported_scores", pl.DataFrame([score], schema=reported.REPORTED))
    refused = [("x", "f", 2, "bad", "text"), ("x", "f", 1, "bad", None)]
    draft.load("quarantine", pl.DataFrame(refused, schema=quarantine.ROWS, orient="row"))


CASE = {"run_id": "a-2", "task": "sample", "repeat": 0, "sample_id": "s-2", "prediction": "A"}
DRAWN = {"draw": 1, "probability": 0.5, "population": 3, "answered": 5}
DRAWN |= {"drawn": 2, "judged_share": 0.5}
JUDGED = [
    CASE | DRAWN | {"case_number": 1, "harm": "severe", "settled": "agreed"},
    CASE
    | {"case_number": 2, "sample_id": "s-3", "prediction": "B", "harm": "none"}
    | {"settled": "adjudicated"},
]
REVIEW = {"case_number": 1, "run_id": "a-2", "task": "sample", "sample_id": "s-2"}
REVIEW |= {"repeat": 0, "reviewer": "reviewer-1", "role": "reviewer", "harm": "severe"}
REVIEW |= {"likelihood": "high", "kind": "commission", "unsafe_reasoning": False}
REVIEW |= {"confidence": "low", "comment": "Bad.", "reviewed_at": EARLY}
DISPUTE: dict[str, Any] = {
    "task": "sample",
    "gold": "C",
    "wanted": "B",
    "reason": "Old.",
    "reference": "WHO",
}
DISPUTE |= {"disputer": "reviewer-1", "disputed_at": EARLY}
RULED = {"state": "upheld", "letters": "B", "why": "So.", "version": 1, "ruled_at": LATE}
DISPUTES = [
    DISPUTE | RULED | {"number": 1, "sample_id": "s-3"},
    DISPUTE | {"number": 2, "sample_id": "s-1", "gold": "A", "state": "open", "wanted": ""},
]


def load_judgements(draft: drafts.Draft) -> None:
    tables = ledger_copy.TABLES
    for name, rows in (
        ("judged_cases", JUDGED),
        ("case_reviews", [REVIEW]),
        ("key_disputes", DISPUTES),
    ):
        draft.load(name, pl.DataFrame(rows, schema=tables[name].schema))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Warehouse]:
    """The snapshot of `load_world`."""
    with pytest.MonkeyPatch.context() as patch:
        lakes.use_own(patch, tmp_path_factory.mktemp("world"))
        with drafts.open_draft("made by hand", empty=True) as draft:
            load_world(draft)
        opened = db.open_warehouse()
    yield opened
    opened.close()


def check_answer(world: db.Warehouse, case: Case) -> None:
    query, parameters, expected = case
    answer = world.ask(query, **parameters)
    if expected and isinstance(expected[0], dict):
        given = [
            {name: value for name, value in row.items() if value is not None}
            for row in answer.to_dicts()
        ]
        assert given == expected
    else:
        assert answer.rows() == expected
