"""docs/run-it-for-real.md as tests read it: its blocks, what it says of each, and how they run."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.conftest import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "run-it-for-real.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+) ([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"\*\*(tested|by\s+hand|untested)\b", re.IGNORECASE)


class Block(NamedTuple):
    """A piece of code of the guide."""

    language: str
    text: str
    marks: tuple[str, ...]
    """What the words between the block before and this one say of whether it works."""


def read_blocks() -> dict[str, Block]:
    """Each block by its name, in the order of the guide."""
    found, last = {}, 0
    for fence in FENCE.finditer(GUIDE):
        said = GUIDE[last : fence.start()]
        last = fence.end()
        marks = tuple(" ".join(mark.lower().split()) for mark in MARK.findall(said))
        found[fence[2]] = Block(fence[1], fence[3], marks)
    return found


BLOCKS = read_blocks()


def block(name: str, places: Mapping[str, object] | None = None) -> str:
    """The text of a block, with some of its places replaced by those of a test."""
    text = BLOCKS[name].text
    for place, own in (places or {}).items():
        assert place in text, f"{name} does not speak of {place}"
        text = text.replace(place, str(own))
    return text


def type_in(script: str, **environment: str) -> str:
    """Run a block's commands as one types them, from where the program is; returns the output."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(".venv/bin/python", sys.executable)],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def tree(folder: Path) -> set[str]:
    """All files beneath a folder, by their paths in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
