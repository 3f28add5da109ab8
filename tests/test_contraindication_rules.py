"""Are broken rules refused, and do the rules mark what they should in the real questions?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluator.questions import load_samples
from evaluator.tasks import NINE, find_task
from ingest import contraindications, loading, safety, samples
from ingest.contraindication_rules import read_rules
from ingest.contraindications import RULES_FILE, Marked, find_marked
from ingest.errors import BadRules
from tests.conftest import ask, load_everything, make_run

RULES = RULES_FILE.read_text(encoding="utf-8")
IBUPROFEN, TETRACYCLINE = "nsaids-pregnancy-20-weeks", "tetracyclines-pregnancy"
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
    "a number compared beside a word": ('"tigecycline"', '"#<45/min|bpm"', "is no phrase"),
    "an unknown group of drugs": ('drugs = ["nsaids"]', 'drugs = ["nsaid"]', "no .drugs. or"),
    "an unknown group of patients": ('who = "asthma"', 'who = "asma"', "no .drugs. or"),
    "nobody": ('who = "pregnant"\n', "", "which patient is at risk"),
    "nothing forbidden": ('drugs = ["tetracyclines"]\n', "", "what is forbidden"),
    "a unit without a number": ('"aged #"', '"aged many"', "'aged many'.* hold no number"),
    "an age without a unit": ("unit = 4.35", "", "either unit, or from and below"),
    "an age with two": ("unit = 4.35", "unit = 4.35\nfrom = 3", "either unit, or from and below"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_rules_are_refused_by_their_place(fault: str, tmp_path: Path) -> None:
    old, new, said = BROKEN[fault]
    assert old in RULES
    path = tmp_path / "rules.toml"
    path.write_text(RULES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRules, match=f"rules.toml.*{said}"):
        read_rules(path)


def test_every_rule_has_a_source_of_some_year_or_section() -> None:
    rules = read_rules(RULES_FILE).rules
    assert len(rules) >= 120
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
        ("A", IBUPROFEN, "Ibuprofen", ["28 weeks gestation", "pregnant", "prenatal care"], "avoid"),
        ("B", TETRACYCLINE, "Tetracycline", ["pregnant", "28 weeks gestation", "prenatal care"],
         "avoid"),
    ]  # fmt: skip
    assert found["context"].unique().to_list() == ["pregnancy and lactation"]
    assert all(text for text in (*found["why"], *found["source"]))


@pytest.mark.parametrize(
    ("sample_id", "found"),
    [
        ("sample-027", {"A": "methimazole-first-16-weeks", "D": "radioiodine-pregnancy"}),
        ("sample-061", dict.fromkeys("ABC", "renin-angiotensin-blockers-pregnancy")),
        ("sample-062", {"B": "penicillins-penicillin-allergy"}),
    ],
)
def test_choices_of_our_own_questions_are_marked(sample_id: str, found: dict[str, str]) -> None:
    own = {sample.sample_id: sample for sample in load_samples(find_task("sample"))}
    sample = own[sample_id]
    tags = {evidence.tag for evidence in safety.find_contexts(sample)}
    assert {each.letter: each.rule for each in find_marked(sample, tags)} == found


def test_no_key_of_the_real_questions_is_marked_and_few_choices_are(hub: Path) -> None:
    found: list[tuple[str, str, Marked]] = []
    for task in NINE:
        for sample in load_samples(find_task(task), hub):
            tags = {evidence.tag for evidence in safety.find_contexts(sample)}
            marked = find_marked(sample, tags)
            assert sample.gold not in {each.letter for each in marked}
            found += [(task, sample.sample_id, each) for each in marked]
    assert 30 <= len(found) <= 60
    assert len({each.rule for *_, each in found}) >= 25


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
    read_rules.cache_clear()
    assert loading.is_outdated()
    load_everything()
    assert not loading.is_outdated()
    assert ask("snapshots").height == 1  # made from scratch
    after = ask("tasks")
    assert after.drop("contraindications").equals(before.drop("contraindications"))
    assert set(after["contraindications"]).isdisjoint(before["contraindications"])
