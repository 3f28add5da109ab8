"""What several test files share: an empty data folder, real questions, tiny runs."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read when huggingface_hub is imported, so before all else
os.environ["OMP_NUM_THREADS"] = "1"  # tests run side by side; torch would take every core for each

import asyncio
import dataclasses
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.components.v2 import manifest_scanner

from evaluator import asking, cli, models, records, runs
from evaluator.asking import Answer, Ask, OpenModel
from evaluator.baselines import BASELINES
from evaluator.papers import Paper, Turn
from evaluator.protocols import ZERO_SHOT
from evaluator.questions import load_samples
from evaluator.records import Run
from evaluator.samples import Sample
from evaluator.tasks import find_task
from ingest import contraindications, loading, reported
from ingest import runs as ingest_runs
from tests import lakes, made_once
from warehouse import db

lake, lake_on_s3, servers = lakes.lake, lakes.lake_on_s3, lakes.servers  # fixtures
REPOSITORY = Path(__file__).parent.parent
TEST_DATA = Path(os.environ.get("LEADERBOARD_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
LONGEST = (
    *("test_walk", "test_run_crashes", "test_handover", "test_hostile", "test_ingest_runs"),
    *("test_trial", "test_status", "test_snapshots", "test_watch", "test_sign_in", "test_checks"),
    *("test_ingest_reported", "test_accessibility", "test_leaderboard_results"),
)
"""Files that take a minute and more: begun last, one would be waited for alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, then all by name, which mixes in those that need a browser."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (order.get(item.path.stem, len(order)), item.path.stem))


@pytest.fixture
def test_data() -> Path:
    """Real questions and real models' answers; a test that needs them skips where they are not."""
    if not TEST_DATA.exists():
        pytest.skip(f"no test data in {TEST_DATA}; LEADERBOARD_TEST_DATA names the folder")
    return TEST_DATA


@pytest.fixture
def hub(test_data: Path) -> Path:
    """A mirror of the Hub with the nine tasks' files."""
    return test_data / "hub"


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where processes that test side by side find what one of them has made."""
    own = tmp_path_factory.getbasetemp()
    made_once.FOLDER[:] = [own.parent if "PYTEST_XDIST_WORKER" in os.environ else own]


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once() -> Iterator[None]:
    """Streamlit reads the metadata of every installed package for each page that is tested."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def choices_are_marked_once() -> Iterator[None]:
    """Most tests load the same questions, and hundreds of rules are read over each."""
    honest = contraindications.find_marked
    known: dict[tuple[str, Sample, frozenset[str]], list[contraindications.Marked]] = {}

    def find_once(sample: Sample, tags: Iterable[str]) -> list[contraindications.Marked]:
        asked = (contraindications.rules_hash(), sample, frozenset(tags))
        if asked not in known:
            known[asked] = honest(sample, asked[-1])
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contraindications, "find_marked", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tests run side by side, and DuckDB would take every core for each."""
    connect = duckdb.connect

    def narrow(
        database: str = ":memory:", read_only: bool = False, config: dict[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        return connect(database, read_only=read_only, config={"threads": 1} | (config or {}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", narrow)
        yield


@pytest.fixture(autouse=True)
def data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """An empty data folder of each test's own; nothing outside it is written."""
    folder = tmp_path / "data"
    if lakes.KIND != "files" and request.node.get_closest_marker("files"):
        pytest.skip("it is of snapshots as files, and these tests keep theirs in a lake")
    lakes.use_own(monkeypatch, folder)
    return folder


def make_run(
    model: str, revision: str | None = None, *, again: bool = False, minutes: float | None = None
) -> Run:
    """Ask a model that is embedded, or in a folder, the demonstration questions."""
    who = models.describe_model(model, revision)
    task = find_task("sample")
    papers = [Paper(task, load_samples(task))]
    plan = runs.plan_run(who, models.resolve_precision(who, "float32"), ZERO_SHOT, papers)
    folder = records.runs_folder().parent / "models"
    return runs.make_run(
        plan,
        papers,
        lambda: asking.open_model(who, plan.precision, folder, model, ZERO_SHOT),
        command="test",
        source=model if Path(model).is_dir() else None,
        again=again,
        deadline=None if minutes is None else time.monotonic() + minutes * 60,
    )


def change_answers(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Iterator[Answer]], Iterator[Answer]]
) -> None:
    """Have every model opened from now on answer as `change` makes of its own answers."""
    honest = asking.open_model

    def open_model(*given: Any) -> OpenModel:
        opened = honest(*given)

        def prepare(paper: Paper, turns: Sequence[Turn]) -> Ask:
            ask = opened.prepare(paper, turns)
            return lambda answered, recall: change(ask(answered, recall))

        return dataclasses.replace(opened, prepare=prepare)

    monkeypatch.setattr(asking, "open_model", open_model)


def stop_after(count: int) -> Callable[[Iterator[Answer]], Iterator[Answer]]:
    """Ctrl-C when `count` answers are given."""
    given = 0

    def stopped(answers: Iterator[Answer]) -> Iterator[Answer]:
        nonlocal given
        for answer in answers:
            if given == count:
                raise KeyboardInterrupt
            given += 1
            yield answer

    return stopped


@pytest.fixture
def own_loop() -> Iterator[None]:
    """Playwright, where it runs in this process, leaves its loop marked as running for ever."""
    left = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(left)


@pytest.fixture
def evaluate_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Type `python -m evaluator …` in this process, which imports torch only once.

    Returns the exit code, output and errors.
    """

    def evaluate(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["evaluator", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.run_safely()
        return int(left.value.code or 0), *capsys.readouterr()

    return evaluate


def load_everything() -> None:
    """Load all run folders and the published scores, as `make demo-data` does."""
    kept = reported.keep_file(reported.DEFAULT_FILE)
    with loading.open_draft("test") as draft:
        ingest_runs.load_runs(draft, ingest_runs.find_folders([]), None)
        reported.load_reported(draft, kept)


@pytest.fixture
def demo(data_folder: Path) -> Path:
    """The data folder of `make demo-data`, but for the toy model: three baselines, loaded."""

    def make() -> None:
        for model in BASELINES:
            make_run(model)
        load_everything()

    made_once.make_once("baselines", make)
    return data_folder


@pytest.fixture
def warehouse(demo: Path) -> Iterator[db.Warehouse]:  # noqa: ARG001 - it makes the snapshot
    """The published snapshot of `demo`."""
    opened = db.open_warehouse()
    yield opened
    opened.close()


def ask(query: str, **parameters: object) -> pl.DataFrame:
    """Answer a named query from the snapshot in use."""
    opened = db.open_warehouse()
    try:
        return opened.ask(query, **parameters)
    finally:
        opened.close()
