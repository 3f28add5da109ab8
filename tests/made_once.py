"""Data folders that many tests begin with: each is made once, for all processes that test."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse import settings

FOLDER: list[Path] = []
"""Where they are kept while the tests run, one folder."""


def make_once(name: str, make: Callable[[], None]) -> None:
    """Fill the data folder with a copy of what `make` fills it with."""
    [folder] = FOLDER
    made = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = folder / f"{name}.unfinished"
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("LEADERBOARD_DATA", str(unfinished))
                make()
            unfinished.rename(made)
    shutil.copytree(made, settings.data_folder(), dirs_exist_ok=True)
