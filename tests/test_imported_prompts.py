"""An import has the hash of its prompts where its log shows every one of them to the byte."""

from pathlib import Path

import pytest

from evaluator.prompts import prompts_hash, render
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.records import read_run
from tests.test_ingest_lm_eval import TASK, import_first, row_of, said, write_log, write_results


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    return made


def hash_in(made: Path) -> str | None:
    (planned,) = read_run(made).plan.tasks
    return planned.prompts_hash


def test_prompts_that_are_all_known_have_the_hash_of_our_own(folder: Path) -> None:
    samples = load_samples(TASK)
    rows = [row_of(number) for number in range(len(samples))]
    write_log(folder, *reversed(rows))
    write_results(folder)
    ours = prompts_hash(render(TASK, sample, ZERO_SHOT) for sample in samples)
    assert hash_in(import_first(folder)) == ours
    for given in rows[7]["arguments"].values():
        given["arg_0"] += " "
    write_log(folder, *rows)
    assert hash_in(import_first(folder)) not in (ours, None)


@pytest.mark.parametrize("kind", ["one is missing", "a chat", "generated"])
def test_prompts_that_are_not_all_known_have_no_hash(folder: Path, kind: str) -> None:
    count = len(load_samples(TASK)) - (kind == "one is missing")
    make = (lambda number: said(number, "A", "A")) if kind == "generated" else row_of
    write_log(folder, *map(make, range(count)))
    write_results(folder, chat_template="{{ x }}" if kind == "a chat" else None)
    assert hash_in(import_first(folder)) is None


def test_half_a_surrogate_pair_in_a_prompt_does_not_stop_the_hash(folder: Path) -> None:
    rows = [row_of(number) for number in range(len(load_samples(TASK)))]
    for given in rows[7]["arguments"].values():
        given["arg_0"] += "\ud83d"
    write_log(folder, *rows)
    write_results(folder)
    assert hash_in(import_first(folder)) is not None


def test_the_hash_is_no_part_of_a_runs_name(folder: Path) -> None:
    """So logs that were imported before it was known are known still."""
    write_log(folder, *(row_of(number) for number in range(len(load_samples(TASK)))))
    write_results(folder)
    plan = read_run(import_first(folder)).plan
    (planned,) = plan.tasks
    unknown = planned.model_copy(update={"prompts_hash": None})
    assert import_first(folder).name == plan.model_copy(update={"tasks": (unknown,)}).run_id
