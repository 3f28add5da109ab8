"""Can what a stranger types do more than read the snapshot?"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from evaluator.tasks import TASKS
from tests.conftest import load_everything
from tests.slow_cases import slow
from warehouse import cell, examples, locating, sandbox
from warehouse.errors import SandboxBusy, StatementFailed

READING = "only SELECT, WITH, FROM, VALUES"
SECRET = "the-secret-of-this-machine"
LOCKS = {
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
    "max_temp_directory_size": "0 bytes",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "threads": "1",
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A snapshot of published scores, with a file beside it that nobody may read."""
    folder = tmp_path_factory.mktemp("sandbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(folder))
        load_everything()
        path = locating.file_store().current().path
        (path.parent / "secret.csv").write_text(f"column\n{SECRET}\n")
        patch.setenv("SECRET", SECRET)
        yield path


def ask(snapshot: Path, sql: str) -> list[tuple[object, ...]]:
    return sandbox.run_statement(sql, snapshot).rows.rows()


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select count(*) from tasks", [(len(TASKS),)]),
        ("with one as (select 1 as n) select n + 1 from one", [(2,)]),
        ("from (values (1), (2)) as t(n) order by n desc;", [(2,), (1,)]),
        ("select column_name from (describe snapshots) limit 1", [("snapshot",)]),
        ("summarize select 1 as n", None),
        ("describe tasks", None),
        ("show tables", None),
        ("explain analyze from tasks", None),
        ("-- why?\nselect /* é */ '😀 ''; select 2'", [("😀 '; select 2",)]),
        ("select true, null, 1.5, 2::utinyint, 'x'", [(True, None, 1.5, 2, "x")]),
        ("select sum(n) from range(5) as t(n)", [(10,)]),
        ("select 170141183460469231731687303715884105727", [(1.7014118346046923e38,)]),
        (
            "select date '2026-01-02', [1, 2], {'a': null}, map {1: 'é'}, interval 1 day",
            [("2026-01-02", "[1, 2]", '{"a": null}', '{"1": "é"}', "1 day, 0:00:00")],
        ),
        ("select timestamptz '2026-01-02 03:04:00+00'", [("2026-01-02 03:04:00+00:00",)]),
    ],
)
def test_a_reading_statement_is_answered(
    snapshot: Path, sql: str, rows: list[tuple[object, ...]] | None
) -> None:
    answer = ask(snapshot, sql)
    assert answer == rows if rows is not None else answer


def test_columns_of_one_name_are_told_apart(snapshot: Path) -> None:
    answer = sandbox.run_statement("select 1 as n, 2 as n, 3 as n", snapshot)
    assert answer.rows.to_dicts() == [{"n": 1, "n (2)": 2, "n (3)": 3}]


def test_no_rows_still_have_their_columns(snapshot: Path) -> None:
    answer = sandbox.run_statement("select 1 as n, 'x' as t, true as b where false", snapshot)
    assert answer.rows.schema == {"n": pl.Int64, "t": pl.String, "b": pl.Boolean}


@pytest.mark.parametrize(
    "sql",
    [
        "from read_csv('{beside}')",
        "from read_text('{beside}')",
        "from read_parquet('{beside}')",
        "from read_text('{snapshot}')",
        "from glob('{folder}/*')",
        "from '/etc/passwd'",
        "from read_text('/proc/self/environ')",
        "from read_csv('http://127.0.0.1:1/x.csv')",
        "from read_parquet('s3://bucket/x.parquet')",
        "from query('from read_text(''{beside}'')')",
        "with x as materialized (from read_text('{beside}')) from x",
        "select (select content from read_text('{beside}'))",
        "select getenv('SECRET')",
        "from duckdb_extensions()",
        "from sqlite_scan('{beside}', 'x')",
        "import database '{folder}'",  # read while it is parsed
        *slow(
            (sql,)
            for sql in [
                "from read_blob('secret.csv')",
                "from read_json('{beside}')",
                "from sniff_csv('{beside}')",
                "from read_blob('{snapshot}')",
                "from '{beside}'",
                "from 'secret.csv'",
                "from read_text('/dev/fd/0')",
                "from 'https://127.0.0.1:1/x.parquet'",
                "from query_table('{beside}')",
                "explain analyze from read_text('{beside}')",
                "from pandas_scan(0)",
                "select load_aws_credentials()",
            ]
        ),
    ],
)
def test_no_file_address_or_variable_can_be_read(snapshot: Path, sql: str) -> None:
    places = {"beside": snapshot.parent / "secret.csv", "snapshot": snapshot}
    typed = sql.format(**places, folder=snapshot.parent)
    with pytest.raises(StatementFailed) as refused:
        ask(snapshot, typed)
    assert SECRET not in str(refused.value)


def test_the_environment_and_its_secrets_are_empty(snapshot: Path) -> None:
    assert ask(snapshot, "from duckdb_secrets()") == []
    assert ask(snapshot, "from duckdb_temporary_files()") == []
    told = str(ask(snapshot, "from duckdb_settings()"))
    assert SECRET not in told
    locks = dict(sandbox.run_statement("from duckdb_settings()", snapshot).rows.rows_by_key("name"))
    assert {name: locks[name][0][0] for name in LOCKS} == LOCKS


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '{new}'",
        "export database '{new}'",
        "attach '{new}'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set variable x = 1",
        "pragma enable_profiling",
        "call enable_logging()",
        "create table x as select 1",
        "create secret (type s3)",
        "insert into tasks select * from tasks",
        "update tasks set title = 'x'",
        "drop table tasks",
        "begin",
        "prepare x as select 1",
        "explain analyze copy (select 1) to '{new}'",
        *slow(
            (sql,)
            for sql in [
                "copy tasks from '{beside}'",
                "detach memory",
                "load '{new}'",
                "force install httpfs from 'http://127.0.0.1:1'",
                "set global lock_configuration = false",
                "pragma threads = 4",
                "call duckdb_tables()",
                "create temp table x as select 1",
                "create macro f(x) as x",
                "delete from tasks",
                "alter table tasks rename to x",
                "comment on table tasks is 'x'",
                "checkpoint",
                "analyze",
                "use memory",
                "explain create table x as select 1",
            ]
        ),
    ],
)
def test_what_does_more_than_read_is_refused(snapshot: Path, sql: str, tmp_path: Path) -> None:
    before = snapshot.read_bytes()
    new = tmp_path / "new"
    with pytest.raises(StatementFailed, match=READING):
        ask(snapshot, sql.format(new=new, beside=snapshot.parent / "secret.csv"))
    assert not new.exists()
    assert snapshot.read_bytes() == before


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("select 1; select 2", 2),
        ("select 1; drop table tasks;", 2),
        ("", 0),
        (" \n;;", 0),
        ("-- nothing", 0),
        ("pivot tasks on task using count(*)", 2),
    ],
)
def test_one_statement_is_asked_at_a_time(snapshot: Path, sql: str, count: int) -> None:
    with pytest.raises(StatementFailed, match=f"One statement at a time: there are {count}"):
        ask(snapshot, sql)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("selec 1", 'Parser Error: syntax error at or near "selec"'),
        ("select nothing from tasks", 'Referenced column "nothing" not found'),
        ("select 'a\0b'", "it has a zero byte"),
        ("select '\ud800'", "surrogates not allowed"),
        ("select $1", "Values were not provided"),
        ("select " + "+".join("1" * 3000), "Max expression depth"),
        ("select " + ", ".join("1" * 201), "At most 200 columns: there are 201."),
        ("x" * 20_001, "A statement may have 20,000 characters."),
        ("explain", "syntax error"),
        ("explain (analyze) delete from tasks", "syntax error"),
        ("explain/**/analyze delete from tasks", "EXPLAIN is not answered here"),
        ("select error('<script>')", "<script>"),
    ],
)
def test_what_cannot_be_answered_is_told(snapshot: Path, sql: str, why: str) -> None:
    with pytest.raises(StatementFailed) as refused:
        ask(snapshot, sql)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(1000000) a, range(1000000) b",
        "select sum(sqrt(n)) from range(1000000000000) as t(n)",
        "with recursive r as (select 1 as n union all select 1 from r) select max(n) from r",
        "select max(list_sum(list_transform(range(5000), lambda x: x * n))) from range(99999) t(n)",
    ],
)
def test_a_statement_without_end_is_stopped_in_time(snapshot: Path, sql: str) -> None:
    begun = time.monotonic()
    with pytest.raises(StatementFailed, match=r"longer than 1 second|more memory|was stopped"):
        sandbox.run_statement(sql, snapshot, seconds=1)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "sql",
    [
        "select string_agg(repeat('x', 1000000), '') from range(1000000)",
        "select repeat('x', 2000000000)",
        "select list(range(1000000)) from range(1000)",
        "select list_sum(range(1000000000))",
        "select n from range(100000000) as t(n) order by hash(n)",
        "select repeat(repeat('x', 100000000), 4) from range(9)",
    ],
)
def test_a_statement_that_takes_all_memory_is_stopped(snapshot: Path, sql: str) -> None:
    with pytest.raises(StatementFailed, match="Ask for less at once"):
        ask(snapshot, sql)


def test_a_long_answer_is_cut(snapshot: Path) -> None:
    answer = sandbox.run_statement("from range(1000000000000)", snapshot)
    assert (answer.rows.height, answer.cut) == (sandbox.MOST_ROWS, True)
    whole = sandbox.run_statement(f"from range({sandbox.MOST_ROWS})", snapshot)
    assert (whole.rows.height, whole.cut) == (sandbox.MOST_ROWS, False)


def test_a_wide_answer_is_cut(snapshot: Path) -> None:
    answer = sandbox.run_statement("select repeat('é', 100000) from range(1000)", snapshot)
    assert answer.cut
    assert answer.rows.height * 600_000 < cell.ANSWER_BYTES <= (answer.rows.height + 2) * 600_000


def test_only_so_many_statements_run_at_once(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PATIENCE", 0.2)
    endless = "select count(*) from range(1000000) a, range(1000000) b"
    ended: list[str] = []

    def ask_endlessly() -> None:
        try:
            sandbox.run_statement(endless, snapshot, seconds=1.5)
        except (StatementFailed, SandboxBusy) as error:
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=ask_endlessly) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = ["StatementFailed"] * sandbox.PLACES
    assert sorted(ended) == ["SandboxBusy"] * (12 - sandbox.PLACES) + failed
    assert ask(snapshot, "select 1") == [(1,)]  # the places are free again


def test_every_example_runs_and_begins_with_its_question(snapshot: Path) -> None:
    assert {path.stem for path in examples.FOLDER.glob("*.sql")} == set(examples.ORDER)
    for question, sql in examples.list_examples().items():
        assert sql.startswith(f"-- {question}\n")
        assert "? " in f"{question} "
        assert sandbox.run_statement(sql, snapshot).rows.width > 1
