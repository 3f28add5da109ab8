"""Which letter does a response settle on?"""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.answers import read_choice

CASES = json.loads((Path(__file__).parent / "cases" / "answers.json").read_text(encoding="utf-8"))
LONG = 20_000
SECONDS = 5  # of a busy machine; what grows with the square of a text takes minutes
CHOICES = ("Zinc", "B. cereus", "the liver", "None of the above")
PIECES = (
    *(
        "answer: ",
        "The answer is ",
        "each option:",
        "option ",
        "\\boxed{",
        '"answer": "',
        "if ",
        "not ",
    ),
    *("A", "b", "C. ", "(D)", "B. cereus", "the liver", " or ", ", ", ". ", "?", "**", '"', "}"),
    *("\n", " ", "\t", "$", "é", "Ａ", "А", "\0", "patient", "-", "'"),
)


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_letter_is_the_one_that_a_careful_reader_finds(case: dict[str, Any]) -> None:
    letter = read_choice(case["response"], case["letters"], case.get("choices", ()))
    assert letter == case["expected"]


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
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    "piece", ['"answer": "A', "answer is B ", "answer: a. ", "A, ", "(A) or ", "if "]
)
def test_a_hundred_thousand_characters_are_read_in_a_second(piece: str) -> None:
    begun = time.process_time()
    read_choice(piece * (100_000 // len(piece)), "ABCD", CHOICES)
    assert time.process_time() - begun < SECONDS


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_text_is_an_error_and_no_letter_comes_from_nowhere(response: str) -> None:
    letter = read_choice(response, "ABCD", CHOICES)
    assert letter is None or letter in "ABCD"
    named = letter is None or letter in response.translate({0xFF21: "A"}).upper()
    assert named or any(choice.casefold() in response.casefold() for choice in CHOICES)


@given(
    st.sampled_from("ABCD"), st.sampled_from("ABCD"), st.sampled_from([" or ", ", ", "/", " and "])
)
def test_two_choices_are_never_one_answer(one: str, other: str, joined: str) -> None:
    texts = dict(zip("ABCD", CHOICES, strict=True))
    both = f"{one}. {texts[one]}{joined}{other}. {texts[other]}"
    forms = (both, f"Answer: {both}", json.dumps({"answer": both}), f"Answer: {one}{joined}{other}")
    assert [read_choice(form, "ABCD", CHOICES) for form in forms] == [None] * len(forms)
