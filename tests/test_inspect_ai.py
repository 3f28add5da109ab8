"""Logs of Inspect AI: the answers that it extracted, whatever it was given to read.

The logs in `cases/inspect/` were written by inspect_ai 0.3.285 (`inspect_log.py` says how); its
accuracies are 0 and 0.25. Where LEADERBOARD_INSPECT_PYTHON names a Python that has inspect_ai, new
ones are made.
"""

import json
import os
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluator.questions import load_samples
from evaluator.records import read_run
from evaluator.samples import Sample as Question
from evaluator.tables import read_predictions, read_quarantine
from evaluator.tasks import find_task
from ingest import cli, importing
from ingest.bounded import open_archive
from ingest.foreign import Wanted
from ingest.inspect_ai import read_logs
from ingest.samples import keep_samples
from tests.conftest import REPOSITORY, ask

CASES = REPOSITORY / "tests" / "cases" / "inspect"
PYTHON = os.environ.get("LEADERBOARD_INSPECT_PYTHON", "")
needs_inspect = pytest.mark.skipif(
    not PYTHON,
    reason="LEADERBOARD_INSPECT_PYTHON names no Python with inspect_ai; "
    "make one: python -m venv V && V/bin/pip install inspect_ai==0.3.285",
)
Sample = dict[str, Any]
Change = Callable[[Sample], Any]
PLAIN = ["A", "B", None, "D", None, "C", "A", "B"]
"""What the log of that name has; `ANSWER: A, B` and `The answer is C` are no answers there."""


def header(**changes: Any) -> Sample:
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "sample", "model": "openai/gpt-4o", "model_args": {}} | changes,
        "plan": {"steps": [{"solver": "multiple_choice", "params_passed": {}}]},
    }


def sample(number: int = 0, **changes: Any) -> Sample:
    """The log of a right answer to one of our questions."""
    question = load_samples(find_task("sample"))[number]
    return {
        "id": question.sample_id,
        "epoch": 1,
        "input": question.question,
        "choices": list(question.choices),
        "target": question.gold,
        "messages": [{"role": "user", "content": "Which?"}],
        "output": {"completion": f"ANSWER: {question.gold}", "time": 0.5},
        "scores": {"choice": {"value": "C", "answer": question.gold}},
    } | changes


def write_json(path: Path, *samples: object, **changes: Any) -> Path:
    path.write_text(json.dumps(header(**changes) | {"samples": samples}), encoding="utf-8")
    return path


def write_eval(path: Path, *samples: Sample, **changes: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("header.json", json.dumps(header(**changes)))
        for number, each in enumerate(samples):
            file.writestr(f"samples/{number}_epoch_1.json", json.dumps(each))
    return path


def load(path: Path) -> tuple[list[str | None], list[str]]:
    """Import a log; returns the predictions in its order, and the reasons of what was refused."""
    (run,) = read_logs(path, Wanted()).runs
    folder = importing.import_run(run, "test", None)
    rows = read_predictions(folder, run.logs[0].task.name)
    return rows["prediction"].to_list(), read_quarantine(folder)["reason"].to_list()


def accuracy(path: Path, task: str = "sample") -> float:
    assert CliRunner().invoke(cli.main, ["inspect", str(path)]).exit_code == 0
    scores = ask("scores", task=task)
    return float(scores["accuracy"][0])


@pytest.mark.parametrize("form", ["zstandard", "deflate", "json"])
def test_a_log_comes_out_as_inspect_extracted_it_in_each_form(tmp_path: Path, form: str) -> None:
    path = CASES / "plain.eval"
    if form != "zstandard":
        with open_archive(path) as archive:
            whole = {name: archive.read_document(name) for name in archive.names if is_read(name)}
        samples = [each for name, each in whole.items() if name.startswith("samples/")]
        path = tmp_path / "log.json"
        path.write_text(json.dumps(whole["header.json"] | {"samples": samples}), encoding="utf-8")
        if form == "deflate":
            path = tmp_path / "log.eval"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
                for name, each in whole.items():
                    file.writestr(name, json.dumps(each))
    assert load(path) == (PLAIN, [])


def is_read(name: str) -> bool:
    return name == "header.json" or name.startswith("samples/")


def test_what_surrounds_an_answer_is_kept() -> None:
    (run,) = read_logs(CASES / "plain.eval", Wanted()).runs
    assert (run.model.name, run.model.revision, run.model.type) == (
        "mockllm/model",
        "unknown",
        "unknown",
    )
    assert re.fullmatch(r"other-inspect-multiple-choice-[0-9a-f]{6}", run.protocol.slug)
    folder = importing.import_run(run, "test", None)
    row = read_predictions(folder, "sample").row(2, named=True)
    assert (row["sample_id"], row["response"]) == ("sample-003", "The answer is C")
    assert (row["tokens"], row["source_line"], row["repeat"]) == (100, 3, 0)
    assert row["prompt"].startswith("Answer the following multiple choice question.")
    assert 0 < row["seconds"] < 1


@pytest.mark.parametrize(("name", "right"), [("plain", 0), ("shuffled", 2)])
def test_the_accuracy_is_that_of_inspect_with_choices_in_any_order(name: str, right: int) -> None:
    found = read_logs(CASES / f"{name}.eval", Wanted()).runs[0]
    folder = importing.import_run(found, "test", None)
    rows = read_predictions(folder, "sample").select("sample_id", "prediction").rows()
    gold = {each.sample_id: each.gold for each in load_samples(find_task("sample"))}
    assert (len(rows), sum(gold[key] == picked for key, picked in rows)) == (8, right)
    assert read_quarantine(folder).is_empty()


def test_choices_in_another_order_are_put_back(tmp_path: Path) -> None:
    right = sample()
    turned = list(reversed(right["choices"]))
    key = "ABCD"[turned.index(right["choices"]["ABCD".index(right["target"])])]
    score = {"choice": {"value": "C", "answer": key}}
    log = sample(choices=turned, target=key, scores=score)
    assert load(write_json(tmp_path / "a.json", log)) == ([right["target"]], [])


def test_a_question_is_found_by_its_text_where_its_id_is_another_tools(tmp_path: Path) -> None:
    assert load(write_json(tmp_path / "a.json", sample(id=7))) == ([sample()["target"]], [])


def test_epochs_are_repeats(tmp_path: Path) -> None:
    (run,) = read_logs(write_json(tmp_path / "a.json", sample(), sample(epoch=2)), Wanted()).runs
    folder = importing.import_run(run, "test", None)
    assert read_predictions(folder, "sample")["repeat"].to_list() == [0, 1]
    (result,) = read_run(folder).results
    assert (result.predictions, result.answered, result.questions) == (2, 1, 1)


def test_a_log_of_all_of_mmlu_is_parted_by_subject(tmp_path: Path, hub: Path) -> None:
    logged: list[Sample] = []
    for name in ("mmlu_anatomy", "mmlu_college_biology"):
        for question in load_samples(find_task(name), hub)[:2]:
            logged.append(
                sample(
                    id=len(logged) + 1,
                    input=question.question,
                    choices=list(question.choices),
                    target=question.gold,
                    metadata={"subject": name.removeprefix("mmlu_")},
                    scores={"choice": {"value": "C", "answer": question.gold}},
                )
            )
    path = write_eval(tmp_path / "a.eval", *logged, task="inspect_evals/mmlu_0_shot")
    done = CliRunner().invoke(cli.main, ["inspect", str(path), "--data", str(hub)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert ask("runs").select("tasks", "answered", "correct").rows() == [
        (["mmlu_anatomy", "mmlu_college_biology"], 4, 4)
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "the sample has no id"),
        ({"error": {"message": "timed out"}}, "the sample ended in an error: timed out"),
        ({"invalidation": {"author": "x"}}, "the sample was declared invalid"),
        ({"target": ["A", "B"]}, "the key is ['A', 'B'], expected one answer"),
        ({"epoch": 0}, "the epoch is 0, expected a number from 1"),
        ({"epoch": 10**30}, f"the epoch is {10**30}, expected a number from 1"),
        ({"epoch": True}, "the epoch is True, expected a number from 1"),
        ({"choices": ["a", "b", "c", "d"]}, "other choices than ours: a; b; c; d"),
        ({"id": 1, "input": "Another?"}, "no such question: 1"),
        ({"input": None, "id": "x"}, "no such question: x"),
    ],
)
def test_a_sample_that_is_no_answer_is_refused_with_its_reason(
    tmp_path: Path, changes: Sample, reason: str
) -> None:
    good = sample(1)
    predictions, reasons = load(write_json(tmp_path / "a.json", sample(**changes), good))
    assert (predictions, reasons) == ([good["target"]], [reason])


def test_a_score_that_contradicts_its_own_key_is_refused(tmp_path: Path) -> None:
    right = sample()["target"]
    wrong = "A" if right != "A" else "B"
    lies = [
        sample(0, scores={"choice": {"value": "C", "answer": wrong}}),
        sample(0, scores={"choice": {"value": "I", "answer": right}}),
    ]
    predictions, reasons = load(write_json(tmp_path / "a.json", *lies, sample(1)))
    assert predictions == [sample(1)["target"]]
    assert reasons == [
        f"the log says C of the answer {wrong} where the key is {right}",
        f"the log says I of the answer {right} where the key is {right}",
    ]


def test_the_choice_scorer_counts_whatever_others_say(tmp_path: Path) -> None:
    scores = {"judge": {"value": "C", "answer": "Z"}} | sample()["scores"]
    assert load(write_json(tmp_path / "a.json", sample(scores=scores)))[0] == [sample()["target"]]


def test_without_a_stated_answer_the_response_is_read(tmp_path: Path) -> None:
    parts = [{"type": "reasoning", "reasoning": "Is it A?"}, {"type": "text", "text": "Answer: D"}]
    message = {"role": "assistant", "content": parts}
    log = sample(scores={}, output={"choices": [{"message": message}]})
    assert load(write_json(tmp_path / "a.json", log)) == (["D"], [])


def test_a_text_that_the_log_keeps_apart_is_put_in(tmp_path: Path) -> None:
    whole = sample()
    log = sample(
        id="another",
        input="attachment://1",
        output={"completion": "attachment://2"},
        attachments={"1": whole["input"], "2": "ANSWER: A"},
    )
    (run,) = read_logs(write_json(tmp_path / "a.json", log), Wanted()).runs
    rows = read_predictions(importing.import_run(run, "test", None), "sample")
    assert rows.select("sample_id", "response").rows() == [(whole["id"], "ANSWER: A")]


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path, data_folder: Path) -> None:
    path = write_json(tmp_path / "a.json", sample(), sample(1, error={"message": "no"}))
    done = CliRunner().invoke(cli.main, ["inspect", str(path), "--dry-run"])
    assert "1 to load (1 matched by id, 0 by content; 0 unreadable)" in done.output
    assert "0 unmatched, 1 rejected" in done.output
    assert not (data_folder / "runs").exists()


def test_a_question_answered_twice_counts_once(tmp_path: Path) -> None:
    predictions, (reason,) = load(write_json(tmp_path / "a.json", sample(), sample()))
    assert len(predictions) == 1
    assert reason == "the question was answered before: on line 1"


@pytest.mark.parametrize(
    ("model", "arguments", "found"),
    [
        ("hf/org/m", {"dtype": "bfloat16"}, ("org/m", "unknown", "open weights", "bfloat16")),
        ("vllm/org/m", {"revision": "abc"}, ("org/m", "abc", "open weights", None)),
        ("openai/gpt-4o", {}, ("openai/gpt-4o", "unknown", "unknown", None)),
    ],
)
def test_a_model_is_named_as_the_hub_has_it(
    tmp_path: Path, model: str, arguments: Sample, found: tuple[str | None, ...]
) -> None:
    path = write_json(tmp_path / "a.json", sample(), model=model, model_args=arguments)
    (run,) = read_logs(path, Wanted()).runs
    assert (run.model.name, run.model.revision, run.model.type, run.precision) == found


def test_other_ways_of_asking_are_other_lanes(tmp_path: Path) -> None:
    plain = write_json(tmp_path / "a.json", sample())
    warm = write_json(tmp_path / "b.json", sample(), model_generate_config={"temperature": 1})
    lanes = {run.protocol.slug for run in read_logs(tmp_path, Wanted()).runs}
    assert len(lanes) == 2, (plain, warm)


def test_two_logs_of_one_task_wait_for_a_person_to_choose(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", sample())
    write_json(tmp_path / "b.json", sample(1))
    found = read_logs(tmp_path, Wanted())
    assert (found.runs, [path.name for path, _ in found.refused]) == ((), ["a.json", "b.json"])
    assert "import the right one by naming its file" in found.refused[0][1]


def test_a_task_by_another_name_is_named_by_the_person(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", sample(), task="my_quiz")
    refused = CliRunner().invoke(cli.main, ["inspect", str(path)])
    assert refused.exit_code == 1
    assert "--task my_quiz=<task>" in refused.stderr
    done = CliRunner().invoke(cli.main, ["inspect", str(path), "--task", "my_quiz=sample"])
    assert done.exit_code == 0


def test_the_same_log_again_changes_nothing() -> None:
    assert accuracy(CASES / "shuffled.eval") == 0.25
    again = CliRunner().invoke(cli.main, ["inspect", str(CASES / "shuffled.eval")])
    assert "nothing new" in again.output


def make_log(folder: Path, questions: list[Question], responses: list[str], **how: Any) -> Path:
    """Have Inspect itself put `questions` to a model that gives `responses`; returns its log.

    Raises `AssertionError` where our accuracy is not the one that it states.
    """
    asked = {
        "folder": str(folder / "logs"),
        "epochs": 1,
        "samples": [
            {"id": each.sample_id, "question": each.question}
            | {"choices": each.choices, "gold": each.gold}
            for each in questions
        ],
        "responses": responses,
    } | how
    (folder / "asked.json").write_text(json.dumps(asked))
    script = REPOSITORY / "tests" / "inspect_log.py"
    made = subprocess.run(
        [PYTHON, script, folder / "asked.json"], cwd=folder, capture_output=True, check=True
    )
    log, stated = made.stdout.decode().rsplit(maxsplit=1)
    (run,) = read_logs(Path(log), Wanted()).runs
    rows = read_predictions(importing.import_run(run, "test", None), how["task"])
    gold = {each.sample_id: each.gold for each in questions}
    right = sum(gold[key] == said for key, said in rows.select("sample_id", "prediction").rows())
    assert (rows.height, right / rows.height) == (len(questions), float(stated))
    return Path(log)


@needs_inspect
@pytest.mark.parametrize("form", ["eval", "json"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_log_that_inspect_makes_now_has_its_accuracy(
    tmp_path: Path, form: str, shuffle: bool
) -> None:
    questions = load_samples(find_task("sample"))[:20]
    responses = [f"ANSWER: {'ABCD'[number % 4]}" for number in range(20)]
    make_log(tmp_path, questions, responses, format=form, task="sample", shuffle=shuffle)


@needs_inspect
def test_the_answers_of_a_real_model_keep_their_accuracy_by_way_of_inspect(
    tmp_path: Path, test_data: Path, hub: Path
) -> None:
    questions = keep_samples(find_task("medqa_4options"), hub)
    file = test_data / "predictions/medagents-zero-shot/gpt-4o/medqa_4options.jsonl"
    answers = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    said = {answer["sample_id"]: f"ANSWER: {answer['prediction']}" for answer in answers}
    responses = [said[each.sample_id] for each in questions]
    log = make_log(
        tmp_path, questions, responses, format="eval", task="medqa_4options", shuffle=False
    )
    assert round(accuracy(log, "medqa_4options"), 4) == 0.8782
