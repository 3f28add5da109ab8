"""Who asks what, where several workers ask at once."""

from pathlib import Path
from threading import Event
from typing import Any

import click
import pytest

from evaluator import cluster_options, work
from evaluator.asking import Answer, BatchPlan
from evaluator.cluster import connect, share_machines
from evaluator.cluster_options import Cluster, in_words, read_cluster
from evaluator.cluster_worker import check_folder
from evaluator.crews import Job, Shares
from evaluator.errors import ClusterFailed, ModelNotFound
from evaluator.models import describe_model
from evaluator.papers import Paper, Turn
from evaluator.questions import load_samples
from evaluator.shards import Chunk
from evaluator.tasks import find_task

TASK = find_task("sample")
TURNS = [Turn(sample) for sample in load_samples(TASK)]


@pytest.fixture
def chunks(tmp_path: Path) -> list[tuple[Paper, Chunk]]:
    """Three chunks of 30, 20 and 10 questions."""
    paper = Paper(TASK, load_samples(TASK))
    parts = [TURNS[:30], TURNS[30:50], TURNS[50:60]]
    return [(paper, Chunk(tmp_path, "sample", n, part)) for n, part in enumerate(parts)]


def plan(chunk: Chunk, size: int = 100) -> BatchPlan:
    """Batches of two, from the last on."""
    places = list(reversed(range(len(chunk.turns))))
    return BatchPlan(size, [places[at : at + 2] for at in range(0, len(places), 2)])


def answer(shares: Shares, job: Job) -> None:
    chunk = shares.parts[job.place].chunk
    given = [Answer(chunk.turns[place], "A") for batch in job.batches for place in batch]
    assert len(list(shares.keep(job, given))) == len(given)


def test_the_first_chunk_finds_the_batch_size_and_others_take_it(
    chunks: list[tuple[Paper, Chunk]],
) -> None:
    shares = Shares(chunks, None, 2, planned=True)
    first = shares.take(None)
    assert first == Job(0)
    assert shares.take(None) is None
    shares.keep_plan(first, plan(chunks[0][1]))
    assert chunks[0][1].read_plan() == plan(chunks[0][1])
    assert shares.take(None) == Job(1, size=100)
    assert shares.take(None) == Job(2, size=100)


def test_everything_is_asked_once_and_in_ever_smaller_parts(
    chunks: list[tuple[Paper, Chunk]],
) -> None:
    shares = Shares(chunks, 100, 2, planned=True)
    asked, sizes, last = list[tuple[int, int]](), list[int](), None
    while job := shares.take(last):
        last = job.place
        if job.batches:
            sizes.append(len(job.batches))
            asked += [(job.place, place) for batch in job.batches for place in batch]
            answer(shares, job)
        else:
            shares.keep_plan(job, plan(chunks[job.place][1]))
    assert sorted(asked) == [(n, at) for n, size in enumerate((30, 20, 10)) for at in range(size)]
    assert sizes[0] == 7  # of fifteen: a quarter of what the two are to share
    assert sizes[-1] == 1
    assert shares.is_done


def test_what_a_lost_worker_had_not_answered_is_somebody_elses(
    chunks: list[tuple[Paper, Chunk]],
) -> None:
    shares = Shares(chunks[:1], 100, 1, planned=True)
    first = shares.take(None)
    assert first
    shares.give_back(first)
    again = shares.take(None)
    assert again == first
    shares.keep_plan(again, plan(chunks[0][1]))
    job = shares.take(0)
    assert job
    assert len(job.batches) == 7
    turn = chunks[0][1].turns[job.batches[0][0]]
    assert [key for _, key in shares.keep(job, [Answer(turn, "A")])] == [Answer(turn, "A")]
    assert list(shares.keep(job, [Answer(turn, "B")])) == []
    shares.give_back(job)
    taken = shares.take(0)
    assert taken
    assert taken.batches[0] == job.batches[0]  # whole, for the last digits
    assert shares.parts[0].missing(taken.batches)[0] == job.batches[0][1]


def test_texts_are_written_by_one_worker_a_chunk_the_longest_first(
    chunks: list[tuple[Paper, Chunk]],
) -> None:
    shares = Shares([chunks[2], chunks[0], chunks[1]], None, 3, planned=False)
    jobs = [shares.take(None) for _ in range(4)]
    assert [len(job.batches[0]) if job else 0 for job in jobs] == [30, 20, 10, 0]


@pytest.mark.parametrize(
    ("machines", "workers", "expected"),
    [
        ([{"CPU": 8}], None, (1, {"num_cpus": 8})),
        ([{"CPU": 8}], 3, (3, {"num_cpus": 2})),
        ([{"CPU": 8}, {"CPU": 4}, {}], None, (2, {"num_cpus": 4})),
        ([{"CPU": 8}, {"CPU": 5}], 3, (3, {"num_cpus": 4})),
        ([{"CPU": 8, "GPU": 4}, {"CPU": 2, "GPU": 2}], None, (6, {"num_gpus": 1, "num_cpus": 1})),
        ([{"CPU": 8, "GPU": 4}], 2, (2, {"num_gpus": 1, "num_cpus": 1})),
    ],
)
def test_a_worker_has_a_gpu_or_a_part_of_the_cpus(
    machines: list[dict[str, float]], workers: int | None, expected: tuple[int, dict[str, int]]
) -> None:
    assert share_machines(machines, workers) == expected


@pytest.mark.parametrize("machines", [[{"CPU": 2}], [{"CPU": 9, "GPU": 2}]])
def test_more_workers_than_there_is_room_for_are_refused(machines: list[dict[str, float]]) -> None:
    with pytest.raises(ClusterFailed, match=r"3 workers are more than the 2 .* --workers 2, or"):
        share_machines(machines, 3)


@pytest.mark.parametrize("workers", [None, 3])
def test_machines_that_have_nothing_to_ask_with_are_refused(workers: int | None) -> None:
    with pytest.raises(ClusterFailed, match="neither a GPU nor a CPU"):
        share_machines([{}, {"CPU": 0}], workers)


def test_a_folder_has_to_be_on_each_machine_with_the_same_in_it(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    model = describe_model(str(tmp_path), None)
    check_folder(model, str(tmp_path))
    with pytest.raises(ModelNotFound, match="under the same path"):
        check_folder(model, str(tmp_path / "elsewhere"))
    (tmp_path / "model.safetensors").write_bytes(b"others")
    with pytest.raises(ModelNotFound, match="is at sha256"):
        check_folder(model, str(tmp_path))
    check_folder(describe_model("toy:llama", None), "toy:llama")


def test_a_cluster_that_is_not_there_is_said_at_once() -> None:
    with pytest.raises(ClusterFailed, match=r"cannot be reached at 127.0.0.1:9: "):
        connect("127.0.0.1:9")
    with pytest.raises(ClusterFailed, match=r"cannot be reached at \[::1\]:9: .*refused"):
        connect("[::1]:9")


def test_options_of_ray_go_with_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_cluster("local", None, None) is None
    cluster = read_cluster("ray", "10.0.0.1:6379", 4)
    assert cluster == Cluster("10.0.0.1:6379", 4)
    words = "--engine ray --ray-address 10.0.0.1:6379 --workers 4"
    assert in_words(cluster) == words.split()
    assert (in_words(None), in_words(Cluster())) == ([], ["--engine", "ray"])
    assert read_cluster("ray", "auto", None) == Cluster("auto")
    for given in (("local", "auto", None), ("endpoint", None, 2)):
        with pytest.raises(click.UsageError, match=r"--(ray-address|workers) goes with"):
            read_cluster(*given)
    for address in ("ray://here:1", "nowhere", "here:", ""):
        with pytest.raises(click.UsageError, match="is HOST:PORT or auto"):
            read_cluster("ray", address, None)
    monkeypatch.setattr(cluster_options, "find_spec", lambda _: None)
    with pytest.raises(click.UsageError, match="pip install ray=="):
        read_cluster("ray", None, None)


def test_a_queues_worker_asks_on_ray_where_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[list[str]] = []
    monkeypatch.setattr(work, "command", lambda *_: ["run"])
    monkeypatch.setattr("evaluator.work.subprocess.Popen", lambda words, **_: said.append(words))
    unused: Any = None
    for cluster in (None, Cluster(workers=2)):
        words = tuple(in_words(cluster))
        work.Worker(unused, "w", Event(), engine=words).start(unused, tmp_path / "log")
    assert said == [["run"], ["run", "--engine", "ray", "--workers", "2"]]
