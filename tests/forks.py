"""Processes that start at once: forks of one that has imported what they do."""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from typing import Any

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *("tests.stress.commands", "transformers.models.llama.modeling_llama"),
        *("tests.reviewing", "tests.stress.clinic", "tests.stress.test_queue_kills"),
        "ingest.handover",
    ]
)
"""One list for all, for there is one such process, and whoever sets another list replaces it."""


def fork(target: Callable[..., object], *arguments: object) -> ForkServerProcess:
    """Start a process that has the environment of this one, as it is now: what is forked has kept
    that of the test in which it was started."""
    process = FORKS.Process(target=act, args=(dict(os.environ), target, arguments))
    process.start()
    return process


def act(
    environment: Mapping[str, str], target: Callable[..., object], arguments: tuple[Any, ...]
) -> None:
    take_on(environment)
    target(*arguments)


def take_on(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
