"""Does a run done again come out as it did, and is every difference told?"""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator import files, records, shards, tables
from evaluator.engines import loglikelihood, toy
from evaluator.questions import load_samples
from evaluator.records import Run
from evaluator.tasks import find_task
from ingest import runs as ingest_runs
from tests.conftest import make_run
from tests.demonstration import import_answers

IDS = [sample.sample_id for sample in load_samples(find_task("sample"))]
HEAD = "task                             n  flipped  largest difference"
Evaluate = Callable[..., tuple[int, str, str]]


def folder_of(run: Run) -> Path:
    return records.runs_folder() / run.run_id


def change_predictions(folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    table = tables.read_predictions(folder, "sample")
    files.write_table(folder / "sample.parquet", change(table).select(table.columns))


def change_record(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    record = json.loads((folder / "run.json").read_bytes())
    change(record)
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def watch_batches(monkeypatch: pytest.MonkeyPatch) -> list[list[list[int]]]:
    """Return the batches that are scored from now on, as they come."""
    honest = loglikelihood.score
    played: list[list[list[int]]] = []

    def score(model: Any, encoded: Any, batches: list[list[int]]) -> Any:
        played.append(batches)
        return honest(model, encoded, batches)

    monkeypatch.setattr(loglikelihood, "score", score)
    return played


@pytest.mark.parametrize("model", ["baseline:random", "toy:llama"])
def test_a_run_done_again_comes_out_the_same(model: str, evaluate_here: Evaluate) -> None:
    run = make_run(model, "5")
    before = files_of(records.runs_folder())
    code, said, errors = evaluate_here("rerun", run.run_id)
    assert (code, errors) == (0, "")
    assert said.splitlines() == [
        HEAD,
        "sample                          92        0                   0",
        "0 of 92 predictions came out otherwise.",
    ]
    assert files_of(records.runs_folder()) == before


def test_a_run_is_done_again_in_the_batches_that_it_kept(
    evaluate_here: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "CHUNK", 50)
    run = make_run("toy:llama")
    plans = sorted((folder_of(run) / "batches").iterdir())
    alone = [[[place] for place in reversed(range(size))] for size in (50, 42)]
    for path, batches in zip(plans, alone, strict=True):
        path.write_text(json.dumps({"tokens": 7, "batches": batches}))
    played = watch_batches(monkeypatch)
    code, said, _ = evaluate_here("rerun", run.run_id)
    assert (code, played) == (0, alone)
    assert said.endswith("0 of 92 predictions came out otherwise.\n")


def test_a_copied_run_is_done_again_in_the_batches_that_it_kept(
    evaluate_here: Evaluate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = make_run("toy:llama")
    elsewhere = tmp_path / "elsewhere" / run.run_id
    shutil.move(folder_of(run), elsewhere)
    alone = [[place] for place in reversed(range(92))]
    plan = elsewhere / "batches" / "sample.000.batches.json"
    plan.write_text(json.dumps({"tokens": 7, "batches": alone}))
    ingest_runs.find_folders([elsewhere])
    played = watch_batches(monkeypatch)
    code, said, _ = evaluate_here("rerun", run.run_id)
    assert (code, played) == (0, [alone])
    assert said.endswith("0 of 92 predictions came out otherwise.\n")


def test_a_run_that_kept_no_batches_is_done_again_in_new_ones(evaluate_here: Evaluate) -> None:
    run = make_run("toy:llama")
    shutil.rmtree(folder_of(run) / "batches")
    code, said, _ = evaluate_here("rerun", run.run_id)
    assert (code, said.splitlines()[-1]) == (0, "0 of 92 predictions came out otherwise.")


def test_each_flip_is_told_with_what_it_was_and_is(evaluate_here: Evaluate) -> None:
    run = make_run("toy:llama")
    folder = folder_of(run)
    table = tables.read_predictions(folder, "sample")
    now = dict(table.select("sample_id", "prediction").rows())
    then = {IDS[3]: "ABCD"[("ABCD".index(now[IDS[3]]) + 1) % 4], IDS[70]: None}
    shift = pl.col("sample_id").eq(IDS[3]).cast(pl.Float64) * 0.25

    def tamper(table: pl.DataFrame) -> pl.DataFrame:
        changed = [then.get(sample_id, now[sample_id]) for sample_id in table["sample_id"]]
        moved = pl.col("logprobs").list.eval(pl.element()) + shift
        return table.with_columns(moved.alias("logprobs"), pl.Series("prediction", changed))

    change_predictions(folder, tamper)
    batches = json.loads((folder / "batches" / "sample.000.batches.json").read_bytes())["batches"]
    order = sorted((3, 70), key=[place for batch in batches for place in batch].index)
    lines = {
        3: f"  {IDS[3]}: {then[IDS[3]]} → {now[IDS[3]]}, by 0.25",
        70: f"  {IDS[70]}: None → {now[IDS[70]]}, by 0",
    }
    code, said, errors = evaluate_here("rerun", run.run_id)
    assert (code, errors) == (1, "")
    assert said.splitlines() == [
        HEAD,
        "sample                          92        2                0.25",
        *(lines[place] for place in order),
        "2 of 92 predictions came out otherwise.",
    ]


def test_flips_beyond_the_first_twenty_are_counted(evaluate_here: Evaluate) -> None:
    run = make_run("baseline:random")
    change_predictions(
        folder_of(run), lambda table: table.with_columns(prediction=pl.lit(None, pl.String))
    )
    code, said, _ = evaluate_here("rerun", run.run_id)
    lines = said.splitlines()
    assert (code, len(lines)) == (1, 24)
    assert lines[1] == "sample                          92       92                   0"
    assert lines[2].startswith(f"  {IDS[0]}: None → ")
    assert not any(", by" in line for line in lines)
    assert lines[-2:] == ["  and 72 more", "92 of 92 predictions came out otherwise."]


def test_prompts_that_are_another_text_now_are_counted(evaluate_here: Evaluate) -> None:
    run = make_run("toy:llama")
    first_two = pl.col("sample_id").is_in(IDS[:2])
    spelt = pl.when(first_two).then(pl.col("prompt") + " ").otherwise(pl.col("prompt"))
    change_predictions(folder_of(run), lambda table: table.with_columns(prompt=spelt))
    code, said, _ = evaluate_here("rerun", run.run_id)
    assert code == 0
    assert said.splitlines()[2] == "  2 prompts are not the same text as before"


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    return toy.make_toy_llama(tmp_path / "my-model", 3)


def test_a_model_in_a_folder_is_found_again_where_it_was(
    model_folder: Path, evaluate_here: Evaluate
) -> None:
    run = make_run(str(model_folder))
    assert (run.source, run.plan.model.name) == (str(model_folder), "my-model")
    code, said, _ = evaluate_here("rerun", run.run_id)
    assert (code, said.splitlines()[-1]) == (0, "0 of 92 predictions came out otherwise.")


def test_a_model_whose_folder_has_moved_is_found_where_it_is_said_to_be(
    model_folder: Path, evaluate_here: Evaluate
) -> None:
    run = make_run(str(model_folder))
    moved = model_folder.rename(model_folder.with_name("elsewhere"))
    code, said, errors = evaluate_here("rerun", run.run_id)
    assert (code, said) == (1, "")
    assert errors == (
        f"Error (model-not-found): {model_folder}, from which my-model was loaded, is no folder "
        "any more. --model says where it is now.\n"
    )
    code, said, _ = evaluate_here("rerun", run.run_id, "--model", str(moved))
    assert (code, said.splitlines()[-1]) == (0, "0 of 92 predictions came out otherwise.")


def test_a_chat_after_examples_is_done_again_from_its_record(
    model_folder: Path, hub: Path, data_folder: Path, evaluate_here: Evaluate
) -> None:
    template = "{% for turn in messages %}<{{ turn.role }}>{{ turn.content }}{% endfor %}<me>"
    (model_folder / "chat_template.jinja").write_text(template)
    code, _, _ = evaluate_here(
        *("run", "--model", str(model_folder), "--precision", "float32"),
        *("--tasks", "mmlu_anatomy", "--data", str(hub)),
        *("--protocol", "loglikelihood-2shot-chat", "--system-prompt", "Be brief."),
    )
    (folder,) = (data_folder / "runs").iterdir()
    run = records.read_run(folder)
    assert (code, run.plan.protocol.slug) == (0, "loglikelihood-2shot-chat-sys213c22")
    assert run.chat_template_hash == hashlib.sha256(template.encode()).hexdigest()[:16]
    prompt = tables.read_predictions(folder, "mmlu_anatomy")["prompt"][0]
    assert prompt.startswith("<system>Be brief.\n\nThe following are multiple choice questions")
    assert prompt.count("\nAnswer:<assistant>") == 2
    assert prompt.endswith("\nAnswer:<me>")
    code, said, _ = evaluate_here("rerun", run.run_id, "--data", str(hub))
    assert (code, said.splitlines()[1:]) == (
        0,
        [
            "mmlu_anatomy                   135        0                   0",
            "0 of 135 predictions came out otherwise.",
        ],
    )


def test_a_folder_that_holds_another_model_now_is_refused(
    model_folder: Path, evaluate_here: Evaluate
) -> None:
    run = make_run(str(model_folder))
    shutil.rmtree(model_folder)
    toy.make_toy_llama(model_folder, 4)
    code, said, errors = evaluate_here("rerun", run.run_id)
    assert (code, said) == (1, "")
    then = run.plan.model.revision
    assert errors.startswith(f"Error (model-not-found): {model_folder} is at sha256:")
    assert errors.endswith(f", but my-model was at {then}.\n")
    assert errors.count(then) == 1


@pytest.mark.parametrize("hashed", ["samples_hash", "prompts_hash", "revision"])
def test_other_questions_or_prompts_are_refused(hashed: str, evaluate_here: Evaluate) -> None:
    run = make_run("baseline:random")

    def change(record: dict[str, Any]) -> None:
        record["plan"]["tasks"][0][hashed] = "0" * 16

    change_record(folder_of(run), change)
    code, said, errors = evaluate_here("rerun", run.run_id)
    assert (code, said) == (1, "")
    assert errors.startswith(
        f"Error (dataset-mismatch): {run.run_id} was asked other questions or prompts of sample "
        "than there are now (then "
    )


def test_imported_answers_cannot_be_asked_again(evaluate_here: Evaluate) -> None:
    import_answers("essayist", "other-essays", {IDS[0]: "The answer is (B)."})
    (folder,) = records.runs_folder().iterdir()
    assert evaluate_here("rerun", folder.name) == (
        1,
        "",
        f"Error (broken-run): {folder.name} was imported: there is no model here to ask again.\n",
    )


@pytest.mark.parametrize("name", ["none", "../none", "/etc/none", ".", ""])
def test_a_run_that_is_not_there_is_told_in_one_line(name: str, evaluate_here: Evaluate) -> None:
    code, said, errors = evaluate_here("rerun", name)
    assert (code, said) == (1, "")
    folder = records.runs_folder() / Path(name).name
    assert errors == (f"Error (broken-run): {folder} has no run.json: the run is not finished.\n")
