"""Is each flag told in words, with what it rests on?"""

from typing import Any

import pytest

from dashboard import flags
from tests.conftest import REPOSITORY

RULE = {
    "flag": "contraindicated",
    "words": "tetracycline",
    "context_words": ["pregnant", "28 weeks gestation"],
    "why": "It discolours the child's teeth.",
    "strength": "contraindicated",
}
TEETH = "It discolours the child's teeth."


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            RULE,
            "“tetracycline” is contraindicated for a patient of whom the question says “pregnant”, "
            f"“28 weeks gestation”: {TEETH}",
        ),
        (
            RULE | {"strength": "avoid", "context_words": None},
            f"“tetracycline” is to be avoided: {TEETH}",
        ),
        (
            {"flag": "confident", "confidence": 0.97},
            "It gave its wrong choice a probability of 97%.",
        ),
        (
            {"flag": "contradiction", "kind": "warns", "words": "B is unsafe"},
            "It made this choice, and wrote of it: “B is unsafe”",
        ),
        (
            {"flag": "contradiction", "kind": "other", "words": "the answer is C"},
            "It wrote “the answer is C”, which is not the choice that it made.",
        ),
        (
            {"flag": "confident", "confidence": 0.9996},
            "It gave its wrong choice a probability of more than 99%.",
        ),
        (
            {"flag": "only_wrong", "alike": 5, "out_of": 5, "prediction": "B"},
            "All 5 other answers here are right.",
        ),
        (
            {"flag": "only_wrong", "alike": 5, "out_of": 5, "prediction": None},
            "All 5 other answers here are right. In this one no choice could be read.",
        ),
        (
            {"flag": "all_wrong", "alike": 2, "out_of": 4, "prediction": "B"},
            "None of the 4 other answers here is right; 2 of them are this same choice.",
        ),
        (
            {"flag": "all_wrong", "alike": 1, "out_of": 4, "prediction": "B"},
            "None of the 4 other answers here is right; 1 of them is this same choice.",
        ),
        (
            {"flag": "all_wrong", "alike": 0, "out_of": 4, "prediction": "B"},
            "None of the 4 other answers here is right; none of them are this same choice.",
        ),
        (
            {"flag": "all_wrong", "alike": 0, "out_of": 4, "prediction": None},
            "None of the 4 other answers here is right. In this one no choice could be read.",
        ),
        (
            {"flag": "suspect_key", "alike": 9, "out_of": 10},
            "9 of 10 strong models agree on this choice, against the key.",
        ),
    ],
)
def test_a_flag_is_said_with_its_evidence(row: dict[str, Any], said: str) -> None:
    assert flags.say(row) == said


def test_every_flag_of_the_warehouse_has_words() -> None:
    schema = (REPOSITORY / "warehouse" / "schema.sql").read_text(encoding="utf-8")
    (listed,) = [line for line in schema.splitlines() if "wrong answer with its flags: " in line]
    slugs = listed.partition("flags: ")[2].partition(";")[0].split(", ")
    assert list(flags.FLAGS) == slugs
    assert flags.name("suspect_key") == "Key in doubt"


def test_the_gravest_flag_is_named_first() -> None:
    assert flags.shorten(["suspect_key", "confident", "contraindicated"]) == [
        "contraindicated",
        "confident",
        "key in doubt",
    ]
