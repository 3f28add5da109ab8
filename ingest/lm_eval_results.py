"""Reads lm-evaluation-harness's result files, and finds the one that belongs to a log."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator.records import Precision, name_faults
from ingest.errors import UnreadableFile
from ingest.foreign import Refusal, Wanted
from ingest.lines import parse_object
from ingest.lm_eval_rows import LogRead
from ingest.recognising import text

SIZE_LIMIT = 64 * 2**20
"""Bytes. A result file of hundreds of tasks has about 1 MB."""
STAMP = re.compile(r"_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?)$")
"""What the harness puts at the end of the names of all files of one evaluation."""
NAMED_BY = ("peft", "delta", "pretrained", "model", "path", "engine")
"""Where `model_args` name the model, in the harness's own order."""
CLOSE = 1e-9


class ResultFile(BaseModel):
    """The parts of a result file that are read here."""

    model_config = ConfigDict(populate_by_name=True, protected_namespaces=())

    results: dict[str, dict[str, Any]]
    config: dict[str, Any] = Field(default_factory=dict)
    shots: dict[str, int | None] = Field(default_factory=dict, alias="n-shot")
    samples: dict[str, dict[str, int | None]] = Field(default_factory=dict, alias="n-samples")
    task_hashes: dict[str, str] = Field(default_factory=dict)
    model_name: str | None = None
    system_instruction: str | None = None
    chat_template: str | None = None


@dataclass(frozen=True)
class Facts:
    """What a result file says of how and whom; equal in two files that tell the same."""

    model: str
    revision: str | None
    precision: Precision | None
    shots: int | None
    chat: bool
    system_prompt: str | None


@dataclass(frozen=True)
class Results:
    path: Path
    content: ResultFile

    @property
    def stamp(self) -> str | None:
        return find_stamp(self.path)

    def task_of(self, name: str) -> str | None:
        """Its task that a log of this name is of: the longest that the name begins with."""
        written = {re.sub(r"\W", "_", task): task for task in self.content.results}
        fitting = [each for each in written if name == each or name.startswith(f"{each}_")]
        return written[max(fitting, key=len)] if fitting else None

    def accuracy(self, task: str, reading: str) -> float | None:
        """Of a filter; versions before 0.4 name none."""
        scores = self.content.results[task]
        keys = [f"{name}{end}" for name in ("acc", "exact_match") for end in (f",{reading}", "")]
        found = (scores[key] for key in keys if isinstance(scores.get(key), int | float))
        return next(found, None)

    def describe(self, task: str) -> Facts:
        config, content = self.content.config, self.content
        given = read_arguments(config.get("model_args"))
        name = content.model_name or next((given[key] for key in NAMED_BY if key in given), None)
        added = {"peft", "delta"} & set(given)  # other weights on top: the sha is not of the whole
        revision = config.get("peft_sha") if added else config.get("model_sha")
        shots = content.shots.get(task)
        precision = str(config.get("model_dtype") or given.get("dtype")).removeprefix("torch.")
        return Facts(
            model=name or "unknown",
            revision=str(revision or given.get("revision") or "") or None,
            precision=next((each for each in get_args(Precision) if each == precision), None),
            shots=shots if shots in range(100) else None,  # as many as a protocol can name
            chat=bool(content.chat_template),
            system_prompt=text(content.system_instruction) or None,
        )


def read_arguments(given: object) -> dict[str, str]:
    """`pretrained=a,dtype=b`, or the same as an object."""
    if isinstance(given, dict):
        return {str(key): str(value) for key, value in given.items()}
    pairs = (pair.partition("=") for pair in str(given or "").split(","))
    return {key.strip(): value for key, _, value in pairs if value}


def find_stamp(path: Path) -> str | None:
    stamp = STAMP.search(path.stem)
    return stamp[1] if stamp else None


def read_results(path: Path) -> Results | None:
    """Read a result file; None for JSON of another kind.

    Raises `UnreadableFile` for a file with `results` that is broken, or too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error
    if len(content) > SIZE_LIMIT:
        raise UnreadableFile(f"{path} is over {SIZE_LIMIT // 2**20} MB, too large for results.")
    found = parse_object(1, content)
    if isinstance(found, Refusal) or "results" not in found:
        if path.name.startswith("results"):
            reason = found.reason if isinstance(found, Refusal) else "it has no results"
            raise UnreadableFile(f"{path} is no result file: {reason}.")
        return None
    try:
        return Results(path, ResultFile.model_validate(found))
    except ValidationError as error:
        raise UnreadableFile(f"{path} is no result file: {name_faults(error)}") from error


def pair(log: LogRead, name: str, results: Iterable[Results]) -> list[tuple[Results, str]]:
    """Return which of the `results` beside the `log` named `name` may be its, each with its task.

    Of those with such a task: that of the same moment; else, of those that counted the same
    prompts, those with the same accuracy. A step that leaves none is passed over.
    """
    fitting = [(each, task) for each in results if (task := each.task_of(name))]
    stamp = find_stamp(log.path)
    if stamp and (same := [found for found in fitting if found[0].stamp == stamp]):
        return same
    hashed = [found for found in fitting if found[0].content.task_hashes.get(found[1])]
    fitting = [
        found for found in hashed if found[0].content.task_hashes[found[1]] == log.task_hash
    ] or fitting
    return [found for found in fitting if is_accuracy_of(log, *found)] or fitting


def is_accuracy_of(log: LogRead, results: Results, task: str) -> bool:
    """Whether the log may have that accuracy; each row that cannot be read may be a right one."""
    said = results.accuracy(task, log.filter or "none")
    unread = sum(isinstance(row, Refusal) and row.line is not None for row in log.rows)
    total = log.counted + unread
    if said is None or not total:
        return False
    return log.correct / total - CLOSE < said < (log.correct + unread) / total + CLOSE


def agree(found: Sequence[tuple[Results, str]], wanted: Wanted) -> Facts | str:
    """Return what all the files say, or why that is not known.

    What the person who imports says settles what the files disagree on.
    """
    facts = [results.describe(task) for results, task in found]
    settled = {"model": wanted.model, "revision": wanted.revision, "precision": wanted.precision}
    for name in Facts.__dataclass_fields__:
        said = sorted({str(getattr(each, name)) for each in facts})
        if len(said) > 1 and not settled.get(name):
            files = ", ".join(results.path.name for results, _ in found)
            return f"{len(found)} result files fit, and their {name} differs ({said}): {files}."
    if facts:
        return facts[0]
    if wanted.model:
        return Facts(wanted.model, wanted.revision, wanted.precision, None, False, None)
    return (
        "no result file beside it has this task, so that nobody knows whose answers they are. "
        "Put its results_*.json there, or name the model with --model."
    )
