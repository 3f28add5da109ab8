"""Are the questions found that are to be read with care?"""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from dashboard import findings
from ingest import samples
from tests import lakes
from warehouse import db, drafts

PICTURES = {  # the words that say that a picture is missing
    "An ECG is obtained, as shown in the accompanying photograph. What now?": (
        "shown in the accompanying photograph"
    ),
    "A photograph of the rash is shown. What is it?": "photograph of the rash is shown.",
    "There is a lesion on his scalp (see image). Which is it?": "(see image)",
    "Image A shows an ultrasound.": "Image A",
    "Name the structure marked with arrow": "marked with arrow",
    "A CXR was done and shown below. Which sign?": "CXR was done and shown below.",
    "What is the best management of the case shown?": "case shown",
    "In the following diagram, which cell is it?": "In the following diagram",
    "An x‑ray of the chest is shown.": "x‑ray of the chest is shown.",
    "Refer to the image below of the MRI.": "Refer to the image",
}
PLAIN = (
    "Laboratory values are shown below: sodium 140.",
    "The biopsy shows many mitotic figures.",
    "The patient sees two images on top of each other.",
    "The slope in the phase diagram of water is due to what?",
    "Lisinopril was shown in a trial to lower mortality.",
    "A chest x-ray is normal. Which drug is given?",
    "She exhibits a fine tremor. There is marked oedema below the knee.",
)
QUESTIONS: list[dict[str, Any]] = [
    {"question": "Same?", "content_hash": "same", "cluster_id": "sample/0"},
    {"question": "Same?", "content_hash": "same", "cluster_id": "sample/0", "gold": "B"},
    {"question": "Nearly the same?", "cluster_id": "sample/0"},
    {"question": "Twice, key among them?", "choices": ["x", "Fever ", "fever", "y"], "gold": "C"},
    {"question": "Twice, key not among them?", "choices": ["x", "y", "x", "z"], "gold": "D"},
    {"question": "Two pairs?", "choices": ["x", "y", "y", "x"], "gold": "B"},
    {"question": "Agreed?", "content_hash": "agreed", "cluster_id": "sample/6"},
    {"question": "Agreed?", "content_hash": "agreed", "cluster_id": "sample/6"},
    *({"question": text} for text in (*PICTURES, *PLAIN)),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Warehouse]:
    """A snapshot with `QUESTIONS`, as the demonstration's."""
    alone = {"task": "sample", "gold": "A", "choices": ["one", "two", "three", "four"]}
    alone |= {"safety_tags": [], "safety_evidence": []}
    rows = [
        alone
        | {"sample_id": str(n), "position": n, "content_hash": f"h{n}", "cluster_id": f"sample/{n}"}
        | question
        for n, question in enumerate(QUESTIONS)
    ]
    tasks = samples.catalogue_frame().to_dicts()
    for task in tasks:
        if task["task"] == "sample":
            task |= {"size": len(rows), "samples_hash": "hash"}
    with pytest.MonkeyPatch.context() as patch:
        lakes.use_own(patch, tmp_path_factory.mktemp("findings"))
        with drafts.open_draft("made by hand", empty=True) as draft:
            draft.load("tasks", pl.DataFrame(tasks))
            draft.load("samples", pl.DataFrame(rows, schema=samples.SAMPLES))
        opened = db.open_warehouse()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def found(world: db.Warehouse) -> pl.DataFrame:
    suspect: dict[str, Any] = {"task": "sample", "sample_id": "9", "gold": "A", "question": "Name"}
    suspect |= {"agreeing": 7, "strong": 8, "suspected": "D"}
    return findings.gather(
        world.ask("twins"),
        world.ask("repeated_choices"),
        world.ask("missing_pictures"),
        pl.DataFrame([suspect]),
    )


def test_words_tell_that_a_picture_is_missing(world: db.Warehouse) -> None:
    rows = world.ask("missing_pictures")
    assert dict(rows.select("question", "words").iter_rows()) == PICTURES


def test_each_reason_is_told_with_its_question(found: pl.DataFrame) -> None:
    told = found.filter(pl.col("kind") != "picture").select("kind", "sample_id", "why")
    assert told.rows() == [
        ("same", "0", "also sample/1"),
        ("same", "1", "also sample/0"),
        ("same", "6", "also sample/7"),
        ("same", "7", "also sample/6"),
        ("similar", "0", "also sample/2"),
        ("similar", "1", "also sample/2"),
        ("similar", "2", "also sample/0, sample/1"),
        ("conflict", "0", "also sample/1"),
        ("conflict", "1", "also sample/0"),
        ("repeated", "3", "twice “Fever ”, which is the key"),
        ("repeated", "4", "twice “x”"),
        ("repeated", "5", "twice “x”, which is the key"),
        ("doubted", "9", "7 of 8 strong models pick D"),
    ]


def test_each_number_is_the_length_of_its_list(world: db.Warehouse, found: pl.DataFrame) -> None:
    counts = findings.count(found, world.ask("tasks"))
    assert counts.rows() == [
        ("sample", "Demonstration", len(QUESTIONS), 4, 3, 2, 3, len(PICTURES), 1)
    ]
    for kind in findings.KINDS:
        assert findings.choose(found, kind, "sample").height == counts[kind][0]
        assert findings.choose(found, kind, "").height == counts[kind][0]
        assert findings.choose(found, kind, "medqa").is_empty()


def test_several_tasks_are_summed(found: pl.DataFrame) -> None:
    tasks = pl.DataFrame(
        {"task": ["none", "sample", "absent"], "title": ["N", "D", "A"], "size": [3, 4, 5]}
    ).with_columns(loaded=pl.col("task") != "absent")
    counts = findings.count(found, tasks).select("task", "title", "size", "same", "doubted")
    assert counts.rows() == [("none", "N", 3, 0, 0), ("sample", "D", 4, 4, 1), ("", "All", 7, 4, 1)]
    assert findings.without_zeros(counts.with_columns(found_none()))["same"].to_list() == [
        None, 4, 4,
    ]  # fmt: skip


def found_none() -> list[pl.Expr]:
    return [pl.lit(0).alias(kind) for kind in ("similar", "conflict", "repeated", "picture")]


def test_the_list_shows_a_question_in_one_line() -> None:
    row = {"task": "sample", "sample_id": "1", "gold": "A", "question": " a\n  b ", "why": "“c\nd”"}
    lines = findings.finding_rows(pl.DataFrame([row]), {"sample": "Demonstration"})
    assert lines.rows() == [("a b", "“c d”", "A", "Demonstration", "1")]


def test_the_share_of_each_key_is_told() -> None:
    letters = pl.DataFrame({"task": ["x", "y", "x"], "gold": ["B", "A", "A"], "n": [1, 5, 2]})
    told = dict(findings.key_shares(letters).iter_rows())
    assert told == {"x": "A 67% · B 33%", "y": "A 100%"}


def test_refused_lines_are_counted_by_reason() -> None:
    refused = pl.DataFrame(
        {"source": ["a", "b", "b", "b"], "reason": ["r", "r", "s", "s"], "line": [1, 2, 3, 4]}
    )
    assert findings.quarantine_counts(refused).rows() == [
        ("b", "s", 2), ("a", "r", 1), ("b", "r", 1),
    ]  # fmt: skip


def test_a_size_is_told_as_people_say_it() -> None:
    assert [findings.human_size(size) for size in (500_000, 134_754_304, 2_050_000_000)] == [
        "0.5 MB", "134.8 MB", "2.0 GB",
    ]  # fmt: skip
