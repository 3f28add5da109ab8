"""Is a run folder exactly what records.py and tables.py say, and is anything else refused?"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator import files, records, tables
from evaluator.errors import BrokenRun
from evaluator.records import Run, TaskResult
from evaluator.tables import OLDEST, PREDICTIONS, QUARANTINE
from tests.conftest import REPOSITORY, make_run
from tests.test_plans import plan

TABLE = pl.DataFrame(
    {"sample_id": ["a", "b"], "repeat": [0, 0], "prediction": ["A", None]}
    | {name: [None, None] for name in PREDICTIONS.names()[3:]},
    schema=PREDICTIONS,
)
DISK_FULL = """
import resource, signal, sys
from pathlib import Path
import polars as pl
from evaluator import files

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
table = pl.DataFrame({"sample_id": [str(number * 7919) for number in range(10_000)]})
files.write_table(Path(sys.argv[1]), table)
"""


@pytest.fixture
def folder() -> Path:
    """A finished run's, to be spoilt."""
    return records.runs_folder() / make_run("baseline:majority").run_id


def change_record(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "run.json"
    record = json.loads(path.read_bytes())
    change(record)
    path.write_text(json.dumps(record), encoding="utf-8")


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    run = Run(
        run_id=tmp_path.name,
        plan=plan(),
        origin="imported",
        results=(TaskResult(task="sample", predictions=1, expected=92),),
        started_at="2026-01-02T03:04:05+00:00",
        finished_at="2026-01-02T03:04:06+00:00",
        command="python -m ingest 'ein Pfad/é'",
        versions={"python": "3"},
        hardware={},
    )
    records.write_run(tmp_path, run)
    assert records.read_run(tmp_path) == run
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_record_from_before_chats_and_reruns_still_reads(folder: Path) -> None:
    def age(record: dict[str, Any]) -> None:
        del record["source"], record["chat_template_hash"]
        del record["plan"]["protocol"]["chat"], record["plan"]["protocol"]["system_prompt"]

    written = records.read_run(folder)
    change_record(folder, age)
    assert records.read_run(folder) == written


def test_a_folder_without_a_record_is_not_finished(tmp_path: Path) -> None:
    with pytest.raises(BrokenRun, match=r"has no run\.json: the run is not finished"):
        records.read_run(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"run_id": "x"}', b"[" * 100_000]
)
def test_a_record_that_is_no_record_is_broken(folder: Path, content: bytes) -> None:
    (folder / "run.json").write_bytes(content)
    with pytest.raises(BrokenRun, match=r"run\.json is not a run record"):
        records.read_run(folder)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda record: record.update(mood="good"), "mood"),
        (lambda record: record["plan"].update(mood="good"), r"plan\.mood"),
        (lambda record: record["plan"]["model"].update(mood="good"), r"plan\.model\.mood"),
        (lambda record: record.pop("command"), "command"),
        (lambda record: record.update(format=2), "format"),
        (lambda record: record.update(origin="dreamt"), "origin"),
        (lambda record: record["plan"]["model"].update(type="oracle"), r"plan\.model\.type"),
        (
            lambda record: record["results"][0].update(predictions="many"),
            r"results\.0\.predictions",
        ),
    ],
)
def test_a_record_with_another_field_is_broken(
    folder: Path, change: Callable[[dict[str, Any]], object], field: str
) -> None:
    change_record(folder, change)
    with pytest.raises(BrokenRun, match=rf"run\.json is not a run record: {field}: .*, found "):
        records.read_run(folder)


def test_a_record_of_another_run_is_broken(folder: Path) -> None:
    moved = folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(BrokenRun, match=f"is the record of {folder.name}, not of elsewhere"):
        records.read_run(moved)


@pytest.mark.parametrize("place", ["a plain folder", "with [brackets]", "with *", "a=b", "with ?"])
def test_predictions_come_back_as_they_were_written(tmp_path: Path, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir()
    files.write_table(folder / "sample.parquet", TABLE)
    assert tables.read_predictions(folder, "sample").equals(TABLE)
    assert [path.name for path in folder.iterdir()] == ["sample.parquet"]


def test_predictions_that_are_missing_are_broken(tmp_path: Path) -> None:
    with pytest.raises(BrokenRun, match=r"sample\.parquet is not a readable Parquet file"):
        tables.read_predictions(tmp_path, "sample")


def test_predictions_that_are_cut_off_are_broken(tmp_path: Path) -> None:
    path = tmp_path / "sample.parquet"
    files.write_table(path, TABLE)
    whole = path.read_bytes()
    for length in range(0, len(whole), 101):
        path.write_bytes(whole[:length])
        with pytest.raises(BrokenRun, match="is not a readable Parquet file"):
            tables.read_predictions(tmp_path, "sample")


@pytest.mark.parametrize(
    "table",
    [
        TABLE.drop("seconds"),
        TABLE.with_columns(mood=pl.lit("good")),
        TABLE.select(reversed(TABLE.columns)),
        TABLE.rename({"prediction": "predicted"}),
        TABLE.cast({"repeat": pl.Int64}),
        TABLE.cast({"logprobs": pl.List(pl.Float32)}),
    ],
    ids=["one less", "one more", "other order", "other name", "other type", "other inner type"],
)
def test_predictions_with_other_columns_are_broken(tmp_path: Path, table: pl.DataFrame) -> None:
    files.write_table(tmp_path / "sample.parquet", table)
    with pytest.raises(BrokenRun, match=r"sample\.parquet has the columns .*, expected Schema"):
        tables.read_predictions(tmp_path, "sample")


def test_predictions_of_the_oldest_runs_read_as_null_where_columns_are_newer(
    tmp_path: Path,
) -> None:
    files.write_table(tmp_path / "sample.parquet", TABLE.select(OLDEST))
    assert tables.read_predictions(tmp_path, "sample").equals(TABLE)


@pytest.mark.parametrize("name", ["prompt_hash", "first_tokens"])
def test_predictions_with_only_one_of_the_newer_columns_are_broken(
    tmp_path: Path, name: str
) -> None:
    files.write_table(tmp_path / "sample.parquet", TABLE.drop(name))
    with pytest.raises(BrokenRun, match=r"sample\.parquet has the columns "):
        tables.read_predictions(tmp_path, "sample")


@pytest.mark.parametrize("place", ["a plain folder", "with [brackets]", "with *"])
def test_joined_tables_are_one_file_in_the_order_of_the_parts(tmp_path: Path, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir()
    parts = [folder / "second.parquet", folder / "first.parquet"]
    for path, rows in zip(parts, (TABLE.tail(1), TABLE.head(1)), strict=True):
        files.write_table(path, rows)
    files.join_tables(folder / "sample.parquet", parts)
    assert tables.read_predictions(folder, "sample").equals(TABLE.reverse())
    assert sorted(path.name for path in folder.iterdir()) == [
        "first.parquet",
        "sample.parquet",
        "second.parquet",
    ]


def test_a_quarantine_is_empty_where_there_is_none(tmp_path: Path) -> None:
    assert tables.read_quarantine(tmp_path).equals(pl.DataFrame(schema=QUARANTINE))
    refused = pl.DataFrame(
        {"source": ["x.jsonl"], "line": [3], "reason": ["no id"], "content": ["{}"]},
        schema=QUARANTINE,
    )
    files.write_table(tmp_path / "quarantine.parquet", refused)
    assert tables.read_quarantine(tmp_path).equals(refused)


@pytest.mark.parametrize("before", [None, b"what was there"])
def test_a_table_that_the_disk_cannot_hold_leaves_no_half_file(
    tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "sample.parquet"
    if before is not None:
        path.write_bytes(before)
    command = [sys.executable, "-c", DISK_FULL, str(path)]
    full = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert full.returncode == 1
    assert "File too large" in full.stderr
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_table_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "sample.parquet"
    for table in (TABLE, TABLE.head(1)):
        files.write_table(path, table)
        assert tables.read_predictions(tmp_path, "sample").equals(table)


def test_the_data_folder_is_the_one_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    assert records.runs_folder() == data_folder / "runs"
    monkeypatch.delenv("LEADERBOARD_DATA")
    assert records.runs_folder() == Path("data/runs")
