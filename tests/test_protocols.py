"""Is each question put to a model exactly as protocols.md and lm-evaluation-harness have it?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.errors import UnknownProtocol
from evaluator.protocols import Protocol, Request, parse_protocol, prompts_hash, render
from evaluator.samples import Sample
from evaluator.tasks import NINE, find_task, load_samples

CASES = json.loads((Path(__file__).parent / "cases" / "prompts.json").read_text(encoding="utf-8"))
MMLU_SUBJECTS = {
    "mmlu_anatomy": "anatomy",
    "mmlu_clinical_knowledge": "clinical knowledge",
    "mmlu_college_biology": "college biology",
    "mmlu_college_medicine": "college medicine",
    "mmlu_medical_genetics": "medical genetics",
    "mmlu_professional_medicine": "professional medicine",
}
PLAIN = Request(prompt="Question: Why?\nA. Yes\nB. No\nAnswer:", continuations=(" A", " B"))

Row = dict[str, Any]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['task']}: {case['why']}" for case in CASES])
def test_a_prompt_is_exact_to_the_byte(case: Row) -> None:
    request = render(find_task(case["task"]), Sample.model_validate(case["sample"]))
    assert request.prompt.encode() == case["prompt"].encode()
    assert list(request.continuations) == case["continuations"]


def test_golden_prompts_cover_every_benchmark() -> None:
    assert {find_task(case["task"]).prompt for case in CASES} == {
        find_task(name).prompt for name in [*NINE, "sample"]
    }


def medqa(row: Row) -> str:
    a, b, c, d = (row[f"ending{number}"] for number in range(4))
    return f"Question: {row['sent1']}\nA. {a}\nB. {b}\nC. {c}\nD. {d}\nAnswer:"


def medmcqa(row: Row) -> str:
    a, b, c, d = (row[f"op{letter}"] for letter in "abcd")
    return f"Question: {row['question']}\nChoices:\nA. {a}\nB. {b}\nC. {c}\nD. {d}\nAnswer:"


def pubmedqa(row: Row) -> str:
    abstract = "\n".join(row["context"]["contexts"])
    return f"Abstract: {abstract}\nQuestion: {row['question']}\nAnswer:"


def mmlu(subject: str) -> Callable[[Row], str]:
    description = f"The following are multiple choice questions (with answers) about {subject}."

    def prompt(row: Row) -> str:
        a, b, c, d = row["choices"]
        asked = row["question"].strip()
        return f"{description}\n\n{asked}\nA. {a}\nB. {b}\nC. {c}\nD. {d}\nAnswer:"

    return prompt


def raw_rows(task: str, test_data: Path) -> list[Row]:
    """The rows of a task's file as another reader has them."""
    source = find_task(task)
    path = test_data / "hub" / source.dataset / source.file
    if path.suffix == ".json":
        return pl.read_ndjson(path).to_dicts()
    rows = pl.read_parquet(path).to_dicts()
    if task != "pubmedqa":
        return rows
    official = json.loads((test_data / "pubmedqa_test_ground_truth.json").read_bytes())
    return [row for row in rows if str(row["pubid"]) in official]


@pytest.mark.parametrize("name", NINE)
def test_real_questions_are_asked_as_the_formula_says(name: str, test_data: Path) -> None:
    formulas = {"medqa_4options": medqa, "medmcqa": medmcqa, "pubmedqa": pubmedqa}
    formula = formulas.get(name) or mmlu(MMLU_SUBJECTS[name])
    answers = (" yes", " no", " maybe") if name == "pubmedqa" else (" A", " B", " C", " D")
    task = find_task(name)
    asked = [render(task, sample) for sample in load_samples(task, test_data / "hub")]
    assert [request.prompt for request in asked] == [
        formula(row) for row in raw_rows(name, test_data)
    ]
    assert {request.continuations for request in asked} == {answers}


def test_no_byte_follows_the_last_colon(hub: Path) -> None:
    for task in map(find_task, NINE):
        endings = {render(task, sample).prompt[-8:] for sample in load_samples(task, hub)}
        assert endings == {"\nAnswer:"}, task.name


def test_the_hash_of_prompts_stays_from_version_to_version() -> None:
    assert prompts_hash([PLAIN]) == "6c9e17ceae12d4fd"
    assert prompts_hash([]) == "e3b0c44298fc1c14"


def test_the_hash_of_prompts_changes_with_each_character() -> None:
    changed = [
        PLAIN.model_copy(update={"prompt": PLAIN.prompt[:at] + "~" + PLAIN.prompt[at + 1 :]})
        for at in range(len(PLAIN.prompt))
    ]
    hashes = {prompts_hash([request]) for request in [PLAIN, *changed]}
    assert len(hashes) == len(PLAIN.prompt) + 1


@pytest.mark.parametrize(
    "others",
    [
        [PLAIN.model_copy(update={"prompt": PLAIN.prompt + " "})],
        [PLAIN.model_copy(update={"continuations": ("A", " B")})],
        [PLAIN.model_copy(update={"continuations": (" B", " A")})],
        [PLAIN.model_copy(update={"continuations": (" A", " B", " C")})],
        [PLAIN, PLAIN],
        [],
    ],
    ids=["space added", "space left out", "other order", "one more", "asked twice", "none"],
)
def test_the_hash_of_prompts_changes_with_what_is_asked(others: list[Request]) -> None:
    assert prompts_hash(others) != prompts_hash([PLAIN])


def test_the_hash_of_prompts_changes_with_their_order() -> None:
    other = PLAIN.model_copy(update={"prompt": "Question: How?\nAnswer:"})
    assert prompts_hash([PLAIN, other]) != prompts_hash([other, PLAIN])


def test_the_default_protocol_has_no_shots_and_is_asked_here() -> None:
    protocol = parse_protocol("loglikelihood-0shot")
    assert protocol == Protocol(slug="loglikelihood-0shot", shots=0)
    assert protocol.asks


@pytest.mark.parametrize("slug", ["other-mirage-cot", "other-medagents-zero-shot", "other-v1.2"])
def test_imported_answers_have_a_lane_that_is_not_asked_here(slug: str) -> None:
    protocol = parse_protocol(slug)
    assert protocol == Protocol(slug=slug, shots=None)
    assert not protocol.asks


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "loglikelihood",
        "loglikelihood-0shot ",
        "loglikelihood-0shot\n",
        "Loglikelihood-0shot",
        "loglikelihood-shot",
        "reported-loglikelihood-0shot",
        "other-",
        "other--x",
        "other-GPT",
        "other-x y",
        "other-../x",
        "other-x\n",
    ],
)
def test_an_unknown_protocol_is_refused_by_its_name(slug: str) -> None:
    with pytest.raises(
        UnknownProtocol, match=r"Models are asked by loglikelihood-0shot"
    ) as refused:
        parse_protocol(slug)
    assert repr(slug) in str(refused.value)
