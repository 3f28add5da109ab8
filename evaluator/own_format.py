"""What a task file may say: questions of one's own, described in TOML. Nothing in it is trusted."""

import re
import tomllib
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from evaluator.errors import BadTask
from evaluator.samples import LETTERS

ENDINGS = (".parquet", ".csv", ".jsonl")
LARGEST_TEXT = 2**16
"""Bytes of a task file."""
MOST_QUESTIONS = 99_999
"""The warehouse numbers a task's questions below 100,000."""
RESERVED_WORDS = (
    "nine all agreement always_right average quarantine accuracy accuracy_low accuracy_high "
    "architecture average_high cost_per_1000 tokens_per_answer "
    "average_low average_reviewed average_undisputed answered best_share board case_mix "
    "deduplicated_average doubt drawn drawn_from entry finished_at flag harm_score headline "
    "judged key_change key_reviewed key_undisputed lane licence margin mark model moved note "
    "origin overlapping parameters part partial_tasks pinned precision rank rank_high rank_low "
    "released_at reviewed revision run_id severe_per_100 size source source_url suspect task "
    "tasks tasks_answered tasks_complete tier type unreadable weighted_average"
)
RESERVED = frozenset(RESERVED_WORDS.split())
"""Names that mean something else beside the names of tasks: columns of tables with one a task."""


def check_name(name: str) -> str:
    if name in RESERVED or name.endswith(("_low", "_high")):
        raise PydanticCustomError("reserved", "the name is taken by the leaderboard itself")
    return name


def check_path(path: str) -> str:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or "\\" in path or ".." in parts or not path.isprintable():
        raise PydanticCustomError(
            "outside", "expected a path inside the folder of the task file, such as questions.csv"
        )
    if not path.endswith(ENDINGS) or any(part.startswith(".") for part in parts):
        raise PydanticCustomError(
            "ending", "expected a file whose name ends in " + ", ".join(ENDINGS)
        )
    return path


def check_line(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("line", "expected one line of printable text")
    return text


Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_]+$", min_length=2, max_length=60),
    AfterValidator(check_name),
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(check_line),
]
Short = Annotated[Line, StringConstraints(max_length=20)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=200)]
RelativePath = Annotated[str, StringConstraints(max_length=200), AfterValidator(check_path)]


class Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class Columns(Part):
    """What the columns of the file are called, or the keys of its JSON objects."""

    question: Column
    choices: Column | Annotated[list[Column], Field(min_length=2, max_length=len(LETTERS))]
    """One column with a list (in CSV, a JSON array), or a column for each choice; of those, the
    last may be empty where a question has fewer choices."""
    gold: Column
    gold_is: Literal["letter", "number from 0", "number from 1", "text"] = "letter"
    """How the right choice is written: its letter, its number, or its own words."""
    id: Column | None = None
    """Without it, a question is `<split>-<row>`, counted from 0."""
    context: Column | None = None
    """What is read before the question, such as a report."""
    subject: Column | None = None
    topic: Column | None = None
    explanation: Column | None = None
    reference: Column | None = None
    safety_tags: Column | None = None
    """A list, or words parted by semicolons, out of `SAFETY_TAGS`; the rules find others."""

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is read, once, in the order of the fields."""
        said = self.model_dump(exclude={"gold_is"}, exclude_none=True).values()
        names = [name for value in said for name in ([value] if isinstance(value, str) else value)]
        return tuple(dict.fromkeys(names))


class Prompt(Part):
    """How a question is asked: `prompts.py` has the words."""

    form: Literal["medqa", "medmcqa", "mmlu", "pubmedqa"] = "medqa"
    """After which benchmark. In `pubmedqa` the answers are the choices' words, not letters."""
    description: Annotated[str, StringConstraints(max_length=4000)] | None = None
    """Said once, before examples and question, with an empty line behind it. Without it, `mmlu`
    says that these are multiple choice questions about the task's title, and others nothing."""


class Examples(Part):
    """Worked examples, for protocols that have some; their columns are those of the questions."""

    file: RelativePath


class Description(Part):
    """The whole of a task file."""

    name: Name
    """Small letters, digits and underscores; of no task that there is already."""
    title: Line
    short: Short | None = None
    """As a narrow column heads it; without it, the first 20 letters of the title."""
    benchmark: Line
    """The family that it belongs to, such as `Our hospital's exam`."""
    licence: Line
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """As BCP 47 has it: `en`, `de`, `pt-BR`."""
    file: RelativePath
    """Parquet, CSV or JSON lines in UTF-8, beside the task file or in a folder there."""
    split: Line = "test"
    expected: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)] | None = None
    """How many questions the file is to have."""
    columns: Columns
    prompt: Prompt = Prompt()
    examples: Examples | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files with questions, then with examples."""
        return (self.file, self.examples.file) if self.examples else (self.file,)


class Fault(NamedTuple):
    """One thing that is wrong."""

    where: str
    """The file, with the line or row: `exam.csv, line 3`."""
    says: str
    """What is wrong, what was expected, and what to do."""


def read_description(path: Path, taken: Collection[str] = ()) -> Description:
    """Read a task file whose task has a name that is not `taken`.

    Raises `BadTask` with all that is wrong, by its line.
    """
    text = read_text(path)
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadTask([Fault(str(path), f"not TOML: {error}. Mend that place.")]) from error
    faults: list[Fault] = []
    if content.get("name") in taken:
        says = f"name: {content['name']} is a task that comes with the project. Choose another."
        faults.append(Fault(locate(path, text, ("name",)), says))
    try:
        described = Description.model_validate(content)
    except ValidationError as error:
        faults += [
            Fault(locate(path, text, fault["loc"]), explain(dict(fault)))
            for fault in error.errors()
        ]
    if faults:
        raise BadTask(faults)
    return described


def read_text(path: Path) -> str:
    """The text of a small plain file; raises `BadTask`."""
    try:
        if path.is_symlink() or not path.is_file():
            raise BadTask([Fault(str(path), "no plain file. Name a task file, not a link to one.")])
        with path.open("rb") as file:
            content = file.read(LARGEST_TEXT + 1)
        if len(content) > LARGEST_TEXT:
            says = f"more than {LARGEST_TEXT >> 10} KB, expected a description of some lines."
            raise BadTask([Fault(str(path), says)])
        return content.decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadTask([Fault(str(path), f"cannot be read as UTF-8 text: {error}.")]) from error


def explain(fault: dict[str, Any]) -> str:
    """`columns.gold_is: what is wrong; found …`"""
    loc = [str(part) for part in fault["loc"] if not str(part).startswith(("constrained", "list["))]
    found = "" if fault["type"] == "missing" else f"; found {str(fault['input'])[:80]!r}"
    known = ""
    if fault["type"] == "extra_forbidden":
        table: Any = {"columns": Columns, "prompt": Prompt, "examples": Examples}
        model = table.get(loc[0], Description) if len(loc) > 1 else Description
        known = f"; it may say {', '.join(model.model_fields)}"
    return f"{'.'.join(loc)}: {fault['msg']}{found}{known}."


def locate(path: Path, text: str, loc: tuple[int | str, ...]) -> str:
    """The line in which a key stands, or its table, or the file where neither does."""
    head = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
    table, wanted = "", "" if len(loc) == 1 else str(loc[0])
    key = re.compile(rf"\s*{re.escape(str(loc[-1] if len(loc) == 1 else loc[1]))}\s*=")
    found = None
    for number, line in enumerate(text.split("\n"), 1):
        if heading := head.match(line):
            table = heading[1]
            found = number if table == str(loc[0]) else found
        elif table == wanted and key.match(line):
            return f"{path}, line {number}"
    return f"{path}, line {found}" if found else str(path)
