"""What happens inside a process that is to be stopped: each thing it does to the disk is counted.

Between two of these events nothing changes that a later process could see, so a process that was
killed before each of them, and in the midst of each write, was killed everywhere.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import polars as pl

PATIENCE = 120  # seconds; a run takes one or two
Happen = Callable[[str, Path], None]
"""Is told the kind of an event and the file that it is about."""


@dataclass(frozen=True)
class Sitting:
    """How one process goes about a run."""

    batch_tokens: int = 1500
    """What it finds to be fastest, which is never quite the same on a real machine."""
    stop_at: int | None = None
    """The event that it does not get past, counted from 0; a write is then left halfway."""
    signal: int = signal.SIGKILL
    """What it stops itself by."""
    seconds: float | None = None
    """Of processor time: then the kernel ends it, whatever it is at. On a busy machine a clock
    would end it before it has begun."""
    held_by: Event | None = None
    """Its first answer waits for this."""
    chunk: int = 32
    """How many questions are planned together."""
    replans: bool = False
    """It would group the questions otherwise, as another version of the program may."""


def count_events(sitting: Sitting, data: Path) -> Happen:
    """Return what each event is told to: it writes them down, and stops this process at one."""
    journal = os.open(data / f"events.{os.getpid()}", os.O_WRONLY | os.O_CREAT)
    count = 0

    def happen(kind: str, path: Path) -> None:
        nonlocal count
        if not path.is_relative_to(data) or (kind == "mkdir" and path.exists()):
            return
        os.write(journal, f"{kind} {path.relative_to(data)}\n".encode())
        count += 1
        if count - 1 == sitting.stop_at:
            if kind == "write" and sitting.signal == signal.SIGKILL:
                os.truncate(path, path.stat().st_size // 2)
            os.kill(os.getpid(), sitting.signal)

    return happen


def hook_disk(happen: Happen) -> None:
    """Tell of writes once they are done, and of all else before it is."""

    def hook(owner: Any, name: str, kind: str, find: Callable[..., Path]) -> None:
        honest = getattr(owner, name)

        def hooked(*arguments: Any, **named: Any) -> Any:
            if kind != "write":
                happen(kind, find(*arguments, **named))
            answer = honest(*arguments, **named)
            if kind == "write":
                happen(kind, find(*arguments, **named))
            return answer

        setattr(owner, name, hooked)

    def first(path: Path, *_: object, **__: object) -> Path:
        return Path(path)

    def second(_: object, path: Path, *__: object, **___: object) -> Path:
        return Path(path)

    def opened(descriptor: int) -> Path:
        return Path(f"/proc/self/fd/{descriptor}").readlink()

    def entry(path: str, *, dir_fd: int | None = None) -> Path:
        return Path(path) if dir_fd is None else opened(dir_fd) / path

    hook(pl.LazyFrame, "sink_parquet", "write", second)  # write_parquet calls it
    hook(Path, "write_text", "write", first)
    hook(os, "fsync", "fsync", opened)
    hook(os, "replace", "name", second)
    hook(os, "rename", "name", second)
    hook(os, "mkdir", "mkdir", first)
    hook(os, "unlink", "remove", entry)
    hook(os, "rmdir", "remove", entry)
