"""What runs for a user needs no package that only the tests install."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

from evaluator import cluster_options
from tests import test_sandbox
from tests.conftest import REPOSITORY
from tests.test_architecture import PACKAGES, imports_of, source_files

snapshot = test_sandbox.snapshot  # a fixture
NAME = re.compile(r"[A-Za-z0-9._-]+")
OPTIONAL = {"ray"}
"""What one installs who wants what it does; --engine ray says how."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> set[str]:
    """The packages that requirements.txt names."""
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {normal(found[0]) for line in lines if (found := NAME.match(line))}


def with_their_own(names: set[str]) -> set[str]:
    """These packages and all that they need in turn, but for their extras."""
    known, left = set[str](), set(names)
    while left:
        known.add(name := left.pop())
        try:
            needed = [one for one in requires(name) or [] if "extra ==" not in one]
        except PackageNotFoundError:
            continue
        left |= {normal(NAME.match(one)[0]) for one in needed} - known  # type: ignore[index]
    return known


def distributions_of(modules: set[str]) -> set[str]:
    """The packages that modules are of; the standard library is of none."""
    known = packages_distributions()
    return {normal(name) for module in modules for name in known.get(module, [])}


@pytest.mark.parametrize("package", PACKAGES)
def test_what_the_source_imports_is_required(package: str) -> None:
    imported = {
        name.partition(".")[0] for path in source_files(package) for name in imports_of(path)
    }
    assert distributions_of(imported) - with_their_own(required()) - OPTIONAL == set()


def test_who_lacks_ray_is_told_the_version_that_is_tested() -> None:
    tested = (REPOSITORY / "tests" / "requirements.txt").read_text(encoding="utf-8")
    assert f"ray=={cluster_options.VERSION} " in tested


def test_the_child_that_runs_sql_loads_what_is_required(snapshot: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from warehouse import cell; "
        f"cell.open_locked({snapshot.name!r}); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=snapshot.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "pytz" in loaded
    assert distributions_of(loaded) - with_their_own(required()) == set()
