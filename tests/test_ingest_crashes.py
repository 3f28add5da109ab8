"""A process killed anywhere while it loads leaves what was published, and the next one goes on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from evaluator.protocols import parse_protocol
from evaluator.records import Model, Plan
from evaluator.tasks import TASKS
from ingest import loading, predictions, reported, runs
from ingest import samples as ingest_samples
from tests.conftest import REPOSITORY, ask, make_run
from warehouse import settings, snapshots

DIE = """
import os, signal, shutil, sys
from pathlib import Path
from ingest import importing, loading, reported, runs, samples
from ingest.cli import main
from warehouse import drafts, file_store, snapshots

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_after(function):
    def wrapped(*arguments, **named):
        function(*arguments, **named)
        die()
    return wrapped

def copy_half(source, target, **_):
    content = Path(source).read_bytes()
    Path(target).write_bytes(content[: len(content) // 2])
    die()

class DyingConnection:
    def __init__(self, connection, at):
        self.connection, self.at = connection, at
    def __getattr__(self, name):
        return getattr(self.connection, name)
    def execute(self, sql, *arguments):
        answer = self.connection.execute(sql, *arguments)
        return die() if sql == self.at else answer

def dying_connect(at):
    connect = file_store.duckdb.connect
    file_store.duckdb.connect = lambda *a, **k: DyingConnection(connect(*a, **k), at)
"""
MOMENTS = {
    "while the snapshot is copied": "file_store.shutil.copyfile = copy_half",
    "once a run is loaded": "runs.load_together = die_after(runs.load_together)",
    "before anything is derived": "drafts.Draft.derive = die",
    "after the rules are asked": "drafts.Draft.audit = die_after(drafts.Draft.audit)",
    "after the checkpoint": "dying_connect('checkpoint')",
    "before the snapshot has its name": "snapshots.publish = die",
    "between the name and the pointer": "snapshots.point_current = die",
    "before the pointer has its name": """
settle = snapshots.settle
snapshots.settle = lambda a, b: die() if b.name == 'current' else settle(a, b)""",
    "once all is done": """
file_store.remove_leftovers = lambda _, n=[]: n.append(0) or n[1:] and die()""",
}
QUICK = (
    "once a run is loaded",
    "before the snapshot has its name",
    "between the name and the pointer",
)
"""What every change is tested with; the others take as long and find less."""
ANSWERS = "".join(f'{{"sample_id": "sample-{n:03}", "prediction": "A"}}\n' for n in range(1, 93))


def run_and_die(moment: str, *arguments: str) -> None:
    """Run `python -m ingest` with these arguments in a process that is killed at a moment."""
    script = f"{DIE}\n{moment}\nmain({list(arguments)!r})"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def load_runs() -> None:
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, runs.find_folders([]), None)


def write_answers(folder: Path, text: str = ANSWERS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "sample.jsonl").write_text(text)
    return folder


def import_answers(folder: Path) -> Path:
    plan = Plan(
        model=Model(name="m", revision="unknown", type="closed"),
        precision=None,
        protocol=parse_protocol("other-test"),
        tasks=(),
    )
    return predictions.import_predictions(folder, plan, "test", None)


def hidden(folder: Path) -> list[str]:
    """What was left unfinished in a folder."""
    return [path.name for path in folder.glob(".*") if path.name != ".lock"]


@pytest.mark.files
@pytest.mark.parametrize(
    "moment",
    [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in MOMENTS],
)
def test_a_killed_load_leaves_the_old_snapshot_and_the_next_one_is_right(moment: str) -> None:
    make_run("baseline:random")
    load_runs()
    make_run("baseline:majority")
    run_and_die(MOMENTS[moment], "runs")

    seen = ask("leaderboard")["model"].to_list()
    assert seen == (
        ["baseline:majority", "baseline:random"]
        if moment == "once all is done"
        else ["baseline:random"]
    )
    load_runs()
    assert ask("runs").select("model", "answered").rows() == [
        ("baseline:majority", 92),
        ("baseline:random", 92),
    ]
    folder = settings.snapshots_folder()
    assert hidden(folder) == []
    numbers = [each.number for each in snapshots.list_snapshots(folder)]
    taken = moment in ("between the name and the pointer", "before the pointer has its name")
    assert numbers == ([1, 2, 3] if taken else [1, 2])
    assert snapshots.current_snapshot(folder).number == numbers[-1]
    for snapshot in snapshots.list_snapshots(folder):  # each is a whole database
        with duckdb.connect(str(snapshot.path), read_only=True) as connection:
            assert connection.execute("select count(*) from tasks").fetchone() == (len(TASKS),)


@pytest.mark.parametrize(
    "moment",
    [
        "importing.write_run = die",
        pytest.param(
            "importing.write_table = die_after(importing.write_table)", marks=pytest.mark.slow
        ),
        pytest.param(
            "importing.write_run = die_after(importing.write_run)", marks=pytest.mark.slow
        ),
    ],
)
def test_a_killed_import_leaves_no_run(tmp_path: Path, data_folder: Path, moment: str) -> None:
    folder = write_answers(tmp_path / "answers")
    run_and_die(moment, "predictions", str(folder), "--model", "m", "--protocol", "other-test")
    assert runs.find_folders([]) == []
    made = import_answers(folder)
    assert runs.find_folders([]) == [made]
    assert hidden(data_folder / "runs") == []
    load_runs()
    assert ask("runs")["answered"].to_list() == [92]


def test_a_killed_adoption_leaves_no_half_run(tmp_path: Path, data_folder: Path) -> None:
    made = make_run("baseline:random")
    elsewhere = tmp_path / "elsewhere" / made.run_id
    elsewhere.parent.mkdir()
    (data_folder / "runs" / made.run_id).rename(elsewhere)
    moment = "runs.settle = die_after(runs.settle)"
    run_and_die(moment, "runs", str(elsewhere))
    assert runs.find_folders([]) == []
    assert runs.find_folders([elsewhere]) == [data_folder / "runs" / made.run_id]
    assert hidden(data_folder / "runs") == []


def test_questions_kept_halfway_are_read_anew(tmp_path: Path) -> None:
    folder = write_answers(tmp_path / "answers")
    moment = """
import polars
write = polars.DataFrame.write_parquet
polars.DataFrame.write_parquet = lambda rows, path: copy_half(write(rows, path) or path, path)"""
    run_and_die(moment, "predictions", str(folder), "--model", "m", "--protocol", "other-test")
    assert ingest_samples.kept_tasks() == []
    import_answers(folder)
    load_runs()
    assert ask("tasks").filter("loaded")["task"].to_list() == ["sample"]


def test_published_scores_kept_halfway_are_no_file(data_folder: Path) -> None:
    run_and_die("reported.shutil.copyfile = copy_half", "reported")
    assert reported.kept_files() == []
    kept = reported.keep_file(reported.DEFAULT_FILE)
    assert kept.read_bytes() == reported.DEFAULT_FILE.read_bytes()
    assert hidden(data_folder / "reported") == []


def test_a_record_is_written_last(tmp_path: Path) -> None:
    folder = import_answers(write_answers(tmp_path / "answers"))
    record, table = folder / "run.json", folder / "sample.parquet"
    assert record.stat().st_mtime_ns >= table.stat().st_mtime_ns
    assert json.loads(record.read_text())["results"] == [
        {"task": "sample", "predictions": 92, "expected": 92, "answered": None}
    ]


CTRL_C = """
import os, signal, sys
from ingest import cli, runs
runs.load_runs = lambda *_: os.kill(os.getpid(), signal.SIGINT) or []
sys.argv = ["ingest", "runs"]
cli.run_safely()
"""


def test_ctrl_c_ends_an_ingest_at_once_and_the_next_one_works(demo: Path) -> None:
    stopped = subprocess.run(
        [sys.executable, "-c", CTRL_C], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (stopped.returncode, stopped.stdout) == (130, "")
    assert stopped.stderr.strip() == "Stopped. Nothing was published."
    make_run("baseline:random", "7")
    load_runs()
    assert ask("runs").height == 4
    assert list((demo / "warehouse").glob(".draft-*")) == []
