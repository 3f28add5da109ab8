"""Servers in processes of their own: started, waited for, weighed, and stopped with all theirs."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

REPOSITORY = Path(__file__).parents[2]
PAGE = os.sysconf("SC_PAGE_SIZE")
HEALTH = "/_stcore/health"
LONGEST = 120.0  # seconds for a start


class NotServing(Exception):
    """A server ended, or did not come up."""


class Server(NamedTuple):
    address: str
    group: int
    """The process group of the server and of all that it starts."""


@contextmanager
def serve_dashboard(data: Path) -> Iterator[Server]:
    """Serve the warehouse in `data` until the block ends."""
    command = [sys.executable, "-m", "dashboard", "--port", "{port}"]
    with serve(command, {"LEADERBOARD_DATA": str(data.resolve())}) as server:
        yield server


@contextmanager
def serve(
    command: Sequence[str], environment: Mapping[str, str], health: str = HEALTH
) -> Iterator[Server]:
    """Run a `command`, in which `{port}` stands for its port, until the block ends."""
    port = free_port()
    address = f"http://localhost:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [word.format(port=port) for word in command],
            cwd=REPOSITORY,
            env=os.environ | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if not wait_for(f"{address}{health}", process):
                log.seek(0)
                said = log.read().decode(errors="replace")
                raise NotServing(f"{' '.join(command)} does not serve:\n{said[-2000:]}")
            yield Server(address, process.pid)
        finally:
            stop(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> bool:
    """Whether the server answers before it ends, or before patience does."""
    latest = time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < latest:
        try:
            with urlopen(address, timeout=5):
                return True
        except HTTPError:  # it runs, and is not ready
            time.sleep(0.1)
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server and all that it started."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, kind)
            process.wait(timeout=10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def resident_bytes(group: int) -> int:
    """Memory of all processes of a group."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[2]) == group:
                total += int((folder / "statm").read_text().split()[1]) * PAGE
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return total
