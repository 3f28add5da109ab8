"""Run folders are loaded once, whole or not at all; a broken one stops no other."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.protocols import parse_protocol
from evaluator.records import Model, Plan
from ingest import loading, predictions, runs
from tests import lakes
from tests.conftest import TEST_DATA, ask, make_run
from tests.slow_cases import mostly_slow
from warehouse import db, locating

Record = dict[str, Any]
REAL = {  # name of the model, folder, protocol
    "gpt-4o": ("medagents-zero-shot/gpt-4o", "other-medagents"),
    "o3-mini": ("medagents-zero-shot/o3-mini", "other-medagents"),
    "Llama-3.3-70B": ("medagents-zero-shot/Llama-3.3-70B-Instruct-Turbo", "other-medagents"),
    "gpt-4-32k": ("mirage-cot/gpt-4-32k", "other-mirage-cot"),
}


def load(*folders: Path) -> bool:
    """Load run folders, by default all; returns whether anything changed."""
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.find_folders(folders), None)
    return draft.changed


def edit(folder: Path, change: Callable[[Record], object]) -> None:
    record = json.loads((folder / "run.json").read_text())
    change(record)
    (folder / "run.json").write_text(json.dumps(record))


def edit_rows(folder: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    change(pl.read_parquet(folder / "sample.parquet")).write_parquet(folder / "sample.parquet")


def rename_task(run: Record) -> None:
    run["plan"]["tasks"][0]["task"] = run["results"][0]["task"] = "other"


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def refused() -> list[tuple[str, str]]:
    return [(row["source"], row["reason"]) for row in ask("quarantine").to_dicts()]


@pytest.fixture
def good(data_folder: Path) -> Path:
    """A finished run folder."""
    return data_folder / "runs" / make_run("baseline:random").run_id


@pytest.fixture
def bad(data_folder: Path) -> Path:
    """A finished run folder that a test then breaks."""
    return data_folder / "runs" / make_run("baseline:majority").run_id


def test_a_run_is_loaded_as_its_folder_has_it(good: Path) -> None:
    assert load()
    record = json.loads((good / "run.json").read_text())
    (row,) = ask("runs").to_dicts()
    answers = pl.read_parquet(good / "sample.parquet")
    golds = {
        each["id"]: each["gold"]
        for each in map(json.loads, Path("evaluator/data/sample.jsonl").read_text().splitlines())
    }
    right = sum(
        golds[key] == letter for key, letter in answers.select("sample_id", "prediction").rows()
    )
    assert row | {"finished_at": row["finished_at"].isoformat() + "Z"} == {
        "run_id": good.name,
        "model": "baseline:random",
        "revision": "seed-0",
        "type": "baseline",
        "precision": None,
        "lane": "loglikelihood-0shot",
        "origin": "evaluated",
        "answered": 92,
        "correct": right,
        "unreadable": 0,
        "tasks": ["sample"],
        "current": True,
        "hidden": False,
        "finished_at": record["finished_at"],
    }


QUICK = ("no JSON", "a wrong count", "other questions", "half a file")
BREAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no JSON": (lambda folder: (folder / "run.json").write_text("{"), "is not a run record"),
    "no text": (lambda folder: (folder / "run.json").write_bytes(b"\xff"), "is not a run record"),
    "no record": (lambda folder: (folder / "run.json").write_text("[]"), "is not a run record"),
    "a later format": (lambda folder: edit(folder, lambda run: run.update(format=2)), "run record"),
    "another's id": (
        lambda folder: edit(folder, lambda run: run.update(run_id="other")),
        "is the record of other, not of baseline-majority",
    ),
    "a wrong count": (
        lambda folder: edit(folder, lambda run: run["results"][0].update(predictions=91)),
        "has 92 predictions, but run.json says 91",
    ),
    "an unknown task": (lambda folder: edit(folder, rename_task), "No task is named 'other'"),
    "other questions": (
        lambda folder: edit(
            folder, lambda run: run["plan"]["tasks"][0].update(samples_hash="0123456789abcdef")
        ),
        "was asked other questions of sample",
    ),
    "no result": (lambda folder: edit(folder, lambda run: run.update(results=[])), "sample"),
    "no task": (
        lambda folder: edit(
            folder, lambda run: (run["plan"].update(tasks=[]), run.update(results=[]))
        ),
        "task",
    ),
    "a result of no task": (
        lambda folder: edit(
            folder, lambda run: run["results"].append(run["results"][0] | {"task": "medmcqa"})
        ),
        "medmcqa",
    ),
    "no time": (
        lambda folder: edit(folder, lambda run: run.update(started_at="yesterday")),
        "yesterday",
    ),
    "no predictions": (
        lambda folder: (folder / "sample.parquet").unlink(),
        "is not a readable Parquet file",
    ),
    "half a file": (
        lambda folder: cut_short(folder / "sample.parquet"),
        "is not a readable Parquet file",
    ),
    "a column less": (
        lambda folder: edit_rows(folder, lambda rows: rows.drop("response")),
        "has the columns",
    ),
    "an answer to nothing": (
        lambda folder: edit_rows(
            folder, lambda rows: rows.with_columns(sample_id=pl.lit(None, pl.String))
        ),
        "sample_id",
    ),
}


@pytest.mark.parametrize("breach", mostly_slow(BREAKS, *QUICK))
def test_a_broken_run_is_refused_with_its_reason_and_the_rest_loads(
    good: Path, bad: Path, breach: str
) -> None:
    breaks, reason = BREAKS[breach]
    breaks(bad)
    assert load()
    assert [run for run, _ in ask("run_keys").rows()] == [good.name]
    ((source, said),) = refused()
    assert source == bad.name
    assert reason in said
    assert not load()  # the second time it is known


def test_a_mended_run_leaves_quarantine(good: Path, bad: Path) -> None:
    record = (bad / "run.json").read_bytes()
    (bad / "run.json").write_text("{")
    load()
    assert [source for source, _ in refused()] == [bad.name]
    (bad / "run.json").write_bytes(record)
    assert load()
    assert refused() == []
    assert {run for run, _ in ask("run_keys").rows()} == {good.name, bad.name}


def test_a_run_that_was_loaded_broken_and_mended_leaves_quarantine(good: Path) -> None:
    load()
    record = (good / "run.json").read_bytes()
    (good / "run.json").write_text("{")
    load()
    assert [source for source, _ in refused()] == [good.name]
    (good / "run.json").write_bytes(record)
    load()
    assert refused() == []


def test_a_changed_record_replaces_the_run(good: Path) -> None:
    load()
    edit(
        good, lambda run: run.update(command="another command", finished_at="2027-01-01T00:00:00Z")
    )
    assert load()
    found = ask("runs").select("run_id", "answered", pl.col("finished_at").cast(pl.String))
    assert found.rows() == [(good.name, 92, "2027-01-01 00:00:00.000000")]
    assert not load()


def test_a_time_of_another_zone_is_kept_as_utc(good: Path) -> None:
    edit(good, lambda run: run.update(finished_at="2026-05-05T12:00:00+02:00"))
    load()
    assert ask("runs")["finished_at"].cast(pl.String).to_list() == ["2026-05-05 10:00:00.000000"]


def test_a_run_elsewhere_is_copied_to_where_runs_are_kept(good: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(good, elsewhere / good.name)
    (elsewhere / good.name / ".lock").touch()
    assert load(elsewhere)  # a folder that holds run folders
    assert sorted(path.name for path in good.iterdir()) == ["run.json", "sample.parquet"]
    shutil.rmtree(elsewhere)
    with loading.open_draft("again", rebuild=True) as draft:
        assert draft.ask("run_keys").height == 1


def test_a_run_folder_is_found_from_inside(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(good, tmp_path / "elsewhere" / good.name)
    monkeypatch.chdir(tmp_path / "elsewhere" / good.name)
    load(Path())
    assert [run for run, _ in ask("run_keys").rows()] == [good.name]


def test_unfinished_and_hidden_folders_are_no_runs(good: Path, bad: Path) -> None:
    (bad / "run.json").rename(bad / "plan.json")
    shutil.copytree(good, good.with_name(f".{good.name}.unfinished"))
    (good.parent / "notes.txt").write_text("no folder")
    assert runs.find_folders([]) == [good]
    load()
    assert ask("run_keys")["run_id"].to_list() == [good.name]
    assert refused() == []


def test_the_same_runs_again_change_nothing(good: Path, bad: Path) -> None:
    (bad / "run.json").write_text("{")
    assert load()
    assert not load()
    assert not load(good, bad)
    assert len(locating.find_store().all()) == 1


@pytest.fixture(scope="module")
def real_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Warehouse]:
    """A warehouse of real models' answers to the nine tasks."""
    if not TEST_DATA.exists():
        pytest.skip(f"no test data in {TEST_DATA}; LEADERBOARD_TEST_DATA names the folder")
    with pytest.MonkeyPatch.context() as patch:
        lakes.use_own(patch, tmp_path_factory.mktemp("real"))
        for model, (folder, protocol) in REAL.items():
            plan = Plan(
                model=Model(name=model, revision="unknown", type="closed"),
                precision=None,
                protocol=parse_protocol(protocol),
                tasks=(),
            )
            answers = TEST_DATA / "predictions" / folder
            predictions.import_predictions(answers, plan, "test", TEST_DATA / "hub")
        load()
        opened = db.open_warehouse()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("model", "accuracies"),
    [
        (
            "gpt-4o",
            {"medqa_4options": 0.8782, "pubmedqa": 0.792, "mmlu_anatomy": 0.8815, "medmcqa": 0.766},
        ),
        ("o3-mini", {"medqa_4options": 0.9269, "mmlu_medical_genetics": 1.0}),
        ("Llama-3.3-70B", {"medqa_4options": 0.7683}),
    ],
)
def test_real_letters_give_the_published_accuracies(
    real_models: db.Warehouse, model: str, accuracies: dict[str, float]
) -> None:
    (row,) = real_models.ask("leaderboard_rows").filter(model=model).to_dicts()
    assert {task: round(row[task], 4) for task in accuracies} == accuracies
    facts = ("average", "average_low", "weighted_average", "tasks_complete", "tasks_answered")
    assert [row[name] for name in (*facts, "answered")] == [None, None, None, 8, 9, 5678]


def test_a_partial_task_says_how_much_was_answered(real_models: db.Warehouse) -> None:
    found = real_models.ask("scores", task="medmcqa").filter(slice="all", model="gpt-4o")
    assert found.select("n", "correct").rows() == [(2816, 2157)]


def test_real_reasoning_is_read_for_its_letters(real_models: db.Warehouse) -> None:
    (row,) = real_models.ask("leaderboard_rows").filter(model="gpt-4-32k").to_dicts()
    assert row["medqa_4options"] == pytest.approx(0.830, abs=0.003)
    assert row["medmcqa"] == pytest.approx(0.680, abs=0.001)  # 0.684 takes "A. …, B. …" for A
    assert (row["pubmedqa"], row["tasks_answered"], row["answered"]) == (None, 8, 6545)
    refused = real_models.ask("quarantine").drop("source").rows()
    assert refused == [("pubmedqa_question_only.jsonl", None, "no task has this name", "")]
