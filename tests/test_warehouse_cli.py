"""The command lines of the warehouse and of ingest, as a person at a terminal meets them."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from evaluator import files, records
from ingest import cli as ingest_cli
from tests.conftest import REPOSITORY, ask, make_run
from warehouse import cli as warehouse_cli
from warehouse import db, drafts, responses
from warehouse.errors import UnknownQuery, WrongParameters

ERRORS_LIST = dict.fromkeys(("task", "subject", "safety", "flag", "harm", "search", "by"), "")
ERRORS_LIST |= dict.fromkeys(("run_ids", "models", "lanes"), "[]")
STEERING = "\x1b[31mred\x1b]0;title\x07 \u202eback \x9b2J \x7f\x00"


class Outcome(NamedTuple):
    code: int
    out: str
    error: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `python -m warehouse …` or `python -m ingest …` in this process."""

    def run(program: str, *arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            {"warehouse": warehouse_cli, "ingest": ingest_cli}[program].run_safely()
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    return run


def test_list_names_every_query_with_its_question_and_parameters(command: Command) -> None:
    code, out, error = command("warehouse", "list")
    assert (code, error) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == list(db.list_queries())
    assert (
        "scores             How did each current run do on $task, in each slice of its questions?"
        "  (task)"
    ) in lines
    assert "tasks              Which tasks are there, and where are their questions from?" in lines


@pytest.mark.usefixtures("demo")
def test_show_prints_a_table(command: Command) -> None:
    code, out, _ = command("warehouse", "show", "scores", "--param", "task=sample")
    assert code == 0
    head, *rows = [line.split() for line in out.splitlines()]
    assert head == ask("scores", task="sample").columns
    assert len(rows) == ask("scores", task="sample").height
    assert rows[0][:6] == ["baseline:random", "loglikelihood-0shot", "null", "all", "all", "92"]


@pytest.mark.usefixtures("demo")
def test_show_prints_csv_and_json_with_every_value(command: Command) -> None:
    answer = ask("runs")
    code, out, _ = command("warehouse", "show", "runs", "--format", "csv")
    assert code == 0
    assert list(csv.reader(io.StringIO(out))) == [
        answer.columns,
        *(["" if value is None else as_text(value) for value in row] for row in answer.iter_rows()),
    ]
    code, out, _ = command("warehouse", "show", "runs", "--format", "json")
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(answer.to_dicts(), default=str))


def as_text(value: object) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)


@pytest.mark.usefixtures("demo")
def test_numbers_can_be_given_as_parameters(command: Command) -> None:
    (run_id, _), *_ = ask("run_keys").rows()
    given = ERRORS_LIST | {"run_ids": f"[{run_id}]", "skip": "0", "page_size": "2"}
    options = [part for name, value in given.items() for part in ("--param", f"{name}={value}")]
    code, out, error = command("warehouse", "show", "errors", *options, "--format", "json")
    assert (code, error) == (0, "")
    assert [row["number"] for row in json.loads(out)] == [1, 2]


def test_a_table_spells_out_what_would_steer_a_terminal(command: Command) -> None:
    with drafts.open_draft("test", empty=True) as draft:
        row = {"source": "s", "file": "f", "line": 1, "reason": "r", "content": STEERING}
        draft.load("quarantine", pl.DataFrame([row]))
    code, out, _ = command("warehouse", "show", "quarantine")
    assert code == 0
    assert "\\x1b[31mred\\x1b]0;title\\x07 \\x202eback \\x9b2J \\x7f\\x00" in out
    assert all(letter == "\n" or letter.isprintable() for letter in out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "leaderboards"], "Error: No query is named 'leaderboards'. There are: "),
        (["show", "scores"], "Error: scores takes task, not none."),
        (["show", "tasks", "--param", "a=b"], "Error: tasks takes no parameter, not a."),
        (["snapshots", "--use", "41"], "has no snapshot 41; it has 1."),
        (["snapshots", "--use", "-1"], "has no snapshot -1; it has 1."),
    ],
)
@pytest.mark.usefixtures("demo")
def test_a_mistake_is_told_in_one_line(command: Command, arguments: list[str], said: str) -> None:
    code, out, error = command("warehouse", *arguments)
    assert (code, out) == (1, "")
    assert error.startswith("Error: ")
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["show", "leaderboard"], ["snapshots"]])
def test_no_snapshot_is_told_in_one_line(command: Command, arguments: list[str]) -> None:
    code, out, error = command("warehouse", *arguments)
    assert (code, out) == (1, "")
    assert error.startswith("Error: ")
    assert "holds no snapshot yet. " in error
    assert error.count("\n") == 1


def test_a_parameter_without_a_value_is_a_wrong_use(command: Command) -> None:
    code, _, error = command("warehouse", "show", "scores", "--param", "task")
    assert code == 2
    assert "'task': expected name=value, such as task=sample." in error


def test_snapshots_are_listed_and_put_into_use(command: Command) -> None:
    for model in ("baseline:random", "baseline:majority"):
        make_run(model)
        assert command("ingest", "runs").code == 0
    columns = [line.split() for line in command("warehouse", "snapshots").out.splitlines()]
    assert [(row[0], row[3:]) for row in columns] == [("1", []), ("2", ["in", "use"])]
    columns = [
        line.split() for line in command("warehouse", "snapshots", "--use", "1").out.splitlines()
    ]
    assert [row[0] for row in columns if row[3:] == ["in", "use"]] == ["1"]
    assert {row[0] for row in columns} == {"1", "2"}
    assert ask("runs")["model"].to_list() == ["baseline:random"]


def test_ingest_says_what_came_of_it(command: Command, tmp_path: Path) -> None:
    run = make_run("baseline:random")
    assert command("ingest", "runs")[:2] == (0, "1 runs are loaded (snapshot 1)\n")
    assert command("ingest", "runs")[:2] == (0, "1 runs are loaded (nothing new)\n")
    assert command("ingest", "reported")[:2] == (0, "322 published scores (snapshot 2)\n")
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "sample.jsonl").write_text('{"sample_id": "sample-001", "prediction": "C"}\n')
    code, out, _ = command(
        "ingest", "predictions", str(answers), "--model", "org/m", "--protocol", "other-x"
    )
    assert code == 0
    assert out.startswith(f"1 predictions in {records.runs_folder() / 'org--m-'}")
    assert out.endswith(" (snapshot 3)\n")
    assert command("ingest", "rebuild")[:2] == (0, "Rebuilt with 2 runs (snapshot 4)\n")
    assert ask("snapshots")["reason"].to_list() == ["python -m ingest rebuild"]
    assert run.run_id in ask("run_keys")["run_id"].to_list()


def test_ingest_loads_questions(command: Command, hub: Path) -> None:
    arguments = ("samples", "--tasks", "sample,mmlu_anatomy", "--data", str(hub))
    assert command("ingest", *arguments)[:2] == (0, "227 questions of 2 tasks (snapshot 1)\n")
    assert ask("tasks").filter("loaded")["task"].to_list() == ["mmlu_anatomy", "sample"]


def test_a_refused_run_is_told_and_the_rest_is_loaded(command: Command) -> None:
    make_run("baseline:random")
    broken = records.runs_folder() / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    for state in ("snapshot 1", "nothing new"):
        code, out, error = command("ingest", "runs")
        assert (code, out) == (1, f"1 runs are loaded ({state})\n")
        assert error.startswith("Refused broken: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["samples", "--tasks", "other"], "No task is named 'other'."),
        (["samples", "--tasks", "medqa_4options", "--data", "."], "is missing. A mirror has"),
        (["predictions", ".", "--model", "m", "--protocol", "other-x"], "no file named for a task"),
        (["predictions", ".", "--model", "m", "--protocol", "x"], "No protocol is named 'x'."),
        (["reported", "notes.csv"], "has no column"),
    ],
)
def test_a_mistake_with_ingest_is_told_in_one_line(
    command: Command,
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path / "folder")
    Path("notes.csv").write_text("a,b\n")
    code, out, error = command("ingest", *arguments)
    assert (code, out) == (1, "")
    assert error.startswith("Error: ")
    assert said in error
    assert error.count("\n") == 1


def test_answers_to_our_own_prompts_are_not_imported(command: Command, tmp_path: Path) -> None:
    code, _, error = command(
        "ingest", "predictions", str(tmp_path), "--model", "m", "--protocol", "loglikelihood-0shot"
    )
    assert code == 2
    assert "Name the source: other-<source>." in error


@pytest.mark.parametrize("program", ["warehouse", "ingest"])
def test_the_real_command_ends_without_a_traceback(program: str) -> None:
    arguments = {"warehouse": ["show", "leaderboard"], "ingest": ["samples", "--tasks", "x"]}
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments[program]],
        cwd=REPOSITORY,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    helped = subprocess.run(
        [sys.executable, "-m", program, "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"python -m {program}" in helped.stdout


def test_a_query_takes_just_its_parameters(warehouse: db.Warehouse) -> None:
    for query in db.list_queries():
        given: dict[str, Any] = dict.fromkeys(db.parameters_of(db.read_query(query)), "")
        with pytest.raises(WrongParameters, match=rf"^{query} takes .*, not .*other"):
            warehouse.ask(query, **given, other="x")
        if given:
            given.popitem()
            with pytest.raises(WrongParameters, match=rf"^{query} takes "):
                warehouse.ask(query, **given)


def test_a_parameter_of_the_wrong_kind_is_said_so(warehouse: db.Warehouse) -> None:
    (run_id, _), *_ = warehouse.ask("run_keys").rows()
    given = ERRORS_LIST | {"run_ids": [run_id]}
    with pytest.raises(WrongParameters, match=r"^errors: "):
        warehouse.ask("errors", **given, skip="first", page_size=1)


def test_no_other_file_is_a_query(warehouse: db.Warehouse) -> None:
    for name in ("nothing", "../schema", "", "leaderboard.sql"):
        with pytest.raises(UnknownQuery, match="No query is named"):
            warehouse.ask(name)


def test_a_parameter_is_never_read_as_sql(warehouse: db.Warehouse) -> None:
    assert warehouse.ask("scores", task="sample' or 'a' = 'a").is_empty()


def test_a_response_is_read_from_its_run_folder() -> None:
    run = make_run("baseline:random")
    path = records.runs_folder() / run.run_id / "sample.parquet"
    stored = pl.read_parquet(path).with_columns(response=pl.lit("The answer is A."))
    files.write_table(path, stored)
    found = responses.read_response(run.run_id, "sample", "sample-002")
    row = stored.select(responses.COLUMNS).row(1, named=True)
    assert found == row | {"thinking": None}
    files.write_table(path, stored.with_columns(thinking=pl.lit("Hm.")))
    assert responses.read_response(run.run_id, "sample", "sample-002") == row | {"thinking": "Hm."}
    files.write_table(path, stored.drop("thinking"))  # of before it was kept
    assert responses.read_response(run.run_id, "sample", "sample-002") == found
    assert responses.read_response(run.run_id, "sample", "sample-999") is None
    assert responses.read_response("other", "sample", "sample-002") is None


@pytest.mark.parametrize("model", ["", "m" * 201])
def test_a_name_that_no_record_can_hold_is_refused(
    command: Command, tmp_path: Path, model: str
) -> None:
    (tmp_path / "sample.jsonl").write_text('{"sample_id": "sample-001", "prediction": "C"}\n')
    code, _, errors = command(
        "ingest", "predictions", str(tmp_path), "--model", model, "--protocol", "other-x"
    )
    assert code == 1
    assert errors.startswith("Error: no model can have this name: name: String should have at ")
    assert "Traceback" not in errors
