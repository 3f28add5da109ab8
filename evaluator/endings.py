"""Why a run ended as it did, for programs and in words, as far as its process or its log tells."""

import errno
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from evaluator.files import FULL
from warehouse.ledger.queue import LONGEST_LOG
from warehouse.ledger.submissions import Why

LAST = 2000  # characters of a log in which a process says what ended it
NO_ROOM = Why("disk-full", "No space is left on the disk of the machine that asks.")
OUT_OF_MEMORY = Why("out-of-memory", "The memory of the machine that asks does not suffice.")
UNREADABLE = Why(
    "run-missing",
    "The run is said to be done, but its folder cannot be read. Once that is moved away, a retry "
    "asks everything anew.",
)
TOLD = re.compile(r".*^Error \(([\w-]+)\): (.+)", re.MULTILINE | re.DOTALL)  # the last
TOKEN = re.compile(r"\bhf_[A-Za-z0-9]{8,}")
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|KEY|LEDGER", re.IGNORECASE)
NO_MEMORY = re.compile(
    r"MemoryError|memory allocation|bad_alloc|allocate memory|failed to map segment", re.IGNORECASE
)


def explain(status: int, log: str) -> Why:
    """Why a run ended without its answers, for programs and in words."""
    if status == -signal.SIGKILL:
        words = "The system ended the run at once, most often because the memory did not suffice."
        return Why("killed", words)
    if told := TOLD.match(log):
        return Why(told[1], " ".join(told[2].split()))
    if NO_MEMORY.search(log[-LAST:]):
        return OUT_OF_MEMORY
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    return Why("crashed", f"The run ended {how}. Its log says more.")


def explain_start(error: OSError | ValueError) -> Why:
    """Why a run did not even begin."""
    if isinstance(error, ValueError) or error.errno == errno.E2BIG:
        return Why("not-understood", "What was asked for is no command that can be given.")
    if error.errno in FULL:
        return NO_ROOM
    return Why("not-started", f"The run could not be started here: {error.strerror or error}.")


def is_full(folder: Path) -> bool:
    """Whether nothing more can be written there; then a log cannot say so."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(2**16))
            file.flush()
    except OSError as error:
        return error.errno in FULL
    return False


def read_tail(path: Path) -> str:
    """The end of a log, without secrets; empty where someone has removed it."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 4 * LONGEST_LOG, 0))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return scrub(text.replace("\0", ""), os.environ)[-LONGEST_LOG:]


def scrub(text: str, environment: Mapping[str, str]) -> str:
    """Take out access tokens, and whatever the environment calls a secret."""
    for name, value in environment.items():
        if SECRET.search(name) and len(value) >= 8:
            text = text.replace(value, f"<{name}>")
    return TOKEN.sub("<token>", text)
