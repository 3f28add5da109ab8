"""Runs `python -m evaluator` in processes that start at once and can be stopped anywhere."""

import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import polars as pl

from evaluator import records, tables
from evaluator.cli import run_safely
from tests.forks import fork
from tests.stress.events import PATIENCE, Sitting
from tests.stress.hooks import SECOND, prepare

TOY = ("run", "--model", "toy:llama", "--precision", "float32", "--tasks")
COMMAND = (*TOY, f"sample,{SECOND}")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int | None
    """Its exit code; negative is the signal that ended it."""
    said: str
    """On both its outputs."""
    events: list[str]

    @property
    def answers(self) -> int:
        """How many questions it asked."""
        return sum(event.startswith("answer ") for event in self.events)


@dataclass(frozen=True)
class Outcome:
    """All that a run left behind, but for the times."""

    files: list[str]
    answers: dict[str, pl.DataFrame]
    plans: dict[str, str]

    def differs_from(self, other: "Outcome") -> list[str]:
        """What is not the same to the bit."""
        tables = self.answers.keys() | other.answers.keys()
        plans = self.plans.keys() | other.plans.keys()
        return [
            *sorted(set(self.files) ^ set(other.files)),
            *(name for name in sorted(tables) if not same(self.answers, other.answers, name)),
            *(name for name in sorted(plans) if self.plans.get(name) != other.plans.get(name)),
        ]


def same(some: dict[str, pl.DataFrame], others: dict[str, pl.DataFrame], name: str) -> bool:
    return name in some and name in others and some[name].equals(others[name])


def sit(data: Path, sitting: Sitting, arguments: Sequence[str]) -> None:
    """Do in this process what the command does in one of its own."""
    said = os.open(data / f"said.{os.getpid()}", os.O_WRONLY | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    multiprocessing.set_start_method("fork", force=True)  # as it is in a process of its own
    os.environ["LEADERBOARD_DATA"] = str(data)
    prepare(sitting, data)
    sys.argv = ["evaluator", *arguments]
    run_safely()


def start(data: Path, sitting: Sitting, arguments: Sequence[str] = COMMAND) -> ForkServerProcess:
    data.mkdir(exist_ok=True)
    return fork(sit, data, sitting, arguments)


def end(data: Path, process: ForkServerProcess) -> Ended:
    """Wait for a process; one that hangs is ended, by a signal that no test expects."""
    process.join(PATIENCE)
    if process.exitcode is None:
        process.terminate()
        process.join()
    said, events = data / f"said.{process.pid}", data / f"events.{process.pid}"
    ended = Ended(process.exitcode, take(said), take(events).splitlines())
    process.close()
    return ended


def take(path: Path) -> str:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.unlink(missing_ok=True)
    return text


def run(data: Path, sitting: Sitting | None = None, arguments: Sequence[str] = COMMAND) -> Ended:
    """Run the command to its end, whichever that is."""
    return end(data, start(data, sitting or Sitting(), arguments))


def stop_and_resume(data: Path, *stopped: Sitting) -> list[str]:
    """Run the command once for each of `stopped`, then to its end; return all that is wrong.

    Each sitting finds another batch size to be fastest. That of the first plan on disk counts.
    """
    wrong, size = [], plan_size(data)
    for sitting in stopped:
        run(data, sitting)
        size = size or plan_size(data)
    kept, total = count_kept(data), 132
    finished = any(data.glob("runs/*/run.json"))
    last = run(data, Sitting(batch_tokens=3000))
    if last.code != 0:
        return [f"exit code {last.code}: {last.said[-300:]}"]
    if last.answers > (0 if finished else total - kept + 16):
        wrong.append(f"{kept} answers were kept, but {last.answers} questions were asked again")
    whole, _ = unbroken(size or 3000)
    return wrong + read_outcome(data).differs_from(whole)


def read_outcome(data: Path) -> Outcome:
    """Read all that there is in a data folder with one run."""
    folder = only_run(data)
    tasks = [result.task for result in records.read_run(folder).results]
    leaves = [path for path in data.rglob("*") if path.is_file() or not any(path.iterdir())]
    return Outcome(
        files=[str(path.relative_to(data)).replace(folder.name, "run") for path in sorted(leaves)],
        answers={task: tables.read_predictions(folder, task).drop("seconds") for task in tasks},
        plans={path.name: path.read_text() for path in (folder / "batches").iterdir()},
    )


def only_run(data: Path) -> Path:
    (folder,) = (data / "runs").iterdir()
    return folder


def count_kept(data: Path) -> int:
    """How many questions an unfinished run has answers to on disk."""
    return len(
        {
            (path.name.split(".")[0], sample_id)
            for path in data.glob("runs/*/shards/s*.parquet")
            for sample_id in pl.read_parquet(path)["sample_id"]
        }
    )


def plan_size(data: Path) -> int | None:
    """The batch size of the first plan that a run has on disk, if it has one."""
    for path in sorted(data.glob("runs/*/*/sample.000.batches.json")):
        return int(json.loads(path.read_text())["tokens"])
    return None


@cache
def unbroken(batch_tokens: int) -> tuple[Outcome, list[str]]:
    """Return what a run leaves that nothing stops, and its events."""
    with tempfile.TemporaryDirectory() as folder:
        ended = run(Path(folder), Sitting(batch_tokens))
        assert ended.code == 0, ended.said
        return read_outcome(Path(folder)), ended.events
