"""Does a run on a disk that is full say so, and go on once there is room?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator import files, records, tables
from evaluator.questions import load_samples
from evaluator.tasks import find_task
from tests.conftest import REPOSITORY, make_run
from tests.slow_cases import mostly_slow

RUN = ("run", "--model", "baseline:random", "--tasks", "sample")
IDS = [sample.sample_id for sample in load_samples(find_task("sample"))]
SMALL_FILES = """
import resource, sys
from evaluator import cli, runs

runs.SHARD_ROWS = 8
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
cli.run_safely()
"""


def evaluate(limit: int) -> tuple[int, str, str]:
    """Run the command where no file can be longer than `limit` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL_FILES, str(limit), *RUN],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def sizes_of_a_run() -> dict[str, int]:
    """The longest shard of 8 rows, and the whole file, which must be longer to tell them apart."""
    folder = records.runs_folder() / make_run("baseline:random").run_id
    table = tables.read_predictions(folder, "sample")
    shards = []
    for start in range(0, len(IDS), 8):
        path = folder.parent / "shard.parquet"
        files.write_table(path, table[start : start + 8])
        shards.append(path.stat().st_size)
        path.unlink()
    return {"shard": max(shards), "whole": (folder / "sample.parquet").stat().st_size}


@pytest.mark.parametrize("stage", mostly_slow(["plan", "shard", "whole"], "shard"))
def test_a_full_disk_is_told_in_one_line_and_the_same_command_resumes(
    stage: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("LEADERBOARD_DATA", str(data_folder / "elsewhere"))
        sizes = sizes_of_a_run()
    assert sizes["shard"] + 150 < sizes["whole"]
    limit = {"plan": 100, "shard": 1500, "whole": sizes["shard"] + 100}[stage]
    code, said, errors = evaluate(limit)
    assert (code, said) == (1, "")
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith("Error (disk-full): No space is left on the disk to")
    assert errors.splitlines()[-1].endswith(
        "Make room and run the same command again: what is done is kept."
    )
    (folder,) = data_folder.glob("runs/*")
    assert not (folder / "run.json").exists()
    kept = len(list(folder.glob("shards/sample.*.parquet")))
    assert (kept > 0) is (stage == "whole")

    code, _, errors = evaluate(10**6)
    assert (code, "Traceback" in errors) == (0, False)
    assert tables.read_predictions(folder, "sample")["sample_id"].to_list() == IDS
    assert [path.name for path in folder.glob(".*")] == [".lock"]
