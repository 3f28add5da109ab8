"""A run that is killed, stopped, or loses its model goes on by the same command, to the bit."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator import records
from evaluator.questions import load_samples
from evaluator.tasks import find_task
from tests.conftest import REPOSITORY
from tests.stress.commands import (
    COMMAND,
    TOY,
    count_kept,
    only_run,
    read_outcome,
    run,
    stop_and_resume,
    unbroken,
)
from tests.stress.events import Sitting

IDS = [sample.sample_id for sample in load_samples(find_task("sample"))]
MOMENTS = {
    "before a shard has its name": "name runs/.*/shards/sample.001.00001.parquet",
    "halfway through a shard": r"write runs/.*/shards/\.sample.002.00000.parquet.unfinished",
    "before the first plan has its name": "name runs/.*/shards/sample.000.batches.json",
    "between a task's file and the next": r"write runs/.*/shards/\.whole.second.000.*",
    "between the last task's file and the record": "mkdir runs/.*/batches",
    "halfway through the record": r"write runs/.*/\.run.json.unfinished",
    "between the record and tidying up": "remove runs/.*/shards/.*",
}
QUICK = ("halfway through a shard", "halfway through the record")
"""What every change is tested with; the others take as long and find less."""


def place_of(pattern: str) -> int:
    """Where in an unbroken run something happens first."""
    _, events = unbroken(1500)
    return next(n for n, event in enumerate(events) if re.fullmatch(pattern, event))


def random_answer(seed: int) -> int:
    """The place of any answer but the first and the last ten."""
    _, events = unbroken(1500)
    answers = [n for n, event in enumerate(events) if event.startswith("answer ")]
    return random.Random(seed).choice(answers[10:-10])


def test_an_unbroken_run_holds_each_question_once_and_nothing_else() -> None:
    whole, events = unbroken(1500)
    assert {task: table["sample_id"].to_list() for task, table in whole.answers.items()} == {
        "sample": IDS,
        "second": IDS[:40],
    }
    plans = [f"sample.{n:03}.batches.json" for n in range(3)]
    plans += [f"second.{n:03}.batches.json" for n in range(2)]
    assert [file.removeprefix("runs/run/") for file in whole.files if "runs/" in file] == [
        ".lock",
        *(f"batches/{plan}" for plan in plans),
        "run.json",
        "sample.parquet",
        "second.parquet",
    ]
    assert sorted(whole.plans) == plans
    assert sum(event.startswith("answer ") for event in events) == len(IDS) + 40


@pytest.mark.slow
def test_another_batch_size_gives_other_bits_so_a_lost_plan_would_show() -> None:
    one, other = unbroken(1500)[0], unbroken(3000)[0]
    assert {"sample", "second"} & set(one.differs_from(other))  # which ones, the machine decides
    for task, table in one.answers.items():
        assert table["prediction"].equals(other.answers[task]["prediction"])


def test_each_file_is_brought_to_disk_before_it_has_its_name_and_its_folder_after() -> None:
    _, events = unbroken(1500)
    named = [n for n, event in enumerate(events) if event.startswith("name runs/")]
    for place in named:
        path = Path(events[place].removeprefix("name "))
        unfinished = path.with_name(f".{path.name}.unfinished")
        assert events[place - 2 : place + 2] == [
            f"write {unfinished}",
            f"fsync {unfinished}",
            f"name {path}",
            f"fsync {path.parent}",
        ]
    assert len(named) == sum(event.startswith("write runs/") for event in events)


@pytest.mark.parametrize(
    "moment",
    [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in MOMENTS],
)
def test_a_killed_run_ends_as_if_nothing_had_been(moment: str, tmp_path: Path) -> None:
    assert stop_and_resume(tmp_path / "run", Sitting(stop_at=place_of(MOMENTS[moment]))) == []


@pytest.mark.slow
def test_a_run_killed_between_two_answers_and_once_more_ends_as_if_nothing_had_been(
    tmp_path: Path,
) -> None:
    again = Sitting(batch_tokens=2000, stop_at=random.Random(2).randrange(5, 60))
    assert stop_and_resume(tmp_path / "run", Sitting(stop_at=random_answer(1)), again) == []


@pytest.mark.slow
def test_a_killed_run_keeps_to_its_plans_though_it_would_plan_otherwise_now(tmp_path: Path) -> None:
    data = tmp_path / "run"
    last_shard = place_of(r"write runs/.*/shards/\.second.001.00000.parquet.unfinished")
    assert run(data, Sitting(stop_at=last_shard)).code == -signal.SIGKILL
    assert run(data, Sitting(replans=True)).code == 0
    assert read_outcome(data).differs_from(unbroken(1500)[0]) == []


@pytest.mark.slow
def test_the_program_itself_resumes_a_killed_run_by_its_plan(tmp_path: Path) -> None:
    """In the other tests the second process too is made to write small files."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    command = (*TOY, "sample")
    planned = Sitting(batch_tokens=3000, chunk=2048)
    assert run(whole, planned, command).code == 0
    stopped = Sitting(batch_tokens=3000, chunk=2048, stop_at=random_answer(3))
    assert run(broken, stopped, command).code == -signal.SIGKILL
    assert 0 < count_kept(broken) < len(IDS)
    subprocess.run(
        [sys.executable, "-m", "evaluator", *command],
        cwd=REPOSITORY,
        env=os.environ | {"LEADERBOARD_DATA": str(broken)},
        capture_output=True,
        check=True,
    )
    assert read_outcome(broken).differs_from(read_outcome(whole)) == []


def test_ctrl_c_keeps_all_that_is_answered(tmp_path: Path) -> None:
    data = tmp_path / "run"
    stopped = run(data, Sitting(stop_at=random_answer(4), signal=signal.SIGINT))
    assert stopped.code == 130
    assert "Stopped. What is answered is kept: the same command resumes." in stopped.said
    assert count_kept(data) == stopped.answers - 1  # the last one was on its way
    assert stop_and_resume(data) == []


def test_a_damaged_shard_is_named_and_only_its_questions_are_asked_anew(tmp_path: Path) -> None:
    data = tmp_path / "run"
    run(data, Sitting(stop_at=place_of(MOMENTS["between a task's file and the next"])))
    shard = only_run(data) / "shards" / "sample.001.00000.parquet"
    shard.write_bytes(shard.read_bytes()[:100])
    refused = run(data)
    assert refused.code == 1
    assert f"Error (broken-run): {shard} is not a readable Parquet file" in refused.said
    assert "Remove that file and run the same command again" in refused.said
    shard.unlink()
    assert count_kept(data) == len(IDS) + 40 - 16
    assert stop_and_resume(data) == []


@pytest.mark.slow
def test_a_model_that_is_gone_is_said_and_the_run_goes_on_when_it_is_back(tmp_path: Path) -> None:
    data, model = tmp_path / "data", tmp_path / "my-model"
    assert run(tmp_path / "toy", Sitting()).code == 0
    shutil.copytree(tmp_path / "toy" / "models" / "toy-llama-seed-0", model)
    command = [str(model) if word == "toy:llama" else word for word in COMMAND]
    assert run(data, Sitting(stop_at=random_answer(5)), command).code == -signal.SIGKILL
    folder, kept = only_run(data), count_kept(data)

    model.rename(tmp_path / "elsewhere")
    gone = run(data, Sitting(), command)
    assert gone.code == 1
    assert f"Error (model-not-found): '{model}' is no folder here" in gone.said
    assert "Traceback" not in gone.said
    assert (only_run(data), count_kept(data)) == (folder, kept)

    (tmp_path / "elsewhere").rename(model)
    resumed = run(data, Sitting(batch_tokens=3000), command)
    assert (resumed.code, only_run(data)) == (0, folder)
    assert resumed.answers < len(IDS) + 40
    whole, _ = unbroken(1500)
    outcome = read_outcome(data)
    assert outcome.plans == whole.plans
    for task, table in outcome.answers.items():
        assert table.equals(whole.answers[task])
    assert records.read_run(folder).source == str(model)
