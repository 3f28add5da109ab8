"""What an importer reads out of another tool's log, before it is matched with our questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from evaluator.protocols import Protocol
from evaluator.records import Model, ModelType, Precision, name_faults
from evaluator.tasks import Task
from ingest.errors import UnreadableFile


class Answer(NamedTuple):
    """What a log says of one question.

    A million of them are made a minute, and a frozen dataclass takes three times as long to make.
    """

    line: int
    """Line or row in the log, counted from 1."""
    sample_id: str | None = None
    """The source's own id, where the log keeps it."""
    content_hash: str | None = None
    """`Sample.content_hash` of the question as the log repeats it; found by where no id is."""
    gold: str | None = None
    """The letter that the log counts as right: where it is not ours, the row is refused."""
    choices: tuple[str, ...] | None = None
    """As the log lists them: where it shuffled ours, its letters are put back in our order."""
    prediction: str | None = None
    """What the log says was picked: a letter, or a choice's text."""
    response: str | None = None
    """What the model wrote. Read for a letter only where no prediction is stated."""
    logprobs: tuple[float, ...] | None = None
    """Natural log, one a choice; the likeliest is the prediction."""
    prompt: str | None = None
    continuations: tuple[str, ...] | None = None
    """What was scored after the prompt, one a choice; only where both are known to the byte."""
    tokens: int | None = None
    seconds: float | None = None
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that holds no answer, and why."""

    line: int | None
    reason: str
    content: str
    """The row as it stands in the log."""


@dataclass(frozen=True)
class Log:
    """One task's part of a foreign run: a file, read once from top to bottom."""

    task: Task
    path: Path
    rows: Iterable[Answer | Refusal]
    reading: str | None = None
    """Which of several readings of the file this is, such as a filter: part of a run's identity."""
    prompts_hash: str | None = None
    """As `evaluator.prompts.prompts_hash`, where the log has all prompts to the byte."""


@dataclass(frozen=True)
class ForeignRun:
    """One model, asked in one way by another tool, as its logs have it."""

    model: Model
    precision: Precision | None
    protocol: Protocol
    """A protocol of this project's only where the log proves that its prompts are ours."""
    logs: tuple[Log, ...]
    suspect: str | None = None
    """Why its answers are to be doubted as a whole, such as counts that the log contradicts."""


@dataclass(frozen=True)
class Found:
    """What an importer makes of a folder: some runs, and the files that became part of none."""

    runs: tuple[ForeignRun, ...]
    refused: tuple[tuple[Path, str], ...] = ()
    """Each such file, and why."""


@dataclass(frozen=True)
class Wanted:
    """What the person who imports says; it goes before what the log says."""

    model: str | None = None
    revision: str | None = None
    precision: Precision | None = None
    type: ModelType | None = None
    protocol: Protocol | None = None
    tasks: Mapping[str, Task] = field(default_factory=dict)
    """From the log's name of a task to ours."""

    def describe_model(self, name: str, revision: str | None) -> Model:
        """The model that a log names; a Hub id has open weights unless said.

        Raises `UnreadableFile` where its name or revision cannot be one.
        """
        name = self.model or name
        kind = self.type or ("open weights" if "/" in name else "unknown")
        try:
            return Model(name=name, revision=self.revision or revision or "unknown", type=kind)
        except ValidationError as error:
            raise UnreadableFile(f"no model can have this name: {name_faults(error)}") from error
