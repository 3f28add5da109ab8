"""What a run folder holds: `run.json` (a `Run`) and one Parquet file per task (`tables.py`).

A run folder is the truth from which the warehouse is made. It is complete, and from then on
never changed, once `run.json` is there: that file is written last.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from evaluator import files
from evaluator.errors import BrokenRun
from evaluator.protocols import Protocol

FORMAT: Final = 1
RUN_FILE = "run.json"
PLANS = "batches"  # the folder of the batch plans, which a rerun plays again

ModelType = Literal["open weights", "closed", "baseline", "random weights", "unknown"]
Precision = Literal["float32", "bfloat16", "float16"]
Weights = Literal["original", "adapter", "delta"]
LONGEST_NAME = 200
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
MOST_DATA_SETS = 100  # of a model card, which says what it likes


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Model(Record):
    """Who answered."""

    name: Name
    """A Hub id, an embedded name such as `baseline:random`, or what an import calls it."""
    revision: Name
    """The Hub's commit, `sha256:…` of local weights, `seed-…` of random ones, `date:…` of
    what a server ran on a day, or `unknown`."""
    type: ModelType
    parameters: int | None = Field(default=None, ge=0, lt=2**63)
    architecture: str | None = None
    """The class that transformers loaded."""
    licence: str | None = None
    released_at: AwareDatetime | None = None
    """When its repository was made on the Hub."""
    trained_on: tuple[Name, ...] = Field(default=(), max_length=MOST_DATA_SETS)
    """The data sets that its card says it was trained on, as the card names them."""
    weights: Weights = "original"
    """A whole model's, or an adapter or differences (a delta) that were added to a base's."""
    base: Name | None = None
    """That other model; None for original weights."""
    base_revision: Name | None = None
    """What pins it, as `revision` does the model."""

    @model_validator(mode="after")
    def check_base(self) -> "Model":
        """What is added to a base says to which; a whole model has none."""
        said = {name is not None for name in (self.base, self.base_revision)}
        if said != {self.weights != "original"}:
            raise ValueError(f"{self.weights} weights have {self.base} as their base")
        return self

    @property
    def identity(self) -> list[str | None]:
        """What of it decides the predictions."""
        own: list[str | None] = [self.name, self.revision]
        if self.weights == "original":
            return own
        return [*own, self.weights, self.base, self.base_revision]


class TaskPlan(Record):
    """What was asked of one task."""

    task: str
    revision: str
    """Of the data set, as pinned in the catalogue."""
    samples_hash: str
    """Of the questions and keys, as loaded."""
    prompts_hash: str | None
    """Of every rendered prompt; None where an import does not know them all to the byte."""
    source: str | None = None
    """The imported file."""
    source_hash: str | None = None
    """SHA-256 of the imported file."""
    reading: str | None = None
    """Which of several readings of that file this is, such as a filter or a column."""

    @property
    def identity(self) -> dict[str, str | None]:
        """What of it decides the predictions; a file with one reading needs no name for it."""
        unsaid = {"source"} | ({"reading"} if self.reading is None else set())
        return self.model_dump(exclude=unsaid)


class Plan(Record):
    """Everything that affects a run's predictions: its identity."""

    model: Model
    precision: Precision | None
    """None where it does not apply or nobody knows."""
    protocol: Protocol
    tasks: tuple[TaskPlan, ...]

    @property
    def identity(self) -> str:
        """SHA-256 (12 hex digits) of what decides the predictions."""
        deciding = {
            "model": self.model.identity,
            "precision": self.precision,
            "protocol": self.protocol.slug,
            "tasks": [task.identity for task in self.tasks],
        }
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def run_id(self) -> str:
        """The model's name, safe as a folder's, and the identity."""
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", self.model.name.replace("/", "--")).strip("-.")
        return f"{name[:80]}-{self.identity}"


class TaskResult(Record):
    """How one task ended."""

    task: str
    predictions: int
    expected: int
    """The task's number of questions."""
    answered: int | None = None
    """Of these, how many have a prediction, where some have several; fewer than expected make the
    run partial."""

    @property
    def questions(self) -> int:
        """How many questions have a prediction."""
        return self.predictions if self.answered is None else self.answered


class Run(Record):
    """One model, revision, precision and protocol over tasks: the content of `run.json`."""

    format: Literal[1] = FORMAT
    run_id: str
    plan: Plan
    origin: Literal["evaluated", "imported"]
    results: tuple[TaskResult, ...]
    started_at: AwareDatetime
    finished_at: AwareDatetime
    seconds: float | None = None
    """Spent asking, over all sittings of a resumed run; of a server, or workers on Ray, who answer
    many at once, the sum over their answers; None for imported answers."""
    command: str
    """What was typed."""
    source: str | None = None
    """The folder that the model was loaded from; None for the Hub's and the embedded."""
    base_source: str | None = None
    """The same of its base."""
    chat_template_hash: str | None = None
    """SHA-256 (16 hex digits) of the model's chat template, where it was used."""
    versions: Mapping[str, str]
    """Of Python and the libraries that decide numbers; here and below, what differs between the
    sittings that answered, or between workers on Ray, is joined by " + "."""
    hardware: Mapping[str, str]
    supersedes: str | None = None
    """The run of the same plan that this one replaces."""
    suspect: str | None = None
    """Why its answers are to be doubted as a whole; None where nothing speaks against them."""

    @model_validator(mode="after")
    def check_tasks(self) -> "Run":
        """A run has one result for each task that it planned, and at least one."""
        planned = sorted(task.task for task in self.plan.tasks)
        answered = sorted(result.task for result in self.results)
        if not planned or planned != answered or len(set(planned)) < len(planned):
            raise ValueError(
                f"planned are the tasks {planned}, but there are results of {answered}"
            )
        return self


def runs_folder() -> Path:
    """`<data folder>/runs`; the data folder is `LEADERBOARD_DATA`, by default `data`."""
    return Path(os.environ.get("LEADERBOARD_DATA", "data")) / "runs"


def read_run(folder: Path) -> Run:
    """Read and validate `folder`'s `run.json`; raises `BrokenRun`."""
    path = folder / RUN_FILE
    try:
        run = Run.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise BrokenRun(f"{folder} has no {RUN_FILE}: the run is not finished.") from error
    except OSError as error:
        raise BrokenRun(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        raise BrokenRun(f"{path} is not a run record: {name_faults(error)}") from error
    if run.run_id != folder.name:
        raise BrokenRun(f"{path} is the record of {run.run_id}, not of {folder.name}.")
    return run


def name_faults(error: ValidationError) -> str:
    """What pydantic found, in one line."""
    return "; ".join(
        ".".join(str(part) for part in fault["loc"])
        + f": {fault['msg']}, found {str(fault['input'])[:80]!r}"
        for fault in error.errors()
    )


def write_run(folder: Path, run: Run) -> None:
    """Write `run.json`, which finishes the folder."""
    files.write_text(folder / RUN_FILE, run.model_dump_json(indent=2) + "\n")
