"""A snapshot that is exported holds all that the warehouse holds, and can be read without it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from huggingface_hub.repocard import metadata_load

from evaluator.tables import read_predictions
from ingest.every_eval_ever import read_instances
from ingest.foreign import Wanted
from ingest.matching import match_log
from ingest.samples import questions_of
from tests import hub_uploads, several_runs
from tests.conftest import REPOSITORY
from tests.several_runs import ROTATED, Several
from warehouse import exchange, export, settings
from warehouse.copying import native_file
from warehouse.db import Warehouse
from warehouse.errors import NotEmpty
from warehouse.snapshots import Snapshot

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures


@pytest.fixture
def exported(several: Several, tmp_path: Path) -> Path:
    folder = tmp_path / "public" / "export"
    assert export.export(several[0], folder) == len(several[1])
    return folder


def test_every_table_is_there_row_by_row(exported: Path) -> None:
    with duckdb.connect(str(exported / "leaderboard.duckdb"), read_only=True) as connection:
        tables = [table for (table,) in connection.sql("show tables").fetchall()]
        views = {v for (v,) in connection.sql("select view_name from duckdb_views()").fetchall()}
        files = {path.stem for path in (exported / "tables").iterdir()}
        assert files == {*tables} - views
        for table in files:
            rows = connection.table(table).pl()
            assert pl.read_parquet(exported / "tables" / f"{table}.parquet").equals(rows), table


def test_the_dictionary_has_each_column_and_the_card_can_be_read(exported: Path) -> None:
    dictionary = (exported / "DICTIONARY.md").read_text(encoding="utf-8")
    for path in (exported / "tables").iterdir():
        _, _, part = dictionary.partition(f"\n## {path.stem}\n")
        named = re.findall(r"^\| (\w+) \| \S", part.partition("\n## ")[0], re.MULTILINE)
        assert named == ["Column", *pl.read_parquet_schema(path)]
    card = metadata_load(exported / "README.md")
    assert card is not None
    for config in card["configs"]:
        assert (exported / config["data_files"]).is_file()
    text = (exported / "README.md").read_text(encoding="utf-8")
    assert "Nothing here is approved for clinical use" in text
    assert "$" not in text


def test_every_run_comes_back_from_the_exchange_format(exported: Path, several: Several) -> None:
    for (model, slug), run_id in several[1].items():
        record = json.loads((exported / export.EXCHANGE / f"{run_id}.json").read_text())
        assert (record["model_info"]["id"], record["schema_version"]) == (model, "0.2.2")
        assert record["evaluation_results"][0]["generation_config"]["additional_details"] == {
            "protocol": slug
        }
        lines = exported / export.EXCHANGE / f"{run_id}_samples.jsonl"
        ((log,),) = [run.logs for run in read_instances(lines, Wanted()).runs]
        matched = match_log(log, questions_of(log.task, None)).table.sort("sample_id", "repeat")
        kept = read_predictions(settings.runs_folder() / run_id, "sample")
        same = ["sample_id", "repeat", "prediction"]
        assert matched.select(same).equals(kept.sort("sample_id", "repeat").select(same))


def test_a_folder_with_something_in_it_is_left_alone(several: Several, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("dear to me")
    with pytest.raises(NotEmpty, match="is not empty"):
        export.export(several[0], tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["mine"]


def test_what_is_not_written_whole_is_not_there(
    several: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(exchange, "write_runs", fail)
        with pytest.raises(OSError, match="No space"):
            export.export(several[0], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert export.export(several[0], tmp_path / "out") == len(several[1])


def test_answers_of_a_hidden_model_are_not_handed_on(several: Several, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(native_file(several[0]).read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "insert into model_marks values ('toy:llama', 'hidden', 'x', now()::timestamp)"
        )
    opened = Warehouse(Snapshot(1, copy))
    assert export.export(opened, tmp_path / "out") == 2
    opened.close()
    names = [path.name for path in (tmp_path / "out" / export.EXCHANGE).iterdir()]
    assert len(names) == 4
    assert all(name.startswith("baseline-random") for name in names)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "warehouse", "export", *arguments],
        cwd=REPOSITORY,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_pushed_to_the_hub_and_takes_the_place_of_what_was_there(
    several: Several, tmp_path: Path
) -> None:
    with hub_uploads.serve() as hub:
        hub.files["clinic/answers"] = {"old.parquet": b"old", "README.md": b"old"}
        done = run(
            *(str(tmp_path / "out"), "--to-hub", "clinic/answers"),
            **{"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_TOKEN": hub.token},
        )
    assert done.returncode == 0, done.stderr
    assert f"{hub.url}/datasets/clinic/answers/commit/" in done.stdout
    paths = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert hub.files["clinic/answers"] == {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes() for path in paths
    }
    assert hub.messages == ["Snapshot 1"]
    assert ROTATED in {slug for _, slug in several[1]}


def test_a_push_that_is_refused_says_what_to_do_and_leaves_the_folder(
    several: Several,  # noqa: ARG001 - of whose snapshot this is
    tmp_path: Path,
) -> None:
    with hub_uploads.serve() as hub:
        done = run(
            *(str(tmp_path / "out"), "--to-hub", "clinic/answers"),
            **{"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_TOKEN": "hf_wrong"},
        )
    assert done.returncode == 1
    assert "clinic/answers was not written" in done.stderr
    assert "HF_TOKEN" in done.stderr
    assert "hf_wrong" not in done.stderr
    assert (tmp_path / "out" / "README.md").is_file()
