"""One file that is broken, or oddly named, never keeps the others from loading."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from evaluator.records import read_run, runs_folder
from evaluator.tables import read_predictions, read_quarantine
from ingest import cli, runs
from ingest.telling import command_line
from tests import test_every_eval_ever, test_inspect_ai, test_lighteval
from tests.conftest import ask
from tests.slow_cases import mostly_slow
from tests.test_ingest_lm_eval import row_of, write_log, write_results

ANSWER = '{"sample_id": "sample-001", "prediction": "C"}\n'
BAD = os.fsdecode(b"\xff")  # a file's name is bytes, and need not be text
LONG = "x" * 201


def ingest(command: str, folder: Path, *more: str) -> Result:
    return CliRunner().invoke(cli.main, [command, str(folder), *more])


def predict(folder: Path, hub: Path, *more: str) -> Result:
    who = ("--model", "org/m", "--protocol", "other-x", "--data", str(hub))
    return ingest("predictions", folder, *who, *more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    return made


BROKEN = {
    "medmcqa.parquet": b"PAR1 and no more",
    "medmcqa.csv": b"sample_id,prediction\nx,A\n\xff,A\n",
    "pubmedqa.jsonl.gz": gzip.compress(ANSWER.encode() * 100)[:-9],
    "mmlu_anatomy.csv": b"sample_id,prediction,sample_id\nx,A,y\n",
}


@pytest.mark.parametrize("name", mostly_slow(BROKEN, "pubmedqa.jsonl.gz", "mmlu_anatomy.csv"))
def test_a_broken_file_of_one_task_does_not_stop_another(
    folder: Path, hub: Path, name: str
) -> None:
    (folder / name).write_bytes(BROKEN[name])
    (folder / "sample.jsonl").write_text(ANSWER)
    tried = predict(folder, hub, "--dry-run")
    assert (tried.exit_code, "1 rejected" in tried.stdout) == (0, True)
    done = predict(folder, hub)
    assert (done.exit_code, done.stdout.startswith("1 predictions in ")) == (0, True)
    (made,) = runs.finished(runs_folder())
    assert read_predictions(made, "sample")["prediction"].to_list() == ["C"]
    ((source, line, reason, _),) = read_quarantine(made).rows()
    assert (source, line) == (name, None)
    assert any(why in reason for why in ("is not a readable", "cannot be read", "several columns"))


def test_rows_are_refused_that_a_comma_may_have_cut(folder: Path, hub: Path) -> None:
    (folder / "sample.csv").write_text(
        "sample_id,prediction,response\n"
        "sample-001,,Not A, but B\n"  # an answer without its quotes
        "sample-002\n"
        "sample-003,B\n"
    )
    assert predict(folder, hub).exit_code == 0
    (made,) = runs.finished(runs_folder())
    rows = read_predictions(made, "sample").select("sample_id", "prediction").rows()
    assert rows == [("sample-003", "B")]
    assert read_quarantine(made).select("line", "reason").rows() == [
        (2, "the row has more cells than the header"),
        (3, "neither prediction nor response: found sample_id"),
    ]


@pytest.mark.parametrize(
    ("mapped", "loaded", "reasons"),
    [
        ("gold=nope", 0, []),
        ("gold=key", 1, ["no key: found sample_id, prediction, key"]),
        ("seconds=nope", 2, ["no row has a column nope"]),
        ("response=said", 2, []),
    ],
)
def test_a_column_that_is_not_there_is_told(
    folder: Path, hub: Path, mapped: str, loaded: int, reasons: list[str]
) -> None:
    (folder / "sample.jsonl").write_text(
        '{"sample_id": "sample-001", "prediction": "C", "key": "C", "said": "C"}\n'
        '{"sample_id": "sample-002", "prediction": "D", "key": null}\n'
    )
    done = predict(folder, hub, "--map", mapped)
    assert done.exit_code == (0 if loaded else 1)
    for made in runs.finished(runs_folder()):
        assert read_predictions(made, "sample").height == loaded
        assert read_quarantine(made)["reason"].to_list() == reasons


def test_a_long_text_in_a_table_is_read(folder: Path, hub: Path) -> None:
    said = "Let me think. " * 20_000
    (folder / "sample.csv").write_text(f'sample_id,response\nsample-001,"{said}The answer is B."\n')
    assert predict(folder, hub).exit_code == 0
    (made,) = runs.finished(runs_folder())
    assert read_predictions(made, "sample")["prediction"].to_list() == ["B"]


def test_a_table_of_countless_rows_is_refused(folder: Path, hub: Path) -> None:
    rows = pl.select(pl.repeat("sample-001", 1_000_001).alias("sample_id"), prediction=pl.lit("A"))
    rows.write_parquet(folder / "sample.parquet")
    done = predict(folder, hub)
    assert done.exit_code == 1
    assert "has 1,000,001 rows, expected at most 1,000,000" in str(done.exception)


def write_inspect(folder: Path, model: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{model[:9].replace('/', '-')}.json"
    return test_inspect_ai.write_json(path, test_inspect_ai.sample(), model=model)


def write_lighteval(folder: Path, model: str) -> Path:
    path = test_lighteval.write(folder / model[:9], test_lighteval.row())
    results = folder / model[:9] / f"results_{test_lighteval.TIME}.json"
    results.write_text(json.dumps({"config_general": {"model_name": model}}))
    return path


def write_every_eval_ever(folder: Path, model: str) -> Path:
    header = test_every_eval_ever.aggregate(model_info={"id": model})
    row = test_every_eval_ever.row(model_id=model)
    return test_every_eval_ever.write(folder / model[:9], row, header=header)


WRITERS: dict[str, Callable[[Path, str], Path]] = {
    "inspect": write_inspect,
    "lighteval": write_lighteval,
    "every-eval-ever": write_every_eval_ever,
}
each_command = pytest.mark.parametrize("command", WRITERS)


@each_command
def test_a_model_that_cannot_be_named_does_not_stop_another(folder: Path, command: str) -> None:
    WRITERS[command](folder, LONG)
    WRITERS[command](folder, "org/good")
    done = ingest(command, folder)
    assert (done.exit_code, done.stdout.count(" predictions in ")) == (0, 1)
    assert "no model can have this name: name: String should have at most 200" in done.stderr
    assert ask("runs")["model"].to_list() == ["org/good"]
    assert ask("quarantine").height == 1


@pytest.mark.parametrize("command", ["inspect", "every-eval-ever"])
def test_a_file_whose_name_is_no_text_is_read(folder: Path, command: str) -> None:
    path = WRITERS[command](folder, "org/m")
    path.rename(path.with_name(BAD + path.name))
    assert ingest(command, folder).exit_code == 0
    (made,) = runs.finished(runs_folder())
    assert read_run(made).plan.tasks[0].source == f"?{path.name}"


@each_command
def test_a_broken_file_whose_name_is_no_text_is_refused(folder: Path, command: str) -> None:
    path = WRITERS[command](folder, LONG)
    path.rename(path.with_name(BAD + path.name))
    WRITERS[command](folder, "org/good")
    assert ingest(command, folder).exit_code == 0
    assert f"?{path.name}" in ask("quarantine")["file"].to_list()


def test_a_table_in_a_folder_whose_name_is_no_text_is_refused(folder: Path, hub: Path) -> None:
    inside = folder / BAD
    inside.mkdir()
    (inside / "sample.jsonl").write_text(ANSWER)
    with (inside / "medmcqa.parquet").open("wb") as file:
        pl.DataFrame({"sample_id": ["x"], "prediction": ["A"]}).write_parquet(file)
    done = predict(inside, hub)
    assert (done.exit_code, done.stdout.startswith("1 predictions in ")) == (0, True)
    assert "is not a readable Parquet file: 'utf-8' codec" in ask("quarantine")["reason"][0]


def test_an_evaluation_whose_name_is_no_text_is_read(folder: Path) -> None:
    row = test_every_eval_ever.row(evaluation_name="sample\ud83d")
    path = test_every_eval_ever.write(folder, row)
    assert ingest("every-eval-ever", path).exit_code == 0
    (made,) = runs.finished(runs_folder())
    assert read_run(made).plan.tasks[0].reading == "sample?"


def test_a_system_prompt_that_is_no_text_is_read(folder: Path) -> None:
    write_log(folder, row_of(0))
    write_results(folder, system_instruction="\ud83d")
    done = ingest("lm-eval", folder, "--task", "ours=sample")
    assert (done.exit_code, done.stdout.startswith("1 predictions in ")) == (0, True)


def test_a_command_that_is_no_text_can_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["ingest", "inspect", BAD])
    assert command_line() == "python -m ingest inspect '?'"


def test_a_file_left_out_is_in_quarantine_though_the_run_beside_it_fails(folder: Path) -> None:
    write_log(folder / "a", b"{}")
    write_log(folder / "a", row_of(0), name="samples_gsm8k.jsonl")
    write_results(folder / "a", model_name="org/empty")
    write_log(folder / "b", row_of(0))
    write_results(folder / "b")
    done = ingest("lm-eval", folder, "--task", "ours=sample")
    assert (done.exit_code, "Refused samples_ours.jsonl: No row of" in done.stderr) == (1, True)
    ((file, reason),) = ask("quarantine").select("file", "reason").rows()
    assert (file, "no task of ours is called gsm8k" in reason) == ("samples_gsm8k.jsonl", True)
