"""The queries of how answers were given: counted again in plain Python, and by hand."""

import math
from collections import Counter
from collections.abc import Iterator
from statistics import fmean, median
from typing import Any

import polars as pl
import pytest

from tests import several_runs
from tests.several_runs import DRAWN, ONCE, REASONED, ROTATED, SAMPLES, WAYS, Several, read_rows
from tests.test_scores import World

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
TOY = "toy:llama"


def likeliest(logprobs: list[float]) -> str:
    return "ABCDEFGHIJ"[logprobs.index(max(logprobs))]


def softmax(logprobs: list[float]) -> list[float]:
    odds = [math.exp(each) for each in logprobs]
    return [each / sum(odds) for each in odds]


def mean(values: list[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def by_question(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [
        [row for row in rows if row["sample_id"] == key]
        for key in dict.fromkeys(row["sample_id"] for row in rows)
    ]


def letters_of(rows: list[dict[str, Any]]) -> list[str]:
    return [row["prediction"] for row in rows if row["prediction"]]


@pytest.mark.parametrize("way", [way for way in WAYS if way[1] != ONCE])
def test_how_answers_were_given_is_counted_by_run_and_task(
    several: Several, way: tuple[str, str]
) -> None:
    run_id = several[1][way]
    rows = read_rows(run_id)
    weighed = [row for row in rows if row["logprobs_after"]]
    right = [[row["right"] for row in own] for own in by_question(rows)]
    common = [Counter(letters_of(own)).most_common(1) for own in by_question(rows)]
    shares = [
        (most[0][1] if most else 0) / len(own) for most, own in zip(common, right, strict=True)
    ]
    once = len(rows) == 92
    (found,) = several[0].ask("written_answers", run_ids=(run_id,)).to_dicts()
    counted = {
        "run_id": run_id,
        "task": "sample",
        "task_title": found["task_title"],
        "headline": False,
        "questions": 92,
        "repeats": {ROTATED: max(len(sample.choices) for sample in SAMPLES), DRAWN: 3}.get(
            way[1], 1
        ),
        "accuracy": fmean(map(fmean, right)),
        "always_right": None if once else fmean(map(all, right)),
        "agreement": None if once else fmean(shares),
        "answers": len(rows),
        "written_tokens": mean([row["written_tokens"] for row in rows]),
        "cut_off": mean([row["finish"] and row["finish"] == "limit" for row in rows]),
        "thought": fmean(row["thinking"] is not None for row in rows),
        "cost": None,
        "seconds": median(row["seconds"] for row in rows),
        "reasons_otherwise": mean(
            [
                likeliest(row["logprobs_after"]) != row["prediction"]
                for row in weighed
                if row["prediction"]
            ]
        ),
        "asked_after": sum(row["prediction"] is not None for row in weighed),
        "rationale_changes": mean(
            [
                likeliest(row["logprobs_after"]) != likeliest(row["logprobs_before"])
                for row in weighed
            ]
        ),
    }
    assert found == pytest.approx(counted)
    assert bool(weighed) is (way[1] == REASONED)


def test_no_run_named_means_all_that_have_such_answers(several: Several) -> None:
    found = several[0].ask("written_answers", run_ids=())
    expected = {run_id for (_, slug), run_id in several[1].items() if slug != ONCE}
    assert {*found["run_id"]} == expected


@pytest.mark.parametrize("way", WAYS)
def test_a_question_has_each_of_its_answers(several: Several, way: tuple[str, str]) -> None:
    run_id = several[1][way]
    place = {"run_id": run_id, "task": "sample", "sample_id": "sample-003"}
    found = several[0].ask("repeats", **place).to_dicts()
    rows = [row for row in read_rows(run_id) if row["sample_id"] == "sample-003"]
    for one, other in zip(found, rows, strict=True):
        for name in ("repeat", "prediction"):
            assert one[name] == other[name]
        assert one["correct"] is other["right"]
        named = {"probabilities": "logprobs", "before": "logprobs_before"}
        for name, column in (named | {"after": "logprobs_after"}).items():
            shares = other[column] and softmax(other[column])
            assert one[name] == (shares and pytest.approx(shares, rel=1e-5)), name
        for name in ("before", "after"):
            logprobs = other[f"logprobs_{name}"]
            assert one[f"pick_{name}"] == (logprobs and likeliest(logprobs))
        for name in ("tokens", "written_tokens", "seconds", "cost", "finish"):
            assert one[name] == (None if way[1] == ONCE else other[name])


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def test_costs_cut_offs_and_changed_minds_are_counted_by_hand(world: World) -> None:
    world.answer("sample", ["A", "B", "C"], run=["A", "B", None])
    world.derive("scores")
    numbers = [number for (number,) in world.rows("select number from samples order by number")]
    for_a, for_b = [-0.1, -2.0, -3.0, -4.0], [-2.0, -0.1, -3.0, -4.0]
    rows = [
        {"finish": finish, "cost": cost, "seconds": seconds, "written_tokens": tokens}
        | {"run": 1, "sample": sample, "repeat": 0, "thought": tokens == 9}
        | {"logprobs_before": before, "logprobs_after": after}
        for sample, finish, cost, seconds, tokens, before, after in (
            (numbers[0], "end", 0.25, 1.0, 3, for_a, for_b),
            (numbers[1], "limit", 0.5, 2.0, 9, for_b, for_b),
            (numbers[2], "stop string", None, 9.0, 6, for_a, for_b),
        )
    ]
    world.load("answers", pl.DataFrame(rows))
    (found,) = world.ask("written_answers", run_ids=()).to_dicts()
    assert found["cost"] == 0.75
    assert (found["seconds"], found["written_tokens"]) == (2, 6)
    assert found["cut_off"] == found["thought"] == pytest.approx(1 / 3)
    assert found["reasons_otherwise"] == 0.5  # of the two that can be read, one picks A
    assert found["asked_after"] == 2
    assert found["rationale_changes"] == pytest.approx(2 / 3)


def test_the_leaderboard_has_the_mean_length_and_the_cost_of_answers(world: World) -> None:
    """By the answers of which they are known, over all tasks of a board."""
    tasks = ("mmlu_anatomy", "mmlu_medical_genetics", "sample")
    for task in tasks:
        world.answer(task, ["A", "B"], run=["A", "B"])
    world.score("run", dict.fromkeys(tasks, 1), of=dict.fromkeys(tasks, 2))
    numbers = [number for (number,) in world.rows("select number from samples order by number")]
    facts = [(10, 0.001), (20, None), (60, 0.003), (None, None), (7, 0.5), (8, 0.5)]
    rows = [
        {"run": 1, "sample": sample, "repeat": 0, "thought": False, "written_tokens": tokens}
        | {"cost": cost}
        for sample, (tokens, cost) in zip(numbers, facts, strict=True)
    ]
    world.load("answers", pl.DataFrame(rows))
    columns = ("board", "tokens_per_answer", "cost_per_1000", "always_right")
    assert sorted(world.leaderboard(*columns)) == [
        ("nine", 30, pytest.approx(2), None),
        ("sample", 7.5, pytest.approx(500), None),
    ]


@pytest.mark.parametrize("way", WAYS)
def test_the_leaderboard_has_what_is_counted_by_run(several: Several, way: tuple[str, str]) -> None:
    run_id = several[1][way]
    columns = ("always_right", "agreement")
    board = several[0].ask("leaderboard_rows").filter(run_id=run_id)
    (score,) = several_runs.select(
        f"select {', '.join(columns)} from scores where run_id = '{run_id}' and slice = 'all'"
    ).rows()
    assert board.select(columns).row(0) == pytest.approx(score)
    given = several[0].ask("written_answers", run_ids=(run_id,))["written_tokens"]
    assert board["tokens_per_answer"].to_list() == (given.to_list() or [None])
