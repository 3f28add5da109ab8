"""Can what a stranger types tell where on this machine anything lies?"""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from evaluator.tasks import TASKS
from tests import test_sandbox
from tests.conftest import REPOSITORY
from tests.test_sandbox import ask
from warehouse import cell, sandbox
from warehouse.errors import StatementFailed

snapshot = test_sandbox.snapshot  # a fixture
REFUSED = "is not answered here: it could tell folders of this machine"


def folders_told(said: str, snapshot: Path) -> list[str]:
    """Which of the folders of the snapshot, the user and the program stand in `said`."""
    secrets = (str(snapshot.parent), str(Path.home() / ".duckdb"), str(REPOSITORY), sys.prefix)
    return [secret for secret in secrets if secret in said]


def hear(snapshot: Path, sql: str) -> str:
    """The answer to a statement as text, or why there is none."""
    try:
        return sandbox.run_statement(sql, snapshot).rows.write_json()
    except StatementFailed as failed:
        return str(failed)


@pytest.mark.parametrize(
    "sql",
    [
        "from duckdb_databases()",
        'select path from "DuckDB_Databases"()',
        "from system.main.duckdb_databases()",
        "from duckdb_databases",
        "from 'duckdb_databases'",
        "table duckdb_databases",
        "from pragma_database_list",
        "summarize pragma_database_list",
        "summarize (from duckdb_databases())",
        "explain analyze from duckdb_databases()",
        "select (select max(reverse(path)) from duckdb_databases())",
        "with x as materialized (from duckdb_databases()) select sha256(path) from x",
        "from tasks semi join duckdb_databases() on path like '/%'",
        "from range(3) positional join duckdb_databases()",
        "select task from tasks order by (select any_value(path) from duckdb_databases())",
        "from query('from duckdb_' || 'databases()')",
        "from query(if(random() < 0.5, 'from tasks', 'from pragma_database_list'))",
        "from query_table('duckdb_databases')",
        "from query_table(['duckdb_databases'])",
        "from histogram(duckdb_databases, path)",
        "from histogram_values(duckdb_databases, path)",
        "from json_execute_serialized_sql(json_serialize_sql('from duckdb_databases()'))",
    ],
)
def test_the_folder_of_the_snapshot_cannot_be_asked(snapshot: Path, sql: str) -> None:
    with pytest.raises(StatementFailed, match=REFUSED) as refused:
        ask(snapshot, sql)
    assert folders_told(str(refused.value), snapshot) == []


@pytest.mark.parametrize(
    "sql",
    [
        "from duckdb_settings()",
        "from pg_settings",
        "select current_setting('allowed_paths')",
        "select current_setting('allowed_directories'), current_setting('secret_directory')",
        "select current_user, session_user, user",
        "from duckdb_extensions()",
        "from duckdb_secrets()",
        "from duckdb_logs",
        "from enable_logging(level = 'trace'), tasks, duckdb_logs",
        "from duckdb_external_file_cache()",
        "from duckdb_temporary_files()",
        "from pragma_database_size()",
        "from pragma_user_agent()",
        "from read_text('000001.duckdb')",
        "from read_duckdb('000001.duckdb')",
        "from glob('*')",
        "from 'secret.csv'",
        "from nothing",
    ],
)
def test_neither_answers_nor_errors_tell_a_folder(snapshot: Path, sql: str) -> None:
    assert folders_told(hear(snapshot, sql), snapshot) == []


def test_a_guessed_folder_is_answered_as_any_other(snapshot: Path) -> None:
    """Else the folder could be found by trying."""
    right, wrong = (hear(snapshot, f"from read_blob('{path}')") for path in (snapshot, "/x/000001"))
    assert right.split("\n")[0] == wrong.split("\n")[0]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "select distinct database_name from duckdb_columns() where not internal",
            [("warehouse",)],
        ),
        ("select count(*) from warehouse.main.tasks", [(len(TASKS),)]),
        ("select table_name from duckdb_tables() where table_name = 'tasks'", [("tasks",)]),
        ("show databases", [("memory",), ("warehouse",)]),
        ("with query as (select 1 as n) from query", [(1,)]),
        ("select histogram(n) from range(1) as t(n)", [('{"0": 1}',)]),
        ("from (values (1), (2)) as t(n) where n in (1" + ", 1" * 2000 + ")", [(1,)]),
        ("select " + "+".join("1" * 300), [(300,)]),
    ],
)
def test_what_tells_no_folder_is_answered(
    snapshot: Path, sql: str, rows: list[tuple[object, ...]]
) -> None:
    assert ask(snapshot, sql) == rows


def sources(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Everything of DuckDB's own that may stand behind `from`, as it would be written."""
    functions = connection.sql(
        "select distinct function_name from duckdb_functions() where "
        "function_type in ('table', 'table_macro') and not regexp_matches(function_name, 'able_')"
    ).fetchall()
    views = connection.sql("select schema_name, view_name from duckdb_views() where internal")
    given = ("", "'duckdb_databases'", "duckdb_databases", "duckdb_databases, path")
    calls = [f"{function}({values})" for (function,) in functions for values in given]
    return calls + [f'"{schema}"."{view}"' for schema, view in views.fetchall()]


def test_nothing_that_duckdb_brings_tells_a_folder(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer DuckDB may bring more than `cell.TELLING` names."""
    monkeypatch.chdir(snapshot.parent)
    connection = cell.open_locked(snapshot.name)
    told = []
    for source in sources(connection):
        try:
            answer = cell.read_rows(connection, cell.check(connection, f"from {source}"))
        except (duckdb.Error, cell.Refused, RuntimeError, ValueError) as error:
            answer = {"error": str(error)}
        if folders_told(str(answer), snapshot):
            told.append(source)
    connection.close()
    assert told == []


def test_a_damaged_snapshot_tells_no_folder(snapshot: Path, tmp_path: Path) -> None:
    """DuckDB's message has the whole path of a file that ends too soon."""
    broken = tmp_path / "000001.duckdb"
    shutil.copy(snapshot, broken)
    script = (
        f"import os, sys; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from warehouse import cell\n"
        "honest = cell.lock_process\n"
        "cell.lock_process = lambda: (os.truncate(sys.argv[1], 20_000), honest())\n"
        "cell.main()\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, broken.name],
        cwd=tmp_path,
        input=b'"select count(distinct source_url), max(model) from reported_scores"',
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert said == '{"error": "DuckDB failed at it. Another statement may do."}'
