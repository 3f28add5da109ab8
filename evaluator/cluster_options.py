"""How one says that a run is asked on Ray, and what that needs before Ray is imported."""

import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from importlib.util import find_spec
from typing import Any

import click

from evaluator import asking
from evaluator.baselines import BASELINES
from evaluator.crews import Crew

VERSION = "2.60.0"
ENGINE = "ray"
QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
"""Nothing is reported to Ray's makers."""
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Has Ray listen at 127.0.0.1 alone, as it does on those systems. Read when it is imported."""
ADDRESS = re.compile(r"auto|[^/\s]+:[0-9]{1,5}")
SETTINGS = ("ray_address", "workers")

ray_settings = (
    click.option(
        "--ray-address",
        help=(
            "Of a Ray cluster, HOST:PORT or auto, from one of its machines; by default the GPUs "
            "or the CPU of this one. Each machine has this folder, and the same packages, under "
            "the same path; it downloads the model itself."
        ),
    ),
    click.option(
        "--workers",
        type=click.IntRange(1),
        help="On Ray, each with a GPU, or with a part of the CPUs.  [default: one a GPU, or one a "
        "machine]",
    ),
)


@dataclass(frozen=True)
class Cluster:
    """Where Ray finds workers."""

    address: str | None = None
    """None for this machine."""
    workers: int | None = None
    """None for one a GPU, or one a machine where there is none."""


def ray_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command with an `engine` the options of Ray, which it gets as one `cluster`."""

    @wraps(command)
    def packed(**given: Any) -> None:
        address, workers = (given.pop(name) for name in SETTINGS)
        command(**given, cluster=read_cluster(given["engine"], address, workers))

    for option in reversed(ray_settings):
        packed = option(packed)
    return packed


def read_cluster(engine: str, address: str | None, workers: int | None) -> Cluster | None:
    """None unless the engine is Ray."""
    if engine != ENGINE:
        if address is not None or workers is not None:
            name = "ray-address" if address is not None else "workers"
            raise click.UsageError(f"--{name} goes with --engine {ENGINE}.")
        return None
    if address is not None and not ADDRESS.fullmatch(address):
        raise click.UsageError(
            "--ray-address is HOST:PORT or auto, not a URL: run the command on a machine of the "
            "cluster."
        )
    if find_spec("ray") is None:
        raise click.UsageError(
            f"--engine {ENGINE} needs ray: .venv/bin/python -m pip install ray=={VERSION}"
        )
    return Cluster(address, workers)


def in_words(cluster: Cluster | None) -> list[str]:
    """The options with which a command says the same."""
    if cluster is None:
        return []
    words = ["--engine", ENGINE]
    words += ["--ray-address", cluster.address] if cluster.address else []
    return [*words, "--workers", str(cluster.workers)] if cluster.workers else words


def choose_opener(
    cluster: Cluster | None, deadline: float | None
) -> Callable[..., asking.OpenModel | Crew]:
    """Return what opens a model: here, or on Ray."""
    return partial(open_crew, cluster, deadline) if cluster else asking.open_model


def open_crew(cluster: Cluster, deadline: float | None, *asked: Any) -> Crew:
    """Open a model on Ray; `asked` is what `asking.open_model` takes."""
    if asked[0].name in BASELINES:
        raise click.UsageError(f"{asked[0].name} is no model to load: ask it without --engine.")
    set_up(cluster)
    from evaluator import cluster as ray_cluster  # Ray takes a second to import

    return ray_cluster.open_crew(cluster, deadline, asked)


def set_up(cluster: Cluster) -> None:
    """Set in the environment what Ray reads there when it is imported and started."""
    os.environ.update(QUIET)
    if cluster.address is None:
        os.environ.update(LOOPBACK)
        # without it, other users of this machine could have our processes do as they like
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
