"""Data folders that many tests begin with: each is made once, for all processes that test."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import lakes
from warehouse import settings

FOLDER: list[Path] = []
"""Where they are kept while the tests run, one folder."""


def make_once(name: str, make: Callable[[], None]) -> None:
    """Fill the data folder with a copy of what `make` fills it with."""
    if lakes.KIND != "files":
        make_once_in_lake(name, make)
        return
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


LAKES: dict[str, tuple[str, Path]] = {}
"""What this process has made: from a name to a lake, and the folder of all else."""


def make_once_in_lake(name: str, make: Callable[[], None]) -> None:
    """The same where snapshots are in lakes; a copied catalogue reads the same files."""
    if name in LAKES:
        place, folder = LAKES[name]
        os.environ["LEADERBOARD_WAREHOUSE"] = lakes.copy_lake(place)
        os.environ.pop("LEADERBOARD_WAREHOUSE_FILES", None)
        shutil.copytree(folder, settings.data_folder(), dirs_exist_ok=True)
        return
    make()
    folder = FOLDER[0] / f"{os.getpid()}-{name}"
    shutil.copytree(settings.data_folder(), folder)
    LAKES[name] = (lakes.copy_lake(os.environ["LEADERBOARD_WAREHOUSE"]), folder)
