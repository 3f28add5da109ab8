"""Does `python -m evaluator` say what was done, what is wrong, and what to type next?"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator import records, tables
from evaluator.engines import toy
from evaluator.tasks import find_task
from tests.conftest import REPOSITORY

SAMPLE = ("--tasks", "sample")
SIZE = find_task("sample").size
MAJORITY = ("--model", "baseline:majority")
Evaluate = Callable[..., tuple[int, str, str]]
STOPPED = """
import pytest
from evaluator import cli
from tests.conftest import change_answers, stop_after

change_answers(pytest.MonkeyPatch(), stop_after(5))
cli.run_safely()
"""


def evaluate(
    *arguments: str, python: tuple[str, ...] = ("-m", "evaluator")
) -> tuple[int, str, str]:
    """Run the command as a person would; returns its exit code, output and errors."""
    done = subprocess.run(
        [sys.executable, *python, *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"HF_HOME": os.environ["LEADERBOARD_DATA"], "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_help_shows_commands_that_can_be_typed() -> None:
    code, said, _ = evaluate("run", "--help")
    examples = [line.strip() for line in said.splitlines() if "python -m evaluator run --" in line]
    assert code == 0
    assert examples == [
        "python -m evaluator run --model baseline:majority --tasks sample",
        "python -m evaluator run --model toy:llama --revision 7 --tasks sample",
        "python -m evaluator run --model Qwen/Qwen3-0.6B --tasks all",
        "python -m evaluator run --model ./my-model --tasks mmlu_anatomy --data ./mirror",
        "python -m evaluator run --engine endpoint --base-url http://localhost:8000/v1 "
        "--model my-model",
    ]


def test_a_run_says_where_it_is_and_what_comes_next(data_folder: Path) -> None:
    code, said, errors = evaluate("run", *MAJORITY, *SAMPLE)
    (folder,) = (data_folder / "runs").iterdir()
    run = records.read_run(folder)
    assert code == 0
    assert said.splitlines()[1].split()[:2] == ["sample", str(SIZE)]
    assert said.splitlines()[2:] == [f"Predictions: {folder}", "Next: python -m ingest runs"]
    assert "Traceback" not in errors
    assert run.command == "python -m evaluator run --model baseline:majority --tasks sample"

    code, said, errors = evaluate("run", *MAJORITY, *SAMPLE)
    assert (code, errors) == (0, "")
    assert said == f"Already done: {folder} is finished. --again makes it anew.\n"

    code, said, _ = evaluate("run", *MAJORITY, *SAMPLE, "--again")
    assert (code, said.splitlines()[2]) == (0, f"Predictions: {folder}-2")


def test_a_stopped_run_says_how_to_go_on(data_folder: Path) -> None:
    code, said, errors = evaluate("run", *MAJORITY, *SAMPLE, python=("-c", STOPPED))
    assert (code, said) == (130, "")
    assert errors.endswith("Stopped. What is answered is kept: the same command resumes.\n")
    assert "Traceback" not in errors
    assert len(list(data_folder.glob("runs/*/shards/sample.000.00000.parquet"))) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            (*MAJORITY, "--tasks", "usmle"),
            "unknown-task",
            "No task is named 'usmle'. There are: medqa_4options,",
        ),
        (
            ("--model", "baseline:best", *SAMPLE),
            "model-not-found",
            "No embedded model 'baseline:best': there are",
        ),
        (
            (*MAJORITY, "--revision", "main", *SAMPLE),
            "model-not-found",
            "baseline:majority takes a seed as its revision, such as 7",
        ),
        (
            (*MAJORITY, *SAMPLE, "--protocol", "poetry"),
            "unknown-protocol",
            "No protocol is named 'poetry'. Models",
        ),
        (
            (*MAJORITY, *SAMPLE, "--protocol", "loglikelihood-0shot-sys123456"),
            "unknown-protocol",
            "loglikelihood-0shot-sys123456 is no protocol: it has the hash of other texts than",
        ),
        (
            (*MAJORITY, *SAMPLE, "--protocol", "loglikelihood-1shot"),
            "missing-source",
            "sample has no worked examples. Ask it by loglikelihood-0shot.",
        ),
        (
            (*MAJORITY, "--tasks", "medmcqa", "--data", "tests"),
            "missing-source",
            "tests/openlifescienceai/medmcqa/data/validation-00000-of-00001.parquet is missing.",
        ),
        (
            (*MAJORITY, "--tasks", "mmlu_anatomy"),
            "download-failed",
            "The Hub did not give anatomy/test-00000-of-00001.parquet of cais/mmlu at c30699e8",
        ),
        (
            ("--model", "clinic/none", *SAMPLE),
            "download-failed",
            "The Hub did not give clinic/none (OfflineModeIsEnabled). Check the network, then",
        ),
        (("--model", "tests", *SAMPLE), "no-safetensors", "tests has no .safetensors file"),
        (("--model", "", *SAMPLE), "model-not-found", "No model is named. Embedded are baseline:"),
        (
            ("--model", "clinic\x1b[2J", *SAMPLE),
            "model-not-found",
            "'clinic\\x1b[2J' is no folder here",
        ),
    ],
    ids=lambda it: ascii(" ".join(it)) if isinstance(it, tuple) else "",
)
def test_a_mistake_is_told_in_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], code: str, said: str, data_folder: Path, evaluate_here: Evaluate
) -> None:
    returned, output, errors = evaluate_here("run", *arguments)
    assert (returned, output) == (1, "")
    assert errors.startswith(f"Error ({code}): {said}")
    assert errors.count("\n") == 1
    assert not (data_folder / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*MAJORITY, *SAMPLE, "--protocol", "other-x"), "other-x is for imported answers; ask by"),
        ((*MAJORITY, *SAMPLE, "--precision", "int4"), "'int4' is not one of 'auto', 'float32'"),
        ((*MAJORITY, *SAMPLE, "--data", "nowhere"), "Directory 'nowhere' does not exist"),
        ((*MAJORITY, *SAMPLE, "--minutes", "-1"), "-1.0 is not in the range x>=0"),
        (SAMPLE, "Missing option '--model'"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else "",
)
def test_a_command_that_cannot_be_meant_is_told_with_its_usage(
    arguments: tuple[str, ...], said: str, data_folder: Path, evaluate_here: Evaluate
) -> None:
    returned, output, errors = evaluate_here("run", *arguments)
    told = errors.splitlines()[-1]
    assert (returned, output) == (2, "")
    assert errors.startswith("Usage: python -m evaluator run")
    assert told.startswith("Error: ")
    assert said in told
    assert not (data_folder / "runs").exists()


def test_a_mistake_shows_no_python(data_folder: Path) -> None:
    """As the tests above, but as a person types it."""
    assert evaluate("run", "--model", "baseline:best", *SAMPLE) == (
        1,
        "",
        "Error (model-not-found): No embedded model 'baseline:best': there are baseline:random, "
        "baseline:majority, baseline:longest-choice, toy:llama.\n",
    )
    assert not (data_folder / "runs").exists()


def test_a_broken_question_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "GBaker" / "MedQA-USMLE-4-options-hf" / "test.json"
    file.parent.mkdir(parents=True)
    file.write_text(
        '{"id": "1", "sent1": null, "ending0": "a", "ending1": "b", "ending2": "c", '
        '"ending3": "d", "label": 0}\n',
        encoding="utf-8",
    )
    mirror = ("--tasks", "medqa_4options", "--data", str(tmp_path))
    code, output, errors = evaluate("run", *MAJORITY, *mirror)
    assert (code, output, len(errors.splitlines())) == (1, "", 1)
    assert errors.startswith(f"Error (bad-sample): {file}, question 1 of medqa_4options: ")


def test_a_run_whose_time_is_over_resumes_by_the_same_command(
    data_folder: Path, evaluate_here: Evaluate
) -> None:
    code, said, errors = evaluate_here("run", *MAJORITY, *SAMPLE, "--minutes", "0")
    assert (code, said) == (1, "")
    assert errors.splitlines()[-1] == (
        "Error (timed-out): The time that this run may take is over. The same command resumes."
    )
    (folder,) = (data_folder / "runs").iterdir()
    assert not (folder / "run.json").exists()
    code, said, _ = evaluate_here("run", *MAJORITY, *SAMPLE)
    assert (code, said.splitlines()[2]) == (0, f"Predictions: {folder}")
    assert tables.read_predictions(folder, "sample").height == SIZE


def test_a_system_prompt_makes_another_run_in_another_lane(
    data_folder: Path, evaluate_here: Evaluate
) -> None:
    for options in ((), ("--system-prompt", "Be brief."), ("--system-prompt", "Be kind.")):
        assert evaluate_here("run", *MAJORITY, *SAMPLE, *options)[0] == 0
    made = [records.read_run(folder) for folder in (data_folder / "runs").iterdir()]
    assert {run.plan.protocol.slug: run.plan.protocol.system_prompt for run in made} == {
        "loglikelihood-0shot": None,
        "loglikelihood-0shot-sys213c22": "Be brief.",
        "loglikelihood-0shot-sys5499be": "Be kind.",
    }
    assert len({run.plan.tasks[0].prompts_hash for run in made}) == 3


def test_a_model_in_a_folder_is_recorded_with_the_place_it_came_from(
    data_folder: Path, tmp_path: Path, evaluate_here: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.make_toy_llama(tmp_path / "my-model", 0)
    monkeypatch.chdir(tmp_path)
    assert evaluate_here("run", "--model", "my-model", *SAMPLE)[0] == 0
    (folder,) = (data_folder / "runs").iterdir()
    assert records.read_run(folder).source == str(tmp_path / "my-model")


def test_a_model_without_a_chat_template_cannot_be_asked_through_one(
    evaluate_here: Evaluate,
) -> None:
    chat = ("--protocol", "loglikelihood-0shot-chat")
    code, said, errors = evaluate_here("run", "--model", "toy:llama", *SAMPLE, *chat)
    assert (code, said) == (1, "")
    told = errors.splitlines()[-1]
    assert told.startswith("Error (no-chat-template): The tokenizer in ")
    assert told.endswith("be asked by a chat protocol. Leave -chat out of --protocol.")
