"""Warehouses that pages are shown over: a demonstration, and real models' answers."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator import files, records, runs, tables
from evaluator.papers import Paper
from evaluator.prompts import render
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.records import Model, Plan, Run, TaskResult
from evaluator.samples import Sample
from evaluator.tasks import find_task
from ingest import loading, predictions
from ingest import runs as ingest_runs
from tests.conftest import TEST_DATA, load_everything, make_run
from tests.made_once import make_once
from warehouse import settings

TASK = find_task("sample")
SAMPLES = {sample.sample_id: sample for sample in load_samples(TASK)}
ESSAY = "The rash points to an allergy, not to A. The answer is (B)."
LIKELY = "acme/likely-7b"


def make_demonstration() -> None:
    """Two baselines, one of them twice; a model with probabilities; two answers in words."""
    make_once("demonstration", load_demonstration)


def load_demonstration() -> None:
    for model in ("baseline:majority", "baseline:longest-choice"):
        make_run(model)
    make_run("baseline:majority", again=True)
    make_likely(LIKELY)
    answers = {"sample-001": ESSAY, "sample-002": "I cannot say."}
    import_answers("essayist", "other-essays", answers)
    load_everything()


def make_likely(model: str) -> None:
    """Write the run of a made-up model that gives each choice a probability; needs no torch."""
    who = Model(name=model, revision="a" * 40, type="open weights", parameters=7_000_000_000)
    protocol = parse_protocol("loglikelihood-0shot")
    plan = runs.plan_run(who, "bfloat16", protocol, [Paper(TASK, list(SAMPLES.values()))])
    folder = settings.runs_folder() / plan.run_id
    folder.mkdir(parents=True)
    rows = [likely_answer(number, sample) for number, sample in enumerate(SAMPLES.values())]
    files.write_table(folder / "sample.parquet", pl.DataFrame(rows, schema=tables.PREDICTIONS))
    when = "2026-01-01T00:00:00+00:00"
    run = Run(
        run_id=plan.run_id,
        plan=plan,
        origin="evaluated",
        results=(TaskResult(task="sample", predictions=len(rows), expected=TASK.size),),
        started_at=when,
        finished_at=when,
        command="test",
        versions={},
        hardware={},
    )
    records.write_run(folder, run)


def likely_answer(number: int, sample: Sample) -> dict[str, Any]:
    weights = [1 + (number * 7 + choice * 5) % 11 for choice in range(len(sample.choices))]
    return {
        "sample_id": sample.sample_id,
        "repeat": 0,
        "prediction": sample.letters[weights.index(max(weights))],
        "logprobs": [math.log(weight / sum(weights)) for weight in weights],
        "prompt": render(TASK, sample).prompt,
    }


def import_answers(model: str, lane: str, responses: Mapping[str, str]) -> None:
    """Import these answers to the demonstration questions, in words."""
    folder = settings.data_folder() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"sample_id": key, "response": text}) for key, text in responses.items()]
    (folder / "sample.jsonl").write_text("\n".join(lines), encoding="utf-8")
    import_folder(folder, model, lane, None)


def import_folder(folder: Path, model: str, lane: str, mirror: Path | None) -> None:
    who = Model(name=model, revision="unknown", type="closed")
    plan = Plan(model=who, precision=None, protocol=parse_protocol(lane), tasks=())
    predictions.import_predictions(folder, plan, "test", mirror)


def make_real() -> None:
    """Two real models on the nine tasks, each partial on one."""
    make_once("real", load_real)


def load_real() -> None:
    mirror = TEST_DATA / "hub"
    for model in ("gpt-4o", "o3-mini"):
        folder = TEST_DATA / "predictions" / "medagents-zero-shot" / model
        import_folder(folder, model, "other-medagents", mirror)
    with loading.open_draft("test", mirror=mirror) as draft:
        ingest_runs.load_runs(draft, ingest_runs.find_folders([]), mirror)


def make_data(folder: Path, make: Callable[[], None]) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(folder))
        make()
    return folder
