"""The tables: explained, portable to DuckLake, and just what ingest loads."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from evaluator.records import Run
from ingest import frames, ledger_copy, quarantine, reported, run_checks, samples
from tests.conftest import make_run
from warehouse import db, drafts, rules, sheets

SCHEMA = db.HERE / "schema.sql"
OF_LAKES = db.HERE / "lake"  # what PostgreSQL is asked, and DuckLake alone
SQL_FILES = sorted(path for path in db.HERE.rglob("*.sql") if path.parent != OF_LAKES)
LOADS = sorted((db.HERE / "load").glob("*.sql"))
ONE_ROW = ("question", "sure_answers")
MANY_ROWS = [
    path
    for path in SQL_FILES
    if path.parent.name in ("queries", "checks") and path.stem not in ONE_ROW
]
PORTABLE_TYPES = {
    "BIGINT", "INTEGER", "SMALLINT", "FLOAT", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE",
    "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", "FLOAT[]", "DOUBLE[]",
    "BIGINT[]", "JSON", "UUID",
    "STRUCT(tag VARCHAR, words VARCHAR, place VARCHAR)[]",
}  # fmt: skip
NOT_PORTABLE = {
    # what no lake has, and a line that must be caught
    "enum": (r"\benum\b", "create type mood as enum ('glad')"),
    "hugeint": (r"\bu?hugeint\b", "n hugeint"),
    "interval": (r"\binterval\b", "age interval"),
    "timetz": (r"\btimetz\b|\btime with time zone\b", "at timetz"),
    "fixed array": (r"\b(?:varchar|float|double|integer|bigint)\[\d+\]", "logprobs float[4]"),
    "primary key": (r"\bprimary\s+key\b", "task varchar primary key"),
    "unique": (r"\bunique\b", "unique (task, sample_id)"),
    "foreign key": (r"\bforeign\s+key\b|\breferences\b", "run_id varchar references runs"),
    "check": (r"\bcheck\s*\(", "accuracy double check (accuracy <= 1)"),
    "generated": (r"\bgenerated\b|\)\s*virtual\b", "correct boolean generated always as (true)"),
    "sequence": (r"\bsequence\b|\bnextval\b", "create sequence ids"),
    "index": (r"\bcreate\s+index\b", "create index by_task on samples (task)"),
    "create table as": (r"\bcreate\s+(?:\w+\s+)*table\s+\w+\s+as\b", "create table t as select 1"),
    "default expression": (r"\bdefault\s+[a-z_]+\s*\(", "at timestamp default now()"),
    "returning": (r"\breturning\b", "delete from runs returning run_id"),
    "on conflict": (r"\bon\s+conflict\b|\binsert\s+or\b", "insert … on conflict do nothing"),
    "qualified name": (r"\b(?:main|current|memory)\.\w+", "select * from main.runs"),
}  # fmt: skip


def statements(path: Path) -> str:
    """The SQL of a file in lower case, without its comments and texts."""
    return db.COMMENT.sub("", path.read_text(encoding="utf-8")).lower()


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse."""
    connection = duckdb.connect()
    connection.execute(SCHEMA.read_text(encoding="utf-8"))
    yield connection
    connection.close()


@pytest.fixture
def run() -> Run:
    """A run of the demonstration questions."""
    return make_run("baseline:random")


def columns(tables: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = tables.execute(
        "select column_name from duckdb_columns() where table_name = ?", [table]
    ).fetchall()
    return {name for (name,) in rows}


def test_every_table_and_view_says_what_it_holds(tables: duckdb.DuckDBPyConnection) -> None:
    silent = tables.execute(
        """
        select table_name from duckdb_tables() where coalesce(comment, '') = ''
        union all
        select view_name from duckdb_views() where not internal and coalesce(comment, '') = ''
        """
    ).fetchall()
    assert silent == []


def test_every_column_says_what_it_holds(tables: duckdb.DuckDBPyConnection) -> None:
    silent = tables.execute(
        """
        select table_name, column_name
        from duckdb_columns()
        where table_name in (select table_name from duckdb_tables())
            and coalesce(comment, '') = ''
        """
    ).fetchall()
    assert silent == []


def test_every_column_has_a_portable_type(tables: duckdb.DuckDBPyConnection) -> None:
    types = tables.execute(
        """
        select distinct data_type
        from duckdb_columns()
        where table_name in (select table_name from duckdb_tables())
        """
    ).fetchall()
    assert {name for (name,) in types} <= PORTABLE_TYPES


def test_no_table_has_a_constraint_but_not_null(tables: duckdb.DuckDBPyConnection) -> None:
    kinds = tables.execute("select distinct constraint_type from duckdb_constraints()").fetchall()
    assert kinds == [("NOT NULL",)]


@pytest.mark.parametrize("feature", NOT_PORTABLE)
def test_no_statement_uses_what_is_not_portable(feature: str) -> None:
    pattern, example = NOT_PORTABLE[feature]
    assert re.search(pattern, example), "the pattern catches nothing"
    users = [str(path) for path in SQL_FILES if re.search(pattern, statements(path))]
    assert users == []


@pytest.mark.parametrize("path", MANY_ROWS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_answer_of_many_rows_is_ordered(path: Path) -> None:
    assert re.search(r"\border by\b(?!.*\bfrom\b)", statements(path), re.DOTALL)


def test_ingest_loads_every_column_and_no_other(
    tables: duckdb.DuckDBPyConnection, run: Run
) -> None:
    rows = run_checks.NO_ANSWERS | {"sample": pl.Int32()}
    loaded = {
        "snapshots": drafts.describe_snapshot(1, "test").columns,
        "tasks": samples.catalogue_frame().columns,
        "samples": [*samples.SAMPLES.names(), "number"],
        "models": frames.models_frame([run]).columns,
        "runs": [*frames.runs_frame([run], ["hash"]).columns, "number"],
        "run_tasks": frames.run_tasks_frame([run], pl.DataFrame(schema=rows)).columns,
        "predictions": ["run", "sample", "confidence", *run_checks.ANSWERS],
        "answers": ["run", "sample", "repeat", *run_checks.FACTS, "thought"],
        "answer_sheets": ["run_id", "task", "picks", "shares"],
        "reported_scores": reported.REPORTED.names(),
        "quarantine": quarantine.ROWS.names(),
        "contraindicated_choices": [*samples.CONTRAINDICATED.names(), "sample"],
        "prediction_flags": [*frames.FLAGS.names(), "run", "sample"],
    } | {table: copied.schema.names() for table, copied in ledger_copy.TABLES.items()}
    named = {table: set(names) for table, names in loaded.items()}
    named["predictions"].remove("sample_id")  # numbers stand for names
    named["contraindicated_choices"] -= {"task", "sample_id"}
    named["prediction_flags"] -= {"run_id", "task", "sample_id"}
    assert named == {table: columns(tables, table) for table in loaded}
    every = tables.execute("select table_name from duckdb_tables()").fetchall()
    made = {"scores", "leaderboard", "counted_runs", *sheets.MADE_OF_SHEETS}
    assert {name for (name,) in every} == loaded.keys() | made


@pytest.mark.parametrize("table", sheets.MADE_OF_SHEETS)
def test_what_is_made_of_sheets_fills_every_column(
    tables: duckdb.DuckDBPyConnection, table: str
) -> None:
    answers = {
        "keys": {
            "task": ["x"],
            "sample_id": ["1"],
            "cluster_id": ["x/1"],
            "gold": ["A"],
            "choices": [4],
        }
    }
    one = {"run_id": ["a"], "picks": ["B"], "shares": [None]}

    def ask(query: str, **_: str) -> pl.DataFrame:
        return pl.DataFrame(answers.get(query, one))

    (rows, *_) = sheets.MADE_OF_SHEETS[table](ask, pl.DataFrame({"lane": ["l"], "task": ["x"]}))
    if table == "suspect_keys":
        assert rows.columns == ["task", "sample_id", "picks", "answered"]  # which SQL judges
    else:
        assert set(rows.columns) == columns(tables, table)


@pytest.mark.parametrize("table", ["scores", "leaderboard", "counted_runs"])
def test_a_derivation_fills_every_column(tables: duckdb.DuckDBPyConnection, table: str) -> None:
    tables.execute(rules.read_scope("nothing"))
    text = (db.HERE / "derived" / f"{table}.sql").read_text(encoding="utf-8")
    _, select = text.split(f"insert into {table} by name")
    tables.execute(
        "create temp table changed as select 1 as run, run_id, task, lane from ranked_runs"
    )
    assert set(tables.sql(select.strip().rstrip(";")).columns) == columns(tables, table)


ADDING = {"snapshots", "quarantine", "reported_scores", "runs", "run_tasks"}
ADDING |= {"predictions", "answers", "prediction_flags", "answer_sheets"}


@pytest.mark.parametrize("path", LOADS, ids=lambda path: path.stem)
def test_a_table_that_is_loaded_replaces_what_has_the_same_key(path: Path) -> None:
    sql = statements(path)
    if path.stem.startswith("forget"):  # what nothing may replace
        assert sql.strip().startswith("delete from ")
        return
    if path.stem == "clusters":  # a column of questions that are there
        assert sql.strip().startswith("update samples")
        return
    if path.stem not in ADDING:  # as their comments say
        assert re.search(rf"delete from {path.stem}\b", sql)
    assert f"insert into {path.stem} by name" in sql


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_begins_with_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"-- [A-Z].*[a-z]{3}", text), text.partition("\n")[0]
    assert text.endswith("\n")


def test_what_fills_a_table_is_part_of_the_schema_version() -> None:
    makers = {path.relative_to(db.HERE) for name in db.MAKERS for path in db.HERE.glob(name)}
    assert all(list(db.HERE.glob(name)) for name in db.MAKERS)
    text = (db.HERE / "sheets.py").read_text(encoding="utf-8")
    asked = {Path(f"queries/{name}.sql") for name in re.findall(r'ask\("(\w+)"', text)}
    used = {
        Path("statistics") / f"{name}.py"
        for name in re.findall(r"warehouse\.statistics\.(\w+) import", text)
    }
    assert len(asked) == 5
    assert len(used) == 3
    assert asked | used <= makers
