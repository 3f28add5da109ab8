"""What is said of a wrong answer: each flag where it belongs, with what it rests on."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import pytest

from ingest import frames, samples
from tests import small_warehouse
from tests.test_scores import RUN, World
from warehouse import db

small = small_warehouse.world  # a fixture
GOLDS = ["A", "A", "A", "A"]
OTHERS = ("b", "c", "d")


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.connection.close()


def load(
    world: World, types: dict[str, str] | None = None, /, **picks: Sequence[str | None]
) -> None:
    """A run of a model per keyword, of pubmedqa; `types` are of other models than open weights."""
    world.answer("pubmedqa", GOLDS, **picks)
    for run in picks:
        world.score(run, {"pubmedqa": 0}, model=run, of={"pubmedqa": 4})
        world.connection.execute(
            "update models set type = $type where model = $run",
            {"type": (types or {}).get(run, "open weights"), "run": run},
        )
    derive(world)


def derive(world: World) -> None:
    for table in ("scores", "counted_runs", "sample_picks", "suspect_keys"):
        world.derive(table)


def flags(world: World, run: str) -> dict[str, list[str]]:
    """From each wrong answer's question to its flags."""
    found = world.rows(
        f"select sample_id, flags from flagged_answers where run_id = '{run}' order by all"
    )
    return dict(found)


def evidence(world: World, flag: str, *columns: str) -> list[Any]:
    return world.rows(
        f"select run_id, sample_id, {', '.join(columns)} from flags where flag = '{flag}' "
        "order by all"
    )


def test_alone_in_the_wrong_is_flagged_from_three_others_on(world: World) -> None:
    load(world, None, a=["B", "A", "A", "B"], **dict.fromkeys(OTHERS, GOLDS[:3]))
    assert flags(world, "a") == {"test-0": ["only_wrong"], "test-3": []}
    assert evidence(world, "only_wrong", "alike", "out_of") == [("a", "test-0", 3, 3)]
    world.connection.execute("update models set type = 'baseline' where model = 'd'")
    derive(world)
    assert flags(world, "a") == {"test-0": [], "test-3": []}


def test_what_is_flagged_comes_first_where_the_gravest_flags_do(world: World) -> None:
    load(world, a=["B", "B", "A", "B"], **{key: ["A", "C", "A", "A"] for key in OTHERS})
    of_a = "['a'], [], [], '', '', '', '', '', ''"
    found = f"select sample_id from wrong_answers({of_a}, 'flags') order by number"
    assert [key for (key,) in world.rows(found)] == ["test-0", "test-3", "test-1"]


def test_a_baseline_is_no_other_but_may_be_alone_in_the_wrong(world: World) -> None:
    right = dict.fromkeys(OTHERS, GOLDS)
    load(world, {"a": "baseline", "e": "random weights"}, a=["B"], e=["C"], **right)
    assert flags(world, "a") == flags(world, "e") == {"test-0": ["only_wrong"]}
    assert world.rows("select run_id, votes from counted_runs order by all") == [
        ("a", False), ("b", True), ("c", True), ("d", True), ("e", False),
    ]  # fmt: skip
    assert world.ask("field_sheets", task="pubmedqa")["run_id"].to_list() == [*OTHERS]


def test_a_run_to_be_doubted_is_no_other_and_hides_no_flag(world: World) -> None:
    unread: list[str | None] = [None] * 4
    load(world, None, a=["B", "A"], e=unread, **dict.fromkeys(OTHERS, GOLDS))
    assert flags(world, "a") == {"test-0": []}
    world.connection.execute("update runs set suspect = 'Nothing read.' where run_id = 'e'")
    derive(world)
    assert flags(world, "a") == {"test-0": ["only_wrong"]}
    assert evidence(world, "only_wrong", "alike", "out_of")[0] == ("a", "test-0", 3, 3)
    assert world.rows("select run_id from counted_runs where not votes") == [("e",)]


def test_all_in_the_wrong_are_flagged_with_who_picked_the_same(world: World) -> None:
    load(world, a=["B", "B", None], b=["B", "C", "B"], c=["C", "A", "C"], d=["D"])
    assert flags(world, "a") == {"test-0": ["all_wrong"], "test-1": [], "test-2": ["all_wrong"]}
    assert evidence(world, "all_wrong", "alike", "out_of") == [
        ("a", "test-0", 1, 3),
        ("a", "test-2", 0, 2),
        ("b", "test-0", 1, 3),
        ("b", "test-2", 0, 2),
        ("c", "test-0", 0, 3),
        ("c", "test-2", 0, 2),
        ("d", "test-0", 0, 3),
    ]


def test_two_are_too_few_to_be_all(world: World) -> None:
    load(world, {"e": "baseline"}, a=["B"], b=["B"], e=["B"])
    assert flags(world, "a") == {"test-0": []}
    assert flags(world, "e") == {"test-0": ["all_wrong"]}, "with this one they are three"


def test_a_hidden_model_counts_nowhere(world: World) -> None:
    load(world, None, a=["B"], **dict.fromkeys(OTHERS, GOLDS))
    world.connection.execute("insert into model_marks values ('d', 'hidden', 'Bad.', '2026-01-01')")
    derive(world)
    assert flags(world, "a") == {"test-0": []}


def test_an_older_run_of_a_model_counts_nowhere(world: World) -> None:
    load(world, a=["B"], b=GOLDS, c=GOLDS, d=GOLDS)
    old = RUN | {"model": "c", "run_id": "d", "record_hash": "d"}
    world.connection.execute("update runs set model = 'c' where run_id = 'd'")
    assert old["revision"] == "r"
    derive(world)
    assert flags(world, "a") == {"test-0": []}


@pytest.mark.parametrize(("sure", "found"), [(0.9, ["confident"]), (0.8999, []), (None, [])])
def test_confident_is_from_nine_tenths_on(
    world: World, sure: float | None, found: list[str]
) -> None:
    load(world, a=["B", "A"])
    world.connection.execute("update predictions set confidence = $sure", {"sure": sure})
    derive(world)
    assert flags(world, "a") == {"test-0": found}
    wanted = None if sure is None else len(found)
    assert world.rows("select confident_wrong from scores where slice = 'all' and n = 2") == [
        (wanted,)
    ]
    assert evidence(world, "confident", "confidence") == [
        ("a", "test-0", pytest.approx(0.9)) for _ in found
    ]


def mark(world: World, letter: str, rule: str = "r") -> None:
    row: dict[str, Any] = {"task": "pubmedqa", "sample_id": "test-0"}
    row |= {"letter": letter, "rule": rule}
    row |= {"words": "drug", "context": None, "why": "w", "source": "s", "strength": "avoid"}
    world.load(
        "contraindicated_choices",
        pl.DataFrame([row | {"context_words": ["boy"]}], schema=samples.CONTRAINDICATED),
    )


def test_a_contraindicated_pick_is_flagged_and_counted_once(world: World) -> None:
    load(world, a=["B", "B"], b=["C"])
    mark(world, "B")
    world.connection.execute(
        "insert into contraindicated_choices "
        "select * replace ('r2' as rule) from contraindicated_choices"
    )
    derive(world)
    assert flags(world, "a") == {"test-0": ["contraindicated"], "test-1": []}
    assert flags(world, "b") == {"test-0": []}
    assert evidence(world, "contraindicated", "rule", "words", "context_words", "why") == [
        ("a", "test-0", "r", "drug", ["boy"], "w"),
        ("a", "test-0", "r2", "drug", ["boy"], "w"),
    ]
    counted = "select run_id, contraindicated from scores where slice = 'all' and n < 4 order by 1"
    assert world.rows(counted) == [("a", 1), ("b", 0)]


def test_a_contradiction_is_quoted_with_its_place(world: World) -> None:
    load(world, a=["B", "B"], b=["B"])
    facts = {"run_id": "a", "task": "pubmedqa", "flag": "contradiction", "repeat": 0}
    passages = [("test-0", "other", "It is A.", 9, 17), ("test-0", "warns", "Avoid B", 0, 7)]
    rows = [
        facts | {"sample_id": key, "kind": kind, "words": words, "start": start, "end_": end}
        for key, kind, words, start, end in passages
    ]
    world.load("prediction_flags", pl.DataFrame(rows, schema=frames.FLAGS))
    assert flags(world, "a") == {"test-0": ["contradiction"], "test-1": []}
    assert flags(world, "b") == {"test-0": []}
    assert evidence(world, "contradiction", "kind", "words", "start", "end_") == [
        ("a", *passage) for passage in passages
    ]


def test_who_picks_the_suspected_letter_is_flagged(world: World) -> None:
    load(world, a=["B"], b=["C"])
    world.connection.execute(
        "insert into suspect_keys values ('pubmedqa', 'test-0', 'A', 'B', 5, 4, 1)"
    )
    assert flags(world, "a") == {"test-0": ["suspect_key"]}
    assert flags(world, "b") == {"test-0": []}
    assert evidence(world, "suspect_key", "alike", "out_of") == [("a", "test-0", 4, 5)]


def test_a_right_answer_has_no_flag_whatever_is_known(small: db.Warehouse) -> None:
    rights = small._connection.execute(
        "select count(*) from flagged_answers where prediction = gold"
    ).fetchall()
    assert rights == [(0,)]
