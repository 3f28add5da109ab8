"""Whatever stands where a log has something else, it is read or refused, and never an accident."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evaluator.questions import load_samples
from evaluator.samples import Sample
from evaluator.tasks import find_task
from ingest import every_eval_ever, inspect_ai, leaderboard_results
from ingest.errors import UnreadableFile
from ingest.foreign import Log, Wanted
from ingest.matching import match_log
from tests import test_every_eval_ever, test_inspect_ai

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["A", "B", "attachment://", "\ud83d", "0", "9" * 20, "²", "Answer:"]),
    lambda inner: (
        st.lists(inner, max_size=12)
        | st.dictionaries(
            st.sampled_from(["raw", "reference", "choices", "answer", "value", "content", "text"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)
hard = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def replaced(whole: Any, place: int, value: object) -> Any:
    """`whole` with the object, list or value at a place, counted through its depth, replaced."""
    places = iter(range(10**6))

    def walk(node: Any) -> Any:
        if next(places) == place:
            return value
        if isinstance(node, dict):
            return {key: walk(inner) for key, inner in node.items()}
        return [walk(inner) for inner in node] if isinstance(node, list) else node

    return walk(whole)


def questions() -> list[Sample]:
    return load_samples(find_task("sample"))


def check(path: Path, rows: Any) -> None:
    """All that was read is matched, and nothing but letters is a prediction."""
    matched = match_log(Log(find_task("sample"), path, rows), questions())
    assert set(matched.table["prediction"]) <= {*"ABCD", None}


@hard
@given(place=st.integers(0, 30), value=anything)
def test_a_sample_of_inspect(tmp_path: Path, place: int, value: object) -> None:
    path = tmp_path / "a.json"
    log = test_inspect_ai.header() | {
        "samples": [replaced(test_inspect_ai.sample(), place, value), test_inspect_ai.sample(1)]
    }
    path.write_text(json.dumps(log), encoding="utf-8")
    check(path, inspect_ai.read_samples(path, None))


@hard
@given(place=st.integers(0, 12), value=anything)
def test_a_header_of_inspect(tmp_path: Path, place: int, value: object) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(replaced(test_inspect_ai.header(), place, value)))
    inspect_ai.read_logs(path, Wanted())


@hard
@given(place=st.integers(0, 30), value=anything)
@example(place=0, value="\ud83d")
def test_a_line_of_every_eval_ever(tmp_path: Path, place: int, value: object) -> None:
    path = test_every_eval_ever.write(
        tmp_path, replaced(test_every_eval_ever.row(), place, value), test_every_eval_ever.row(1)
    )
    for run in every_eval_ever.read_instances(path, Wanted()).runs:
        check(path, run.logs[0].rows)


@hard
@given(place=st.integers(0, 10), value=anything)
def test_an_aggregate_of_every_eval_ever(tmp_path: Path, place: int, value: object) -> None:
    header = replaced(test_every_eval_ever.aggregate(), place, value)
    path = test_every_eval_ever.write(tmp_path, test_every_eval_ever.row(), header=header)
    every_eval_ever.read_instances(path, Wanted())


@hard
@given(place=st.integers(0, 12), value=anything)
def test_a_result_file(tmp_path: Path, place: int, value: object) -> None:
    whole = {
        "config": {"model_name": "org/m", "model_args": "pretrained=org/m", "num_fewshot": 0},
        "n-shot": {"medmcqa": 0},
        "results": {"medmcqa": {"acc,none": 0.5, "acc_stderr,none": 0.1}},
        "chat_template": None,
    }
    path = tmp_path / "org" / "m" / "results_1.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(replaced(whole, place, value)))
    table, _ = leaderboard_results.write_reported(tmp_path, "https://example.org")
    table.encode()


@pytest.mark.parametrize("number", [math.nan, math.inf, 10**400], ids=["nan", "inf", "long"])
def test_a_number_that_no_double_holds(tmp_path: Path, number: float) -> None:
    path = tmp_path / "a.json"
    sample = test_inspect_ai.sample(output={"completion": "A", "time": number})
    try:
        path.write_text(json.dumps(test_inspect_ai.header() | {"samples": [sample]}))
        check(path, inspect_ai.read_samples(path, None))
    except UnreadableFile as error:
        pytest.fail(str(error))
