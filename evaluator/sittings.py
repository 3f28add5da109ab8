"""Keeps what answered in each sitting of a run, so that its record names all of it.

A run that was begun on Ray may be finished here, or by another version of a library.
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from evaluator import files, shards
from evaluator.asking import Answer, OpenModel
from evaluator.crews import Crew
from evaluator.errors import BrokenRun
from evaluator.shards import Chunk

ENGINE, HERE = "engine", "local"
Said = dict[str, dict[str, str]]
"""The versions and the hardware, as a record has them."""


@dataclass
class Sitting:
    """One go at a run, by what is open now."""

    opened: OpenModel | Crew
    path: Path
    noted: Said | None = None
    """What is in its file."""

    def keep(self, lots: Mapping[str, tuple[Chunk, Sequence[Answer]]], seconds: float) -> None:
        """Write `lots` as shards, each answer of which took so many `seconds`."""
        said = describe(self.opened)  # each time, as a crew grows meanwhile
        if lots and said != self.noted:
            self.path.parent.mkdir(exist_ok=True)
            files.write_text(self.path, json.dumps(said, indent=2) + "\n")
            self.noted = said
        shards.write_lots(lots, seconds)


def begin(opened: OpenModel | Crew, run_folder: Path) -> Sitting:
    numbers = [int(path.stem.rpartition(".")[2]) for path in list_notes(run_folder)]
    number = max(numbers, default=-1) + 1
    return Sitting(opened, run_folder / shards.FOLDER / f"sitting.{number:05}.json")


def list_notes(run_folder: Path) -> list[Path]:
    return sorted((run_folder / shards.FOLDER).glob("sitting.*.json"))


def describe(opened: OpenModel | Crew) -> Said:
    machine = {"machine": platform.machine(), "system": platform.system()}
    return {
        "versions": {"python": platform.python_version(), "polars": version("polars")}
        | opened.versions,
        "hardware": machine | opened.hardware,
    }


def sum_up(opened: OpenModel | Crew, run_folder: Path) -> Said:
    """What all sittings that answered say together; raises `BrokenRun` for one that is unreadable.

    Where nothing is noted, it is what is open now.
    """
    notes = [read_note(path) for path in list_notes(run_folder)] or [describe(opened)]
    hardware = [note["hardware"] for note in notes]
    if any(ENGINE in facts for facts in hardware):
        hardware = [{ENGINE: HERE} | facts for facts in hardware]
    return {"versions": join([note["versions"] for note in notes]), "hardware": join(hardware)}


def read_note(path: Path) -> Said:
    try:
        said = TypeAdapter(Said).validate_json(path.read_bytes())
        return {name: said[name] for name in ("versions", "hardware")}
    except (ValidationError, KeyError):
        raise BrokenRun(
            f"{path} does not say which versions and hardware answered, as JSON. Remove that file "
            "and run the same command again: the run's record will not name what it named."
        ) from None


def join(kinds: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return each fact once, with all that it is: `{"device": "NVIDIA H200 + cpu"}`."""
    names = dict.fromkeys(name for kind in kinds for name in kind)
    return {
        name: " + ".join(dict.fromkeys(kind[name] for kind in kinds if name in kind))
        for name in names
    }
