"""Snapshots: published whole, numbered once, kept for their readers, and made anew at will."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.tasks import TASKS
from ingest import loading, reported, runs
from tests.conftest import REPOSITORY, ask, load_everything, make_run
from tests.kept import kept, no_drafts, tamper
from warehouse import db, drafts, locating, snapshots
from warehouse.errors import (
    AuditFailed,
    BrokenSnapshot,
    LoadFailed,
    NoSnapshot,
    OldSchema,
    UnknownSnapshot,
    WarehouseInUse,
)

RULES = {path.stem: path for path in (db.HERE / "checks").glob("*.sql")}


def load_model(model: str) -> drafts.Draft:
    """Ask an embedded model and load its run."""
    make_run(model)
    with loading.open_draft(f"load {model}") as draft:
        runs.load_runs(draft, runs.find_folders([]), None)
    return draft


def models() -> list[str]:
    return ask("runs")["model"].to_list()


def published() -> list[int]:
    return [each.number for each in locating.find_store().all()]


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the snapshot in use, sorted, but for the list of snapshots."""
    with locating.find_store().current().connect() as connection:
        names = connection.execute(db.read_query("tables")).fetchall()
        return {
            name: connection.sql(f"select * from {name} order by all").fetchall()
            for (name,) in names
            if name != "snapshots"
        }


def test_nothing_published_is_said_so() -> None:
    with pytest.raises(NoSnapshot, match="holds no snapshot yet"):
        db.open_warehouse()
    assert published() == []


def test_each_load_is_a_snapshot_of_its_own() -> None:
    load_model("baseline:random")
    load_model("baseline:majority")
    assert published() == [1, 2]
    assert models() == ["baseline:majority", "baseline:random"]
    history = ask("snapshots")
    assert history.select("snapshot", "reason", "schema_version").rows() == [
        (2, "load baseline:majority", db.schema_version()),
        (1, "load baseline:random", db.schema_version()),
    ]
    first = db.open_warehouse(1)
    assert first.ask("runs")["model"].to_list() == ["baseline:random"]
    first.close()


@pytest.mark.usefixtures("demo")
def test_loading_the_same_again_publishes_nothing() -> None:
    before = kept()
    load_everything()
    assert kept() == before


def test_an_earlier_snapshot_can_be_used_and_the_next_gets_a_fresh_number() -> None:
    for model in ("baseline:random", "baseline:majority"):
        load_model(model)
    locating.find_store().use(1)
    assert models() == ["baseline:random"]
    draft = load_model("baseline:longest-choice")  # finds the run that was left out as well
    assert (draft.number, sorted(set(published()))) == (3, [1, 2, 3])
    assert models() == ["baseline:longest-choice", "baseline:majority", "baseline:random"]
    assert ask("snapshots")["snapshot"].to_list() == [3, 1]


@pytest.mark.usefixtures("demo")
def test_a_snapshot_that_is_not_there_changes_nothing() -> None:
    before = kept()
    with pytest.raises(UnknownSnapshot, match=r"has no snapshot 7; it has 1\."):
        locating.find_store().use(7)
    assert kept() == before


def test_an_open_reader_keeps_its_snapshot() -> None:
    load_model("baseline:random")
    reader = db.open_warehouse()
    before = reader.ask("leaderboard_rows")
    load_model("baseline:majority")
    assert reader.ask("leaderboard_rows").equals(before, null_equal=True)
    if isinstance(reader.snapshot, snapshots.Snapshot):
        reader.snapshot.path.unlink()
    assert reader.ask("runs")["model"].to_list() == ["baseline:random"]
    reader.close()
    assert models() == ["baseline:majority", "baseline:random"]


def test_a_draft_is_seen_by_nobody_before_it_is_published(demo: Path) -> None:  # noqa: ARG001
    make_run("baseline:random", "7")
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.find_folders([]), None)
        assert draft.ask("run_keys").height == 4
        assert ask("run_keys").height == 3
    assert ask("run_keys").height == 4


@pytest.mark.files
def test_a_second_writer_is_refused_at_once(demo: Path) -> None:
    script = "from ingest import loading\nwith loading.open_draft('other'): pass"
    with loading.open_draft("first"):
        with pytest.raises(WarehouseInUse, match="Another process is writing"):
            drafts.open_draft("second").__enter__()
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "WarehouseInUse" in done.stderr
    assert published() == [1]
    assert not list((demo / "warehouse").glob(".draft-*"))


@pytest.mark.usefixtures("demo")
def test_a_failure_while_loading_lets_the_next_one_write() -> None:
    with pytest.raises(RuntimeError), loading.open_draft("broken") as draft:
        draft.load("forget_quarantine", pl.DataFrame({"source": ["x"]}))
        raise RuntimeError
    assert no_drafts()
    make_run("baseline:random", "7")
    load_everything()
    assert published() == [1, 2]


@pytest.mark.files
def test_what_a_killed_writer_spilled_to_disk_stands_in_nobodys_way(demo: Path) -> None:
    spilled = demo / "warehouse" / ".draft-000002.duckdb.tmp"  # as DuckDB names it
    spilled.mkdir()
    (spilled / "duckdb_temp_storage-0.tmp").write_bytes(b"half")
    make_run("baseline:random", "7")
    load_everything()
    assert published() == [1, 2]
    assert not spilled.exists()


@pytest.mark.usefixtures("demo")
def test_tables_of_another_version_are_refused() -> None:
    tamper("update snapshots set schema_version = 'older'")
    with pytest.raises(OldSchema, match=r"of version older, this program expects \w+"):
        db.open_warehouse()
    with pytest.raises(OldSchema), drafts.open_draft("test"):
        pass
    assert set(published()) == {1}


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "tampering",
    [
        "update snapshots set schema_version = 'older'; drop table quarantine",
        "drop table snapshots",
        "update tasks set revision = 'older' where task = 'medmcqa'",
        "update tasks set size = 7 where task = 'pubmedqa'",
        "delete from tasks where task = 'pubmedqa'",
    ],
)
def test_an_outdated_warehouse_is_remade_by_the_next_load(tampering: str) -> None:
    before = tables()
    tamper(tampering)
    with loading.open_draft("any load"):
        pass
    assert tables() == before
    assert ask("snapshots").select("snapshot", "reason").rows() == [(2, "any load")]


def test_a_rebuild_gives_the_same_rows(demo: Path) -> None:
    make_run("baseline:random", again=True)
    broken = demo / "runs" / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{}")
    scores = demo / "scores.csv"
    good, bad = "m,medmcqa,0.5,0-shot,paper,false,,https://a", "m,medmcqa,2,0-shot,paper,false,,x"
    scores.write_text(
        f"model,task,accuracy,protocol,origin,suspect,note,source_url\n{good}\n{bad}\n"
    )
    with loading.open_draft("load") as draft:
        runs.load_runs(draft, runs.find_folders([]), None)
        reported.load_reported(draft, reported.keep_file(scores))
    before = tables()
    assert {name: len(rows) for name, rows in before.items()} == {
        "tasks": len(TASKS),
        "samples": 92,
        "models": 3,
        "runs": 4,
        "run_tasks": 4,
        "predictions": 368,
        "answers": 0,
        "answer_sheets": 4,
        "scores": len(before["scores"]),
        "reported_scores": 323,
        "leaderboard": 41,
        "sample_stats": 92,
        "suspect_keys": 0,
        "rank_intervals": 3,
        "quarantine": 2,
        "submissions": 0,
        "model_marks": 0,
        "contraindicated_choices": 59,
        "counted_runs": 3,
        "sample_picks": len(before["sample_picks"]),
        "prediction_flags": 0,
        "case_reviews": 0,
        "judged_cases": 0,
        "key_disputes": 0,
    }
    with loading.open_draft("again", rebuild=True):
        pass
    assert tables() == before
    assert ask("snapshots").select("snapshot", "reason").rows() == [(3, "again")]


@pytest.mark.usefixtures("demo")
def test_a_rebuild_asks_no_network_and_no_mirror() -> None:
    with loading.open_draft("again", rebuild=True) as draft:
        loaded = draft.ask("tasks").filter("loaded")["task"].to_list()
    assert loaded == ["sample"]


@pytest.mark.usefixtures("demo")
def test_a_broken_rule_publishes_nothing() -> None:
    before = kept()
    run = ask("run_numbers")["number"][0]
    numbers = ask("sample_choices")["number"]
    bad = pl.DataFrame(
        {
            "run": [run] * 2,
            "sample": numbers[:2],
            "repeat": [0, 0],
            "prediction": ["Z", "A"],
            "confidence": [None, None],
            "logprobs": [None, None],
        },
        schema_overrides={"confidence": pl.Float32, "logprobs": pl.List(pl.Float32)},
    )
    with pytest.raises(AuditFailed) as failure, loading.open_draft("test") as draft:
        draft.load("predictions", bad)
    message = str(failure.value)
    assert message.startswith("Nothing was published: what was to be loaded breaks 3 rules.\n\n")
    for rule, rows in (
        ("prediction_is_a_choice", 1),
        ("prediction_key_is_unique", 2),
        ("answer_sheet_holds_the_predictions", 1),
    ):
        assert f"{rule}: {db.headline(RULES[rule])} ({rows} rows)\n" in message
    assert "sample-002" in message
    assert '"Z"' in message or " Z " in message
    assert kept() == before


def test_a_failure_shows_no_more_than_ten_rows(demo: Path) -> None:  # noqa: ARG001
    with pytest.raises(AuditFailed) as failure, loading.open_draft("test") as draft:
        draft._connection.execute("update samples set gold = 'E'")
        draft.changed = True
    message = str(failure.value)
    assert f"gold_is_a_choice: {db.headline(RULES['gold_is_a_choice'])} (92 rows)\n" in message
    assert message.count("sample-0") == 10


@pytest.mark.files
@pytest.mark.parametrize("damage", ["pointer", "file"])
def test_a_damaged_warehouse_says_so_and_the_next_load_remakes_it(demo: Path, damage: str) -> None:
    name = "current" if damage == "pointer" else "000001.duckdb"
    (demo / "warehouse" / name).write_bytes(b"damaged")
    with pytest.raises(BrokenSnapshot, match="python -m warehouse snapshots --use N"):
        db.open_warehouse()
    load_everything()
    assert ask("runs").height == 3


@pytest.mark.usefixtures("demo")
def test_what_the_database_refuses_publishes_nothing() -> None:
    with pytest.raises(LoadFailed, match="Nothing was published"), drafts.open_draft("x") as draft:
        draft.load("tasks", pl.DataFrame({"task": ["half a row"]}))
    assert published() == [1]
    assert no_drafts()


def test_a_refusal_that_repeats_what_was_loaded_is_no_full_disk(demo: Path) -> None:  # noqa: ARG001
    with pytest.raises(LoadFailed) as refused, drafts.open_draft("x") as draft:
        draft.load(
            "tasks", draft.ask("tasks").drop("loaded").with_columns(size=pl.lit(drafts.NOT_WRITTEN))
        )
    assert drafts.NOT_WRITTEN in str(refused.value)
    assert type(refused.value) is LoadFailed
