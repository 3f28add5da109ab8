"""Does `python -m evaluator` say what was done, what is wrong, and what to type next?"""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from evaluator import records, runs
from evaluator.tasks import find_task
from tests.conftest import REPOSITORY, make_run

SAMPLE = ("--tasks", "sample")
SIZE = find_task("sample").size
MAJORITY = ("--model", "baseline:majority")
STOPPED = """
from evaluator import asking, cli

def ask_until_stopped(model):
    def stopped(*question):
        for number, answer in enumerate(honest(model)(*question)):
            if number == 5:
                raise KeyboardInterrupt
            yield answer
    return stopped

honest, asking.ask_baseline = asking.ask_baseline, ask_until_stopped
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
    ]


def test_a_run_says_where_it_is_and_what_comes_next(data_folder: Path) -> None:
    code, said, errors = evaluate("run", *MAJORITY, *SAMPLE)
    (folder,) = (data_folder / "runs").iterdir()
    run = records.read_run(folder)
    assert (code, said) == (0, f"{SIZE} predictions in {folder}\nNext: python -m ingest runs\n")
    assert "Traceback" not in errors
    assert run.command == "python -m evaluator run --model baseline:majority --tasks sample"

    code, said, errors = evaluate("run", *MAJORITY, *SAMPLE)
    assert (code, errors) == (0, "")
    assert said == f"Already done: {folder} is finished. --again makes it anew.\n"

    code, said, _ = evaluate("run", *MAJORITY, *SAMPLE, "--again")
    assert (code, said.splitlines()[0]) == (0, f"{SIZE} predictions in {folder}-2")


def test_a_stopped_run_says_how_to_go_on(data_folder: Path) -> None:
    code, said, errors = evaluate("run", *MAJORITY, *SAMPLE, python=("-c", STOPPED))
    assert (code, said) == (130, "")
    assert errors.endswith("Stopped. What is answered is kept: the same command resumes.\n")
    assert "Traceback" not in errors
    assert len(list(data_folder.glob("runs/*/shards/sample.00000.parquet"))) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            (*MAJORITY, "--tasks", "usmle"),
            1,
            "No task is named 'usmle'. There are: medqa_4options,",
        ),
        (("--model", "baseline:best", *SAMPLE), 1, "No embedded model 'baseline:best': there are"),
        ((*MAJORITY, "--revision", "main", *SAMPLE), 1, "takes a seed as its revision, such as 7"),
        ((*MAJORITY, *SAMPLE, "--protocol", "poetry"), 1, "No protocol is named 'poetry'. Models"),
        ((*MAJORITY, *SAMPLE, "--protocol", "other-x"), 2, "other-x is for imported answers; ask"),
        ((*MAJORITY, *SAMPLE, "--precision", "int4"), 2, "'int4' is not one of 'auto', 'float32'"),
        ((*MAJORITY, *SAMPLE, "--data", "nowhere"), 2, "Directory 'nowhere' does not exist"),
        (
            (*MAJORITY, "--tasks", "medmcqa", "--data", "tests"),
            1,
            "tests/openlifescienceai/medmcqa",
        ),
        ((*MAJORITY, "--tasks", "mmlu_anatomy"), 1, "name a mirror folder with --data"),
        (("--model", "clinic/none", *SAMPLE), 1, "Check the spelling, the network, and `hf auth"),
        (("--model", "tests", *SAMPLE), 1, "tests has no .safetensors file"),
        (SAMPLE, 2, "Missing option '--model'"),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else "",
)
def test_a_mistake_is_told_in_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], code: int, said: str, data_folder: Path
) -> None:
    returned, output, errors = evaluate("run", *arguments)
    told = errors.splitlines()[-1]
    assert (returned, output) == (code, "")
    assert told.startswith("Error: ")
    assert said in told
    assert "Traceback" not in errors
    assert code == 2 or len(errors.splitlines()) == 1  # 2 shows the usage first
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
    assert errors.startswith(f"Error: {file}, question 1 of medqa_4options: ")


def test_a_run_says_how_many_prompts_were_cut() -> None:
    run = make_run("toy:llama")
    folder = records.runs_folder() / run.run_id
    assert runs.count_truncated(folder, run) == 0
    cut = records.read_predictions(folder, "sample").with_columns(truncated=pl.lit(value=True))
    records.write_table(folder / "sample.parquet", cut)
    assert runs.count_truncated(folder, run) == 92
