"""Scores with the keys of the source, with ruled ones, and without disputed questions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from ingest import review_copy
from tests.test_scores import ALL_RIGHT, SOME_RIGHT, World

AT = datetime(2026, 1, 1)
GOLDS = ["A", "B", "C", "D", "A"]  # subjects Surgery, Cardiology, none; tags none, 1, 2
PICKS = ["A", "A", "D", None, "B"]
Score = tuple[str, str, str, int, int]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def dispute(
    world: World, number: int, place: int, letters: str | None = None, **facts: Any
) -> None:
    """Dispute the key of a question of pubmedqa; `letters` uphold it."""
    row = {"number": number, "task": "pubmedqa", "sample_id": f"test-{place}", "gold": GOLDS[place]}
    row |= {"wanted": "", "reason": "r", "disputer": "reviewer-1", "disputed_at": AT}
    if letters is not None:
        row |= {"letters": letters, "version": number, "why": "w", "ruled_at": AT}
    row |= {"state": "open" if letters is None else "upheld"} | facts
    world.load("key_disputes", pl.DataFrame([row], schema=review_copy.DISPUTES))


def stored(world: World, version: str, table: str = "scores") -> list[Score]:
    world.derive("scores")
    rows = world.rows(
        f"select task, slice, slice_value, n, correct from {table} "
        f"where key_version = '{version}' order by all"
    )
    return [*rows]


def test_only_slices_of_changed_keys_are_scored_anew(world: World) -> None:
    world.answer("pubmedqa", GOLDS, run=PICKS)
    world.answer("mmlu_anatomy", ["A"], run=["A"])
    original = stored(world, "original")
    assert ("pubmedqa", "all", "all", 5, 1) in original
    assert stored(world, "reviewed") == stored(world, "undisputed") == []
    dispute(world, 1, 1, "AC")  # Cardiology, dosing; the run picked A
    assert stored(world, "original") == original
    assert stored(world, "reviewed") == [
        ("pubmedqa", "all", "all", 5, 2),
        ("pubmedqa", "safety", "dosing", 3, 1),
        ("pubmedqa", "subject", "Cardiology", 2, 1),
    ]
    assert stored(world, "undisputed") == [
        ("pubmedqa", "all", "all", 4, 1),
        ("pubmedqa", "safety", "dosing", 2, 0),
        ("pubmedqa", "subject", "Cardiology", 1, 0),
    ]


def test_scores_by_key_complete_the_rest_from_the_original(world: World) -> None:
    world.answer("pubmedqa", GOLDS, run=PICKS)
    world.answer("mmlu_anatomy", ["A"], run=["A"])
    dispute(world, 1, 1, "AC")
    for version in ("reviewed", "undisputed"):
        changed = {row[:3]: row for row in stored(world, version)}
        completed = {row[:3]: row for row in stored(world, "original")} | changed
        assert stored(world, version, "scores_by_key") == sorted(completed.values())


def test_a_question_without_a_right_choice_is_left_out_of_the_reviewed(world: World) -> None:
    world.answer("pubmedqa", GOLDS, run=PICKS)
    dispute(world, 1, 0, "")  # the only right one; Surgery
    assert (
        stored(world, "reviewed")
        == stored(world, "undisputed")
        == [
            ("pubmedqa", "all", "all", 4, 0),
            ("pubmedqa", "subject", "Surgery", 1, 0),
        ]
    )


def test_a_slice_that_is_wholly_left_out_is_not_completed(world: World) -> None:
    world.answer("pubmedqa", GOLDS[:3], run=PICKS[:3])  # of which one is elderly
    dispute(world, 1, 2)
    elderly = ("pubmedqa", "safety", "elderly", 1, 0)
    assert elderly in stored(world, "original", "scores_by_key")
    assert elderly in stored(world, "reviewed", "scores_by_key"), "nothing was ruled"
    slices = [row[:3] for row in stored(world, "undisputed", "scores_by_key")]
    assert elderly[:3] not in slices
    assert ("pubmedqa", "safety", "dosing") in slices


def test_of_several_rulings_the_last_counts_and_rejected_ones_change_nothing(world: World) -> None:
    world.answer("pubmedqa", GOLDS, run=PICKS)
    dispute(world, 1, 1, "A")
    dispute(world, 2, 1, "B")
    dispute(world, 3, 0, state="rejected", why="w", ruled_at=AT)
    assert [row[3:] for row in stored(world, "reviewed") if row[1] == "all"] == [(5, 1)]
    assert [row[3:] for row in stored(world, "undisputed") if row[1] == "all"] == [(4, 1)]
    assert world.rows("select sample_id, letters, version from reviewed_keys") == [
        ("test-1", "B", 2)
    ]


def test_averages_by_key_stand_on_the_leaderboard_where_a_key_is_disputed(world: World) -> None:
    columns = ("run_id", "average", "average_reviewed", "average_undisputed")
    world.answer("pubmedqa", GOLDS, whole=PICKS, partial=PICKS)
    world.score("whole", SOME_RIGHT)
    world.score("partial", {"pubmedqa": 0}, model="n", of={"pubmedqa": 5})
    world.connection.execute("delete from scores where task = 'pubmedqa'")
    world.connection.execute("update run_tasks set predictions = expected")
    world.derive("scores")
    ((_, average, *others),) = [row for row in world.leaderboard(*columns) if row[0] == "whole"]
    assert others == [None, None]
    dispute(world, 1, 1)
    world.derive("scores")
    found = {row[0]: row[1:] for row in world.leaderboard(*columns)}
    assert found["whole"] == (average, None, pytest.approx(average + (1 / 4 - 1 / 5) / 9))
    assert found["partial"] == (None, None, None)
    dispute(world, 2, 2, "D")
    world.derive("scores")
    found = {row[0]: row[1:] for row in world.leaderboard(*columns)}
    assert found["whole"] == (
        average,
        pytest.approx(average + 1 / 5 / 9),
        pytest.approx(average + (1 / 3 - 1 / 5) / 9),
    )


def test_a_dispute_in_the_demonstration_changes_no_average(world: World) -> None:
    world.score("run", ALL_RIGHT)
    world.answer("sample", ["A", "B"], other=["A", "A"])
    dispute(world, 1, 1, "A", task="sample")
    assert [row[0] for row in stored(world, "reviewed") if row[1] == "all"] == ["sample"]
    rows = world.leaderboard("run_id", "average", "average_reviewed", "average_undisputed")
    assert ("run", 1.0, None, None) in rows
