"""An ingest that tells of all it does, so that it can be stopped anywhere."""

import faulthandler
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from ingest.cli import main
from tests.stress.events import PATIENCE, Sitting, count_events, hook_disk
from warehouse import drafts


def ingest(data: Path, command: str, stop_at: int | None, seconds: float | None) -> None:
    """Run ingest, in a process of its own, that is killed at an event or after so long."""
    os.environ["LEADERBOARD_DATA"] = str(data)
    faulthandler.dump_traceback_later(PATIENCE, file=stack(data).open("w"))
    happen = count_events(Sitting(stop_at=stop_at), data)
    hook_disk(happen)
    hook_database(lambda kind: happen(kind, data / "warehouse"))
    if seconds is not None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    main([command], standalone_mode=False)


def hook_database(happen: Callable[[str], None]) -> None:
    """Tell of each step of a draft, before and after it; and of a copy when half is copied."""

    def hook(owner: Any, name: str) -> None:
        honest = getattr(owner, name)

        def hooked(*arguments: Any, **named: Any) -> Any:
            happen(f"before-{name}")
            answer = honest(*arguments, **named)
            happen(f"after-{name}")
            return answer

        setattr(owner, name, hooked)

    for name in ("load", "derive", "audit"):
        hook(drafts.Draft, name)
    hook(duckdb, "connect")
    copy = shutil.copyfile

    def copy_in_halves(source: Path, target: Path) -> None:
        content = Path(source).read_bytes()
        Path(target).write_bytes(content[: len(content) // 2])
        happen("half-copied")
        copy(source, target)

    setattr(shutil, "copyfile", copy_in_halves)  # noqa: B010


def stack(data: Path) -> Path:
    """Where an ingest that hangs writes down what it is at."""
    return data.with_name(f"{data.name}.stack")
