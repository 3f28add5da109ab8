"""Making the virtual environment: what goes wrong is said, with what to do. And what is tested."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script and a requirement that is always met."""
    folder = tmp_path / "checkout"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(REPOSITORY / ".ci" / "make-venv", folder / ".ci" / "make-venv")
    (folder / "requirements.txt").write_text("pip\n")
    return folder


def put_command(checkout: Path, name: str, script: str) -> None:
    """Put a stand-in for the command `name` in front of the real one."""
    path = checkout / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make_venv(checkout: Path) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [".ci/make-venv", "requirements.txt"],
        cwd=checkout,
        env=os.environ | {"PATH": path, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_fresh_environment_is_made_and_made_again_in_no_time(checkout: Path) -> None:
    assert make_venv(checkout).returncode == 0
    assert (checkout / ".venv" / "bin" / "python").exists()
    assert "Making .venv" not in make_venv(checkout).stdout


@pytest.mark.slow
def test_a_half_made_environment_is_made_anew(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    result = make_venv(checkout)
    assert result.returncode == 0
    assert "half made; it is made anew" in result.stdout


def test_a_full_disk_is_said_before_anything_is_written(checkout: Path) -> None:
    put_command(checkout, "df", "echo header; echo disk 1 1 900000 99% /")
    result = make_venv(checkout)
    assert result.returncode == 1
    assert "Too little disk: 900 MB free here, 4000 MB needed" in result.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_refused_with_the_way_to_name_another(checkout: Path) -> None:
    put_command(checkout, "python3", "exit 1")
    result = make_venv(checkout)
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed" in result.stderr
    assert "make demo PYTHON=python3.11" in result.stderr


@pytest.mark.slow
def test_a_package_that_cannot_be_had_says_to_run_the_command_again(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("no-such-package-anywhere==1.0\n")
    result = make_venv(checkout)
    assert result.returncode == 1
    assert "could not be installed" in result.stderr
    assert "it goes on from here" in result.stderr


def test_make_stress_runs_what_a_plain_pytest_leaves_out() -> None:
    asked = ["make", "--dry-run", "--no-print-directory", "stress"]
    done = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    slow, *elsewhere = [line for line in done.stdout.splitlines() if " pytest " in line]
    assert slow == ".venv/bin/python -m pytest -m slow --dist worksteal"
    assert [line.split(" ", 1)[0] for line in elsewhere] == [
        "LEADERBOARD_TEST_WAREHOUSE=lake",
        "LEADERBOARD_TEST_WAREHOUSE=s3",
    ]
    for pattern in elsewhere[0].split(" pytest ")[1].split():
        assert list(REPOSITORY.glob(pattern)), pattern
    files = sorted((REPOSITORY / "tests" / "stress").glob("test_*.py"))
    assert [file.name for file in files if "pytest.mark.slow" not in file.read_text()] == []
    plain = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            str(files[-1]),
            "--collect-only",
            "-n0",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"no tests collected \(\d+ deselected\)", plain.stdout)


def test_what_pytest_compiled_is_kept_for_its_next_run() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "--eval", "show: ; @env", "show"],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "PATH=" in done.stdout
    assert "PYTHONDONTWRITEBYTECODE" not in done.stdout
