"""Is a choice marked where a label or guideline forbids it to the patient, and nowhere else?"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluator.questions import load_samples
from evaluator.samples import Sample
from evaluator.tasks import NINE, find_task
from ingest import contraindications, loading, safety, samples
from ingest.contraindications import Marked, find_marked, read_amounts, read_rules
from ingest.errors import BadRules
from tests.conftest import ask, load_everything, make_run

RULES = contraindications.RULES_FILE.read_text(encoding="utf-8")
ASKED = " Which of the following is the most appropriate treatment?"
PREGNANT = ("pregnancy and lactation",)
CHOICES = ("Ibuprofen", "Tetracycline", "Amoxicillin", "Gentamicin")
IBUPROFEN, TETRACYCLINE = "nsaids-pregnancy-20-weeks", "tetracyclines-pregnancy"
BOTH = {"A": IBUPROFEN, "B": TETRACYCLINE}
ONE = {"B": TETRACYCLINE}
HEADING = "[[rules]]\n"
FIRST = 'id = "tetracyclines-pregnancy"'
BROKEN = {
    "no TOML": ("[asking]", "[asking", "at line"),
    "an unknown context": (
        'context = "children"',
        'context = "child"',
        "'child' is no safety context",
    ),
    "an unknown line": ("age_below = 19", "age_under = 19", "age_under: Extra inputs"),
    "two rules of one name": ('"warfarin-pregnancy"', '"tetracyclines-pregnancy"', "stand twice"),
    "a name with blanks": (FIRST, 'id = "Tetra cyclines"', r"rules\.0\.id: String should match"),
    "no source": ('source = "FDA Drug', 'source = " "\n# "FDA Drug', r"rules\.\d+\.source"),
    "another strength": ('strength = "avoid"', 'strength = "bad"', r"rules\.0\.strength"),
    "a phrase that is none": ('"tigecycline"', '"tige cycline ..."', "is no phrase"),
    "an age without a unit": ("unit = 4.35", "", "either unit, or from and below"),
    "an age with two": ("unit = 4.35", "unit = 4.35\nfrom = 3", "either unit, or from and below"),
}


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
    ("stem", "found"),
    [
        ("A 7-year-old boy has chickenpox.", {"A": "aspirin-viral-children"}),
        ("A 7-month-old boy has chickenpox.", {"A": "aspirin-viral-children"}),
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
        ("8 months pregnant", [("8 months pregnant", 8 * 4.35, 9 * 4.35)]),
        ("gravida 3, para 2, at 30 weeks", [("gravida 3, para 2, at 30 weeks", 30, 31)]),
        ("for 6 weeks", []),
    ],
)
def test_gestational_age_is_read_in_weeks_months_or_trimesters(
    text: str, said: list[tuple[str, float, float]]
) -> None:
    amounts = read_rules(contraindications.RULES_FILE).gestation
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


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_rules_are_refused_by_their_place(fault: str, tmp_path: Path) -> None:
    old, new, said = BROKEN[fault]
    assert old in RULES
    path = tmp_path / "rules.toml"
    path.write_text(RULES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRules, match=f"rules.toml.*{said}"):
        read_rules(path)


def test_every_rule_has_a_source_of_some_year_or_section() -> None:
    rules = read_rules(contraindications.RULES_FILE).rules
    assert len(rules) >= 12
    sourced = ("section", "boxed", "Contraindications", "Warnings", "FDA", "CFR", "20")
    assert [rule.id for rule in rules if not any(word in rule.source for word in sourced)] == []


def test_the_pregnant_patient_with_a_tick_bite_is_spared_tetracycline_and_ibuprofen(
    hub: Path,
    data_folder: Path,  # noqa: ARG001
) -> None:
    with loading.open_draft("test") as draft:
        samples.load_questions(draft, find_task("medqa_4options"), hub)
    found = ask("contraindicated", task="medqa_4options", sample_id="test-00140")
    assert found.select("letter", "rule", "words", "context_words", "strength").rows() == [
        ("A", IBUPROFEN, "Ibuprofen", ["28 weeks gestation", "pregnant", "pregnancy"], "avoid"),
        ("B", TETRACYCLINE, "Tetracycline", ["pregnant", "28 weeks gestation", "pregnancy"],
         "avoid"),
    ]  # fmt: skip
    assert found["context"].unique().to_list() == ["pregnancy and lactation"]
    assert all(text for text in (*found["why"], *found["source"]))


def test_no_key_of_the_real_questions_is_marked_and_few_choices_are(hub: Path) -> None:
    found: list[tuple[str, str, Marked]] = []
    for task in NINE:
        for sample in load_samples(find_task(task), hub):
            tags = {evidence.tag for evidence in safety.find_contexts(sample)}
            marked = find_marked(sample, tags)
            assert sample.gold not in {each.letter for each in marked}
            found += [(task, sample.sample_id, each) for each in marked]
    assert 8 <= len(found) <= 500


@pytest.fixture
def other_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the rules in their place, to be changed."""
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    monkeypatch.setattr(contraindications, "RULES_FILE", path)
    contraindications.rules_hash.cache_clear()
    yield path
    contraindications.rules_hash.cache_clear()


@pytest.mark.usefixtures("data_folder")
def test_changed_rules_remake_the_warehouse(other_rules: Path) -> None:
    make_run("baseline:majority")
    load_everything()
    before = ask("tasks")
    assert not loading.is_outdated()
    other_rules.write_text(RULES.replace('"minocycline", ', ""), encoding="utf-8")
    contraindications.rules_hash.cache_clear()
    contraindications.read_rules.cache_clear()
    assert loading.is_outdated()
    load_everything()
    assert not loading.is_outdated()
    assert ask("snapshots").height == 1  # made from scratch
    after = ask("tasks")
    assert after.drop("contraindications").equals(before.drop("contraindications"))
    assert set(after["contraindications"]).isdisjoint(before["contraindications"])
