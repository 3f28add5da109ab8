"""Details of lighteval: questions found by their text, answers by score or text.

The files in `cases/lighteval/` were saved by lighteval 0.13.0's own tracker
(`lighteval_details.py` says how); the broken ones are made here.
"""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from evaluator.prompts import render
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.records import read_run
from evaluator.samples import Sample
from evaluator.tables import read_predictions, read_quarantine
from evaluator.tasks import NINE, find_task
from ingest import cli, importing, parquet
from ingest.errors import NothingToImport
from ingest.foreign import Wanted
from ingest.lighteval import read_details
from ingest.recognising import plain_name, read_question
from tests.conftest import REPOSITORY, ask

CASES = REPOSITORY / "tests" / "cases" / "lighteval"
PYTHON = os.environ.get("LEADERBOARD_LIGHTEVAL_PYTHON", "")
TIME = "2026-11-22T10-00-00.123456"
Row = dict[str, Any]


def questions() -> list[Sample]:
    return load_samples(find_task("sample"))


def ask_like_lighteval(question: Sample) -> str:
    """The prompt of its `med_qa`."""
    lines = [f"{letter}. {text}\n" for letter, text in zip("ABCD", question.choices, strict=True)]
    return (
        f"Give a letter answer among A, B, C or D.\nQuestion: {question.question}\n"
        f"{''.join(lines)}Answer:"
    )


def row(number: int = 0, *, doc: Row | None = None, response: Row | None = None) -> Row:
    """A right answer to one of our questions."""
    question = questions()[number]
    gold = "ABCD".index(question.gold)
    asked = {"query": ask_like_lighteval(question), "choices": list("ABCD"), "gold_index": gold}
    scores = [-0.5 if place == gold else -2.0 for place in range(4)]
    return {
        "doc": asked | (doc or {}),
        "model_response": {"logprobs": scores, "text": [], "input_tokens": [1, 2]}
        | (response or {}),
    }


def write(folder: Path, *rows: Row, task: str = "sample|0") -> Path:
    path = folder / "details" / "org" / "m" / TIME / f"details_{task}_{TIME}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows, infer_schema_length=None, strict=False).write_parquet(path)
    return path


def load(path: Path) -> tuple[list[str | None], list[str]]:
    """Import details; returns the predictions in their order, and the reasons of refusals."""
    (run,) = read_details(path, Wanted()).runs
    folder = importing.import_run(run, "test", None)
    rows = read_predictions(folder, "sample")
    return rows["prediction"].to_list(), read_quarantine(folder)["reason"].to_list()


def test_the_details_that_lighteval_saved_are_read_whole() -> None:
    found = read_details(CASES, Wanted())
    runs = {run.model.name: run for run in found.runs}
    assert found.refused == ()
    assert {name: run.protocol.slug for name, run in runs.items()} == {
        "org/g-7B": "other-lighteval-generate-0shot",
        "org/m-7B": "other-lighteval-loglikelihood-5shot",
    }
    scored = read_predictions(importing.import_run(runs["org/m-7B"], "test", None), "sample")
    assert scored["prediction"].to_list() == list("ABCDABCD")
    assert scored["logprobs"][1].to_list() == [-1.5, -0.5, -3.5, -4.5]
    assert scored["sample_id"].to_list() == [f"sample-00{number}" for number in range(1, 9)]
    said = read_predictions(importing.import_run(runs["org/g-7B"], "test", None), "sample")
    assert said["prediction"].to_list() == ["A", "B", "C", "D", None, "C", "A", "B"]
    assert said["response"][4] == "I do not know"


def test_details_are_loaded_by_their_command_and_once() -> None:
    for state in ("snapshot 1", "nothing new"):
        done = CliRunner().invoke(cli.main, ["lighteval", str(CASES)])
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.output.count(f"({state})") == 2
    assert ask("runs").sort("model").select("model", "answered", "unreadable").rows() == [
        ("org/g-7B", 8, 1),
        ("org/m-7B", 8, 0),
    ]


@pytest.mark.skipif(
    not PYTHON,
    reason="LEADERBOARD_LIGHTEVAL_PYTHON names no Python with lighteval; "
    "make one: python -m venv V && V/bin/pip install lighteval==0.13.0",
)
def test_details_that_lighteval_saves_now_are_read(tmp_path: Path) -> None:
    rows = [row(number) for number in range(8)]
    asked = {
        "folder": str(tmp_path / "saved"),
        "model": "org/m",
        "task": "sample|0",
        "rows": [each["doc"] | {"logprobs": each["model_response"]["logprobs"]} for each in rows],
    }
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    script = REPOSITORY / "tests" / "lighteval_details.py"
    subprocess.run([PYTHON, script, tmp_path / "asked.json"], cwd=tmp_path, check=True)
    assert load(tmp_path / "saved") == ([each.gold for each in questions()[:8]], [])


def test_columns_with_underscores_are_the_same_columns(tmp_path: Path) -> None:
    old = {f"__{name}__": value for name, value in row().items()}
    assert load(write(tmp_path, old)) == ([questions()[0].gold], [])


def test_choices_scored_in_another_order_are_put_back(tmp_path: Path) -> None:
    question = questions()[0]
    turned = [f" {choice}" for choice in reversed(question.choices)]
    gold = 3 - "ABCD".index(question.gold)
    scores = [-0.5 if place == gold else -2.0 - place for place in range(4)]
    path = write(
        tmp_path,
        row(doc={"choices": turned, "gold_index": gold}, response={"logprobs": scores}),
    )
    assert load(path) == ([question.gold], [])


def test_several_texts_are_repeats(tmp_path: Path) -> None:
    path = write(tmp_path, row(response={"logprobs": [], "text": ["A", "B", "C"]}))
    (run,) = read_details(path, Wanted()).runs
    assert run.protocol.slug == "other-lighteval-generate-0shot-x3"
    folder = importing.import_run(run, "test", None)
    rows = read_predictions(folder, "sample")
    assert rows.select("repeat", "prediction").rows() == [(0, "A"), (1, "B"), (2, "C")]
    assert [result.questions for result in read_run(folder).results] == [1]


def test_a_thought_that_lighteval_cut_off_is_not_the_answer(tmp_path: Path) -> None:
    said = {"logprobs": [], "text": ["Answer: A"], "text_post_processed": ["Answer: B"]}
    assert load(write(tmp_path, row(response=said)))[0] == ["B"]


@pytest.mark.parametrize(
    ("doc", "response", "reason"),
    [
        ({"query": "What is it?"}, {}, "the prompt shows no question with its choices"),
        ({"query": None}, {}, "the prompt shows no question with its choices"),
        ({"gold_index": 4}, {}, "the key is not one of the choices"),
        ({"gold_index": -1}, {}, "the key is not one of the choices"),
        ({}, {"logprobs": []}, "there are neither log-probabilities nor a text"),
        ({}, {"logprobs": [-1.0, None, -2.0, -3.0]}, "a log-probability is not a number"),
        (
            {},
            {"logprobs": [-1.0, float("nan"), -2.0, -3.0]},
            "a log-probability is positive, infinite or not a number: (-1.0, nan, -2.0, -3.0)",
        ),
        ({}, {"logprobs": [-1.0, -2.0]}, "not one log-probability a choice: 2 for 4 choices"),
        ({"query": "Question: Another?\nA. x\nB. y\nAnswer:"}, {}, "no such question: no id"),
    ],
)
def test_a_row_that_is_no_answer_is_refused_with_its_reason(
    tmp_path: Path, doc: Row, response: Row, reason: str
) -> None:
    good = questions()[1].gold
    path = write(tmp_path, row(doc=doc, response=response), row(1))
    assert load(path) == ([good], [reason])


def test_a_key_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    gold = "ABCD".index(questions()[0].gold)
    path = write(tmp_path, row(doc={"gold_index": (gold + 1) % 4}), row(1))
    predictions, (reason,) = load(path)
    assert predictions == [questions()[1].gold]
    assert reason.startswith("another key than ours")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a readable Parquet file"),
        (b"PAR1 no PAR1", "is not a readable Parquet file"),
        (None, "is not a readable Parquet file"),
    ],
)
def test_a_file_that_is_no_parquet_is_refused(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = write(tmp_path, row())
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    ((file, reason),) = read_details(tmp_path, Wanted()).refused
    assert (file, message in reason) == (path, True)


def test_a_file_damaged_inside_is_refused_whole(tmp_path: Path) -> None:
    path = write(tmp_path, *(row(number) for number in range(8)))
    content = bytearray(path.read_bytes())
    content[100:400] = bytes(300)
    path.write_bytes(content)
    done = CliRunner().invoke(cli.main, ["lighteval", str(path)])
    assert done.exit_code == 1
    assert done.exception is None or isinstance(done.exception, SystemExit | NothingToImport)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"full_prompt": ["x"], "predictions": [[1]]}, "expected doc and model_response"),
        ({"doc": ["{}"], "model_response": ["{}"]}, "expected doc and model_response"),
    ],
)
def test_other_columns_are_named(tmp_path: Path, table: Row, message: str) -> None:
    path = write(tmp_path, row())
    pl.DataFrame(table).write_parquet(path)
    ((_, reason),) = read_details(path, Wanted()).refused
    assert message in reason
    assert ", ".join(table) in reason


def test_a_file_over_the_limits_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, row(0), row(1))
    monkeypatch.setattr(parquet, "MOST_ROWS", 1)
    assert "has 2 rows, expected at most 1" in read_details(path, Wanted()).refused[0][1]
    monkeypatch.setattr(parquet, "LARGEST_FILE", 10)
    assert "has more than" in read_details(path, Wanted()).refused[0][1]


def test_the_result_file_of_the_same_time_says_who_answered(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    results = tmp_path / "results" / "org" / "m" / f"results_{TIME}.json"
    results.parent.mkdir(parents=True)
    general = {"model_name": "org/n", "model_config": {"dtype": "float16", "revision": "abc"}}
    results.write_text(json.dumps({"config_general": general}))
    (run,) = read_details(path, Wanted()).runs
    assert (run.model.name, run.model.revision, run.precision) == ("org/n", "abc", "float16")
    results.unlink()
    (run,) = read_details(path, Wanted()).runs
    assert (run.model.name, run.model.revision, run.precision) == ("org/m", "unknown", None)


def test_a_task_that_is_none_of_ours_is_refused_with_the_way_out(tmp_path: Path) -> None:
    write(tmp_path, row(), task="mmlu:astronomy|0")
    ((_, reason),) = read_details(tmp_path, Wanted()).refused
    assert "say --task 'mmlu:astronomy|0=<task>'" in reason


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("lighteval|mmlu:anatomy|0", "mmlu_anatomy"),
        ("leaderboard|mmlu:college_biology|5|0", "mmlu_college_biology"),
        ("mmlu:anatomy|0", "mmlu_anatomy"),
        ("hendrycksTest-anatomy", "mmlu_anatomy"),
        ("harness|hendrycksTest-medical_genetics|5", "mmlu_medical_genetics"),
        ("inspect_evals/medqa", "medqa"),
        ("anatomy", "mmlu_anatomy"),
        ("medmcqa", "medmcqa"),
    ],
)
def test_a_name_is_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_every_question_is_found_in_lightevals_own_prompts(hub: Path) -> None:
    unread = {}
    for name in NINE:
        if name == "pubmedqa":  # its prompt has the abstract as a Python list, and no choices
            continue
        subject = name.removeprefix("mmlu_").replace("_", " ")
        about = f"The following are multiple choice questions (with answers) about {subject}.\n\n"
        introduction = about if name.startswith("mmlu_") else ""
        unread[name] = sum(
            read_question(introduction + ask_like_lighteval(each)) != each.content_hash
            for each in load_samples(find_task(name), hub)
        )
    assert unread == dict.fromkeys(unread, 0)


@pytest.mark.parametrize("shots", [0, 2])
def test_a_question_is_read_out_of_our_own_prompts(hub: Path, shots: int) -> None:
    """Those are lm-evaluation-harness's, which other tools repeat."""
    unread = {}
    for name in NINE:
        task = find_task(name)
        samples = load_samples(task, hub)
        protocol = parse_protocol(f"loglikelihood-{shots}shot")
        found = [
            read_question(render(task, each, protocol, samples[:shots]).prompt) == each.content_hash
            for each in samples
        ]
        unread[name] = found.count(False)
    assert unread == dict.fromkeys(NINE, 0)


@pytest.mark.parametrize(
    "prompt",
    ["", "A. x", "Question: x\nA. y\nAnswer:", "\nA. \nB. \nAnswer:" * 10**5, "\n" * 10**6, "\0"],
)
def test_a_prompt_that_shows_no_question_gives_none_of_ours(prompt: str) -> None:
    started = time.monotonic()
    assert read_question(prompt) not in {each.content_hash for each in questions()}
    assert time.monotonic() - started < 5
