"""Ways to ask beyond scoring each choice once: slugs, prompts, rotations, and what is read."""

from typing import Any

import pytest

from evaluator.answers import before_conclusion, before_next_question, part_thinking
from evaluator.asking import prepare_baseline
from evaluator.errors import UnknownProtocol
from evaluator.models import describe_model
from evaluator.papers import Paper, rotate, rotate_back
from evaluator.prompts import INSTRUCTIONS, Message, render
from evaluator.protocols import Decoding, Protocol, parse_protocol
from evaluator.samples import Sample
from evaluator.tasks import find_task

MEDQA, ANATOMY, PUBMEDQA = map(find_task, ("medqa_4options", "mmlu_anatomy", "pubmedqa"))
SAMPLE = Sample(
    sample_id="one",
    question="Which bone?",
    choices=("Femur", "Tibia", "Ulna", "Radius"),
    gold="B",
)
SHOT = SAMPLE.model_copy(update={"sample_id": "shot", "question": "Which nerve?", "gold": "D"})
ABSTRACT = Sample(
    sample_id="2", question="Does it?", context="We saw.", choices=("yes", "no", "maybe"), gold="C"
)
LETTERED = "A. Femur\nB. Tibia\nC. Ulna\nD. Radius"
SLUGS: dict[str, dict[str, Any]] = {
    "loglikelihood-0shot": {},
    "loglikelihood-5shot-chat": {},
    "rotate-0shot": {},
    "rotate-2shot-chat": {},
    "generate-0shot": {},
    "generate-cot-3shot": {},
    "generate-0shot-t0.7x5": {"temperature": 0.7, "repeats": 5},
    "generate-0shot-t1x1-seed7": {"temperature": 1, "seed": 7},
    "generate-cot-0shot-t0.25x2-seed7-m4096": {
        "temperature": 0.25,
        "repeats": 2,
        "seed": 7,
        "most_tokens": 4096,
    },
}
REFUSED = {
    "generate": "No protocol is named 'generate'",
    "loglikelihood-0shot-t0.7x5": "it scores choices, and nothing is drawn",
    "generate-0shot-chat": "generate uses a chat template wherever there is one",
    "generate-0shot-t0x5": "at temperature 0 every repeat",
    "generate-0shot-seed7": "at temperature 0 every repeat",
    "generate-0shot-t0.70x5": "its usual form is generate-0shot-t0.7x5",
    "generate-0shot-t0.123x5": "more than two decimals",
    "generate-0shot-t9x5": "less than or equal to 2",
    "generate-0shot-t0.7x0": "greater than or equal to 1",
    "generate-0shot-t0.7.1x2": "valid number",
    "generate-0shot-m0": "greater than or equal to 1",
    "generate-0shot-stop123456": "other texts than --stop, which is not given",
    "generate-0shot-sys123456": "other texts than --system-prompt, which is not given",
}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_slug_says_how_is_asked(slug: str) -> None:
    protocol = parse_protocol(slug)
    assert protocol.slug == slug
    writes = slug.startswith("generate")
    assert protocol.decoding == (Decoding(**SLUGS[slug]) if writes else None)
    assert Protocol.model_validate_json(protocol.model_dump_json()) == protocol


@pytest.mark.parametrize("slug", REFUSED)
def test_a_slug_that_means_nothing_is_refused(slug: str) -> None:
    with pytest.raises(UnknownProtocol) as refused:
        parse_protocol(slug)
    assert REFUSED[slug] in str(refused.value)


def test_stop_strings_are_part_of_the_lane() -> None:
    stopped = parse_protocol("generate-0shot", stop=["\n\n"])
    assert stopped.slug == "generate-0shot-stop75a11d"
    assert parse_protocol(stopped.slug, stop=["\n\n"]) == stopped
    with pytest.raises(UnknownProtocol, match="other texts than --stop, which is another"):
        parse_protocol(stopped.slug, stop=["."])
    with pytest.raises(UnknownProtocol, match="nothing is drawn, stopped"):
        parse_protocol("loglikelihood-0shot", stop=["."])


@pytest.mark.parametrize("method", INSTRUCTIONS)
def test_a_prompt_for_words_is_exact_to_the_byte(method: str) -> None:
    protocol, line = parse_protocol(f"{method}-0shot"), INSTRUCTIONS[method]
    medqa = f"Question: Which bone?\n{LETTERED}\n\n{line}"
    assert render(MEDQA, SAMPLE, protocol).prompt == f"{medqa}\nAnswer:"
    assert [*render(MEDQA, SAMPLE, protocol).messages] == [turn("user", medqa)]
    assert render(PUBMEDQA, ABSTRACT, protocol).prompt == (
        f"Abstract: We saw.\nQuestion: Does it?\nA. yes\nB. no\nC. maybe\n\n{line}\nAnswer:"
    )
    assert render(ANATOMY, SAMPLE, protocol).prompt == (
        "The following are multiple choice questions (with answers) about anatomy.\n\n"
        f"Which bone?\n{LETTERED}\n\n{line}\nAnswer:"
    )


def turn(role: Any, content: str) -> Message:
    return Message(role=role, content=content)


def test_examples_of_answers_in_words_stand_before_the_question() -> None:
    protocol = parse_protocol("generate-1shot", "Be brief.")
    line = INSTRUCTIONS["generate"]
    head = "The following are multiple choice questions (with answers) about anatomy.\n\n"
    first, second = (f"Which {what}?\n{LETTERED}\n\n{line}" for what in ("nerve", "bone"))
    asked = render(ANATOMY, SAMPLE, protocol, [SHOT])
    assert [*asked.messages] == [
        turn("system", "Be brief."),
        turn("user", head + first),
        turn("assistant", "Answer: D"),
        turn("user", second),
    ]
    assert asked.prompt == (f"Be brief.\n\n{head}{first}\nAnswer: D\n\n{second}\nAnswer:")


def test_a_question_is_asked_under_every_cyclic_order_of_its_choices() -> None:
    protocol = parse_protocol("rotate-0shot")
    paper = Paper(MEDQA, [SAMPLE], [])
    turns = paper.turns(protocol)
    assert [one.key for one in turns] == [("one", number) for number in range(4)]
    prompts = [paper.render(one.sample, protocol, one.repeat).prompt for one in turns]
    assert prompts[0] == render(MEDQA, SAMPLE).prompt
    assert prompts[1].splitlines()[1:5] == ["A. Tibia", "B. Ulna", "C. Radius", "D. Femur"]
    assert prompts[3].splitlines()[1:5] == ["A. Radius", "B. Femur", "C. Tibia", "D. Ulna"]


def test_what_shows_no_choices_is_asked_once() -> None:
    assert len(Paper(PUBMEDQA, [ABSTRACT], []).turns(parse_protocol("rotate-0shot"))) == 1
    drawn = parse_protocol("generate-0shot-t0.7x3")
    assert len(Paper(PUBMEDQA, [ABSTRACT], []).turns(drawn)) == 3


def test_a_letter_of_a_rotated_question_is_that_of_its_choice() -> None:
    for places in range(4):
        turned = rotate(SAMPLE, places)
        assert turned.choices[turned.letters.index(turned.gold)] == "Tibia"
        for letter, choice in zip(turned.letters, turned.choices, strict=True):
            back = rotate_back(SAMPLE, places, letter)
            assert SAMPLE.choices[SAMPLE.letters.index(back)] == choice


def test_baselines_pick_among_the_choices_as_they_are_shown() -> None:
    protocol = parse_protocol("rotate-0shot")
    longest = SAMPLE.model_copy(update={"choices": ("a", "bb", "ccc", "dd")})
    assert picks("longest-choice", longest, protocol) == "CCCC"
    assert picks("majority", SAMPLE, protocol) == "BBBB"  # its key, wherever that stands
    assert len(set(picks("random", SAMPLE, protocol))) > 1


def picks(name: str, sample: Sample, protocol: Protocol) -> str:
    paper = Paper(MEDQA, [sample], [])
    prepare = prepare_baseline(describe_model(f"baseline:{name}", None), protocol)
    ask = prepare(paper, paper.turns(protocol))
    return "".join(str(one.prediction) for one in ask((), lambda plan: plan(None)))


@pytest.mark.parametrize(
    ("text", "opened", "thinking", "response"),
    [
        ("Answer: B", False, None, "Answer: B"),
        ("<think>\nA? No.\n</think>\n\nAnswer: B", False, "A? No.", "Answer: B"),
        ("A? No.\n</think>\nAnswer: B", True, "A? No.", "Answer: B"),
        ("A? No.</think>Answer: B", False, "A? No.", "Answer: B"),
        ("A? Answer: A", True, "A? Answer: A", ""),
        ("<think>A? Answer: A", False, "A? Answer: A", ""),
        ("</think>Answer: B", True, "", "Answer: B"),
        ("", True, "", ""),
        ("", False, None, ""),
    ],
)
def test_what_is_thought_is_kept_apart_from_the_answer(
    text: str, opened: bool, thinking: str | None, response: str
) -> None:
    assert part_thinking(text, opened=opened) == (thinking, response)


def test_what_a_base_model_asks_itself_is_no_answer() -> None:
    assert before_next_question(" B\n\nQuestion: What else?\nAnswer: C") == " B"
    assert before_next_question(" B, which answers the Question: of") == (
        " B, which answers the Question: of"
    )


def test_a_rationale_ends_before_the_line_that_states_the_answer() -> None:
    text = "Answer: A is tempting.\nBut the tibia bears it.\nAnswer: B\n"
    assert before_conclusion(text) == "Answer: A is tempting.\nBut the tibia bears it.\n"
    assert before_conclusion("Answer: B") == ""
    assert before_conclusion("It is safe. So the answer is B.") == "It is safe. "
    assert before_conclusion('Only it "bears it." Answer: B') == 'Only it "bears it." '
    assert before_conclusion("No letter here") == "No letter here"
