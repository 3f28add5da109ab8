"""Does a run ask each question once, keep every answer, and survive what stops it?"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from evaluator import records, runs, tables
from evaluator.asking import Answer
from evaluator.baselines import BASELINES
from evaluator.errors import AlreadyDone, MissingSamples, RunInUse, TimedOut
from evaluator.models import describe_model
from evaluator.papers import Paper
from evaluator.prompts import prompt_hash, render
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.records import Model, Run, TaskResult
from evaluator.samples import Sample
from evaluator.tasks import find_task
from tests.conftest import REPOSITORY, change_answers, make_run, stop_after

SAMPLE = find_task("sample")
IDS = [sample.sample_id for sample in load_samples(SAMPLE)]
KILLED = """
import os, signal
import pytest
from evaluator import runs
from tests.conftest import change_answers, make_run

def until_killed(answers):
    for number, answer in enumerate(answers):
        if number == 20:
            os.kill(os.getpid(), signal.SIGKILL)
        yield answer

runs.SHARD_ROWS = 8
change_answers(pytest.MonkeyPatch(), until_killed)
make_run("baseline:random")
"""
HOLDING = """
import sys
from pathlib import Path
from evaluator import runs

with runs.locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def predictions(run: Run) -> pl.DataFrame:
    """What a finished run answered, without the times, which differ from run to run."""
    return tables.read_predictions(records.runs_folder() / run.run_id, "sample").drop("seconds")


def random_run_id() -> str:
    """The folder's name of `make_run("baseline:random")` before it is made."""
    model = describe_model("baseline:random", None)
    papers = [Paper(SAMPLE, load_samples(SAMPLE))]
    return runs.plan_run(model, None, ZERO_SHOT, papers).run_id


def keep_ids(monkeypatch: pytest.MonkeyPatch, ids: list[str]) -> None:
    """Write down which samples are answered."""

    def kept(answers: Iterator[Answer]) -> Iterator[Answer]:
        for answer in answers:
            ids.append(answer.turn.sample.sample_id)
            yield answer

    change_answers(monkeypatch, kept)


def test_a_run_of_a_network_keeps_every_answer_in_order() -> None:
    run = make_run("toy:llama")
    table = predictions(run)
    samples = load_samples(SAMPLE)
    assert table["sample_id"].to_list() == IDS
    assert table["prompt"].to_list() == [render(SAMPLE, sample).prompt for sample in samples]
    likeliest = ["ABCD"[row.index(max(row))] for row in table["logprobs"].to_list()]
    assert table["prediction"].to_list() == likeliest
    assert len(set(likeliest)) > 1
    lengths = [len(f"{prompt} A".encode()) + 1 for prompt in table["prompt"]]  # a token a byte
    assert table["tokens"].to_list() == lengths
    assert table["truncated"].to_list() == [length > 2049 for length in lengths]
    hashes = [prompt_hash(prompt, (" A", " B", " C", " D")) for prompt in table["prompt"]]
    assert table["prompt_hash"].to_list() == hashes
    assert table["first_tokens"].to_list() == [[222, 222, 222, 222]] * len(IDS)  # the space
    assert table["repeat"].to_list() == [0] * len(IDS)
    assert table.select("response", "source_line").null_count().row(0) == (len(IDS), len(IDS))


def test_a_run_folder_holds_its_record_and_its_predictions_and_nothing_else() -> None:
    run = make_run("baseline:majority")
    folder = records.runs_folder() / run.run_id
    assert records.read_run(folder) == run
    assert run.results == (TaskResult(task="sample", predictions=len(IDS), expected=len(IDS)),)
    assert (run.origin, run.command, run.supersedes) == ("evaluated", "test", None)
    assert run.versions.keys() == {"python", "polars"}
    assert run.started_at <= run.finished_at
    assert {path.name for path in folder.iterdir()} - {".lock"} == {"run.json", "sample.parquet"}
    assert predictions(run)["prediction"].unique().to_list() == ["A"]


def test_what_only_loading_tells_is_in_the_record_and_not_in_the_identity() -> None:
    run = make_run("toy:llama", "3")
    assert run.plan.model == Model(
        name="toy:llama",
        revision="seed-3",
        type="random weights",
        parameters=35_104,
        architecture="LlamaForCausalLM",
    )
    assert run.plan.run_id == run.run_id
    assert run.versions.keys() == {"python", "polars", "torch", "transformers"}
    assert run.hardware.keys() >= {"machine", "system", "device"}


def test_a_finished_run_is_not_made_twice() -> None:
    folder = records.runs_folder() / make_run("baseline:random").run_id
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(AlreadyDone, match=r"is finished\. --again makes it anew\."):
        make_run("baseline:random")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_run_made_again_supersedes_the_one_before() -> None:
    first, second, third = (make_run("baseline:random", again=True) for _ in range(3))
    assert [second.run_id, third.run_id] == [f"{first.run_id}-2", f"{first.run_id}-3"]
    assert [run.supersedes for run in (first, second, third)] == [None, first.run_id, second.run_id]
    assert predictions(third).equals(predictions(first))


def test_a_stopped_run_resumes_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with monkeypatch.context() as stopping:
        keep_ids(stopping, asked)
        change_answers(stopping, stop_after(30))
        with pytest.raises(KeyboardInterrupt):
            make_run("toy:llama")
    del asked[30:]  # the one on its way when it was stopped
    keep_ids(monkeypatch, asked)
    resumed = predictions(make_run("toy:llama"))
    assert sorted(asked) == IDS
    assert resumed.equals(predictions(make_run("toy:llama", again=True)))  # to the bit


def test_a_killed_run_resumes_from_its_last_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=REPOSITORY, check=False)
    assert killed.returncode == -signal.SIGKILL
    (shards,) = records.runs_folder().glob("*/shards")
    (shards / ".sample.000.00002.parquet.unfinished").write_bytes(b"PAR1 and no more")
    asked: list[str] = []
    keep_ids(monkeypatch, asked)
    resumed = make_run("baseline:random")
    assert asked == IDS[16:]
    assert not shards.exists()
    assert predictions(resumed).equals(predictions(make_run("baseline:random", again=True)))


def test_a_run_made_again_and_stopped_resumes_under_its_own_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = make_run("baseline:random")
    with monkeypatch.context() as stopping:
        change_answers(stopping, stop_after(5))
        with pytest.raises(KeyboardInterrupt):
            make_run("baseline:random", again=True)
    second = make_run("baseline:random", again=True)
    assert (second.run_id, second.supersedes) == (f"{first.run_id}-2", first.run_id)


def test_a_folder_that_another_process_writes_is_left_alone_until_it_dies() -> None:
    folder = records.runs_folder() / random_run_id()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout and holder.stdout.readline() == "locked\n"
        with pytest.raises(RunInUse, match=f"Another process is writing {folder}"):
            make_run("baseline:random")
        assert os.listdir(folder) == [".lock"]  # noqa: PTH208 - names are enough
        holder.kill()
    assert make_run("baseline:random").run_id == folder.name


def test_a_run_that_another_process_has_just_finished_is_not_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other ends between our look at the folder and our lock on it."""
    honest = runs.locked

    @contextmanager
    def locked_late(folder: Path) -> Iterator[None]:
        monkeypatch.setattr(runs, "locked", honest)
        make_run("baseline:random")
        before.append((folder / "run.json").stat().st_ino)
        with honest(folder):
            yield

    before: list[int] = []
    monkeypatch.setattr(runs, "locked", locked_late)
    with pytest.raises(AlreadyDone):
        make_run("baseline:random")
    assert (records.runs_folder() / random_run_id() / "run.json").stat().st_ino == before[0]


def test_an_answer_that_is_left_out_leaves_the_run_unfinished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forgetful(answers: Iterator[Answer]) -> Iterator[Answer]:
        return (answer for answer in answers if answer.turn.sample.sample_id != IDS[7])

    with monkeypatch.context() as forgetting:
        change_answers(forgetting, forgetful)
        with pytest.raises(MissingSamples) as missing:
            make_run("baseline:random")
    assert str(missing.value) == (
        f"{records.runs_folder() / random_run_id()}: {len(IDS) - 1} predictions for part 1 of "
        f"sample, which asks {len(IDS)}. Run the same command again: it resumes."
    )
    assert not (records.runs_folder() / random_run_id() / "run.json").exists()
    asked: list[str] = []
    keep_ids(monkeypatch, asked)
    assert predictions(make_run("baseline:random"))["sample_id"].to_list() == IDS
    assert asked == [IDS[7]]


def test_baselines_answer_without_reading_the_question() -> None:
    choices = [("a", "bb", "c"), ("a", "b", "cc"), ("aa", "bb", "c"), ("a", "b", "c")]
    samples = [
        Sample(sample_id=str(number), question="Why?", choices=texts, gold=gold)
        for number, (texts, gold) in enumerate(zip(choices, "CBCA", strict=True))
    ]

    def answers(name: str, seed: int) -> str:
        return "".join(BASELINES[name](samples, seed))

    assert answers("baseline:majority", 0) == "CCCC"
    assert answers("baseline:longest-choice", 0) == "BCAA"
    assert [answers("baseline:random", seed) for seed in (0, 1)] == ["CCAB", "ABBC"]
    assert "".join(BASELINES["baseline:random"](samples[::-1], 0)) == "BACC"


def test_a_run_whose_time_is_over_keeps_what_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TimedOut, match=r"may take is over\. The same command resumes\."):
        make_run("baseline:random", minutes=0)
    asked: list[str] = []
    keep_ids(monkeypatch, asked)
    assert predictions(make_run("baseline:random", minutes=60))["sample_id"].to_list() == IDS
    assert asked == IDS[1:]
