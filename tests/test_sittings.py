"""A run's record names all that answered, also in sittings before the last."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evaluator import asking, records, runs, sittings
from evaluator.errors import BrokenRun, DiskFull
from evaluator.records import Run
from tests.conftest import change_answers, make_run, stop_after

pytestmark = pytest.mark.usefixtures("data_folder")
MODEL = "baseline:random"
RAY = {"engine": "ray", "device": "NVIDIA H200", "workers": "2"}


def sit(hardware: Mapping[str, str], versions: Mapping[str, str], after: int | None) -> Run | None:
    """One sitting on other hardware, which is stopped after so many answers."""
    with pytest.MonkeyPatch.context() as patch:
        if after is not None:
            change_answers(patch, stop_after(after))
        opened = asking.open_model

        def open_model(*given: Any) -> asking.OpenModel:
            found = opened(*given)
            return dataclasses.replace(found, hardware=dict(hardware), versions=dict(versions))

        patch.setattr(asking, "open_model", open_model)
        if after is None:
            return make_run(MODEL)
        with pytest.raises(KeyboardInterrupt):
            make_run(MODEL)
    return None


def test_a_run_that_was_begun_on_ray_and_finished_here_says_so() -> None:
    sit(RAY, {"torch": "2.13.0"}, 20)
    sit(RAY, {"torch": "2.13.0"}, 20)
    run = sit({"device": "cpu", "threads": "2"}, {"torch": "2.14.0"}, None)
    assert run
    assert dict(run.hardware).items() >= {
        ("engine", "ray + local"),
        ("device", "NVIDIA H200 + cpu"),
        ("workers", "2"),
        ("threads", "2"),
    }
    assert run.versions["torch"] == "2.13.0 + 2.14.0"
    assert "+" not in run.versions["python"]
    folder = records.runs_folder() / run.run_id
    assert {path.name for path in folder.iterdir()} - {".lock"} == {"run.json", "sample.parquet"}


def test_a_sitting_without_an_answer_is_not_in_the_record() -> None:
    sit(RAY, {"torch": "2.12.0"}, 0)
    run = sit({"device": "cpu"}, {"torch": "2.13.0"}, None)
    assert run
    assert "engine" not in run.hardware
    assert (run.hardware["device"], run.versions["torch"]) == ("cpu", "2.13.0")


def test_a_sitting_that_only_finishes_is_not_in_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise DiskFull("No space is left.")

    with monkeypatch.context() as full, pytest.raises(DiskFull):
        full.setattr(runs, "finish_task", fill)
        sit(RAY, {"torch": "2.13.0"}, None)
    run = sit({"device": "cpu"}, {"torch": "2.14.0"}, None)
    assert run
    assert dict(run.hardware).items() >= RAY.items()
    assert run.versions["torch"] == "2.13.0"


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"versions": {}, "hardware": 3}'])
def test_a_broken_note_is_named_and_can_be_removed(text: str) -> None:
    sit(RAY, {}, 20)
    (note,) = records.runs_folder().glob("*/shards/sitting.*")
    note.write_text(text)
    with pytest.raises(BrokenRun, match=r"sitting\.00000\.json .* Remove that file"):
        sit({"device": "cpu"}, {}, None)
    note.unlink()
    run = sit({"device": "NVIDIA H200"}, {}, None)
    assert run
    assert run.hardware["device"] == "cpu"  # which answered all that was left


def test_what_a_crew_grows_to_is_noted(tmp_path: Path) -> None:
    opened = asking.OpenModel(None, None, hardware={"workers": "1"})  # type: ignore[arg-type]
    sitting = sittings.begin(opened, tmp_path)
    for workers in ("1", "2"):
        opened.hardware["workers"] = workers
        sitting.keep({"": (NoChunk(), [])}, 0)  # type: ignore[dict-item]
        assert sittings.sum_up(opened, tmp_path)["hardware"]["workers"] == workers
    assert len(sittings.list_notes(tmp_path)) == 1


class NoChunk:
    def write(self, *_: object) -> None:
        """Nothing is to be kept but what is noted."""
