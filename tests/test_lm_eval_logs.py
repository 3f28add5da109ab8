"""Logs that lm-evaluation-harness itself writes are imported as what our evaluator says.

It asks a tiny model with random weights real questions, and its own tracker writes the files.
"""

import re
from pathlib import Path
from typing import Any

import lm_eval
import pytest
from lm_eval.loggers import EvaluationTracker

from evaluator.protocols import parse_protocol
from evaluator.records import Model, read_run
from evaluator.tables import read_predictions
from evaluator.tasks import find_task
from ingest import importing
from ingest.foreign import ForeignRun, Wanted
from ingest.lm_eval import read_folders
from tests import lm_eval_oracle as oracle
from tests.lm_eval_oracle import QUESTIONS
from tests.test_parity import SYSTEM, answer, gemma, llama, make_weights, open_ours, quiet

ZERO = parse_protocol("loglikelihood-0shot")
FIVE = parse_protocol("loglikelihood-5shot")
__all__ = ["quiet"]  # a fixture


def ask(weights: Path, names: tuple[str, ...], shots: int, data: Path, **settings: Any) -> Path:
    """Evaluate as `lm_eval run --log_samples --output_path` does; returns the output folder."""
    output = weights.parent / "output"
    tracker = EvaluationTracker(output_path=str(output))
    own = [oracle.load_task(find_task(name), shots, data, weights.parent) for name in names]
    results = lm_eval.simple_evaluate(
        model="hf",
        model_args=f"pretrained={weights},dtype=float32",
        tasks=own,
        num_fewshot=shots,
        limit=QUESTIONS,
        device="cpu",
        batch_size=4,
        log_samples=True,
        bootstrap_iters=0,
        evaluation_tracker=tracker,
        **settings,
    )
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for name, rows in samples.items():
        tracker.save_results_samples(task_name=name, samples=rows)
    return output


def read(output: Path, data: Path) -> list[ForeignRun]:
    found = list(read_folders(output, Wanted(model="org/tiny"), None, data / "hub"))
    assert [each.refused for each in found if each.refused] == []
    return [run for each in found for run in each.runs]


@pytest.mark.parametrize(
    "tasks",
    [
        ("mmlu_anatomy",),
        pytest.param(("medmcqa", "medqa_4options", "pubmedqa"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_a_log_of_the_harness_is_what_our_evaluator_says(
    tasks: tuple[str, ...], test_data: Path, tmp_path: Path
) -> None:
    weights = make_weights(llama, test_data, tmp_path)
    (run,) = read(ask(weights, tasks, 0, test_data), test_data)
    folder = importing.import_run(run, "test", test_data / "hub")
    record = read_run(folder)
    assert record.plan.model == Model(name="org/tiny", revision="unknown", type="open weights")
    assert (record.plan.precision, record.plan.protocol, record.suspect) == ("float32", ZERO, None)
    assert sorted(task.task for task in record.plan.tasks) == sorted(tasks)
    for name in tasks:
        ours = answer(open_ours(weights), find_task(name), ZERO, test_data)
        theirs = read_predictions(folder, name)
        assert theirs.select("sample_id", "prediction", "prompt").rows() == [
            (one.turn.sample.sample_id, one.prediction, one.prompt) for one in ours
        ]
        for one, logprobs in zip(ours, theirs["logprobs"], strict=True):
            assert list(logprobs) == pytest.approx(one.logprobs, abs=1e-4, rel=0)


@pytest.mark.slow
def test_five_examples_are_ours_where_they_are_the_same(test_data: Path, tmp_path: Path) -> None:
    weights = make_weights(llama, test_data, tmp_path)
    (run,) = read(ask(weights, ("mmlu_anatomy",), 5, test_data), test_data)
    assert run.protocol == FIVE


@pytest.mark.slow
def test_a_system_prompt_is_part_of_our_lane(test_data: Path, tmp_path: Path) -> None:
    weights = make_weights(llama, test_data, tmp_path)
    output = ask(weights, ("mmlu_anatomy",), 0, test_data, system_instruction=SYSTEM)
    (run,) = read(output, test_data)
    assert run.protocol == parse_protocol("loglikelihood-0shot", SYSTEM)


@pytest.mark.slow
def test_one_other_word_in_the_prompts_is_another_lane(
    test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = make_weights(llama, test_data, tmp_path)
    honest = oracle.load_task

    def load_task(*given: Any) -> Any:
        task = honest(*given)
        task.set_config("description", "Questions.\n\n")
        return task

    monkeypatch.setattr(oracle, "load_task", load_task)
    (run,) = read(ask(weights, ("mmlu_anatomy",), 0, test_data), test_data)
    assert re.fullmatch("other-lm-eval-0shot-[0-9a-f]{6}", run.protocol.slug)


@pytest.mark.slow
def test_a_chat_is_another_lane(test_data: Path, tmp_path: Path) -> None:
    weights = make_weights(gemma, test_data, tmp_path)
    output = ask(weights, ("mmlu_anatomy",), 0, test_data, apply_chat_template=True)
    (run,) = read(output, test_data)
    assert run.protocol.slug.startswith("other-lm-eval-0shot-chat-")
