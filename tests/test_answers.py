"""Which letter does a response settle on?"""

import json
import time
from pathlib import Path

import pytest

from evaluator.answers import read_choice

CASES = json.loads((Path(__file__).parent / "cases" / "answers.json").read_text(encoding="utf-8"))
LONG = 20_000


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_letter_is_the_one_that_a_careful_reader_finds(case: dict[str, str]) -> None:
    assert read_choice(case["response"], case["letters"]) == case["expected"]


@pytest.mark.parametrize("letter", "ABCDEFGHIJ")
def test_each_letter_is_read_when_it_is_a_choice(letter: str) -> None:
    forms = [letter, f"({letter})", f"The answer is {letter}.", f"\\boxed{{{letter}}}"]
    assert [read_choice(form, "ABCDEFGHIJ") for form in forms] == [letter] * len(forms)


def test_a_long_chain_of_thought_ends_in_its_answer() -> None:
    thoughts = "A patient with option B might be harmed. " * LONG
    assert read_choice(f"{thoughts}\nAnswer: C", "ABCD") == "C"
    assert read_choice(thoughts, "ABCD") is None


@pytest.mark.parametrize(
    "response",
    [
        "answer: " + " " * LONG,
        "\\boxed{" + " " * LONG,
        " " * LONG,
        "answer " * LONG,
        "answer is (" + "*(" * LONG,
        "A" * LONG,
        "{" * LONG,
        "[" * 10 * LONG,
        '{"answer": ' * LONG,
    ],
    ids=lambda response: f"{response[:12]}…",
)
def test_a_pathological_response_is_read_at_once(response: str) -> None:
    begun = time.process_time()
    assert read_choice(response, "ABCD") is None
    assert time.process_time() - begun < 1
