"""Where things are: `LEADERBOARD_DATA`, by default `data`, holds everything that is made."""

import os
from pathlib import Path


def data_folder() -> Path:
    return Path(os.environ.get("LEADERBOARD_DATA", "data"))


def warehouse_folder() -> Path:
    """Snapshots; `LEADERBOARD_WAREHOUSE` puts them elsewhere."""
    return Path(os.environ.get("LEADERBOARD_WAREHOUSE", data_folder() / "warehouse"))


def runs_folder() -> Path:
    return data_folder() / "runs"


def samples_folder() -> Path:
    """The questions that were loaded, so that a rebuild needs no network."""
    return data_folder() / "samples"


def reported_folder() -> Path:
    """The files of published scores that were loaded, for a rebuild."""
    return data_folder() / "reported"
