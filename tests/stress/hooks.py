"""An evaluator that makes many small files and tells of each answer, so that it can be stopped
anywhere."""

import signal
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from evaluator import runs, shards, tasks
from evaluator.engines import loglikelihood, packing
from tests.stress.events import PATIENCE, Happen, Sitting, count_events, hook_disk

SECOND = "second"
"""A task of some of the sample's questions, so that one task is done while another is not."""


def prepare(sitting: Sitting, data: Path) -> None:
    """Have this process make many small files, and do as `sitting` says."""
    only = frozenset(f"sample-{number:03}" for number in range(1, 41))
    second = {"name": SECOND, "only": only, "size": len(only)}
    tasks.TASKS[SECOND] = tasks.TASKS["sample"].model_copy(update=second)
    setattr(tasks, "CATALOGUE", (*tasks.CATALOGUE, tasks.TASKS[SECOND]))  # noqa: B010
    runs.SHARD_ROWS, runs.SHARD_SECONDS, shards.CHUNK = 16, float("inf"), sitting.chunk
    setattr(loglikelihood, "find_batch_tokens", lambda *_: sitting.batch_tokens)  # noqa: B010
    if sitting.replans:
        honest = packing.plan_batches
        one_by_one = lambda *known: [[n] for batch in honest(*known) for n in batch]  # noqa: E731
        setattr(packing, "plan_batches", one_by_one)  # noqa: B010
    happen = count_events(sitting, data)
    hook_disk(happen)
    hook_answers(happen, data, sitting.held_by)
    if sitting.signal == signal.SIGINT:  # a test in the background inherits that it is ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sitting.seconds is not None:
        signal.setitimer(signal.ITIMER_PROF, sitting.seconds)


def hook_answers(happen: Happen, data: Path, held_by: Event | None) -> None:
    """Tell of each answer before it is given."""
    honest = loglikelihood.score

    def score(*arguments: Any) -> Iterator[Any]:
        for place, scores in honest(*arguments):
            if held_by is not None:
                held_by.wait(PATIENCE)
            happen("answer", data / str(place))
            yield place, scores

    setattr(loglikelihood, "score", score)  # noqa: B010
