"""Workers on Ray answer as one process does, whatever becomes of them."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from ray._private import ray_constants
from ray.cluster_utils import Cluster
from safetensors.torch import load_file, save_file

from evaluator import cluster_team, records, runs, shards, tables
from evaluator.cluster_team import Team
from evaluator.cluster_worker import Told
from evaluator.engines.toy import make_toy_llama
from evaluator.records import Run
from tests.conftest import REPOSITORY, change_answers, stop_after
from tests.ray_workers import Fragile, order

TOY = ("run", "--model", "toy:llama", "--tasks", "sample", "--precision", "float32")
Ask = Callable[..., tuple[int, str, str]]
Answers = tuple[pl.DataFrame, dict[str, str]]
LOCAL = """
import psutil
from evaluator import cluster_options

def listening():
    mine = psutil.Process()
    return {
        connection.laddr.ip
        for process in (mine, *mine.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

cluster_options.set_up(cluster_options.Cluster())
import ray
from evaluator import cluster
cluster.connect(None)
ray.get(ray.remote(lambda: 1).remote())
print(*sorted(listening()))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two machines with a CPU each, and one that only leads them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)  # listens at 127.0.0.1 alone
        here = {"node_ip_address": "127.0.0.1", "include_dashboard": False}
        started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0} | here)
        for _ in range(2):
            add_machine(started)
        yield started
        started.shutdown()  # type: ignore[no-untyped-call]


def add_machine(cluster: Any) -> None:
    cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "CHUNK", 40)
    monkeypatch.setattr(runs, "SHARD_ROWS", 8)


@pytest.fixture
def on_ray(cluster: Cluster, evaluate_here: Ask, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask two workers, both of whom are there when it begins."""
    monkeypatch.setattr(cluster_team, "Worker", Fragile)
    monkeypatch.setattr(Team, "wait_for_one", wait_for_all)

    def ask(*options: str) -> tuple[int, str, str]:
        address = ("--engine", "ray", "--ray-address", cluster.address)
        return evaluate_here(*TOY, *address, *options)

    return ask


@pytest.fixture
def alone(evaluate_here: Ask, tmp_path: Path) -> Callable[..., Answers]:
    """Ask one process, in a data folder of its own, and return what it answered."""

    def ask(*options: str) -> Answers:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LEADERBOARD_DATA", str(tmp_path / "alone"))
            assert evaluate_here(*TOY, *options)[0] == 0
            return read_answers()

    return ask


def wait_for_all(team: Team) -> Told:
    while len(team.told) < len(team.seats):
        list(team.step())
    return team.told[0]


def read_answers() -> Answers:
    """What the only run says, without its times, and its plans."""
    (folder,) = records.runs_folder().iterdir()
    answers = tables.read_predictions(folder, "sample").drop("seconds")
    return answers, {path.name: path.read_text() for path in folder.glob("batches/*")}


def read_record() -> Run:
    (folder,) = records.runs_folder().iterdir()
    return records.read_run(folder)


def count_kept() -> int:
    """Answers in the shards of an unfinished run."""
    return sum(pl.read_parquet(path).height for path in records.runs_folder().glob("*/shards/*t"))


def same(one: Answers, other: Answers) -> bool:
    return one[0].equals(other[0]) and one[1] == other[1]


def stopped(spread: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Ctrl-C when workers have given 50 answers."""

    def stop(*given: Any) -> Iterator[Any]:
        with closing(spread(*given)) as answers:  # type: ignore[type-var]
            yield from stop_after(50)(answers)

    return stop


def when_one_hangs(
    monkeypatch: pytest.MonkeyPatch, folder: Path, act: Callable[[Team, int], None]
) -> None:
    """Do something once, as soon as a worker hangs; it is told the worker's parent process."""
    look_round, done = Team.look_round, list[str]()

    def look(team: Team) -> None:
        hangs = folder / "hangs"
        if not done and hangs.exists() and (parent := hangs.read_text()):
            done.append(parent)
            act(team, int(parent))
        look_round(team)

    monkeypatch.setattr(Team, "look_round", look)


def test_a_worker_that_is_killed_is_replaced_and_the_answers_are_those_of_one_process(
    on_ray: Ask, alone: Callable[..., Answers], data_folder: Path
) -> None:
    order(data_folder / "models", "die")
    code, output, said = on_ray()
    assert code == 0, said
    assert "A worker ended, and another takes its place" in output + said
    found = read_answers()
    assert same(found, alone())
    assert len(found[1]) == 3
    run = read_record()
    assert dict(run.hardware).items() >= {
        ("engine", "ray"),
        ("workers", "2"),
        ("machines", "1"),
        ("replaced workers", "1"),
        ("device", "cpu"),
        ("threads", "1"),
    }
    assert run.versions["ray"] == "2.60.0"
    assert run.plan.model.architecture == "LlamaForCausalLM"
    assert run.seconds is not None
    assert run.seconds > 0


def break_weights(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])


def spoil_weights(file: Path) -> None:
    weights = {name: torch.full_like(weight, torch.nan) for name, weight in load_file(file).items()}
    save_file(weights, file, {"format": "pt"})


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(break_weights, "broken-weights"),
        pytest.param(spoil_weights, "nan-logits", marks=pytest.mark.slow),
    ],
)
def test_what_is_wrong_with_a_model_is_said_as_without_ray(
    on_ray: Ask, evaluate_here: Ask, tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    folder = make_toy_llama(tmp_path / "spoiled", 3)
    spoil(folder / "model.safetensors")
    there = on_ray("--model", str(folder))
    here = evaluate_here(*TOY, "--model", str(folder))
    assert there[0] == here[0] == 1
    last = there[2].splitlines()[-1]
    assert last.startswith(f"Error ({code}): ")
    assert last == here[2].splitlines()[-1]


def test_ray_is_started_for_this_machine_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOCAL], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    places = done.stdout.split()
    assert places
    assert [place for place in places if not re.fullmatch(r"(::ffff:)?127\.0\.0\.1", place)] == []


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["rotate-0shot", "generate-0shot-m8", "generate-cot-0shot-m8"])
def test_other_protocols_are_answered_as_by_one_process(
    on_ray: Ask, alone: Callable[..., Answers], protocol: str
) -> None:
    code, _, said = on_ray("--protocol", protocol)
    assert code == 0, said
    assert same(read_answers(), alone("--protocol", protocol))


@pytest.mark.slow
@pytest.mark.parametrize("begun", ["here", "on Ray"])
def test_a_run_is_finished_elsewhere_than_it_was_begun(
    on_ray: Ask,
    evaluate_here: Ask,
    alone: Callable[..., Answers],
    monkeypatch: pytest.MonkeyPatch,
    begun: str,
) -> None:
    here = partial(evaluate_here, *TOY)
    first: Ask = here if begun == "here" else on_ray
    second: Ask = on_ray if begun == "here" else here
    with monkeypatch.context() as stopping:
        change_answers(stopping, stop_after(50))
        stopping.setattr(Team, "spread", stopped(Team.spread))
        code, _, said = first()
    assert code == 130
    assert "the same command resumes" in said
    assert count_kept() == 50
    assert second()[0] == 0
    assert same(read_answers(), alone())


@pytest.mark.slow
def test_a_machine_that_is_lost_is_done_without(
    on_ray: Ask,
    cluster: Cluster,
    alone: Callable[..., Answers],
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = []
    remove: Any = cluster.remove_node

    def lose(_: Team, raylet: int) -> None:
        for node in list(cluster.worker_nodes):
            if node.all_processes["raylet"][0].process.pid == raylet:
                lost.append(node)
                remove(node, allow_graceful=False)

    when_one_hangs(monkeypatch, data_folder / "models", lose)
    order(data_folder / "models", "hang")
    code, _, said = on_ray()
    add_machine(cluster)
    assert code == 0, said
    assert len(lost) == 1
    assert read_record().hardware["replaced workers"] == "1"
    assert same(read_answers(), alone())


@pytest.mark.slow
def test_the_deadline_ends_what_hangs_and_keeps_what_is_answered(
    on_ray: Ask, alone: Callable[..., Answers], data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_late(team: Team, _: int) -> None:
        team.deadline = 0

    with monkeypatch.context() as late:
        when_one_hangs(late, data_folder / "models", be_late)
        order(data_folder / "models", "hang")
        code, _, said = on_ray()
    assert code == 1
    assert "Error (timed-out): " in said
    assert count_kept() >= 4
    assert on_ray()[0] == 0
    assert same(read_answers(), alone())


@pytest.mark.slow
@pytest.mark.parametrize("when", ["die as it loads", "die as it asks"])
def test_workers_who_always_end_are_not_replaced_for_ever(
    on_ray: Ask, data_folder: Path, when: str
) -> None:
    order(data_folder / "models", when, times=40)
    code, _, said = on_ray()
    assert code == 1
    assert "Error (cluster-failed): 3 workers on Ray" in said


@pytest.mark.slow
def test_a_machine_with_other_versions_is_refused(
    on_ray: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_team, "tell_versions", lambda: {"torch": "1.0"})
    code, _, said = on_ray()
    assert code == 1
    assert re.search(r"Error \(cluster-failed\): The machine .* has torch 2\.", said)


@pytest.mark.slow
def test_more_workers_than_there_is_room_for_are_refused(on_ray: Ask) -> None:
    code, _, said = on_ray("--workers", "3")
    assert code == 1
    assert "Error (cluster-failed): 3 workers are more than the 2 CPUs" in said
