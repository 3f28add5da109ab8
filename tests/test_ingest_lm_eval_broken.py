"""Broken logs of lm-evaluation-harness: each says what is wrong, and the rest still loads."""

import contextlib
import copy
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from evaluator.records import read_run
from evaluator.tables import read_predictions, read_quarantine
from ingest import importing, lines
from ingest.errors import NothingToImport, UnreadableFile
from ingest.foreign import Found, Wanted
from ingest.lm_eval import read_folders
from tests.test_ingest_lm_eval import (
    TASK,
    Row,
    import_first,
    read,
    row_of,
    said,
    write_log,
    write_results,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    return made


def scored(*scores: object) -> Row:
    return row_of(1, filtered_resps=[[score, "False"] for score in scores])


ODD = "not a row of lm_eval: "
INFINITE = "a log-probability is positive, infinite or not a number: "
BROKEN: dict[str, tuple[Row | bytes, str]] = {
    "cut short": (json.dumps(row_of(1)).encode()[:-100], "not a JSON object"),
    "no UTF-8": (b'{"doc_id": "\xff"}', "not UTF-8"),
    "a list": (b"[1, 2]", "not a JSON object"),
    "too deep": (b"[" * 100_000, "not a JSON object"),
    "huge number": (b'{"doc_id": ' + b"9" * 5000 + b', "x": NaN}', "not a JSON object"),
    "empty": (b"{}", f"{ODD}KeyError 'doc'"),
    "no document": (row_of(1, doc=None), f"{ODD}TypeError argument of type 'NoneType'"),
    "another document": (row_of(1, doc={"id": "x"}), f"{ODD}ValueError the document is no "),
    "unknown question": (
        row_of(1, doc=row_of(1)["doc"] | {"question": "Which other?"}),
        "no such question: no id",
    ),
    "answered twice": (row_of(0), "the question was answered before: on line 1"),
    "another key": (row_of(1, target="1"), "another key than ours: B, not D"),
    "NaN": (scored("nan", "-1", "-1", "-1"), f"{INFINITE}(nan, -1.0, -1.0, -1.0)"),
    "infinite": (scored("-inf", "-1", "-1", "-1"), f"{INFINITE}(-inf, -1.0, -1.0, -1.0)"),
    "positive": (scored("1e3", "-1", "-1", "-1"), f"{INFINITE}(1000.0, -1.0, -1.0, -1.0)"),
    "no number": (scored("high", "-1", "-1", "-1"), f"{ODD}ValueError could not convert"),
    "huge score": (scored(10**400, -1, -1, -1), f"{ODD}OverflowError int too large"),
    "three scores": (scored("-1", "-2", "-3"), "not one log-probability a choice: 3 for 4 choices"),
    "no scores": (row_of(1, filtered_resps=[]), f"{ODD}ValueError "),
    "other choices": (
        row_of(1, arguments=[["p", " yes"], ["p", " no"]]),
        "other choices than the question's were scored:  yes,  no",
    ),
    "two prompts": (
        row_of(1, arguments=[["p", " A"], ["q", " B"], ["p", " C"], ["p", " D"]]),
        "each choice was scored after another prompt",
    ),
    "no arguments": (row_of(1, arguments=7), f"{ODD}TypeError arguments are neither"),
    "no response": (
        said(1, "B", "B", resps=[[None]], filter="none"),
        f"{ODD}TypeError a response is NoneType",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_is_refused_and_the_rest_loads(folder: Path, kind: str) -> None:
    line, reason = BROKEN[kind]
    write_log(folder, row_of(0), line, row_of(2))
    write_results(folder)
    made = import_first(folder)
    assert read_predictions(made, "sample")["sample_id"].to_list() == ["sample-001", "sample-003"]
    ((source, number, found, _),) = read_quarantine(made).rows()
    assert (source, number) == ("samples_ours.jsonl", 2)
    assert found.startswith(reason)


@pytest.mark.parametrize(
    "odd",
    [
        {"acc": float("nan")},
        {"acc": float("inf")},
        {"acc": 10**400},
        {"doc_id": 10**30},
        {"doc_hash": None, "metrics": None},
        {"resps": "\ud800"},
        {"extra": [[[]]]},
    ],
)
def test_what_is_not_read_may_be_anything(folder: Path, odd: Row) -> None:
    write_log(folder, row_of(0) | odd)
    write_results(folder)
    made = import_first(folder)
    assert read_predictions(made, "sample")["prediction"].to_list() == ["A"]


def test_half_a_character_in_an_answer_is_kept_as_a_question_mark(folder: Path) -> None:
    write_log(folder, said(0, "C \ud800", "C"))
    write_results(folder)
    rows = read_predictions(import_first(folder), "sample")
    assert rows.select("prediction", "response").rows() == [("C", "C ?")]


def test_a_line_over_the_limit_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LINE_LIMIT", 2**20)
    write_log(folder, row_of(0), b'{"doc": "' + b"x" * 3 * 2**20 + b'"}', row_of(1))
    write_results(folder)
    made = import_first(folder)
    assert read_predictions(made, "sample")["source_line"].to_list() == [1, 3]
    assert read_quarantine(made)["reason"].to_list() == ["a line over 1 MB"]


def test_counts_that_differ_from_the_result_file_are_told(folder: Path) -> None:
    write_log(folder, row_of(0))
    write_results(folder, samples={"ours": {"original": 92, "effective": 92}})
    assert read_quarantine(import_first(folder)).rows() == [
        (
            "samples_ours.jsonl",
            None,
            "other counts in the result file: 92 answers, and 1 here",
            "",
        )
    ]


def test_a_log_without_result_file_needs_a_model(folder: Path) -> None:
    path = write_log(folder, row_of(0))
    ((refused, reason),) = read(folder).refused
    assert refused == path
    assert reason.startswith("no result file beside it has this task")
    (run,) = read(folder, Wanted(model="m", revision="r", tasks={"ours": TASK})).runs
    assert (run.model.name, run.model.revision, run.model.type) == ("m", "r", "unknown")


def test_what_only_looks_like_a_log_is_told_or_left_alone(folder: Path, tmp_path: Path) -> None:
    elsewhere = write_log(tmp_path / "elsewhere", row_of(0))
    (folder / "samples_linked.jsonl").symlink_to(elsewhere)
    (folder / "linked").symlink_to(elsewhere.parent)
    (folder / "samples_folder.jsonl").mkdir()
    os.mkfifo(folder / "samples_pipe.jsonl")
    (folder / "results_broken.json").write_text("{")
    (folder / "results_list.json").write_text("[]")
    (folder / "results_other.json").write_text('{"results": 7}')
    (folder / "notes.json").write_text("not for us")
    (folder / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (folder / "._samples_ours.jsonl").write_bytes(b"\x00")
    write_log(folder, row_of(0))
    write_results(folder)
    found, *below = read_folders(folder, Wanted(tasks={"ours": TASK}), None, None)
    assert below == [Found(())]
    assert [log.path.name for run in found.runs for log in run.logs] == ["samples_ours.jsonl"]
    assert [(path.name, reason.partition(": ")[2] or reason) for path, reason in found.refused] == [
        ("results_broken.json", "not a JSON object."),
        ("results_list.json", "not a JSON object."),
        (
            "results_other.json",
            "results: Input should be a valid dictionary, found '7'",
        ),
        ("samples_folder.jsonl", "it is no plain file"),
        ("samples_linked.jsonl", "it is no plain file"),
        ("samples_pipe.jsonl", "it is no plain file"),
    ]


def test_a_log_of_no_task_of_ours_is_kept_with_its_reason(folder: Path) -> None:
    write_log(folder, row_of(0))
    write_log(folder, row_of(0), name="samples_gsm8k.jsonl")
    write_results(folder)
    assert read_quarantine(import_first(folder)).rows() == [
        (
            "samples_gsm8k.jsonl",
            None,
            "no task of ours is called gsm8k. Say --task gsm8k=<ours> if it is one.",
            "",
        )
    ]


@pytest.mark.parametrize("content", [(), (b"",), (b"\n\n",), (b"nothing",)])
def test_a_log_without_one_answer_is_no_run(folder: Path, content: tuple[bytes, ...]) -> None:
    write_log(folder, *content)
    write_results(folder)
    found = read(folder)
    with pytest.raises(NothingToImport, match=r"No row of .*samples_ours.jsonl fits a question: "):
        importing.import_run(found.runs[0], "test", None)


def test_a_folder_without_logs_says_how_they_are_made(folder: Path) -> None:
    write_results(folder)
    with pytest.raises(NothingToImport, match="lm_eval writes them with --log_samples"):
        list(read_folders(folder, Wanted(), None, None))


def test_a_file_that_is_taken_away_is_an_error(folder: Path) -> None:
    path = write_log(folder, row_of(0))
    write_results(folder)
    (run,) = read(folder).runs
    path.unlink()
    with pytest.raises(UnreadableFile, match=r"samples_ours.jsonl cannot be read"):
        importing.import_run(run, "test", None)


def test_answers_none_of_which_can_be_read_are_suspect(folder: Path) -> None:
    write_log(folder, said(0, "C", "[invalid]"), said(1, "The answer is B.", "[invalid]"))
    write_results(folder)
    made = import_first(folder)
    assert read_run(made).suspect == "none of the 2 answers to sample could be read"
    rows = read_predictions(made, "sample").select("prediction", "response").rows()
    assert rows == [(None, "C"), (None, "The answer is B.")]


JSON = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=6,
)
PLACES = [
    ("doc",),
    ("doc", "id"),
    ("doc", "choices"),
    ("doc", "choices", 0),
    ("doc", "gold"),
    ("target",),
    ("arguments",),
    ("arguments", "gen_args_0"),
    ("arguments", "gen_args_0", "arg_0"),
    ("arguments", "gen_args_0", "arg_1"),
    ("resps",),
    ("filtered_resps",),
    ("filtered_resps", 0),
    ("filtered_resps", 0, 0),
    ("filter",),
    ("doc_hash",),
    ("acc",),
]
RESULTS = [
    ("results",),
    ("results", "ours"),
    ("results", "ours", "acc,none"),
    ("config",),
    ("config", "model_args"),
    ("config", "model_sha"),
    ("config", "model_dtype"),
    ("n-shot",),
    ("n-shot", "ours"),
    ("n-samples",),
    ("task_hashes",),
    ("model_name",),
    ("chat_template",),
    ("system_instruction",),
]
SETTINGS = hypothesis.settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)


def replace(content: Any, place: Sequence[str | int], value: object) -> Any:
    """`content` with `value` at `place`, where there is such a place."""
    if not place:
        return value
    first, *rest = place
    changed = copy.copy(content)
    with contextlib.suppress(LookupError, TypeError):
        changed[first] = replace(content[first] if rest else None, rest, value)
    return changed


def try_to_import(folder: Path) -> None:
    for found in read_folders(folder, Wanted(tasks={"ours": TASK}), None, None):
        for run in found.runs:
            with contextlib.suppress(NothingToImport):
                importing.try_run(run, None)


@SETTINGS
@hypothesis.given(strategies.sampled_from(PLACES), JSON, strategies.booleans())
def test_whatever_stands_in_a_line_it_is_read_or_refused(
    folder: Path, place: Sequence[str | int], value: object, generated: bool
) -> None:
    row = said(0, "C", "C") if generated else row_of(0)
    write_log(folder, replace(row, place, value), row_of(1))
    write_results(folder)
    try_to_import(folder)


@SETTINGS
@hypothesis.given(strategies.sampled_from(RESULTS), JSON)
def test_whatever_stands_in_a_result_file_it_is_read_or_refused(
    folder: Path, place: Sequence[str], value: object
) -> None:
    write_log(folder, row_of(0))
    path = write_results(folder)
    path.write_text(json.dumps(replace(json.loads(path.read_text()), place, value)))
    try_to_import(folder)


@pytest.mark.parametrize("depth", [300, 900, 2000])
def test_a_line_that_nests_is_read_or_refused(folder: Path, depth: int) -> None:
    nested = b'{"a": ' * depth + b"1" + b"}" * depth
    write_log(folder, b'{"doc": ' + nested + b"}", row_of(1))
    write_results(folder)
    ((line, _),) = read_quarantine(import_first(folder)).select("line", "reason").rows()
    assert line == 1


def test_a_result_file_that_names_no_model_is_refused(folder: Path) -> None:
    path = write_log(folder, row_of(0))
    write_results(folder, model_name="x" * 201)
    ((refused, reason),) = read(folder).refused
    assert refused == path
    assert reason.startswith("no model can have this name: name: String should have at most 200")
