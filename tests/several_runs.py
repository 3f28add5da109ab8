"""Runs that answer each question several times, or in words: made as people make them."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator import asking, models, records, runs
from evaluator.papers import Paper
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.records import Run
from evaluator.tasks import find_task
from ingest import loading
from ingest import runs as ingest_runs
from tests import lakes, made_once
from warehouse import db, locating, settings

TASK = find_task("sample")
SAMPLES = load_samples(TASK)
ROTATED, DRAWN = "rotate-0shot", "generate-0shot-t0.7x3-m8"
REASONED, ONCE = "generate-cot-0shot-m24", "loglikelihood-0shot"
WAYS = (
    *(("baseline:random", slug) for slug in (ROTATED, ONCE)),
    *(("toy:llama", slug) for slug in (ROTATED, DRAWN, REASONED)),
)


def make_run(model: str, slug: str) -> Run:
    """Ask an embedded model the demonstration questions by the protocol `slug`."""
    who, protocol = models.describe_model(model, None), parse_protocol(slug)
    papers = [Paper(TASK, SAMPLES)]
    plan = runs.plan_run(who, models.resolve_precision(who, "float32"), protocol, papers)
    folder = records.runs_folder().parent / "models"
    return runs.make_run(
        plan,
        papers,
        lambda: asking.open_model(who, plan.precision, folder, model, protocol),
        command="test",
        source=None,
        again=False,
        deadline=None,
    )


def make_all() -> None:
    for model, slug in WAYS:
        make_run(model, slug)
    load()


def load() -> None:
    with loading.open_draft("test") as draft:
        ingest_runs.load_runs(draft, ingest_runs.find_folders([]), None)


def read_rows(run_id: str) -> list[dict[str, Any]]:
    """What the run's folder says of each answer, with whether it is right."""
    golds = {sample.sample_id: sample.gold for sample in SAMPLES}
    path = settings.runs_folder() / run_id / "sample.parquet"
    return [
        row | {"right": row["prediction"] == golds[row["sample_id"]]}
        for row in pl.read_parquet(path).iter_rows(named=True)
    ]


def select(sql: str) -> pl.DataFrame:
    """Ask the snapshot in use."""
    with locating.find_store().current().connect() as connection:
        return connection.sql(sql).pl()


PLACES = ("LEADERBOARD_DATA", "LEADERBOARD_WAREHOUSE", "LEADERBOARD_WAREHOUSE_FILES")
Adopt = Callable[..., list[Path]]
Several = tuple[db.Warehouse, dict[tuple[str, str], str]]
"""The snapshot, and the run of each model and protocol."""


@pytest.fixture(scope="module")
def several_places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where a warehouse of `WAYS` and its run folders are, as the environment says it."""
    with pytest.MonkeyPatch.context() as patch:
        lakes.use_own(patch, tmp_path_factory.mktemp("several"))
        made_once.make_once("several", make_all)
        return {name: os.environ[name] for name in PLACES if name in os.environ}


@pytest.fixture(scope="module")
def several(several_places: dict[str, str]) -> Iterator[Several]:
    with pytest.MonkeyPatch.context() as patch:
        move_to(several_places, patch)
        made = {
            (run.plan.model.name, run.plan.protocol.slug): run.run_id
            for run in map(records.read_run, settings.runs_folder().iterdir())
        }
        opened = db.open_warehouse()
    yield opened, made
    opened.close()


@pytest.fixture(autouse=True)
def several_folder(
    several_places: dict[str, str],
    data_folder: Path,  # noqa: ARG001 - what it sets is set anew
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Have a test read that warehouse and its run folders, not a folder of its own."""
    move_to(several_places, monkeypatch)


def move_to(places: Mapping[str, str], patch: pytest.MonkeyPatch) -> None:
    for name in PLACES:
        patch.delenv(name, raising=False)
    for name, value in places.items():
        patch.setenv(name, value)
