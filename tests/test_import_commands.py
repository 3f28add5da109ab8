"""`python -m ingest predictions` and `… lm-eval`, as a person types them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator.records import read_run, runs_folder
from evaluator.tables import read_predictions
from ingest import cli, runs
from ingest.import_commands import COMMANDS
from tests.conftest import ask
from tests.test_ingest_lm_eval import row_of, said, write_log, write_results

Ingest = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ingest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ingest:
    """Type `python -m ingest …` in this process; returns the exit code, output and errors."""

    def typed(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ingest", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.run_safely()
        return int(ended.value.code or 0), *capsys.readouterr()

    return typed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "answers"
    made.mkdir()
    return made


WHO = ("--model", "org/m", "--protocol", "other-x")


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_columns_of_other_names_are_mapped(ingest: Ingest, folder: Path, kind: str) -> None:
    lines = {
        "jsonl": '{"qid": "sample-001", "answer": "B", "key": "C", "prediction": "D"}\n'
        '{"qid": "sample-002", "answer": "A", "key": "A", "prediction": "D"}\n',
        "csv": "qid,answer,key,prediction\nsample-001,B,C,D\nsample-002,A,A,D\n",
    }
    (folder / f"sample.{kind}").write_text(lines[kind])
    mapped = ("--map", "sample_id=qid", "--map", "prediction=answer", "--map", "gold=key")
    code, out, error = ingest("predictions", folder, *WHO, *mapped)
    assert (code, error) == (0, "1 in quarantine: python -m warehouse show quarantine\n")
    assert out.startswith("1 predictions in ")
    (made,) = runs.finished(runs_folder())
    assert read_predictions(made, "sample").select("sample_id", "prediction").rows() == [
        ("sample-001", "B")
    ]
    (task,) = read_run(made).plan.tasks
    assert task.reading == "gold=key, prediction=answer, sample_id=qid"
    ingest("predictions", folder, *WHO, "--map", "sample_id=qid")
    assert sorted(ask("scores", task="sample")["n"].to_list())[-1:] == [2]
    assert len(runs.finished(runs_folder())) == 2


@pytest.mark.parametrize(
    ("options", "said_so"),
    [
        (["--map", "id=qid"], "--map has no column id. Ours: sample_id, prediction, response"),
        (["--map", "sample_id"], "expected OURS=THEIRS, found sample_id."),
        (["--map", "=x"], "expected OURS=THEIRS, found =x."),
        (["--precision", "int8"], "'int8' is not one of 'float32', 'bfloat16', 'float16'"),
    ],
)
def test_a_wrong_option_is_told(
    ingest: Ingest, folder: Path, options: list[str], said_so: str
) -> None:
    code, out, error = ingest("predictions", folder, *WHO, *options)
    assert (code, out) == (2, "")
    assert said_so in error


@pytest.mark.parametrize("given", [WHO[:2], WHO[2:]])
def test_answers_in_a_plain_table_need_a_model_and_a_protocol(
    ingest: Ingest, folder: Path, given: tuple[str, ...]
) -> None:
    code, _, error = ingest("predictions", folder, *given)
    assert code == 2
    assert "--model and --protocol are needed: the files do not say them." in error


def test_a_dry_run_of_predictions_writes_nothing(
    ingest: Ingest, folder: Path, data_folder: Path
) -> None:
    (folder / "sample.jsonl").write_text(
        '{"sample_id": "sample-001", "prediction": "B"}\n{"sample_id": "x", "prediction": "B"}\n'
    )
    (folder / "other.jsonl").write_text("")
    assert ingest("predictions", folder, *WHO, "--dry-run") == (
        0,
        "org/m (unknown), other-x\n"
        "sample from sample.jsonl: 1 to load (1 matched by id, 0 by content; 0 unreadable), "
        "1 unmatched, 0 rejected\n  1 × no such question\n",
        f"Not imported: {folder / 'other.jsonl'}: no task has this name\n",
    )
    assert not data_folder.exists()


def test_a_folder_of_lm_eval_is_loaded(ingest: Ingest, folder: Path, data_folder: Path) -> None:
    write_log(folder / "a", row_of(0, "C"), row_of(1, "A"))
    write_results(folder / "a", results={"ours": {"acc,none": 0.5}})
    write_log(folder / "b", said(0, "C", "C"))
    write_log(folder / "b", name="samples_gsm8k.jsonl")
    write_results(folder / "b", results={"ours": {"exact_match,strict-match": 1.0}})
    typed = ("lm-eval", folder, "--task", "ours=sample", "--model", "org/n")
    code, out, error = ingest(*typed, "--dry-run")
    assert code == 0
    assert out.startswith(f"org/n ({'c' * 40}), loglikelihood-0shot\nsample from samples_ours")
    assert error.startswith(f"Not imported: {folder / 'b' / 'samples_gsm8k.jsonl'}: no task of ")
    assert not data_folder.exists()

    code, out, error = ingest(*typed)
    assert (code, out.count("1 predictions in "), out.count("2 predictions in ")) == (0, 1, 1)
    assert error.endswith("1 in quarantine: python -m warehouse show quarantine\n")
    entries = ask("leaderboard_rows").select("model", "lane", "answered").sort("answered").rows()
    assert [(model, lane[:20], answered) for model, lane, answered in entries] == [
        ("org/n", "other-lm-eval-0shot-", 1),
        ("org/n", "loglikelihood-0shot", 2),
    ]
    assert "(nothing new)" in ingest(*typed)[1]


def test_a_folder_of_lm_eval_without_a_log_of_ours_is_an_error(
    ingest: Ingest, folder: Path
) -> None:
    path = write_log(folder, row_of(0))
    code, out, error = ingest("lm-eval", folder)
    assert (code, out) == (1, "")
    assert error == (
        f"Not imported: {path}: no task of ours is called ours. Say --task ours=<ours> if it is "
        "one.\nError: No file could be imported; the reasons are above.\n"
    )


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_no_word_of_a_person_puts_answers_into_a_lane_of_our_own_runs(
    ingest: Ingest, folder: Path, data_folder: Path, command: str
) -> None:
    own = ("--model", "org/m", "--protocol", "loglikelihood-0shot")
    code, _, error = ingest(command, folder, *own)
    assert code == 2
    assert "loglikelihood-0shot is how this project asks. Name the source" in error
    assert not (data_folder / "runs").exists()


def test_an_unknown_task_of_ours_is_told(ingest: Ingest, folder: Path) -> None:
    code, _, error = ingest("lm-eval", folder, "--task", "a=b")
    assert code == 1
    assert error.startswith("Error: No task is named 'b'. There are: medqa_4options, ")


def test_every_importing_command_is_listed(ingest: Ingest) -> None:
    code, out, _ = ingest("--help")
    assert code == 0
    assert [name for name in ("lm-eval", "predictions") if f"  {name} " not in out] == []


def test_rows_of_odd_types_are_refused(ingest: Ingest, folder: Path) -> None:
    rows = [{"sample_id": 1.5}, {"sample_id": ["a"], "prediction": {}}, {"sample_id": True}]
    (folder / "sample.jsonl").write_text("\n".join(map(json.dumps, rows)))
    code, _, error = ingest("predictions", folder, *WHO)
    assert code == 1
    assert "sample.jsonl fits a question: neither prediction nor response: found" in error
