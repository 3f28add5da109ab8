"""Does the reasoning in a response contradict the answer that it gives?"""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.answers import read_choice
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.rationales import find_contradiction
from evaluator.records import Model, Plan
from evaluator.samples import Sample
from evaluator.tasks import find_task
from ingest import loading, predictions, runs
from tests.conftest import ask

CASES = json.loads(
    (Path(__file__).parent / "cases" / "rationales.json").read_text(encoding="utf-8")
)
TASKS = ("medmcqa", "medqa_4options", "mmlu_anatomy", "mmlu_medical_genetics")
MEGABYTE = 1_000_000
ASK = "A pregnant woman has a fever. Which drug is the best?"
DRUGS = ("doxycycline", "cephalexin", "ciprofloxacin", "none of these")
PIECES = (
    *('{"answer": "', '"answer_choice": "A"', "The answer is ", "Therefore, ", "the best drug is "),
    *("doxycycline", "cephalexin", " is contraindicated", " should be avoided", " in pregnancy"),
    *(". ", ", ", "\n", "\\n", '\\"', '"', "**", "\\u00e9", "\\ud83d", "é", "İ", "if ", "B", "}"),
)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_contradiction_is_the_one_that_a_careful_reader_finds(case: dict[str, Any]) -> None:
    response = case["response"]
    found = find_contradiction(response, case["question"], case["choices"], case["prediction"])
    assert (found and (found.kind, found.words)) == (
        (case["kind"], case["words"]) if case["kind"] else None
    )
    assert found is None or response[found.start : found.end] == found.words


@pytest.mark.parametrize("kind", ["warns", "other", None])
def test_there_are_cases_for_and_against_each_kind(kind: str | None) -> None:
    assert sum(case["kind"] == kind for case in CASES) >= 12


@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_no_text_is_an_error_and_words_are_the_responses_own(response: str) -> None:
    found = find_contradiction(response, ASK, DRUGS, "A")
    assert found is None or response[found.start : found.end] == found.words != ""


@pytest.mark.parametrize("prediction", ["E", "", "?", "AB"])
def test_a_letter_that_no_choice_has_is_contradicted_by_nothing(prediction: str) -> None:
    assert find_contradiction("The answer is B. Really.", ASK, DRUGS, prediction) is None


@pytest.mark.parametrize(
    "piece",
    ["doxycycline is ", "is contraindicated ", "doxycycline, and ", "therefore the best ", "if ",
     "the answer is ", "answer: ", '"answer": "', "\\", "\\u00e9", " ", "\n", "**", "so, the ",
     "A. ", f"doxycycline{' and' * 25} x contraindicated. ", f"doxycycline{' is' * 30} x unsafe. ",
     f"{'best ' * 90}is doxycycline. ", f"{'but the use of ' * 30}doxycycline is unsafe. ",
     "doxycycline is contraindicated in porphyria. ", "the best drug is a ", "most likely "],
)  # fmt: skip
def test_a_megabyte_of_anything_is_read_in_seconds(piece: str) -> None:
    response = f'{{"step_by_step_thinking": "{piece * (MEGABYTE // len(piece))}'
    begun = time.process_time()
    find_contradiction(response, ASK, (*DRUGS, piece * 100), "A")
    find_contradiction("x", response, DRUGS, "A")
    assert time.process_time() - begun < 5


def read_answers(test_data: Path, model: str, task: str) -> list[tuple[str, Sample, str]]:
    """The responses with a letter, with their questions."""
    samples = {each.sample_id: each for each in load_samples(find_task(task), test_data / "hub")}
    path = test_data / "predictions" / "mirage-cot" / model / f"{task}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    given = [(row["response"] or "", samples[row["sample_id"]]) for row in rows]
    read = [(text, each, read_choice(text, each.letters, each.choices)) for text, each in given]
    return [(text, sample, letter) for text, sample, letter in read if letter]


def test_real_contradictions_are_as_counted_by_hand(test_data: Path) -> None:
    found = Counter(
        (model, task, sample.sample_id, contradiction.kind)
        for model in ("gpt-35-turbo-16k", "gpt-4-32k")
        for task in TASKS
        for response, sample, letter in read_answers(test_data, model, task)
        for contradiction in [find_contradiction(response, sample.question, sample.choices, letter)]
        if letter != sample.gold and contradiction
    )
    assert found == {("gpt-35-turbo-16k", "mmlu_medical_genetics", "test-7", "other"): 1}


@pytest.mark.parametrize("model", ["gpt-35-turbo-16k", "gpt-4-32k"])
def test_a_real_warning_is_of_the_choice_that_it_names(test_data: Path, model: str) -> None:
    answers = read_answers(test_data, model, "medqa_4options")
    response, sample, letter = next(each for each in answers if each[1].sample_id == "test-00140")
    found = {
        each: find_contradiction(response, sample.question, sample.choices, each) for each in "BC"
    }
    assert letter == "C"
    assert found["C"] is None
    assert found["B"] and found["B"].kind == "warns" and "contraindicated" in found["B"].words


@pytest.mark.usefixtures("data_folder")
def test_a_wrong_prediction_is_flagged_with_its_place_in_the_response(tmp_path: Path) -> None:
    samples = load_samples(find_task("sample"))
    wrong, right, silent = samples[:3]
    other = next(each for each in wrong.letters if each != wrong.gold)
    words = f"The correct answer is {wrong.gold}."
    text = f"One thinks. {words}"
    told = json.dumps({"why": text, "answer": other})
    rows = [
        {"sample_id": wrong.sample_id, "response": told},
        {
            "sample_id": right.sample_id,
            "response": json.dumps({"why": "Yes.", "answer": right.gold}),
        },
        {"sample_id": silent.sample_id, "prediction": "A", "response": None},
    ]
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "sample.jsonl").write_text("\n".join(map(json.dumps, rows)))
    model = Model(name="m", revision="unknown", type="closed")
    plan = Plan(model=model, precision=None, protocol=parse_protocol("other-test"), tasks=())
    made = predictions.import_predictions(folder, plan, "test", None)
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, [made], None)
    start = told.index(words)
    found = ask("case_flags", task="sample", sample_id=wrong.sample_id, run_id=made.name)
    [flag] = found.filter(pl.col("flag") == "contradiction").iter_rows(named=True)
    assert (flag["kind"], flag["words"]) == ("other", words)
    assert (flag["start"], flag["end_"]) == (start, start + len(words))
    alike = ask("case_flags", task="sample", sample_id=right.sample_id, run_id=made.name)
    assert alike.filter(pl.col("flag") == "contradiction").is_empty()
