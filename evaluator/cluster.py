"""Asks a model on Ray: workers with a GPU each, or with a part of the CPUs, load it once each.

Answers stream to this process, which alone writes. A worker that ends, or whose machine does, is
replaced, and what it had not answered is asked again. Workers run this project's own code: each
machine has it, and its packages, under the same path, which is checked.
"""

import atexit
import logging
import shutil
import socket
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import ray
from ray.exceptions import RayError

from evaluator import asking
from evaluator.cluster_options import VERSION, Cluster
from evaluator.cluster_team import Team
from evaluator.cluster_worker import Asked
from evaluator.crews import Crew
from evaluator.errors import ClusterFailed
from evaluator.text import one_line

AUTO = "auto"
CONNECTING = 10.0  # seconds
LONGEST = 20  # characters of a folder in which the names of Ray's sockets are not too long
STORE = 2**29  # bytes for what is on its way, where Ray is started here


def open_crew(cluster: Cluster, deadline: float | None, given: Sequence[Any]) -> Crew:
    """Have workers load a model; `given` is what `asking.open_model` takes.

    Returns as soon as one has. Raises `ClusterFailed`, or what that raises.
    """
    asked = Asked(*given)
    asked = asked._replace(
        folder=asked.folder.resolve(),
        source=whole(asked.source),
        base_source=whole(asked.base_source),
    )
    connect(cluster.address)
    team = Team(asked, deadline)
    try:
        nodes = ray.nodes()
        machines = [node["Resources"] for node in nodes if node["Alive"]]
        workers, team.needs = share_machines(machines, cluster.workers)
        team.seats += [team.sit() for _ in range(workers)]
        told = team.wait_for_one()
    except BaseException:
        team.leave()
        raise
    return Crew(
        *(told.facts, team.spread, told.versions | {"ray": ray.__version__}, team.hardware),
        *(told.chat_template_hash, told.base_source),
    )


def whole(source: str | None) -> Any:
    """A folder's name as workers take it."""
    return asking.find_folder(source) or source


def connect(address: str | None) -> None:
    """Start Ray here, or go to a cluster; raises `ClusterFailed`."""
    here: dict[str, Any] = {}
    if not address:
        here = {
            "include_dashboard": False,
            "object_store_memory": STORE,
            "_node_ip_address": "127.0.0.1",
            "_temp_dir": make_private_folder(),
        }
    try:
        if address and address != AUTO:
            host, _, port = address.rpartition(":")
            place = host.strip("[]"), int(port)
            socket.create_connection(place, CONNECTING).close()  # Ray tries minutes
        ray.init(
            address=address or "local",
            logging_level=logging.ERROR,
            log_to_driver=False,
            **here,
        )
    except (RayError, OSError, RuntimeError, ValueError) as error:
        words = f"Ray {VERSION} does not start here: {one_line(str(error))}. Run it again."
        if address:
            words = (
                f"Ray {VERSION} cannot be reached at {address}: {one_line(str(error))}. Run the "
                "command on a machine of the cluster, where `ray status` says whether it is well."
            )
        raise ClusterFailed(words) from error


def make_private_folder() -> str:
    """Make a folder for Ray's sockets and logs, which goes when this process ends.

    Its usual one is open to all users of a machine, and is never cleared.
    """
    usual = tempfile.gettempdir()
    outer = tempfile.mkdtemp(prefix="ray-", dir=usual if len(usual) <= LONGEST else "/tmp")

    def remove() -> None:
        ray.shutdown()
        shutil.rmtree(outer, ignore_errors=True)

    atexit.register(remove)
    return f"{outer}/r"  # Ray opens to all what it is given itself


def share_machines(
    machines: Sequence[Mapping[str, float]], workers: int | None
) -> tuple[int, dict[str, int]]:
    """Return how many workers there are, and what each takes of its machine.

    `machines` is what each has, as Ray counts it. Raises `ClusterFailed` where that is too little.
    """
    gpus = sum(int(machine.get("GPU", 0)) for machine in machines)
    cpus = [int(machine.get("CPU", 0)) for machine in machines]
    most = gpus or sum(cpus)
    wanted = workers or gpus or sum(map(bool, cpus))
    if not most:
        raise ClusterFailed(
            "Ray has neither a GPU nor a CPU to ask with. Start it with some on one machine at "
            "least: `ray start` takes --num-cpus and --num-gpus."
        )
    if wanted > most:
        raise ClusterFailed(
            f"{wanted} workers are more than the {most} {'GPUs' if gpus else 'CPUs'} that Ray has. "
            f"Ask for at most --workers {most}, or add machines to the cluster."
        )
    if gpus:
        return wanted, {"num_gpus": 1, "num_cpus": 1}
    share = max(size for size in range(1, max(cpus) + 1) if sum(n // size for n in cpus) >= wanted)
    return wanted, {"num_cpus": share}
