"""Checks tasks of one's own, and keeps them in the data folder, each revision for good.

data/tasks/ward_round/
  current.json        which revision is asked, and its place after the tasks of the catalogue
  3f1c…/task.toml     a revision: the task file and its data, named by the hash of all of it
  3f1c…/questions.csv
"""

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator import files
from evaluator.errors import BadSample, BadTask
from evaluator.own_format import Description, Fault, read_description
from evaluator.own_rows import find_file, read_places, read_sample
from evaluator.samples import Sample, check_sample
from warehouse import settings

TASK_FILE = "task.toml"
CURRENT = "current.json"
VIEWS = ("nine medical tasks", "demonstration questions")
FIRST_POSITION = 1000
"""Of tasks of one's own: behind those of the catalogue, however many those will be."""


class Current(BaseModel):
    """Which revision of a task is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    revision: str = Field(pattern=r"^sha256:[0-9a-f]{12}$")
    """Hash of the task file and its data."""
    size: int = Field(ge=1)
    """How many questions it has."""
    position: int = Field(ge=FIRST_POSITION, le=20_000)
    """Its place among all tasks; stays what it is when the task changes."""


class Checked(NamedTuple):
    """A task file in which nothing is wrong."""

    path: Path
    description: Description
    samples: list[Sample]


class Added(NamedTuple):
    """A task of the data folder."""

    folder: Path
    """Of its revision."""
    description: Description
    current: Current


def check(path: Path, taken: Mapping[str, str]) -> Checked:
    """Read a task file and all that it describes; raises `BadTask` with everything wrong in it.

    `taken` are the titles of the catalogue by name.
    """
    described = read_description(path, taken)
    faults = [Fault(str(path), fault) for fault in find_namesakes(described, taken)]
    samples = read_file(path.parent, described, described.file, faults)
    if described.examples:
        examples = read_file(path.parent, described, described.examples.file, faults)
        asked = {sample.content_hash for sample in samples}
        for example in examples:
            if example.content_hash in asked:
                says = f"the example {example.sample_id} is a question of the task. Leave it out."
                faults.append(Fault(str(path.parent / described.examples.file), says))
    if not faults and not samples:
        faults.append(Fault(str(path.parent / described.file), "no questions."))
    if not faults and described.expected not in (None, len(samples)):
        says = f"{len(samples)} questions, but {path} expects {described.expected}."
        faults.append(Fault(str(path.parent / described.file), says))
    if faults:
        raise BadTask(faults)
    return Checked(path, described, samples)


def find_namesakes(described: Description, taken: Mapping[str, str]) -> Iterator[str]:
    """Say which task has the same title: pages offer tasks by these."""
    others = {name: one.description.title for name, one in list_added().items()}
    for name, title in {**taken, **others}.items():
        if name != described.name and title.casefold() == described.title.casefold():
            yield f"title: {title!r} is also that of {name}. Give each its own."
    if described.title.casefold() in VIEWS:
        yield f"title: {described.title!r} is what pages call other questions. Choose another."


def read_file(folder: Path, described: Description, name: str, faults: list[Fault]) -> list[Sample]:
    """The questions of a file; what is wrong with it joins `faults`."""
    samples: list[Sample] = []
    places: dict[str, str] = {}
    try:
        path = find_file(folder, name)
        for number, (place, row) in enumerate(read_places(path, described.columns.named)):
            where = f"{path}, {place}"
            if isinstance(row, Fault):
                faults.append(Fault(where, row.says))
                continue
            try:
                sample = read_sample(described.columns, row, f"{described.split}-{number}")
                check_own(described, sample)
            except BadSample as error:
                faults.append(Fault(where, str(error)))
                continue
            if first := places.get(sample.sample_id):
                says = f"the id {sample.sample_id!r} is also that of {first}. Give each its own."
                faults.append(Fault(where, says))
            places.setdefault(sample.sample_id, place)
            samples.append(sample)
    except BadTask as error:
        faults += [Fault(*fault) for fault in error.faults]
    return samples


def check_own(described: Description, sample: Sample) -> None:
    check_sample(sample)
    if described.prompt.form == "pubmedqa" and not (sample.context or "").strip():
        raise BadSample("there is no context, which the form pubmedqa asks about.")


def add(path: Path, taken: Mapping[str, str]) -> Added:
    """Put a task file and its data into the data folder; raises `BadTask`.

    The same again changes nothing; anything else under the same name is a new revision, and those
    before it stay.
    """
    checked = check(path, taken)
    described = checked.description
    folder = tasks_folder() / described.name
    folder.mkdir(parents=True, exist_ok=True)
    with alone():
        revision = hash_files(path, path.parent, described)
        kept = folder / revision.removeprefix("sha256:")
        if not kept.exists():
            unfinished = folder / f".{kept.name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            for source, name in ((path, TASK_FILE), *((None, name) for name in described.files)):
                copy = unfinished / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source or find_file(path.parent, name), copy, follow_symlinks=False)
            check(unfinished / TASK_FILE, taken)  # what was copied, whatever came in between
            if hash_files(unfinished / TASK_FILE, unfinished, described) != revision:
                raise BadTask([Fault(str(path), "changed while it was read. Add it again.")])
            unfinished.rename(kept)
        current = Current(
            revision=revision, size=len(checked.samples), position=find_position(described.name)
        )
        files.write_text(folder / CURRENT, current.model_dump_json(indent=2) + "\n")
    return Added(kept, described, current)


def find_position(name: str) -> int:
    """The position of a task that is there, else the next one."""
    added = list_added()
    if name in added:
        return added[name].current.position
    return max((one.current.position for one in added.values()), default=FIRST_POSITION - 1) + 1


def hash_files(path: Path, folder: Path, described: Description) -> str:
    """`sha256:` and 12 hex digits of the task file and of each file that it names, in order."""
    digest = hashlib.sha256()
    for file in (path, *(find_file(folder, name) for name in described.files)):
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return f"sha256:{digest.hexdigest()[:12]}"


def list_added() -> dict[str, Added]:
    """The tasks of the data folder by name, in their order; raises `BadTask`."""
    found = [read_added(path.parent) for path in tasks_folder().glob(f"*/{CURRENT}")]
    found.sort(key=lambda one: (one.current.position, one.description.name))
    return {one.description.name: one for one in found}


def find_added(name: str) -> Added | None:
    """The task of that name, which may be anything that somebody typed."""
    folder = tasks_folder() / name
    if not re.fullmatch(r"[a-z0-9_]{2,60}", name) or not (folder / CURRENT).exists():
        return None
    return read_added(folder)


def read_added(folder: Path) -> Added:
    path = folder / CURRENT
    try:
        current = Current.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BadTask(
            [Fault(str(path), f"damaged: {error}. Add the task again, or remove {folder}.")]
        ) from error
    kept = folder / current.revision.removeprefix("sha256:")
    described = read_kept(kept / TASK_FILE)
    if described.name != folder.name:
        says = f"describes {described.name}, not {folder.name}. Remove {folder}, and add it again."
        raise BadTask([Fault(str(kept / TASK_FILE), says)])
    return Added(kept, described, current)


@lru_cache(maxsize=64)
def read_kept(path: Path) -> Description:
    """The description of a revision, which never changes: its folder is named by its content."""
    return read_description(path)


def check_kept(folder: Path) -> None:
    """Raise `BadTask` where a revision's folder does not hold what its name says."""
    path = folder / TASK_FILE
    if hash_files(path, folder, read_kept(path)) != f"sha256:{folder.name}":
        says = "its files have become others. Remove the folder, and add the task again."
        raise BadTask([Fault(str(folder), says)])


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process adds a task."""
    with (tasks_folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def tasks_folder() -> Path:
    """Where tasks of one's own are kept."""
    return settings.data_folder() / "tasks"
