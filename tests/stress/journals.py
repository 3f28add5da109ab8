"""What a process writes down of its acts, and which case is on whose desk, as files."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


class Flag:
    """A word to all processes, set once.

    An event of multiprocessing would wait for ever for one that was killed while it waited.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def set(self) -> None:
        self.path.touch()

    def is_set(self) -> bool:
        return self.path.exists()


class Journal:
    """A file to which lines are added, each in one write."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, **facts: Any) -> None:
        os.write(self.file, f"{json.dumps(facts)}\n".encode())

    @contextmanager
    def timed(self, act: str) -> Iterator[dict[str, Any]]:
        """Note an act with its seconds and what its block adds, unless it raises."""
        facts: dict[str, Any] = {}
        begun = time.monotonic()
        yield facts
        self.note(act=act, seconds=time.monotonic() - begun, **facts)


class Desk:
    """A case is on one desk at a time: from when it is taken until it is about to be let go."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name

    def put(self, number: int) -> None:
        path, own = self.folder / f"held.{number}", self.folder / f"own.{self.name}"
        own.write_text(self.name)
        try:
            os.link(own, path)  # whole or not at all
        except FileExistsError:
            with suppress(FileNotFoundError):
                holder = path.read_text()
                assert holder == self.name, f"case {number} is with {holder} and with {self.name}"

    def clear(self, number: int) -> None:
        (self.folder / f"held.{number}").unlink(missing_ok=True)
