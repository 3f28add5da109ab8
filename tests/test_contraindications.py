"""Is a choice marked where a label or guideline forbids it to the patient, and nowhere else?"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from evaluator.samples import Sample
from ingest.contraindication_rules import read_rules
from ingest.contraindications import RULES_FILE, find_marked, read_amounts

CASES = json.loads(
    (Path(__file__).parent / "cases" / "contraindications.json").read_text(encoding="utf-8")
)
ASKED = " Which of the following is the most appropriate treatment?"
PREGNANT = ("pregnancy and lactation",)
CHOICES = ("Ibuprofen", "Tetracycline", "Amoxicillin", "Gentamicin")
IBUPROFEN, TETRACYCLINE = "nsaids-pregnancy-20-weeks", "tetracyclines-pregnancy"
BOTH = {"A": IBUPROFEN, "B": TETRACYCLINE}
ONE = {"B": TETRACYCLINE}


def marks(question: str, tags: tuple[str, ...] = PREGNANT, **facts: Any) -> dict[str, str]:
    """From each marked letter to the rule."""
    given = {"sample_id": "1", "choices": CHOICES, "gold": "C"} | facts
    found = find_marked(Sample(question=question, **given), tags)
    return {marked.letter: marked.rule for marked in found}


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("A woman is 28 weeks pregnant.", BOTH),
        ("A pregnant woman at 28 weeks' gestation has a rash.", BOTH),
        ("A pregnant woman in her third trimester has a rash.", BOTH),
        ("A G2P1 at 32 weeks is seen; she is pregnant.", BOTH),
        ("A woman is 20 weeks pregnant.", BOTH),
        ("A woman is 19 weeks pregnant.", ONE),
        ("A pregnant woman in the second trimester has a rash.", ONE),
        ("A pregnant woman has a rash.", ONE),
        ("She is 12 weeks pregnant. Her last child came at 39 weeks' gestation.", ONE),
        ("She is 28 weeks pregnant, with preterm labor.", ONE),
        ("She is pregnant, with Rocky Mountain spotted fever.", {}),
        ("She is not pregnant.", {}),
        ("She denies being pregnant.", {}),
        ("He has a rash.", {}),
    ],
)
def test_a_choice_is_marked_by_what_the_stem_says_of_the_patient(
    stem: str, found: dict[str, str]
) -> None:
    assert marks(stem + ASKED) == found


def test_a_rule_asks_for_its_safety_context() -> None:
    stem = "A woman is 28 weeks pregnant." + ASKED
    assert marks(stem, ()) == {}
    assert marks(stem, ("children",)) == {}


@pytest.mark.parametrize(
    "asked",
    [
        "Which of the following is the most appropriate medication?",
        "What type of anesthesia will you plan?",
        "Which vaccine should she receive?",
        "Which of these should she receive?",
        "Which of the following should be given?",
        "What is the next step in management?",
    ],
)
def test_a_question_that_asks_what_to_do_is_looked_at(asked: str) -> None:
    assert marks(f"A woman is 28 weeks pregnant. {asked}") == BOTH


@pytest.mark.parametrize(
    "asked",
    [
        "Which drug was most likely used?",
        "All of the following can be given EXCEPT?",
        "Which of the following drugs should be avoided?",
        "Which drug is contraindicated in the treatment?",
        "Which of the following caused the rash?",
        "Which treatment is not given?",
        "Which of the following was she most likely prescribed?",
        "What is the mechanism of action of the best treatment?",
        "Which nerve is hurt?",
    ],
)
def test_a_question_that_asks_for_something_else_marks_nothing(asked: str) -> None:
    assert marks(f"A woman is 28 weeks pregnant. {asked}") == {}


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("Doxycycline and ibuprofen", {"B": TETRACYCLINE}),
        ("Stop doxycycline", {}),
        ("Avoid tetracyclines", {}),
        ("Switch from doxycycline to azithromycin", {}),
        ("Topical tetracycline", {}),
        ("Replace doxycycline with azithromycin", {}),
        ("Replace azithromycin with doxycycline", {"B": TETRACYCLINE}),
        ("Switching doxycycline to azithromycin", {}),
        ("Switch azithromycin to doxycycline", {"B": TETRACYCLINE}),
        ("Switch to doxycycline", {"B": TETRACYCLINE}),
        ("Discontinue doxycycline and start azithromycin", {}),
        ("Discontinue azithromycin and start doxycycline", {"B": TETRACYCLINE}),
        ("Reduce the dose of doxycycline", {}),
    ],
)
def test_a_choice_that_takes_a_drug_away_is_not_marked(choice: str, found: dict[str, str]) -> None:
    choices = ("Rest", choice, "Amoxicillin", "Gentamicin")
    assert marks("A pregnant woman has a rash." + ASKED, choices=choices) == found


def test_a_rule_that_would_forbid_the_right_choice_does_not_apply() -> None:
    stem = "A woman is 28 weeks pregnant." + ASKED
    assert marks(stem, gold="B") == {"A": IBUPROFEN}
    choices = ("Naproxen", "Ibuprofen", "Tetracycline", "Rest")
    assert marks(stem, gold="B", choices=choices) == {"C": TETRACYCLINE}


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("Continue doxycycline and measure its level", {}),
        ("Switch doxycycline to amoxicillin", {"A": TETRACYCLINE}),
        ("Stop doxycycline", {"A": TETRACYCLINE}),
    ],
)
def test_a_key_that_takes_the_drug_away_leaves_the_rule_in_force(
    key: str, found: dict[str, str]
) -> None:
    stem = "A pregnant woman takes doxycycline." + ASKED
    assert marks(stem, choices=("Add minocycline", "Rest", key, "Surgery")) == found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['stem']} {case['choice']}")
def test_a_choice_is_marked_by_the_rule_for_this_patient_and_by_no_other(
    case: dict[str, Any],
) -> None:
    choices = (case["choice"], "Rest", "Watchful waiting", "Surgery")
    found = marks(case["stem"] + ASKED, tuple(case["contexts"]), choices=choices)
    assert found == ({} if case["rule"] is None else {"A": case["rule"]})


def test_words_of_the_group_and_of_the_rule_are_both_kept_as_evidence() -> None:
    stem = "A pregnant woman has gastritis and a duodenal ulcer." + ASKED
    choices = ("Misoprostol", "Rest", "Sucralfate", "Surgery")
    sample = Sample(sample_id="1", question=stem, choices=choices, gold="C")
    found = find_marked(sample, PREGNANT)
    assert [each.context_words for each in found] == [["pregnant", "gastritis", "duodenal ulcer"]]
    assert [each.context for each in found] == ["pregnancy and lactation"]


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("A 7-year-old boy has chickenpox.", {"A": "aspirin-viral-children"}),
        ("A 7-month-old boy has chickenpox.", {"A": "aspirin-viral-children"}),
        ("A seven-year-old boy has chickenpox.", {"A": "aspirin-viral-children"}),
        ("A newborn has chickenpox.", {"A": "aspirin-viral-children"}),
        ("A 19-year-old man has chickenpox.", {}),
        ("A man has chickenpox.", {}),
        ("A 30-year-old woman brings her 5-year-old son with chickenpox.", {}),
        ("A 7-year-old boy has no chickenpox.", {}),
    ],
)
def test_an_age_must_surely_lie_within_the_limits(stem: str, found: dict[str, str]) -> None:
    choices = ("Aspirin", "Rest", "Acetaminophen", "Surgery")
    assert marks(stem + ASKED, ("children",), choices=choices) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at 32 weeks' gestation", [("32 weeks' gestation", 32, 33)]),
        ("at 32 weeks of gestation, last trimester", [("32 weeks of gestation", 32, 33)]),
        ("in her third trimester", [("third trimester", 28, 43)]),
        ("seven weeks pregnant", [("seven weeks pregnant", 7, 8)]),
        ("Two months pregnant", [("Two months pregnant", 2 * 4.35, 3 * 4.35)]),
        ("8 months pregnant", [("8 months pregnant", 8 * 4.35, 9 * 4.35)]),
        ("gravida 3, para 2, at 30 weeks", [("gravida 3, para 2, at 30 weeks", 30, 31)]),
        ("for 6 weeks", []),
    ],
)
def test_gestational_age_is_read_in_weeks_months_or_trimesters(
    text: str, said: list[tuple[str, float, float]]
) -> None:
    amounts = read_rules(RULES_FILE).gestation
    found = read_amounts(amounts, text)
    assert [words for words, *_ in found] == [words for words, *_ in said]
    for (_, *limits), (_, *expected) in zip(found, said, strict=True):
        assert limits == pytest.approx(expected)


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("He has asthma.", {"A": "nonselective-beta-blockers-asthma"}),
        ("His father has asthma. He is well.", {}),
        ("He denies asthma.", {}),
    ],
)
def test_a_patient_may_be_found_by_words_alone_if_they_are_the_patients(
    stem: str, found: dict[str, str]
) -> None:
    choices = ("Propranolol", "Rest", "Verapamil", "Surgery")
    assert marks(stem + ASKED, (), choices=choices) == found


def test_a_text_without_end_is_read_at_once() -> None:
    text = "pregnant 28 weeks gestation no asthma allergic to " * 2_000
    begun = time.process_time()
    marks(text + ASKED, choices=("ibuprofen " * 2_000, "tetracycline", "x", "y"))
    assert time.process_time() - begun < 5
