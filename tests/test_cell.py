"""Is the process that answers a stranger's statement small, silent and locked?"""

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests import test_sandbox
from tests.conftest import REPOSITORY
from tests.test_sandbox import SECRET, ask
from warehouse import cell
from warehouse.errors import StatementFailed

snapshot = test_sandbox.snapshot  # a fixture


def test_what_duckdb_prints_is_no_part_of_an_answer(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "import os\n"
        "from warehouse import cell\n"
        "honest = cell.read_rows\n"
        "cell.read_rows = lambda *given: os.write(1, b'a log') and honest(*given)\n"
        "cell.main()\n"
    )
    monkeypatch.setattr(cell, "__file__", str(child))
    assert ask(snapshot, "select 1") == [(1,)]
    assert ask(snapshot, "from enable_logging(storage = 'stdout', level = 'trace')") == []


def test_the_child_has_an_empty_environment(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", SECRET)
    child = tmp_path / "child.py"
    child.write_text("import json, os; print(json.dumps({'error': ' '.join(os.environ)}))")
    monkeypatch.setattr(cell, "__file__", str(child))
    with pytest.raises(StatementFailed) as told:
        ask(snapshot, "select 1")
    assert set(str(told.value).split()) <= {"LC_CTYPE"}  # which Python sets itself


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("import os; os.kill(os.getpid(), 9)", "It was stopped"),
        ("print('[[[')", "The answer broke off"),
        ("print('')", "The answer broke off"),
        ("raise SystemExit(3)", "It was stopped"),
    ],
)
def test_a_child_that_dies_or_babbles_is_told(
    snapshot: Path, script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(script)
    monkeypatch.setattr(cell, "__file__", str(child))
    with pytest.raises(StatementFailed, match=why):
        ask(snapshot, "select 1")


@pytest.mark.parametrize(
    "sql",
    [
        "from read_csv('{beside}')",
        "from read_text('{beside}')",
        "from read_blob('{snapshot}')",
        "from read_duckdb('{snapshot}')",
        "from glob('{folder}/*')",
        "from '{beside}'",
        "copy tasks to '{folder}/new.csv'",
        "attach '{folder}/new.duckdb'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set threads = 4",
        "set memory_limit = '9GB'",
        "set autoload_known_extensions = true",
        "create table x as select 1",
        "delete from tasks",
        "from frame",  # a Python variable is no table
        "import database '{folder}'",
    ],
)
def test_duckdb_locks_itself_beside_the_operating_system(snapshot: Path, sql: str) -> None:
    frame = pl.DataFrame({"n": [1]})
    connection = cell.open_locked(str(snapshot))
    places = {"beside": snapshot.parent / "secret.csv", "folder": snapshot.parent}
    places["snapshot"] = snapshot
    try:
        with pytest.raises(duckdb.Error, match=r"disabled|locked|read-only|does not exist"):
            connection.execute(sql.format(**places))
    finally:
        connection.close()
    assert frame.height == 1


def test_the_operating_system_keeps_the_child_small(tmp_path: Path) -> None:
    """Beside DuckDB's own locks, which these lines do not set."""
    script = tmp_path / "child.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "import os, socket\n"
        "from warehouse import cell\n"
        "cell.lock_process()\n"
        "tries = [lambda: open('/etc/passwd'), lambda: socket.socket(), os.pipe,\n"
        f"    lambda: open({str(tmp_path / 'new')!r}, 'w'), lambda: bytearray(2**30)]\n"
        "for attempt in tries:\n"
        "    try:\n"
        "        attempt()\n"
        "    except (OSError, MemoryError) as error:\n"
        "        print(type(error).__name__, getattr(error, 'errno', None))\n"
    )
    said = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["OSError 24"] * 4 + ["MemoryError None"]
