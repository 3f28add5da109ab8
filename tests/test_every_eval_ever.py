"""Instance-level files of Every Eval Ever, laid out as its schema and converters have them.

Its package is on no index, so the files are written here, each field as the schema 0.2.2 names it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluator.prompts import render
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.samples import Sample
from evaluator.tables import PREDICTIONS, read_predictions, read_quarantine
from evaluator.tasks import find_task
from ingest import cli, importing, lines
from ingest.every_eval_ever import read_instances
from ingest.foreign import Wanted
from tests.conftest import ask

Row = dict[str, Any]


def questions() -> list[Sample]:
    return load_samples(find_task("sample"))


def aggregate(**changes: Any) -> Row:
    return {
        "schema_version": "0.3.0",
        "evaluation_id": "sample/org_m/1",
        "eval_library": {"name": "inspect_ai", "version": "0.3.285"},
        "model_info": {
            "name": "m",
            "id": "org/m",
            "additional_details": {"precision": "bfloat16", "model_revision": "abc"},
        },
    } | changes


def row(number: int = 0, **changes: Any) -> Row:
    """A right answer to one of our questions."""
    question = questions()[number]
    stated = {"turn_idx": 0, "source": "output.raw", "extraction_method": "regex"}
    return {
        "schema_version": "0.2.2",
        "evaluation_id": "sample/org_m/1",
        "model_id": "org/m",
        "evaluation_name": "sample",
        "sample_id": question.sample_id,
        "interaction_type": "single_turn",
        "input": {
            "raw": question.question,
            "reference": [question.gold],
            "choices": list(question.choices),
        },
        "output": {"raw": [f"ANSWER: {question.gold}"]},
        "answer_attribution": [stated | {"extracted_value": question.gold, "is_terminal": True}],
        "evaluation": {"score": 1.0, "is_correct": True},
    } | changes


def attributed(value: str) -> Row:
    return {"answer_attribution": [{"extracted_value": value, "is_terminal": True}]}


def write(folder: Path, *rows: Row | str, header: Row | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1234.json").write_text(json.dumps(header or aggregate()))
    path = folder / "1234_samples.jsonl"
    texts = [each if isinstance(each, str) else json.dumps(each) for each in rows]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8", errors="surrogatepass")
    return path


def load(path: Path) -> tuple[list[str | None], list[str]]:
    """Import a file; returns the predictions in its order, and the reasons of refusals."""
    (run,) = read_instances(path, Wanted()).runs
    folder = importing.import_run(run, "test", None)
    rows = read_predictions(folder, "sample")
    return rows["prediction"].to_list(), read_quarantine(folder)["reason"].to_list()


def test_an_answer_is_loaded_with_what_surrounds_it(tmp_path: Path) -> None:
    (run,) = read_instances(write(tmp_path, row(), row(1)), Wanted()).runs
    assert (run.model.name, run.model.revision, run.precision) == ("org/m", "abc", "bfloat16")
    assert run.protocol.slug == "other-every-eval-ever-inspect-ai"
    rows = read_predictions(importing.import_run(run, "test", None), "sample")
    first = questions()[0]
    assert rows.row(0, named=True) | {"prompt_hash": None} == {
        "sample_id": first.sample_id,
        "repeat": 0,
        "prediction": first.gold,
        "logprobs": None,
        "prompt": first.question,
        "response": f"ANSWER: {first.gold}",
        "tokens": None,
        "truncated": None,
        "seconds": None,
        "source_line": 1,
        **dict.fromkeys(PREDICTIONS.names()[PREDICTIONS.names().index("prompt_hash") :]),
    }


def test_a_log_of_lm_eval_is_found_by_its_prompts(tmp_path: Path, hub: Path) -> None:
    """Its rows have the prompt as input, letters as choices and an index as key."""
    task = find_task("mmlu_anatomy")
    rows: list[Row] = []
    for number, question in enumerate(load_samples(task, hub)[:20]):
        rows.append(
            row(
                evaluation_name="mmlu_anatomy",
                sample_id=str(number),
                input={
                    "raw": render(task, question, ZERO_SHOT).prompt,
                    "reference": [str("ABCD".index(question.gold))],
                    "choices": ["A", "B", "C", "D"],
                },
                output={"raw": ["B"]},
                evaluation={"score": 1.0, "is_correct": question.gold == "B"},
                **attributed("B"),
            )
        )
    path = write(tmp_path, *rows)
    done = CliRunner().invoke(cli.main, ["every-eval-ever", str(path), "--data", str(hub)])
    assert (done.exit_code, done.stderr) == (0, "")
    right = sum(each["evaluation"]["is_correct"] for each in rows)
    assert ask("runs").select("answered", "correct").rows() == [(20, right)]


def test_lines_of_another_metric_are_the_same_answers(tmp_path: Path) -> None:
    rows = [
        row(number, evaluation_result_id=result) for number in (0, 1) for result in ("acc", "f1")
    ]
    assert load(write(tmp_path, *rows)) == ([questions()[0].gold, questions()[1].gold], [])


def test_a_filter_of_lm_eval_is_one_reading(tmp_path: Path) -> None:
    rows = [
        row(evaluation_name="sample/strict"),
        row(evaluation_name="sample/loose", **attributed("nothing")),
    ]
    assert load(write(tmp_path, *rows)) == ([questions()[0].gold], [])


def test_what_no_value_was_extracted_from_is_read_as_a_response(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "D"}]
    rows = [
        row(answer_attribution=[], output={"raw": ["The answer is C"]}),
        row(1, answer_attribution=[], output=None, messages=said),
        row(2, **attributed("[invalid]"), evaluation={"score": 0, "is_correct": False}),
    ]
    assert load(write(tmp_path, *rows)) == (["C", "D", None], [])


def test_only_a_terminal_value_is_an_answer(tmp_path: Path) -> None:
    gold = questions()[0].gold
    values = [
        {"extracted_value": gold, "is_terminal": True},
        {"extracted_value": "A" if gold != "A" else "B", "is_terminal": False},
    ]
    assert load(write(tmp_path, row(answer_attribution=values))) == ([gold], [])


def test_a_choices_text_is_its_letter_in_any_order(tmp_path: Path) -> None:
    question = questions()[0]
    right = question.choices["ABCD".index(question.gold)]
    asked = {
        "raw": question.question,
        "reference": [right],
        "choices": list(reversed(question.choices)),
    }
    path = write(tmp_path, row(input=asked, **attributed(right)))
    assert load(path) == ([question.gold], [])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sample_id": None}, "there is no sample_id"),
        ({"sample_id": 7}, "there is no sample_id"),
        ({"error": "timeout"}, "the answer ended in an error: timeout"),
        ({"input": {"raw": "x", "reference": []}}, "the key is [], expected one of the choices"),
        ({"input": "x"}, "the key is None, expected one of the choices"),
        (
            {"answer_attribution": [], "output": None},
            "there is no answer: neither an extracted value nor a raw response",
        ),
        ({"metadata": {"epoch": "0"}}, "the epoch is 0, expected a number from 1"),
        ({"metadata": {"epoch": "²"}}, "the epoch is ², expected a number from 1"),
        (
            {"sample_id": "x", "input": {"raw": "?", "reference": [questions()[0].gold]}},
            "no such question: x",
        ),
    ],
)
def test_a_line_that_is_no_answer_is_refused_with_its_reason(
    tmp_path: Path, changes: Row, reason: str
) -> None:
    path = write(tmp_path, row(**changes), row(1))
    assert load(path) == ([questions()[1].gold], [reason])


def test_a_line_that_contradicts_itself_or_our_key_is_refused(tmp_path: Path) -> None:
    gold = questions()[0].gold
    wrong = "A" if gold != "A" else "B"
    asked = row()["input"]
    rows = [
        row(evaluation={"score": 0, "is_correct": False}),
        row(**attributed(wrong)),
        row(input=asked | {"reference": [wrong]}, **attributed(wrong)),
        row(input=asked | {"choices": ["p", "q", "r", "s"]}),
        row(1),
    ]
    predictions, reasons = load(write(tmp_path, *rows))
    assert predictions == [questions()[1].gold]
    assert reasons == [
        f"is_correct is False of {gold}, the key is {gold}",
        f"is_correct is True of {wrong}, the key is {gold}",
        f"another key than ours: {wrong}, not {gold}",
        "other choices than ours: p; q; r; s",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ('{"a": ' + "[" * 10**5, "not a JSON object"),
        ('{"evaluation_name": "sample", "x": ' + "9" * 5000 + "}", "not a JSON object"),
    ],
)
def test_a_line_that_is_no_object_is_refused_and_the_rest_loads(
    tmp_path: Path, line: str, reason: str
) -> None:
    predictions, reasons = load(write(tmp_path, line, row()))
    assert (predictions, reasons) == ([questions()[0].gold], [reason])


def test_bytes_that_are_no_text_and_lines_too_long_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, row(), row(1))
    good = path.read_bytes()
    path.write_bytes(b'{"a": "\xff"}\n' + b"x" * 50_000 + b"\n" + good)
    monkeypatch.setattr(lines, "LINE_LIMIT", 20_000)
    predictions, reasons = load(path)
    assert (len(predictions), len(reasons)) == (2, 2)


def test_half_a_surrogate_pair_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path, row(output={"raw": ["\ud83d"]}), row(1))
    assert load(path) == ([questions()[0].gold, questions()[1].gold], [])


def test_several_models_in_one_file_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, row(), row(1, model_id="other/m"))
    ((file, reason),) = read_instances(path, Wanted()).refused
    assert (file, "is of several models" in reason) == (path, True)


def test_a_file_alone_says_its_own_model(tmp_path: Path) -> None:
    path = write(tmp_path, row())
    path.with_name("1234.json").unlink()
    (run,) = read_instances(path, Wanted()).runs
    assert (run.model.name, run.model.revision) == ("org/m", "unknown")
    assert run.protocol.slug == "other-every-eval-ever-unknown"


def test_an_aggregate_alone_and_strange_tasks_are_named(tmp_path: Path) -> None:
    write(tmp_path, row(evaluation_name="gsm8k"))
    (tmp_path / "alone.json").write_text("{}")
    found = read_instances(tmp_path, Wanted())
    assert found.runs == ()
    assert {path.name: reason.partition(":")[0] for path, reason in found.refused} == {
        "1234_samples.jsonl": f"{tmp_path}/1234_samples.jsonl evaluates gsm8k",
        "alone.json": "an aggregate file without its instance-level .jsonl",
    }
