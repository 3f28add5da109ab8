"""A run killed anywhere, or stopped by Ctrl-C, ends as one that nothing stopped."""

import random
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.stress.commands import run, stop_and_resume, unbroken
from tests.stress.events import Sitting

pytestmark = pytest.mark.slow
PARTS = 10  # of the events, so that two processes share them


def disk_events() -> list[int]:
    """The places of all events of a run but its answers."""
    _, events = unbroken(1500)
    return [place for place, event in enumerate(events) if not event.startswith("answer ")]


def faults(tmp_path: Path, stops: Iterable[Sitting]) -> dict[str, list[str]]:
    """What is wrong after each of these stops; each has a data folder of its own."""
    _, events = unbroken(1500)
    found = {}
    for number, stop in enumerate(stops):
        name = events[stop.stop_at] if stop.stop_at is not None else f"{stop.seconds} seconds"
        if wrong := stop_and_resume(tmp_path / str(number), stop):
            found[f"{number}: {name}"] = wrong
    return found


def test_there_are_many_places_to_be_killed_at_and_each_is_of_some_kind() -> None:
    _, events = unbroken(1500)
    kinds = {event.split()[0] for event in events}
    assert kinds == {"mkdir", "write", "fsync", "name", "answer", "remove"}
    assert len(disk_events()) > 100
    assert events == unbroken.__wrapped__(1500)[1]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_killed_at_anything_it_does_to_the_disk_ends_whole(part: int, tmp_path: Path) -> None:
    places = disk_events()[part::PARTS]
    assert faults(tmp_path, (Sitting(stop_at=place) for place in places)) == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_ctrl_c_at_anything_it_does_to_the_disk_ends_whole(part: int, tmp_path: Path) -> None:
    stops = (Sitting(stop_at=place, signal=signal.SIGINT) for place in disk_events()[part::PARTS])
    assert faults(tmp_path, stops) == {}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_stopped_between_two_answers_ends_whole(how: int, tmp_path: Path) -> None:
    _, events = unbroken(1500)
    answers = sorted({*range(len(events))} - {*disk_events()})
    places = {answers[0], answers[-1], *random.Random(1).sample(answers, 10)}
    stops = (Sitting(stop_at=place, signal=how) for place in sorted(places))
    assert faults(tmp_path, stops) == {}


@pytest.mark.parametrize("seed", range(2))
def test_a_run_killed_after_some_time_ends_whole(seed: int, tmp_path: Path) -> None:
    moments = [random.Random(seed).uniform(0.02, 1.2) for _ in range(10)]
    assert faults(tmp_path, (Sitting(seconds=moment) for moment in moments)) == {}


@pytest.mark.parametrize("seed", range(6))
def test_a_run_killed_several_times_in_a_row_ends_whole(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    stops = [
        Sitting(
            batch_tokens=chance.choice([1500, 2000, 3000]),
            stop_at=chance.randrange(90),
            signal=chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT]),
        )
        for _ in range(chance.randint(3, 6))
    ]
    assert stop_and_resume(tmp_path, *stops) == []


def test_a_run_of_which_each_process_gets_a_little_further_ends_whole(tmp_path: Path) -> None:
    codes: list[int | None] = []
    while 0 not in codes and len(codes) < 40:
        codes.append(run(tmp_path, Sitting(stop_at=3 * len(codes))).code)
    assert codes == [-signal.SIGKILL] * (len(codes) - 1) + [0]
    assert len(codes) > 10
    assert stop_and_resume(tmp_path) == []
