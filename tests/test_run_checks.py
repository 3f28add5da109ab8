"""A run folder that breaks a rule goes to quarantine alone; only its own files are copied in."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from evaluator.errors import BrokenRun
from evaluator.files import write_table
from evaluator.tables import PREDICTIONS, read_predictions
from ingest import loading, runs
from ingest.errors import NothingToImport
from tests.conftest import ask, make_run
from tests.slow_cases import mostly_slow

Change = Callable[[pl.DataFrame], pl.DataFrame]
FIRST = pl.col("sample_id") == "sample-001"
EVEN = [-1.4, -1.4, -1.4, -1.4]


def put(column: str, value: object) -> Change:
    """Give the first sample `value` in `column`; the others keep theirs."""

    def change(rows: pl.DataFrame) -> pl.DataFrame:
        kind = PREDICTIONS[column]
        changed = pl.when(FIRST).then(pl.lit(value, dtype=kind)).otherwise(pl.col(column))
        return rows.with_columns(changed.alias(column))

    return change


def score(logprobs: list[float | None], column: str = "logprobs") -> Change:
    """Give the first sample the prediction A and these log-probabilities."""

    def change(rows: pl.DataFrame) -> pl.DataFrame:
        given = pl.Series([logprobs], dtype=PREDICTIONS[column])
        scored = pl.when(FIRST).then(pl.lit(given).first()).otherwise(pl.col(column))
        return put("prediction", "A")(rows).with_columns(scored.alias(column))

    return change


FAULTS: dict[str, Change] = {
    "answers a question that the task does not have": put("sample_id", "sample-999"),
    "a question is answered twice": put("sample_id", "sample-002"),
    "neither a letter of the choices nor empty": put("prediction", "E"),
    "nor empty": put("prediction", "AB"),
    "there is not one log-probability for each choice": score([-0.1, -2.0]),
    "positive, infinite or not a number": score([-1.0, 0.5, -2.0, -2.0]),
    "infinite or not a number": score([-1.0, -float("inf"), -2.0, -2.0]),
    "or not a number": score([-1.0, float("nan"), -2.0, -2.0]),
    "a log-probability is": score([-1.0, None, -2.0, -2.0]),
    "not the likeliest choice": score([-2.0, -0.5, -2.0, -2.0]),
    "one log-probability for each choice before or after": score([-0.1], "logprobs_after"),
    "before or after the rationale is": score([-1.0, 0.5, -2.0, -2.0], "logprobs_before"),
    "after the rationale is positive": score([-1.0, -float("inf"), -2.0, -2.0], "logprobs_after"),
    "rationale is positive": score([-1.0, None, -2.0, -2.0], "logprobs_before"),
    "a number of written tokens is negative": put("written_tokens", -1),
    "a cost is negative": put("cost", -0.01),
    "a cost is negative, infinite or not a number": put("cost", float("nan")),
    "ends for another reason than end, stop string, limit, filter": put("finish", "bored"),
}
QUICK = ("a question is answered twice", "not the likeliest choice", "a cost is negative")


def load(*folders: Path) -> None:
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.find_folders(folders), None)


@pytest.mark.parametrize("fault", mostly_slow(FAULTS, *QUICK))
def test_a_folder_that_would_break_a_rule_is_refused_and_the_rest_loads(
    data_folder: Path, fault: str
) -> None:
    good = make_run("baseline:random").run_id
    bad = data_folder / "runs" / make_run("baseline:majority").run_id
    rows = FAULTS[fault](read_predictions(bad, "sample"))
    write_table(bad / "sample.parquet", rows.cast(PREDICTIONS))
    load()
    assert ask("runs")["run_id"].to_list() == [good]
    ((source, reason),) = ask("quarantine").select("source", "reason").rows()
    assert source == bad.name
    assert fault in reason
    assert "'sample-" in reason


def test_equal_probabilities_and_empty_predictions_are_no_fault(data_folder: Path) -> None:
    folder = data_folder / "runs" / make_run("baseline:majority").run_id
    rows = score([*EVEN])(read_predictions(folder, "sample"))
    empty = pl.when(pl.col("sample_id") == "sample-002").then(None).otherwise("prediction")
    rows = rows.with_columns(empty.alias("prediction"))
    write_table(folder / "sample.parquet", rows.cast(PREDICTIONS))
    load()
    assert ask("runs")["unreadable"].to_list() == [1]
    assert ask("quarantine").is_empty()


def test_a_folder_from_before_the_newer_columns_still_loads(data_folder: Path) -> None:
    run_id = make_run("baseline:majority").run_id
    load()
    scores = ask("runs").drop("loaded_at", strict=False)
    path = data_folder / "runs" / run_id / "sample.parquet"
    write_table(path, pl.read_parquet(path).drop("prompt_hash", "first_tokens"))
    load()
    assert ask("runs").drop("loaded_at", strict=False).equals(scores)
    assert ask("quarantine").is_empty()


@pytest.fixture
def elsewhere(data_folder: Path, tmp_path: Path) -> Path:
    """A finished run folder outside the data folder."""
    made = data_folder / "runs" / make_run("baseline:random").run_id
    return Path(shutil.move(made, tmp_path / made.name))


def test_a_link_in_a_run_folder_is_not_followed(elsewhere: Path, data_folder: Path) -> None:
    (elsewhere / "sample.parquet").rename(elsewhere.parent / "secret")
    (elsewhere / "sample.parquet").symlink_to(elsewhere.parent / "secret")
    with pytest.raises(BrokenRun, match="is missing or no plain file"):
        runs.find_folders([elsewhere])
    assert runs.finished(data_folder / "runs") == []


def test_only_a_runs_own_files_are_copied(elsewhere: Path) -> None:
    (elsewhere / "notes.txt").write_text("private")
    (copied,) = runs.find_folders([elsewhere])
    assert sorted(path.name for path in copied.iterdir()) == ["run.json", "sample.parquet"]


def test_a_run_that_names_a_file_elsewhere_is_refused(
    elsewhere: Path, data_folder: Path, tmp_path: Path
) -> None:
    (elsewhere / "sample.parquet").rename(tmp_path / "secret.parquet")
    record = (elsewhere / "run.json").read_text()
    (elsewhere / "run.json").write_text(record.replace('"sample"', '"../secret"'))
    with pytest.raises(BrokenRun, match=r"results of '\.\./secret', which is no name of a task"):
        runs.find_folders([elsewhere])
    assert list(data_folder.rglob("*.parquet")) == []


def test_batch_plans_are_copied_with_the_run(elsewhere: Path) -> None:
    plans = write_plans(elsewhere, "sample.000", "sample.001", "other.000", "sample.0000")
    (plans / "notes.txt").write_text("private")
    (copied,) = runs.find_folders([elsewhere])
    assert {path.name: path.read_text() for path in (copied / "batches").iterdir()} == {
        "sample.000.batches.json": "sample.000",
        "sample.001.batches.json": "sample.001",
    }


def write_plans(folder: Path, *names: str) -> Path:
    plans = folder / "batches"
    plans.mkdir()
    for name in names:
        (plans / f"{name}.batches.json").write_text(name)
    return plans


@pytest.mark.parametrize("kind", ["a link", "a linked folder", "a folder", "too large"])
def test_what_only_looks_like_a_batch_plan_is_refused(
    elsewhere: Path, data_folder: Path, tmp_path: Path, kind: str
) -> None:
    secret = write_plans(tmp_path, "sample.000")
    plan = elsewhere / "batches" / "sample.000.batches.json"
    if kind == "a linked folder":
        plan.parent.symlink_to(secret)
    else:
        plan.parent.mkdir()
    match kind:
        case "a link":
            plan.symlink_to(secret / plan.name)
        case "a folder":
            plan.mkdir()
        case "too large":
            plan.write_bytes(b" " * (runs.LARGEST_PLAN + 1))
    with pytest.raises(BrokenRun, match=r"no plain file|is a link|more than 1,048,576 bytes"):
        runs.find_folders([elsewhere])
    assert runs.finished(data_folder / "runs") == []


def test_another_run_of_the_same_name_is_refused(elsewhere: Path) -> None:
    (copied,) = runs.find_folders([elsewhere])
    assert runs.find_folders([elsewhere]) == [copied]
    record = (elsewhere / "run.json").read_text()
    (elsewhere / "run.json").write_text(record.replace('"test"', '"another"'))
    with pytest.raises(BrokenRun, match="is another run of the same name"):
        runs.find_folders([elsewhere])


def test_a_folder_that_holds_no_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport, match="is no finished run folder, and holds none"):
        runs.find_folders([tmp_path])
