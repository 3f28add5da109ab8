"""Nothing is lost and nothing asked twice, wherever workers are lost."""

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from ray.exceptions import RayTaskError

from evaluator import cluster_team
from evaluator.asking import Answer
from evaluator.cluster_team import Team
from evaluator.cluster_worker import Asked
from evaluator.crews import Work
from evaluator.errors import ClusterFailed, NanLogits, TimedOut
from evaluator.models import describe_model
from evaluator.papers import Key, Paper, Turn
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.shards import Chunk
from evaluator.tasks import find_task
from tests.ray_stand_in import VERSIONS, RayStandIn, StandIn

FACTS = describe_model("toy:llama", None)
TASK = find_task("sample")
PAPER = Paper(TASK, load_samples(TASK))
TURNS = [*map(Turn, PAPER.samples[:30])]
Open = Callable[..., tuple[Team, RayStandIn]]


@pytest.fixture
def open_team(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Two workers, one of whom is lost at each of some events."""

    def open_team(lose_at: Collection[int] = ()) -> tuple[Team, RayStandIn]:
        ray = RayStandIn(FACTS, lose_at)
        monkeypatch.setattr(cluster_team, "ray", ray)
        monkeypatch.setattr(cluster_team, "remote", ray.remote)
        asked = Asked(FACTS, None, Path(), "toy:llama", ZERO_SHOT)
        team = Team(asked, None, versions=VERSIONS)
        team.seats += [team.sit(), team.sit()]
        return team, ray

    return open_team


def make_work(folder: Path) -> Work:
    """Chunks of 18 and 12 questions."""
    parts = [TURNS[:18], TURNS[18:]]
    return [(PAPER, Chunk(folder, "sample", n, part)) for n, part in enumerate(parts)]


def spread(team: Team, folder: Path) -> list[Key]:
    """Ask everything; returns who was answered."""
    team.wait_for_one()
    folder.mkdir(exist_ok=True)
    return [answer.turn.key for _, answer in team.spread(make_work(folder), None)]


def test_a_worker_can_be_lost_at_any_moment(open_team: Open, tmp_path: Path) -> None:
    whole, ray = open_team()
    everything = sorted(turn.key for turn in TURNS)
    assert sorted(spread(whole, tmp_path / "whole")) == everything
    assert ray.events > 20
    for event in range(ray.events):
        team, loses = open_team([event])
        assert sorted(spread(team, tmp_path / f"lost at {event}")) == everything
        assert team.hardware["replaced workers"] == "1"
        assert (loses.killed, loses.shutdowns) == (3, 1)


def test_workers_who_answer_before_they_are_lost_are_replaced_however_often(
    open_team: Open, tmp_path: Path
) -> None:
    team, _ = open_team(range(8, 200, 7))
    assert sorted(spread(team, tmp_path)) == sorted(turn.key for turn in TURNS)
    assert int(team.hardware["replaced workers"]) > len(team.seats) * cluster_team.MOST_LOST


def test_answers_that_a_worker_leaves_out_do_not_keep_a_run_waiting(
    open_team: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = StandIn.do_ask

    def leave_out(worker: StandIn, *given: Any) -> Any:
        return ([a for a in lot if a.turn != TURNS[7]] for lot in ask(worker, *given))

    monkeypatch.setattr(StandIn, "do_ask", leave_out)
    team, ray = open_team()
    answered = spread(team, tmp_path)
    assert sorted(answered) == sorted(turn.key for turn in TURNS if turn != TURNS[7])
    assert ray.shutdowns == 1


def test_what_is_the_models_own_fault_is_not_tried_again(open_team: Open, tmp_path: Path) -> None:
    team, ray = open_team()
    ray.act = fail(NanLogits("It gave NaN."))
    with pytest.raises(NanLogits, match=r"^It gave NaN\.$"):
        spread(team, tmp_path)
    assert "replaced workers" not in team.hardware
    assert (ray.killed, ray.shutdowns) == (2, 1)


def test_a_fault_in_this_code_is_not_tried_again(open_team: Open, tmp_path: Path) -> None:
    team, ray = open_team()
    ray.act = fail(IndexError("list index out of range"))
    with pytest.raises(RayTaskError):
        spread(team, tmp_path)
    assert (ray.killed, ray.shutdowns) == (2, 1)


def test_what_may_be_a_devices_fault_is_tried_by_another_worker(
    open_team: Open, tmp_path: Path
) -> None:
    once, ray = open_team()
    ray.act = fail(RuntimeError("CUDA error: unspecified launch failure"), times=1)
    assert len(spread(once, tmp_path / "once")) == len(TURNS)
    always, ray = open_team()
    ray.act = fail(RuntimeError("CUDA error: unspecified launch failure"))
    with pytest.raises(
        ClusterFailed,
        match=r"^3 workers .* an answer: CUDA error: unspecified launch failure\. What is",
    ):
        spread(always, tmp_path / "always")
    assert ray.shutdowns == 1


def fail(error: Exception, times: int = 99) -> Callable[[], None]:
    left = [error] * times

    def act() -> None:
        if left:
            raise left.pop()

    return act


def test_the_deadline_ends_a_run_on_ray(open_team: Open, tmp_path: Path) -> None:
    team, ray = open_team()
    answered = list[Answer]()
    with pytest.raises(TimedOut, match="The same command resumes"):
        team.wait_for_one()
        for _, answer in team.spread(make_work(tmp_path), None):
            answered.append(answer)
            team.deadline = time.monotonic() - 1
    assert 0 < len(answered) < len(TURNS)
    assert ray.shutdowns == 1
