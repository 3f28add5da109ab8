"""Where things are, and how much of them is kept.

`LEADERBOARD_DATA`, by default `data`, holds everything that is made; its `settings.toml`, if there
is one, changes what `Settings` lists.
"""

import os
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.errors import BrokenSettings


class Settings(BaseModel):
    """What `settings.toml` may say; every key is optional."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    keep_snapshots: int = Field(default=5, ge=1)
    """How many published snapshots are kept beside the one in use."""
    submissions_a_day: int = Field(default=10, ge=1)
    """How many submissions of one submitter are taken in 24 hours; maintainers have no limit."""


def read_settings() -> Settings:
    """Read the data folder's `settings.toml`; raises `BrokenSettings`."""
    path = data_folder() / "settings.toml"
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BrokenSettings(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        known = ", ".join(Settings.model_fields)
        raise BrokenSettings(f"{path}: {faults}. It may say {known}.") from error


def data_folder() -> Path:
    return Path(os.environ.get("LEADERBOARD_DATA", "data"))


def warehouse_folder() -> Path:
    """Snapshots; `LEADERBOARD_WAREHOUSE` puts them elsewhere."""
    return Path(os.environ.get("LEADERBOARD_WAREHOUSE", data_folder() / "warehouse"))


def ledger_file() -> Path:
    """Where the ledger is, unless `LEADERBOARD_LEDGER` names a database."""
    return data_folder() / "ledger.sqlite"


def runs_folder() -> Path:
    return data_folder() / "runs"


def samples_folder() -> Path:
    """The questions that were loaded, so that a rebuild needs no network."""
    return data_folder() / "samples"


def reported_folder() -> Path:
    """The files of published scores that were loaded, for a rebuild."""
    return data_folder() / "reported"
