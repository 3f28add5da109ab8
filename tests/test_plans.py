"""Is a run's identity all that decides its answers, and nothing else?"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from evaluator import runs
from evaluator.models import describe_model
from evaluator.papers import Paper
from evaluator.prompts import prompts_hash
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples, load_shots
from evaluator.records import Model, Plan, Precision, TaskPlan
from evaluator.samples import Sample
from evaluator.tasks import find_task

SAMPLE = find_task("sample")
ANATOMY = find_task("mmlu_anatomy")


def plan(samples: Sequence[Sample] | None = None, precision: Precision | None = None) -> Plan:
    model = describe_model("baseline:random", None)
    papers = [Paper(SAMPLE, samples or load_samples(SAMPLE))]
    return runs.plan_run(model, precision, parse_protocol("loglikelihood-0shot"), papers)


def test_a_plan_is_another_when_anything_that_decides_an_answer_changes() -> None:
    samples = load_samples(SAMPLE)
    spelt = samples[0].model_copy(update={"question": samples[0].question + " "})
    keyed = samples[0].model_copy(update={"gold": "A" if samples[0].gold != "A" else "B"})
    same = plan()
    task = same.tasks[0]

    def with_model(**changes: str) -> Plan:
        return same.model_copy(update={"model": same.model.model_copy(update=changes)})

    def with_task(**changes: str) -> Plan:
        tasks: tuple[TaskPlan, ...] = (task.model_copy(update=changes),)
        return same.model_copy(update={"tasks": tasks})

    others = [
        with_model(name="baseline:majority"),
        with_model(revision="seed-1"),
        plan(precision="float32"),
        same.model_copy(update={"protocol": parse_protocol("other-x")}),
        same.model_copy(update={"protocol": parse_protocol("loglikelihood-1shot")}),
        same.model_copy(update={"protocol": parse_protocol("loglikelihood-0shot-chat")}),
        same.model_copy(update={"protocol": parse_protocol("loglikelihood-0shot", "Be brief.")}),
        same.model_copy(update={"protocol": parse_protocol("loglikelihood-0shot", "Be kind.")}),
        plan([spelt, *samples[1:]]),
        plan([keyed, *samples[1:]]),
        plan(samples[1:]),
        plan(samples[::-1]),
        with_task(revision="sha256:0"),
        with_task(source_hash="0"),
        same.model_copy(update={"tasks": (task, task)}),
    ]
    assert len({other.identity for other in [same, *others]}) == len(others) + 1


def test_the_same_plan_has_the_same_run_id_from_version_to_version(hub: Path) -> None:
    papers = [Paper(ANATOMY, load_samples(ANATOMY, hub))]
    model = describe_model("baseline:random", None)
    zero_shot = parse_protocol("loglikelihood-0shot")
    assert runs.plan_run(model, None, zero_shot, papers).run_id == "baseline-random-682f4aea88c8"


def test_a_plan_holds_what_was_asked_after_which_examples(hub: Path) -> None:
    samples, shots = load_samples(ANATOMY, hub), load_shots(ANATOMY, 2, hub)
    model = describe_model("baseline:random", None)
    two_shot = parse_protocol("loglikelihood-2shot")
    plans = [
        runs.plan_run(model, None, two_shot, [Paper(ANATOMY, samples, examples)])
        for examples in (shots, shots[::-1])
    ]
    assert plans[0].tasks[0].samples_hash == plans[1].tasks[0].samples_hash
    assert plans[0].tasks[0].prompts_hash != plans[1].tasks[0].prompts_hash
    assert plans[0].run_id != plans[1].run_id


def test_a_plan_of_a_chat_holds_who_says_what() -> None:
    chat = parse_protocol("loglikelihood-0shot-chat", "Be brief.")
    paper = Paper(SAMPLE, load_samples(SAMPLE))
    made = runs.plan_run(describe_model("baseline:random", None), None, chat, [paper])
    requests = [paper.render(sample, chat) for sample in paper.samples]
    assert made.tasks[0].prompts_hash == prompts_hash(requests, chat=True)


def test_a_plan_stays_the_same_when_only_facts_about_the_model_change() -> None:
    facts = {"parameters": 7, "architecture": "X", "licence": "MIT", "type": "open weights"}
    model = plan().model.model_copy(update=facts)
    assert plan().model_copy(update={"model": model}).run_id == plan().run_id


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Qwen/Qwen3-0.6B", "Qwen--Qwen3-0.6B-"),
        ("/mnt/models/my model", "mnt--models--my-model-"),
        ("../../etc", "etc-"),
        ("x" * 300, "x" * 80 + "-"),
        ("模型/a", "a-"),
    ],
)
def test_a_run_id_is_a_safe_name_of_a_folder(name: str, start: str) -> None:
    model = plan().model.model_copy(update={"name": name})
    renamed = plan().model_copy(update={"model": model})
    assert renamed.run_id == start + renamed.identity


def test_a_base_is_part_of_the_identity_and_a_whole_model_has_the_one_it_had() -> None:
    whole = plan().model_copy(update={"model": Model(name="a/b", revision="c", type="unknown")})
    deciding = {
        "model": ["a/b", "c"],
        "precision": whole.precision,
        "protocol": whole.protocol.slug,
        "tasks": [task.identity for task in whole.tasks],
    }
    before = hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:12]
    assert whole.identity == before
    found = {whole.identity}
    for weights, base, revision in (
        ("adapter", "a/base", "1"),
        ("delta", "a/base", "1"),
        ("adapter", "a/other", "1"),
        ("adapter", "a/base", "2"),
    ):
        added = {"weights": weights, "base": base, "base_revision": revision}
        model = Model.model_validate(whole.model.model_dump() | added)
        found.add(whole.model_copy(update={"model": model}).identity)
    assert len(found) == 5


@pytest.mark.parametrize(
    "said",
    [
        {"weights": "adapter"},
        {"weights": "delta", "base": "a/base"},
        {"base": "a/base", "base_revision": "1"},
    ],
)
def test_only_what_is_added_to_a_base_has_one(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="as their base"):
        Model.model_validate({"name": "a/b", "revision": "c", "type": "unknown"} | said)
