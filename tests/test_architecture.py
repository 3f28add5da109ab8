"""The arrows of design.md: who may import whom, read from the source itself."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGES = ("dashboard", "evaluator", "ingest", "warehouse")
ARROWS = {
    # Pages show what the warehouse answers, so that each number has one query behind it.
    "dashboard": ("warehouse",),
    # Reading a run folder needs to know what is in it, and never a model.
    "ingest": (
        "warehouse",
        "evaluator.answers",
        "evaluator.errors",
        "evaluator.files",
        "evaluator.hub",  # all traffic with the Hub goes through one file
        "evaluator.prompts",
        "evaluator.protocols",
        "evaluator.questions",
        "evaluator.rationales",
        "evaluator.records",
        "evaluator.samples",
        "evaluator.tables",
        "evaluator.tasks",
    ),
    # A worker tells the ledger how far it is; results go through run folders. What a maintainer
    # allows stands in one file of the data folder, and what reads it needs no database.
    "evaluator": ("warehouse.ledger", "warehouse.settings", "warehouse.errors"),
    # The database knows none of those who use it.
    "warehouse": (),
}
HOMES: dict[str, str | tuple[str, ...]] = {
    "torch": "evaluator/engines",
    "transformers": "evaluator/engines",
    "tokenizers": "evaluator/engines",
    "safetensors": "evaluator/engines",
    "jinja2": "evaluator/engines",
    "peft": "evaluator/engines",
    "httpx2": ("evaluator/hub.py", "evaluator/endpoint_client.py"),
    "openai": ("evaluator/endpoint.py", "evaluator/endpoint_client.py"),
    "ray": ("evaluator/cluster.py", "evaluator/cluster_team.py"),
    "duckdb": "warehouse",
    "sqlalchemy": "warehouse/ledger",
    "alembic": "warehouse/ledger",
    "psycopg": ("warehouse/ledger", "warehouse/lake"),
    "streamlit": "dashboard",
    "plotly": "dashboard",
    "starlette": "dashboard",
    "uvicorn": "dashboard",
}
SLOW = (
    "sqlalchemy",
    "torch",
    "transformers",
    "streamlit",
    "plotly",
    "scipy",
    "sklearn",
    "datasketch",
    "openai",
    "ray",
)


def source_files(folder: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob("*.py"))


@cache
def imports_of(path: Path) -> set[str]:
    """The dotted names that a file imports, also inside functions and `if TYPE_CHECKING`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = f"{'.' * node.level}{node.module or ''}"
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def imports_outside(folder: str, allowed: tuple[str, ...]) -> list[str]:
    """What `folder` imports of ours that is neither its own nor allowed, with the file."""
    return [
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in source_files(folder)
        for name in sorted(imports_of(path))
        if name.startswith((".", *PACKAGES, "tests"))
        and not any(is_within(name, package) for package in (folder, *allowed))
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_follow_the_arrows(package: str) -> None:
    assert source_files(package)
    assert imports_outside(package, ARROWS[package]) == []


@pytest.mark.parametrize("library", HOMES)
def test_a_library_stays_in_its_folder(library: str) -> None:
    homes = HOMES[library]
    folders = (homes,) if isinstance(homes, str) else homes
    strays = [
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        for path in source_files(package)
        if any(is_within(name, library) for name in imports_of(path))
        and not any(path.is_relative_to(REPOSITORY / folder) for folder in folders)
    ]
    assert strays == []


def test_every_package_has_its_arrows() -> None:
    folders = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    assert folders - {"tests"} == set(PACKAGES) == set(ARROWS)


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "import os.path as place\n"
        "from evaluator import tasks\n"
        "from . import neighbour\n"
        "def late() -> None:\n"
        "    from torch.nn import Module\n"
    )
    assert imports_of(path) == {
        "os.path",
        "evaluator.tasks",
        "..neighbour",
        "torch.nn.Module",
    }


@pytest.mark.parametrize("folder", ["dashboard", "warehouse"])
def test_no_frame_calls_back_into_python(folder: str) -> None:
    """Polars' threads would wait for Python's lock while another reader, who holds it, waits for
    them: the server would stand still for ever."""
    calls = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path in source_files(folder)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith(("map_", "rolling_map"))
    ]
    assert calls == []


@pytest.mark.parametrize("program", ["evaluator.cli", "ingest.cli", "warehouse.cli"])
def test_a_command_line_starts_without_what_takes_seconds(program: str) -> None:
    script = f"import sys, {program}; print([name for name in {SLOW} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_package_file_is_one_docstring() -> None:
    for package in PACKAGES:
        for path in (REPOSITORY / package).rglob("__init__.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert len(tree.body) == 1, path
            assert ast.get_docstring(tree), path


def test_every_source_file_says_what_it_is() -> None:
    missing = [
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        for path in source_files(package)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert missing == []
