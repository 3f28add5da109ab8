"""A Ray cluster for tests, and how one asks on it and alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ray._private import ray_constants
from ray.cluster_utils import Cluster

from evaluator import cluster_team, records, runs, shards, tables
from evaluator.cluster_team import Team
from evaluator.cluster_worker import Told
from evaluator.records import Run
from tests.ray_workers import Fragile

TOY = ("run", "--model", "toy:llama", "--tasks", "sample", "--precision", "float32")
Ask = Callable[..., tuple[int, str, str]]
Answers = tuple[pl.DataFrame, dict[str, str]]


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
        started.shutdown()


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
