"""The rules: each finds just the rows that break it, and a broken one publishes nothing."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pytest

from evaluator.baselines import BASELINES
from tests.conftest import load_everything, make_run
from tests.rule_cases import CASES, Case, Row
from warehouse import db, drafts, locating, rules
from warehouse.errors import AuditFailed
from warehouse.stores import Workspace

RULES = {path.stem: path for path in sorted((db.HERE / "checks").glob("*.sql"))}
RENAMED = (
    *("runs", "run_tasks", "answer_sheets", "scores", "leaderboard", "rank_intervals"),
    "counted_runs",
)
ONCE = CASES[::20]
"""What all rules are asked of with every change; `make stress` asks them of the others, too."""
LIKELY = """
update predictions
set logprobs = list_transform(['A', 'B', 'C', 'D'], lambda x: if(x = prediction, -0.5, -2.5)),
    confidence = 1 / (1 + 3 * exp(-2))
where run = (select number from runs where run_id = 'baseline-random')
"""


@pytest.fixture(scope="module")
def good_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published warehouse of three baselines, with run ids that stand still."""
    folder = tmp_path_factory.mktemp("good")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(folder))
        patch.delenv("LEADERBOARD_WAREHOUSE", raising=False)
        for model in BASELINES:
            make_run(model)
        load_everything()
        path = locating.file_store().current().path
    with duckdb.connect(str(path)) as connection:
        for table in RENAMED:
            connection.execute(rf"update {table} set run_id = regexp_replace(run_id, '-\w+$', '')")
        connection.execute("update leaderboard set entry = run_id where run_id is not null")
        connection.execute(LIKELY)
    return path


@pytest.fixture
def connection(good_snapshot: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the good warehouse, open for breaking."""
    shutil.copyfile(good_snapshot, tmp_path / "copy.duckdb")
    with duckdb.connect(str(tmp_path / "copy.duckdb")) as opened:
        yield opened


def judge_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Have the rules judge every run, as `verify` does."""
    connection.execute(rules.read_scope("nothing"))
    connection.execute("insert into loaded select number, run_id from runs")


def broken_rules(
    connection: duckdb.DuckDBPyConnection, asked: Iterable[str] = RULES
) -> dict[str, list[Row]]:
    judge_all(connection)
    answers = {rule: connection.sql(RULES[rule].read_text()).pl().rows() for rule in asked}
    return {rule: rows for rule, rows in answers.items() if rows}


def blur(found: list[Row], expected: list[Row]) -> list[Row]:
    """The rows found, with `*` where any value is expected."""
    return [
        tuple(
            "*" if "*" in wanted else value for value, *wanted in zip(row, *expected, strict=True)
        )
        for row in found
    ]


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == set(RULES)


def test_a_good_warehouse_breaks_no_rule(connection: duckdb.DuckDBPyConnection) -> None:
    assert broken_rules(connection) == {}


def test_log_probabilities_of_whole_sentences_break_no_rule(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "update predictions set confidence = 1 / (1 + 3 * exp(-0.1)), logprobs = list_transform("
        "logprobs, lambda x: if(x > -1, 0, -0.1)::double - 300 - sample % 100 * 0.0137) "
        "where logprobs is not null"
    )
    assert broken_rules(connection) == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_rule_finds_the_rows_that_break_it(
    connection: duckdb.DuckDBPyConnection, case: Case
) -> None:
    connection.execute(case.statement)
    found = broken_rules(connection, case.found)
    blurred = {rule: blur(rows, case.found[rule]) for rule, rows in found.items()}
    assert blurred == case.found


@pytest.mark.parametrize(
    "case",
    [case if case in ONCE else pytest.param(case, marks=pytest.mark.slow) for case in CASES],
    ids=lambda case: case.rule,
)
def test_no_other_rule_finds_anything(connection: duckdb.DuckDBPyConnection, case: Case) -> None:
    connection.execute(case.statement)
    found = broken_rules(connection)
    blurred = {rule: blur(rows, case.found.get(rule, rows)) for rule, rows in found.items()}
    assert blurred == case.found


def test_an_audit_names_every_rule_that_is_broken(connection: duckdb.DuckDBPyConnection) -> None:
    for case in {rules.is_scoped(RULES[case.rule]): case for case in CASES}.values():
        connection.execute(case.statement)
    found = broken_rules(connection)
    assert len(found) >= 2
    draft = drafts.Draft(Workspace(connection, 2, empty=False))
    judge_all(connection)
    with pytest.raises(AuditFailed) as failure:
        draft.audit()
    named = {line.partition(":")[0] for line in str(failure.value).splitlines()}
    assert named & set(RULES) == set(found)
