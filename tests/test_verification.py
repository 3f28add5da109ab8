"""Does `python -m warehouse verify` find what is wrong with a published snapshot?"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluator.baselines import BASELINES
from tests.conftest import load_everything, make_run
from tests.kept import tamper
from tests.slow_cases import slow
from warehouse import cli, locating, rules, settings


@pytest.fixture
def published() -> None:
    """A snapshot of all baselines."""
    for model in BASELINES:
        make_run(model)
    load_everything()


def verify() -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, ["verify"])
    return done.exit_code, done.output


@pytest.mark.usefixtures("published")
def test_a_good_snapshot_keeps_every_rule() -> None:
    assert verify() == (0, "Snapshot 1 keeps every rule.\n")


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("update scores set accuracy = 0.5 where slice = 'all'", "scores_are_the_mean_of_"),
        ("delete from predictions where run = 3 and sample % 2 = 0", "predictions_are_counted"),
        *slow(
            [
                ("update predictions set prediction = 'Z' where run = 2", "prediction_is_a_choice"),
                ("update tasks set size = 93 where task = 'sample'", "task_has_its_size"),
            ]
        ),
    ],
)
@pytest.mark.usefixtures("published")
def test_a_broken_rule_is_named_with_the_rows_that_break_it(statement: str, rule: str) -> None:
    tamper(statement)
    code, said = verify()
    assert code == 1
    assert rule in said


@pytest.mark.usefixtures("published")
def test_runs_are_judged_some_at_a_time_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "TOGETHER", 2)
    assert verify()[0] == 0
    tamper("update predictions set prediction = 'Z' where sample = 900000")
    code, said = verify()
    assert code == 1
    assert re.search(r"prediction_is_a_choice: .* \(3 rows\)", said)
    assert said.count("sample-001") == 3


@pytest.mark.files
@pytest.mark.usefixtures("published")
def test_a_damaged_block_is_found() -> None:
    path = locating.file_store().current().path
    content = bytearray(path.read_bytes())
    place = content.index(b"weeks pregnant")  # in a question
    content[place : place + 14] = b"months healthy"
    path.write_bytes(content)
    code, said = verify()
    assert code == 1
    assert "damaged" in said


@pytest.mark.parametrize(
    ("change_record", "said_of_it"),
    [
        (lambda path: path.write_text(path.read_text() + " "), "has changed since it was loaded"),
        (lambda path: path.unlink(), "its record cannot be read"),
    ],
)
@pytest.mark.usefixtures("published")
def test_a_run_folder_that_is_no_longer_what_was_loaded_is_named(
    change_record: Callable[[Path], None], said_of_it: str
) -> None:
    record = next(iter(sorted(settings.runs_folder().glob("*/run.json"))))
    change_record(record)
    code, said = verify()
    assert code == 1
    assert said_of_it in said
    assert record.parent.name in said


def test_nothing_published_is_said_so() -> None:
    done = CliRunner().invoke(cli.main, ["verify"])
    assert "holds no snapshot yet" in str(done.exception)


def test_a_rule_that_reads_predictions_reads_those_of_the_loaded_runs() -> None:
    """But for one, those of no run: an unscoped one would read all at each publish."""
    readers = {
        rule.stem
        for rule in rules.list_rules()
        if re.search(r"\b(?:from|join) (?:graded|predictions)\b", rule.read_text())
    }
    scoped = {rule.stem for rule in rules.list_rules() if rules.is_scoped(rule)}
    assert readers - scoped == {"prediction_has_its_run"}
    assert len(scoped) >= 7
