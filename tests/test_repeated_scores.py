"""What repeated answers score: counted again in plain Python, from the files of their runs."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import polars as pl
import pytest
from scipy.stats import norm

from evaluator.samples import Sample
from tests import several_runs
from tests.several_runs import ONCE, REASONED, SAMPLES, WAYS, Several, read_rows
from tests.test_scores import World

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
Rows = list[dict[str, Any]]
COUNTED = (
    *("n", "correct", "unreadable", "accuracy", "stderr", "interval_low", "interval_high"),
    *("pointwise", "unreadable_share", "repeats", "always_right", "agreement"),
)


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson 1927, as its formula stands in textbooks."""
    z = float(norm.ppf(0.975))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(0, middle - half), min(1, middle + half)


def count(rows: Rows) -> dict[str, Any]:
    """The score of some answers, a question after the other."""
    questions: dict[str, Rows] = defaultdict(list)
    for row in rows:
        questions[row["sample_id"]].append(row)
    asked = list(questions.values())
    shares = [sum(row["right"] for row in each) / len(each) for each in asked]
    blanks = [sum(row["prediction"] is None for row in each) / len(each) for each in asked]
    common = [
        max(Counter(row["prediction"] for row in each if row["prediction"]).values(), default=0)
        / len(each)
        for each in asked
    ]
    n, accuracy, repeats = len(asked), statistics.fmean(shares), max(map(len, asked))
    stderr = statistics.stdev(shares) / math.sqrt(n) if n > 1 else None
    effective = n if repeats == 1 or not stderr else accuracy * (1 - accuracy) / stderr**2 + 1
    low, high = wilson(accuracy, effective)
    return {
        "n": n,
        "correct": round(sum(shares) + 1e-9),
        "unreadable": round(sum(blanks) + 1e-9),
        "accuracy": accuracy,
        "stderr": stderr,
        "interval_low": low,
        "interval_high": high,
        "pointwise": 1.25 * accuracy - 0.25,
        "unreadable_share": statistics.fmean(blanks),
        "repeats": repeats,
        "always_right": None if repeats == 1 else statistics.fmean(x == 1 for x in shares),
        "agreement": None if repeats == 1 else statistics.fmean(common),
    }


def count_graves(rows: Rows) -> list[int | None]:
    """Wrong answers that are forbidden to the patient, and those of which the model is sure."""
    forbidden = set(
        several_runs.select(
            "select sample_id, letter from contraindicated_choices "
            "join samples on samples.number = contraindicated_choices.sample"
        ).iter_rows()
    )
    wrong = [row for row in rows if not row["right"]]
    sure = [row["logprobs"] is not None and is_sure(row["logprobs"]) for row in wrong]
    known = any(row["logprobs"] for row in rows)
    picks = [(row["sample_id"], row["prediction"]) in forbidden for row in wrong]
    return [sum(picks), sum(sure) if known else None]


def is_sure(logprobs: Sequence[float]) -> bool:
    weights = [math.exp(one - max(logprobs)) for one in logprobs]
    return max(weights) / sum(weights) >= 0.9


def slices() -> Iterable[tuple[str, str, Callable[[Sample], bool]]]:
    yield "all", "all", lambda _: True
    for subject in sorted({sample.subject for sample in SAMPLES if sample.subject}):
        yield "subject", subject, lambda sample, name=subject: sample.subject == name  # type: ignore[misc]


@pytest.mark.parametrize("way", WAYS)
def test_scores_are_those_counted_in_plain_python(several: Several, way: tuple[str, str]) -> None:
    run_id = several[1][way]
    found = several_runs.select(f"select * from scores where run_id = '{run_id}'")
    given = {(row["slice"], row["slice_value"]): row for row in found.iter_rows(named=True)}
    rows = read_rows(run_id)
    for kind, value, is_in in slices():
        inside = {sample.sample_id for sample in SAMPLES if is_in(sample)}
        counted = count([row for row in rows if row["sample_id"] in inside])
        score = {name: given[kind, value][name] for name in COUNTED}
        assert score == pytest.approx(counted, abs=1e-9, nan_ok=False), (kind, value)
        graves = [given[kind, value][name] for name in ("contraindicated", "confident_wrong")]
        assert graves == count_graves([row for row in rows if row["sample_id"] in inside])
    several_times = way[1] not in (ONCE, REASONED)
    assert (given["all", "all"]["repeats"] > 1) is several_times


@pytest.fixture
def world() -> Iterable[World]:
    made = World()
    yield made
    made.connection.close()


def repeat(world: World, *draws: Sequence[str | None]) -> None:
    """Give the run's further answers to its questions, one a draw."""
    numbers = [number for (number,) in world.rows("select number from samples order by number")]
    for number, letters in enumerate(draws, 1):
        rows = [
            {"run": 1, "sample": sample, "repeat": number, "prediction": letter}
            for sample, letter in zip(numbers, letters, strict=True)
        ]
        world.insert("predictions", pl.DataFrame(rows, schema_overrides={"prediction": pl.String}))


def test_questions_that_are_always_or_never_right_count_like_single_answers(world: World) -> None:
    """Then repeats say nothing new, and the interval is that of so many questions."""
    letters = ["A"] * 7 + ["B"] * 3
    world.answer("sample", ["A"] * 10, run=[*letters])
    single = world.derive("scores")[0]
    repeat(world, letters, letters)
    several = world.derive("scores")[0]
    changed = {"repeats": 3, "always_right": 0.7, "agreement": 1.0}
    assert several == pytest.approx(single | changed, abs=1e-12)


def test_where_every_question_does_alike_the_interval_is_that_of_as_many_questions(
    world: World,
) -> None:
    world.answer("sample", ["A"] * 6, run=["A"] * 6)
    repeat(world, ["B"] * 6)
    (found,) = [row for row in world.derive("scores") if row["slice"] == "all"]
    low, high = wilson(0.5, 6)
    assert (found["stderr"], found["always_right"], found["agreement"]) == (0, 0, 0.5)
    assert (found["interval_low"], found["interval_high"]) == pytest.approx((low, high))


def test_unreadable_is_no_answer_that_repeats_agree_on(world: World) -> None:
    world.answer("sample", ["A", "A"], run=[None, None])
    repeat(world, [None, "B"], [None, None])
    (found,) = [row for row in world.derive("scores") if row["slice"] == "all"]
    assert found["agreement"] == pytest.approx((0 + 1 / 3) / 2)
    assert (found["unreadable"], found["unreadable_share"]) == (2, pytest.approx(5 / 6))


def test_an_upheld_ruling_scores_every_repeat_by_its_letters(world: World) -> None:
    world.answer("sample", ["A", "A"], run=["B", "A"])
    repeat(world, ["C", "A"])
    world.connection.execute(
        "insert into key_disputes by name select 1 as number, 'sample' as task, 'test-0' as "
        "sample_id, 'A' as gold, 'B' as wanted, '' as reason, 'r' as disputer, 'upheld' as state, "
        "'B' as letters, 1 as version, now()::timestamp as disputed_at"
    )
    found = {
        row["key_version"]: (row["n"], row["accuracy"], row["always_right"])
        for row in world.derive("scores")
        if row["slice"] == "all"
    }
    assert found == {
        "original": (2, 0.5, 0.5),
        "reviewed": (2, 0.75, 0.5),
        "undisputed": (1, 1.0, 1.0),
    }


def test_the_averages_interval_is_made_of_the_errors_of_repeats(world: World) -> None:
    from evaluator.tasks import NINE

    world.score("run", dict.fromkeys(NINE, 50))
    world.connection.execute("update scores set repeats = 3, stderr = 0.02")
    (row,) = world.derive("leaderboard")
    half = 1.959963984540054 * math.sqrt(9 * 0.02**2) / 9
    assert row["average_high"] - row["average"] == pytest.approx(half)


def test_a_task_that_is_asked_once_does_not_lessen_how_steady_the_others_are(world: World) -> None:
    world.score("run", {"mmlu_anatomy": 50, "pubmedqa": 250})
    world.connection.execute(
        "update scores set repeats = 4, always_right = 0.25, agreement = 0.75 "
        "where task = 'mmlu_anatomy'"
    )
    (row,) = world.derive("leaderboard")
    assert (row["always_right"], row["agreement"]) == (0.25, 0.75)
