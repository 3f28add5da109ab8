"""What the benchmarks cover and lack: the query over the demonstration, and what is said of it."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from dashboard import coverage
from evaluator.questions import load_samples
from evaluator.samples import SAFETY_TAGS
from evaluator.tasks import find_task
from tests.conftest import ask
from tests.demonstration import make_data, make_demonstration
from tests.test_pages import clear_caches, open_page

TASKS = pl.DataFrame(
    {
        "task": ["one", "two", "three"],
        "title": ["One", "Two", "Three"],
        "benchmark": ["B"] * 3,
        "size": [200, 100, 5],
        "language": ["en", "en", "de"],
        "licence": ["MIT"] * 3,
        "loaded": [True, True, False],
    }
)
PARTS = pl.DataFrame(
    [
        ("one", "choices", "4", 150),
        ("one", "choices", "10", 50),
        ("two", "choices", "3", 100),
        ("one", "explained", "", 50),
        ("one", "subject", "", 200),
        ("two", "subject", "Anatomy ", 60),
        ("two", "subject", "Surgery", 40),
        ("one", "safety", "elderly", 100),
        ("two", "safety", "elderly", 5),
        ("two", "safety", "dosing", 7),
        ("one", "safety", "children", 60),
        ("two", "safety", "children", 60),
        ("two", "forbidden", "", 3),
    ],
    schema={"task": pl.String, "kind": pl.String, "part": pl.String, "n": pl.Int64},
    orient="row",
).with_columns(position=pl.col("task").rank("dense"))


@pytest.fixture
def _demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADERBOARD_DATA", str(make_data(tmp_path, make_demonstration)))
    clear_caches()


def test_each_task_says_what_it_has() -> None:
    rows = coverage.task_rows(TASKS, PARTS)
    columns = ["title", "size", "choices", "subjects", "explained", "forbidden"]
    assert rows.select(columns).rows() == [
        ("One", 200, "4 to 10", None, 25.0, None),
        ("Two", 100, "3", 2, None, 3),
    ]


def test_parts_stand_against_tasks_most_questions_first() -> None:
    titles = {"one": "One", "two": "Two"}
    assert coverage.context_rows(PARTS, titles).rows(named=True) == [
        {"part": "children", "All": 120, "one": 60, "two": 60},
        {"part": "elderly", "All": 105, "one": 100, "two": 5},
        {"part": "dosing", "All": 7, "one": None, "two": 7},
    ]
    assert coverage.specialty_rows(PARTS, titles).rows() == [
        ("Anatomy", 60, "Two"),
        ("Surgery", 40, "Two"),
    ]


def test_gaps_are_said_in_sentences() -> None:
    assert coverage.gaps(TASKS, PARTS) == [
        "All questions are in English.",
        "No question is on pregnancy and lactation, renal impairment, hepatic impairment, allergy, "
        "interaction, emergency.",
        "Fewer than 100 questions, all tasks together, on dosing (7).",
        "Nine in ten questions are of one task on elderly (105).",
        "No specialty is named in One.",
    ]
    several = TASKS.with_columns(loaded=True)
    assert "All questions are in English." not in coverage.gaps(several, PARTS)
    german = coverage.gaps(TASKS.with_columns(language=pl.lit("de")), PARTS)
    assert german[0] == "All questions are in the language with the code de."


def test_every_safety_context_is_looked_for() -> None:
    assert coverage.CONTEXTS == SAFETY_TAGS


def test_so_many_questions_are_few_by_wilson() -> None:
    z, share, n = 1.959963984540054, 0.6, coverage.FEW
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    assert half == pytest.approx(0.094, abs=5e-4)


@pytest.mark.usefixtures("_demonstration")
def test_the_page_counts_the_questions_that_are_loaded() -> None:
    samples = load_samples(find_task("sample"))
    app = open_page("benchmarks")
    assert not app.exception
    tasks, contexts, subjects = (table.value for table in app.dataframe)
    assert list(tasks["size"]) == [len(samples)]
    expected = Counter(sample.subject for sample in samples)
    assert dict(zip(subjects["part"], subjects["n"], strict=True)) == expected
    found = ask("coverage").filter(kind="safety")
    assert dict(zip(contexts["part"], contexts["All"], strict=True)) == dict(
        found.select("part", "n").iter_rows()
    )
    given = Counter(tag for sample in samples for tag in sample.safety_tags)
    assert all(dict(found.select("part", "n").iter_rows())[tag] >= given[tag] for tag in given)
