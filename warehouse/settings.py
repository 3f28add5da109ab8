"""Where things are, how much of them is kept, and who may do what.

`LEADERBOARD_DATA`, by default `data`, holds everything that is made; its `settings.toml`, if there
is one, changes what `Settings` lists.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from warehouse.errors import BrokenSettings

# as HTML's forms have it, but with a dot behind the @; without letters beyond ASCII, some of which
# become others in lower case
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def read_email(text: str) -> str | None:
    """An e-mail address in lower case, in which addresses are compared; None for what is none."""
    return text.lower() if EMAIL.fullmatch(text) else None


def check_email(text: str) -> str:
    email = read_email(text.strip())
    if email is None:
        raise PydanticCustomError("email", "{text} is no e-mail address", {"text": repr(text)})
    return email


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Email = Annotated[str, AfterValidator(check_email)]


class Table(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class CheckSettings(Table):
    """What a checker allows, and how much it may cost; what is not said is as it comes.

    `evaluator.verdicts.Rules` has the meaning and the defaults.
    """

    most_gigabytes: float | None = Field(default=None, gt=0)
    """Of weights in the precision asked for."""
    most_text: int | None = Field(default=None, gt=0)
    """Bytes of configuration and tokenizer."""
    seconds: int | None = Field(default=None, ge=1)
    """CPU time in which configuration and tokenizer have to load."""
    memory: int | None = Field(default=None, gt=0)
    """Bytes in which they have to load, beside what the libraries take."""


class ReviewerSettings(Table):
    """Who judges how harmful wrong answers are, and disputes keys."""

    emails: list[Email] = Field(default_factory=list)
    """Addresses, as those of `maintainers`."""


class Settings(Table):
    """What `settings.toml` may say; every key is optional.

    The dashboard and the ledger read it anew whenever they need it; a checker when it starts.
    """

    keep_snapshots: int = Field(default=5, ge=1)
    """How many published snapshots are kept beside the one in use."""
    submissions_a_day: int = Field(default=10, ge=1)
    """How many submissions of one submitter are taken in 24 hours; maintainers have no limit."""
    maintainers: list[Email] = Field(default_factory=list)
    """E-mail addresses of those who may do everything, in either case of letters. Whoever signs in
    is known by one only where the identity provider has verified that it is theirs."""
    reviewers: ReviewerSettings = ReviewerSettings()
    """Those whose judgement counts, as clinicians."""
    check: CheckSettings = CheckSettings()
    """What is checked of a submission."""
    do_not_evaluate: dict[Text, Text] = Field(default_factory=dict)
    """From the name of a model to the reason why it is not evaluated here, which its submitter
    reads; besides those of `evaluator/data/do_not_evaluate.toml`."""


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
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        nested: dict[str, type[Table]] = {"check": CheckSettings, "reviewers": ReviewerSettings}
        keys = (f"{name}.{key}" for name, table in nested.items() for key in table.model_fields)
        known = ", ".join((*Settings.model_fields, *keys))
        raise BrokenSettings(f"{path}: {faults}. It may say {known}.") from error


def data_folder() -> Path:
    return Path(os.environ.get("LEADERBOARD_DATA", "data"))


def snapshots_folder() -> Path:
    """Snapshots as DuckDB files, where no lake keeps them."""
    return data_folder() / "warehouse"


def copies_folder() -> Path:
    """What a lake was exported to, as DuckDB files: for the download and for typed statements."""
    return data_folder() / "copies"


def warehouse_place() -> str:
    """Where snapshots are kept: a folder, or `ducklake:` and what DuckLake calls its catalogue."""
    return os.environ.get("LEADERBOARD_WAREHOUSE") or str(snapshots_folder())


def lake_files() -> str | None:
    """Where a lake makes the folder of its files: on a disk that all its machines share, or `s3://…`.

    Only who makes the lake must say so; the catalogue keeps it.
    """
    place = os.environ.get("LEADERBOARD_WAREHOUSE_FILES", "").rstrip("/")
    return place if "://" in place or not place else str(Path(place).resolve())


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


def refused_requests_folder() -> Path:
    """What was refused of other leaderboards' requests, for a rebuild."""
    return data_folder() / "refused-requests"
