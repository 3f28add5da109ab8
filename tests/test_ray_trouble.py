"""What is answered on Ray is kept, whatever becomes of its workers."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ray.cluster_utils import Cluster

import evaluator.cluster
from evaluator.cluster_team import Team
from tests import raying
from tests.conftest import change_answers, stop_after
from tests.ray_workers import order
from tests.raying import TOY, Answers, Ask, count_kept, read_answers, read_record, same

cluster, small_chunks, on_ray, alone = (  # the fixtures
    raying.cluster, raying.small_chunks, raying.on_ray, raying.alone
)  # fmt: skip


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
    engines = {"here": "local + ray", "on Ray": "ray + local"}
    assert read_record().hardware["engine"] == engines[begun]
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
    monkeypatch.setattr(evaluator.cluster, "Team", partial(Team, versions={"torch": "1.0"}))
    code, _, said = on_ray()
    assert code == 1
    assert re.search(r"Error \(cluster-failed\): The machine .* has torch 2\.", said)


@pytest.mark.slow
def test_more_workers_than_there_is_room_for_are_refused(on_ray: Ask) -> None:
    code, _, said = on_ray("--workers", "3")
    assert code == 1
    assert "Error (cluster-failed): 3 workers are more than the 2 CPUs" in said


# the last one here: for half a minute, Ray would take the lost machine for one that is there
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
    assert code == 0, said
    assert len(lost) == 1
    # Ray, which takes a while to miss a machine, may have placed another worker there
    assert int(read_record().hardware["replaced workers"]) >= 1
    assert same(read_answers(), alone())
