"""Is what a run keeps while it is made enough to go on exactly as it would have gone?"""

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator import asking, files, records, runs, shards, tables
from evaluator.asking import Answer, Ask, OpenModel
from evaluator.engines import loglikelihood
from evaluator.errors import BrokenRun
from evaluator.papers import Paper, Turn
from evaluator.questions import load_samples
from evaluator.records import Run
from evaluator.tasks import find_task
from tests.conftest import change_answers, make_run, stop_after
from tests.slow_cases import slow

SAMPLES = load_samples(find_task("sample"))
IDS = [sample.sample_id for sample in SAMPLES]
ALONE: list[list[int]] = [[place] for place in reversed(range(len(IDS)))]


def predictions(run: Run) -> pl.DataFrame:
    """What a finished run answered, without the times, which differ from run to run."""
    return tables.read_predictions(records.runs_folder() / run.run_id, "sample").drop("seconds")


def stop_a_run(model: str, after: int) -> Path:
    """Ctrl-C after so many answers; returns the folder of its shards."""
    with pytest.MonkeyPatch.context() as stopping:
        change_answers(stopping, stop_after(after))
        with pytest.raises(KeyboardInterrupt):
            make_run(model)
    (folder,) = records.runs_folder().glob("*/shards")
    return folder


def read_plans(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_bytes()) for path in sorted(folder.iterdir())}


def keep_ids(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have the ids of all samples that are asked from now on written into a list."""
    ids: list[str] = []

    def kept(answers: Iterator[Answer]) -> Iterator[Answer]:
        for answer in answers:
            ids.append(answer.turn.sample.sample_id)
            yield answer

    change_answers(monkeypatch, kept)
    return ids


def test_rows_that_ctrl_c_wrote_twice_count_once(tmp_path: Path) -> None:
    chunk = shards.Chunk(tmp_path, "sample", 0, [*map(Turn, SAMPLES)])
    for letter in "AB":
        chunk.write([Answer(Turn(SAMPLES[0]), letter)], 1.0)
    assert chunk.read().select("sample_id", "prediction").rows() == [(IDS[0], "A")]
    assert chunk.answered == {(IDS[0], 0)}


def test_each_answer_of_a_shard_took_an_equal_part_of_its_time(tmp_path: Path) -> None:
    chunk = shards.Chunk(tmp_path, "sample", 0, [*map(Turn, SAMPLES[:4])])
    chunk.write([Answer(Turn(sample), "A") for sample in SAMPLES[:3]], 6.0)
    chunk.write([Answer(Turn(SAMPLES[3]), "A")], 1.0)
    assert chunk.read()["seconds"].to_list() == [2.0, 2.0, 2.0, 1.0]


@pytest.mark.parametrize("model", ["baseline:random", "toy:llama"])
def test_a_run_in_several_parts_gives_one_file_in_the_order_of_the_samples(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_run(model)
    monkeypatch.setattr(shards, "CHUNK", 25)
    parted = make_run(model, again=True)
    folder = records.runs_folder() / parted.run_id
    assert {path.name for path in folder.glob("*.parquet")} == {"sample.parquet"}
    assert predictions(parted)["sample_id"].to_list() == IDS
    one, other = predictions(parted), predictions(whole)
    assert one.drop("logprobs").equals(other.drop("logprobs"))
    difference = one["logprobs"].explode() - other["logprobs"].explode()
    assert difference.is_null().all() or float(difference.abs().sum()) < 1e-3


def test_the_batch_plans_stay_with_the_finished_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "CHUNK", 40)
    folder = records.runs_folder() / make_run("toy:llama").run_id
    plans = read_plans(folder / "batches")
    sizes = {f"sample.{number:03}.batches.json": size for number, size in enumerate((40, 40, 12))}
    assert plans.keys() == sizes.keys()
    for name, plan in plans.items():
        assert plan.keys() == {"tokens", "batches"}
        places = sorted(place for batch in plan["batches"] for place in batch)
        assert places == list(range(sizes[name]))
    assert not (folder / "shards").exists()


def test_a_baseline_has_no_batch_plan() -> None:
    folder = records.runs_folder() / make_run("baseline:random").run_id
    assert not (folder / "batches").exists()


def test_a_stopped_run_goes_on_by_the_plan_that_it_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stop_a_run("toy:llama", 1)
    path = folder / "sample.000.batches.json"
    first = json.loads(path.read_bytes())["batches"][0][0]
    kept = {"tokens": 77, "batches": ALONE}
    path.write_text(json.dumps(kept))
    asked = keep_ids(monkeypatch)
    run = make_run("toy:llama")
    assert asked == [IDS[place] for (place,) in ALONE if place != first]
    assert predictions(run)["sample_id"].to_list() == IDS
    finished = records.runs_folder() / run.run_id / "batches"
    assert read_plans(finished) == {"sample.000.batches.json": kept}


def test_the_batch_size_is_looked_for_once_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "CHUNK", 40)
    sizes = iter([512])
    monkeypatch.setattr(loglikelihood, "find_batch_tokens", lambda *_: next(sizes))
    folder = records.runs_folder() / make_run("toy:llama").run_id
    assert [plan["tokens"] for plan in read_plans(folder / "batches").values()] == [512, 512, 512]


def test_the_next_sitting_takes_the_batch_size_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shards, "CHUNK", 40)
    sizes = iter([512])
    monkeypatch.setattr(loglikelihood, "find_batch_tokens", lambda *_: next(sizes))
    folder = stop_a_run("toy:llama", 45)
    assert [plan.name for plan in sorted(folder.glob("*.batches.json"))] == [
        "sample.000.batches.json",
        "sample.001.batches.json",
    ]
    (folder / "sample.001.batches.json").unlink()  # as if killed just before it was written
    finished = records.runs_folder() / make_run("toy:llama").run_id
    assert [plan["tokens"] for plan in read_plans(finished / "batches").values()] == [512] * 3


def test_a_part_is_prepared_while_the_one_before_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "CHUNK", 25)
    honest = asking.open_model
    prepared = [threading.Event() for _ in range(4)]
    seen: list[list[bool]] = []

    def open_model(*given: Any) -> OpenModel:
        opened = honest(*given)

        def prepare(paper: Paper, turns: Sequence[Turn]) -> Ask:
            number = IDS.index(turns[0].sample.sample_id) // 25
            prepared[number].set()
            ask = opened.prepare(paper, turns)

            def wait(*question: Any) -> Iterator[Answer]:
                assert prepared[min(number + 1, 3)].wait(timeout=30)
                seen.append([event.is_set() for event in prepared])
                yield from ask(*question)

            return wait

        return dataclasses.replace(opened, prepare=prepare)

    monkeypatch.setattr(asking, "open_model", open_model)
    make_run("baseline:random")
    assert seen == [[True, True, False, False], [True, True, True, False], [True] * 4, [True] * 4]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def drop_column(path: Path) -> None:
    files.write_table(path, pl.read_parquet(path).drop("prediction"))


@pytest.mark.parametrize("damage", [cut, drop_column, lambda path: path.write_bytes(b"")])
def test_a_broken_shard_is_named_with_what_to_do(
    damage: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SHARD_ROWS", 8)
    folder = stop_a_run("baseline:random", 20)
    last = folder / "sample.000.00002.parquet"
    damage(last)
    with pytest.raises(BrokenRun) as broken:
        make_run("baseline:random")
    assert str(broken.value).startswith(f"{last} ")
    assert str(broken.value).endswith(
        "Remove that file and run the same command again: only its questions are asked anew."
    )
    last.unlink()
    asked = keep_ids(monkeypatch)
    run = make_run("baseline:random")
    assert asked == IDS[16:]
    assert predictions(run).equals(predictions(make_run("baseline:random", again=True)))


def test_only_the_questions_of_a_removed_shard_are_asked_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "SHARD_ROWS", 8)
    folder = stop_a_run("baseline:random", 40)
    (folder / "sample.000.00001.parquet").unlink()
    asked = keep_ids(monkeypatch)
    run = make_run("baseline:random")
    assert asked == IDS[8:16] + IDS[40:]
    assert predictions(run)["sample_id"].to_list() == IDS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no batch plan: "),
        (b'{"tokens": 512}', "is no batch plan: batches: Field required"),
        (json.dumps({"tokens": 512, "batches": ALONE[1:]}), "is not a plan of these 92"),
        (json.dumps({"tokens": 512, "batches": [*ALONE, [0]]}), "is not a plan of these 92"),
        (json.dumps({"tokens": 512, "batches": [*ALONE[1:], [92]]}), "is not a plan of these 92"),
        *slow(
            [
                (b"{", "is no batch plan: "),
                (b"\xff", "is no batch plan: "),
                (b'{"tokens": "many", "batches": []}', "is no batch plan: tokens: Input should be"),
                (
                    json.dumps({"tokens": 512, "batches": []}),
                    "is not a plan of these 92 questions.",
                ),
            ]
        ),
    ],
)
def test_a_broken_batch_plan_is_named_with_what_to_do(content: str | bytes, said: str) -> None:
    path = stop_a_run("toy:llama", 3) / "sample.000.batches.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BrokenRun) as broken:
        make_run("toy:llama")
    assert str(broken.value).startswith(f"{path} {said}")
    assert str(broken.value).endswith(
        "Remove that file and run the same command again: only its questions are asked anew."
    )
    path.unlink()
    assert predictions(make_run("toy:llama"))["sample_id"].to_list() == IDS
