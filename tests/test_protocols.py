"""Is each question put to a model exactly as protocols.md and lm-evaluation-harness have it?"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.prompts import Message, Request, prompt_hash, prompts_hash, render
from evaluator.questions import load_samples
from evaluator.samples import Sample
from evaluator.tasks import NINE, find_task

CASES = json.loads((Path(__file__).parent / "cases" / "prompts.json").read_text(encoding="utf-8"))
MMLU_SUBJECTS = {
    "mmlu_anatomy": "anatomy",
    "mmlu_clinical_knowledge": "clinical knowledge",
    "mmlu_college_biology": "college biology",
    "mmlu_college_medicine": "college medicine",
    "mmlu_medical_genetics": "medical genetics",
    "mmlu_professional_medicine": "professional medicine",
}
PROMPT = "Question: Why?\nA. Yes\nB. No\nAnswer:"
HASHES = {  # as they were when only zero shots could be asked: scores of then and now compare
    "medqa_4options": "06d24f907abadb00",
    "medmcqa": "84fa37b5b7d8e41d",
    "pubmedqa": "d413a68a4bb1fe5c",
    "mmlu_anatomy": "ced5c0b17e4f91c3",
    "mmlu_clinical_knowledge": "083f1516c84ac22c",
    "mmlu_college_biology": "414d9c802ffd02a6",
    "mmlu_college_medicine": "dc58fce98c92f07b",
    "mmlu_medical_genetics": "f93e4f55324a8cd1",
    "mmlu_professional_medicine": "faa6f3eaa9b506a3",
}

Row = dict[str, Any]


def request(prompt: str = PROMPT, *continuations: str) -> Request:
    message = Message(role="user", content=prompt)
    return Request(messages=(message,), continuations=continuations or (" A", " B"))


PLAIN = request()


@pytest.mark.parametrize("case", CASES, ids=[f"{case['task']}: {case['why']}" for case in CASES])
def test_a_prompt_is_exact_to_the_byte(case: Row) -> None:
    asked = render(find_task(case["task"]), Sample.model_validate(case["sample"]))
    assert asked.prompt.encode() == case["prompt"].encode()
    assert list(asked.continuations) == case["continuations"]


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
    assert [one.prompt for one in asked] == [formula(row) for row in raw_rows(name, test_data)]
    assert {one.continuations for one in asked} == {answers}


def test_no_byte_follows_the_last_colon(hub: Path) -> None:
    for task in map(find_task, NINE):
        endings = {render(task, sample).prompt[-8:] for sample in load_samples(task, hub)}
        assert endings == {"\nAnswer:"}, task.name


def test_the_hash_of_prompts_stays_from_version_to_version() -> None:
    assert prompts_hash([PLAIN]) == "6c9e17ceae12d4fd"
    assert prompts_hash([]) == "e3b0c44298fc1c14"


@pytest.mark.parametrize("name", NINE)
def test_the_hash_of_real_prompts_stays_from_version_to_version(name: str, hub: Path) -> None:
    task = find_task(name)
    assert prompts_hash(render(task, sample) for sample in load_samples(task, hub)) == HASHES[name]


def test_the_hash_of_one_prompt_is_that_of_a_list_of_one() -> None:
    assert prompt_hash(PROMPT, (" A", " B")) == prompts_hash([PLAIN])
    assert prompt_hash(PROMPT, (" B", " A")) != prompts_hash([PLAIN])


def test_the_hash_of_prompts_changes_with_each_character() -> None:
    changed = [request(PROMPT[:at] + "~" + PROMPT[at + 1 :]) for at in range(len(PROMPT))]
    hashes = {prompts_hash([one]) for one in [PLAIN, *changed]}
    assert len(hashes) == len(PROMPT) + 1


@pytest.mark.parametrize(
    "others",
    [
        [request(PROMPT + " ")],
        [request(PROMPT, "A", " B")],
        [request(PROMPT, " B", " A")],
        [request(PROMPT, " A", " B", " C")],
        [PLAIN, PLAIN],
        [],
    ],
    ids=["space added", "space left out", "other order", "one more", "asked twice", "none"],
)
@pytest.mark.parametrize("chat", [False, True], ids=["plain", "chat"])
def test_the_hash_of_prompts_changes_with_what_is_asked(others: list[Request], chat: bool) -> None:
    assert prompts_hash(others, chat=chat) != prompts_hash([PLAIN], chat=chat)


def test_the_hash_of_prompts_changes_with_their_order() -> None:
    other = request("Question: How?\nAnswer:")
    assert prompts_hash([PLAIN, other]) != prompts_hash([other, PLAIN])


def test_the_hash_of_a_chat_changes_with_who_speaks() -> None:
    """As plain text both are the same; a chat template tells them apart."""
    said = Message(role="system", content="Be brief. "), Message(role="user", content="Why?")
    one = Request(messages=said, continuations=("A", "B"))
    whole = Message(role="user", content="Be brief. Why?")
    other = Request(messages=(whole,), continuations=("A", "B"))
    assert prompts_hash([one]) == prompts_hash([other])
    assert prompts_hash([one], chat=True) != prompts_hash([other], chat=True)
