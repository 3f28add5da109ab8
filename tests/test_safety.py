"""Does a question get the safety contexts that a careful reader would give it, and why?"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.errors import AlreadyDone
from evaluator.questions import load_samples
from evaluator.samples import SAFETY_TAGS, Sample
from evaluator.tasks import NINE, find_task
from ingest import loading, safety, samples
from ingest.errors import BadRules
from ingest.phrases import make_finder
from tests.conftest import ask, load_everything, make_run
from warehouse import settings

CASES = json.loads(
    (Path(__file__).parent / "cases" / "safety_rules.json").read_text(encoding="utf-8")
)
COUNTS = {  # questions of each of the nine tasks, in the order of the catalogue
    "pregnancy and lactation": [63, 137, 25, 0, 0, 0, 0, 4, 12],
    "children": [234, 334, 48, 0, 0, 0, 7, 2, 59],
    "elderly": [173, 16, 20, 0, 1, 0, 0, 0, 33],
    "renal impairment": [26, 22, 4, 0, 0, 0, 0, 0, 3],
    "hepatic impairment": [10, 12, 4, 0, 0, 0, 0, 0, 1],
    "allergy": [9, 10, 2, 0, 1, 0, 0, 0, 2],
    "interaction": [1, 5, 0, 0, 0, 0, 0, 0, 0],
    "dosing": [5, 31, 1, 0, 0, 0, 0, 0, 2],
    "emergency": [250, 102, 14, 2, 5, 0, 0, 0, 49],
}
RULES = safety.RULES_FILE.read_text(encoding="utf-8")
FIRST = '"pregnant", "pregnancy"'
BROKEN = {
    "no TOML": ("mentions = 3", "mentions =", r"at line \d+"),
    "an unknown context": ("[tags.elderly]", "[tags.old]", r"missing: \['elderly', 'old'\]"),
    "an unknown list": ("asked = [", "ask = [", r"tags\.dosing\.ask: Extra inputs"),
    "an empty list": ('unless = ["nursing home employee|worker"]', "unless = []", "elderly.unless"),
    "an empty word": (FIRST, '"pregnant  now"', "'pregnant  now' is no phrase"),
    "a gap at an end": (FIRST, '"pregnant ..."', "is no phrase"),
    "a regular expression": (FIRST, '"(a+)+"', r"'\(a\+\)\+' is no phrase"),
    "a capital": (FIRST, '"Pregnant"', "'Pregnant' is no phrase"),
    "a star of its own": (FIRST, '"*"', r"'\*' is no phrase"),
    "two limits": (FIRST, '"#<3 of #>=5"', "'#<3 of #>=5' is no phrase"),
    "no sentence": ('means = "The situation needs', 'means = ""\n#', "emergency.means"),
    "no mentions": ("mentions = 3", "mentions = 0", "mentions: Input should be greater"),
}


def make_sample(question: str, **facts: Any) -> Sample:
    given = {"sample_id": "1", "choices": ("yes", "no"), "gold": "A"} | facts
    return Sample(question=question, **given)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['tag']}: {case['why']}" for case in CASES])
def test_a_context_is_found_by_its_words_and_by_no_others(case: dict[str, Any]) -> None:
    facts = {name: case[name] for name in ("context", "choices") if name in case}
    found = [
        (evidence.words, evidence.place)
        for evidence in safety.find_contexts(make_sample(case["question"], **facts))
        if evidence.tag == case["tag"]
    ]
    assert found == [(words, case.get("place", "question")) for words in case["found"]]


@pytest.mark.parametrize(
    ("tag", "question", "choices", "found"),
    [
        ("dosing", "What next?", ["Reduce the dose", "Rest", "Surgery", "Wait"], []),
        ("dosing", "What next?", ["Reduce the dose", "Double the dose", "Rest", "Wait"],
         ["Reduce the dose", "Double the dose"]),
        ("dosing", "What next?", ["Atropine 2 mg IV", "0.3 ml of 1:1000", "Rest", "Wait"],
         ["2 mg IV", "0.3 ml of 1:1000"]),
        ("emergency", "He has had a cough for the past 9 hours.", ["a", "b"], ["past 9 hours"]),
        ("emergency", "He has had a cough for the past 48 hours.", ["a", "b"], []),
        ("emergency", "She had drunk milk. She ate lunch 3 hours ago.", ["a", "b"], []),
        ("emergency", "He never vomited any blood.", ["a", "b"], []),
        ("emergency", "Osmotic shock bursts the cell.", ["a", "b"], []),
        ("emergency", "A man goes into shock.", ["a", "b"], ["into shock"]),
        ("emergency", "Which drug stops postpaum haemorrhage?", ["a", "b"],
         ["postpaum haemorrhage"]),
        ("emergency", "Which drug prevents postpaum haemorrhage?", ["a", "b"], []),
        ("pregnancy and lactation", "She gave birth to twins 4 days ago.", ["a", "b"],
         ["gave birth to twins 4 days ago"]),
        ("interaction", "Which drug inhibits metabolism of another?", ["a", "b"],
         ["inhibits metabolism of"]),
    ],
)  # fmt: skip
def test_one_choice_an_old_hour_and_a_denial_are_no_context(
    tag: str, question: str, choices: list[str], found: list[str]
) -> None:
    evidence = safety.find_contexts(make_sample(question, choices=tuple(choices)))
    assert [each.words for each in evidence if each.tag == tag] == found


@pytest.mark.parametrize("tag", SAFETY_TAGS)
def test_every_context_has_cases_for_and_against_it(tag: str) -> None:
    assert {bool(case["found"]) for case in CASES if case["tag"] == tag} == {True, False}


def test_contexts_stand_in_their_order_each_with_a_few_different_words() -> None:
    question = "A boy, a girl, a child, a baby and a Boy who is allergic to nuts."
    assert safety.find_contexts(make_sample(question)) == [
        ("children", "boy", "question"),
        ("children", "girl", "question"),
        ("children", "child", "question"),
        ("allergy", "allergic to", "question"),
    ]


def test_words_are_the_texts_own_where_capitals_change_its_length() -> None:
    assert [each.words for each in safety.find_contexts(make_sample("İİİ: A CHILD with CPR"))] == [
        "CHILD",
        "CPR",
    ]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("dose ... child*", "dose for a small child; dose. Children", ["dose for a small child"]),
        ("dose ... child*", "dose a b c d e f child", ["dose a b c d e f child"]),
        ("dose ... child*", "dose a b c d e f g child", []),
        ("# mg", "5mg, 2.5 mg, mg", ["5mg", "2.5 mg"]),
        (
            "#>=65 year* old",
            "64.9 years old, 65-YEAR-OLD, 165years old",
            ["65-YEAR-OLD", "165years old"],
        ),
        (
            "renal|kidney failure",
            "kidney-failure, renal, failure",
            ["kidney-failure", "renal, failure"],
        ),
        ("child", "children childless a child's grandchild", ["child"]),
        ("#<80/#", "79/40 and 80/40 and 1.79/40", ["79/40", "1.79/40"]),
    ],
)
def test_a_phrase_is_read_as_the_head_of_the_rules_says(
    phrase: str, text: str, found: list[str]
) -> None:
    assert [text[slice(*match.span())] for match in make_finder((phrase,), ()).find(text)] == found


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_rules_are_refused_by_their_place(fault: str, tmp_path: Path) -> None:
    old, new, said = BROKEN[fault]
    assert old in RULES
    path = tmp_path / "rules.toml"
    path.write_text(RULES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadRules, match=f"rules.toml.*{said}"):
        safety.read_rules(path)


def test_rules_that_find_nothing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    rules = "".join(f'[tags."{tag}"]\nmeans = "x"\nunless = ["x"]\n' for tag in SAFETY_TAGS)
    path.write_text(f"mentions = 3\n{rules}", encoding="utf-8")
    with pytest.raises(BadRules, match="pregnancy and lactation: no words, asked or choices"):
        safety.read_rules(path)
    with pytest.raises(BadRules, match="No such file"):
        safety.read_rules(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "text",
    ["child " * 20_000, "a" * 100_000, "1" * 100_000, "-" * 100_000, "no dose of a " * 10_000,
     "blood pressure " * 10_000, "emergency room " * 10_000, "1.1" * 30_000, "é'/%" * 20_000],
    ids=lambda text: f"{text[:12]}…",
)  # fmt: skip
def test_a_pathological_text_is_read_at_once(text: str) -> None:
    begun = time.process_time()
    safety.find_contexts(make_sample(text, context=text, choices=(text, text)))
    assert time.process_time() - begun < 5


def load_demonstration() -> pl.DataFrame:
    with loading.open_draft("test") as draft:
        samples.load_questions(draft, find_task("sample"), None)
    return ask("question", task="sample", sample_id="sample-001")


def test_contexts_set_by_hand_stand_for_their_whole_task(data_folder: Path) -> None:  # noqa: ARG001
    stored = load_demonstration().row(0, named=True)
    tags = ["children", "allergy", "emergency", "dosing"]
    assert stored["safety_tags"] == tags
    assert stored["safety_evidence"] == [
        {"tag": tag, "words": "set by hand", "place": None} for tag in tags
    ]
    untagged = [each for each in load_samples(find_task("sample")) if not each.safety_tags]
    assert any(safety.find_contexts(each) for each in untagged)
    for each in untagged:
        stored = ask("question", task="sample", sample_id=each.sample_id).row(0, named=True)
        assert (stored["safety_tags"], stored["safety_evidence"]) == ([], [])


def test_a_real_question_is_stored_with_its_contexts_and_words(
    hub: Path,
    data_folder: Path,  # noqa: ARG001
) -> None:
    with loading.open_draft("test") as draft:
        samples.load_questions(draft, find_task("medqa_4options"), hub)
    stored = ask("question", task="medqa_4options", sample_id="test-00140").row(0, named=True)
    assert stored["safety_tags"] == ["pregnancy and lactation"]
    assert stored["safety_evidence"] == [
        {"tag": "pregnancy and lactation", "words": words, "place": "question"}
        for words in ("pregnant", "28 weeks gestation", "prenatal care")
    ]


@pytest.fixture
def other_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the rules in their place, to be changed."""
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    monkeypatch.setattr(safety, "RULES_FILE", path)
    forget_rules()
    yield path
    forget_rules()


def forget_rules() -> None:
    """As a new process would."""
    safety.read_rules.cache_clear()
    safety.rules_hash.cache_clear()


@pytest.mark.usefixtures("data_folder")
def test_broken_rules_stop_a_load_before_it_begins(other_rules: Path) -> None:
    other_rules.write_text("mentions =", encoding="utf-8")
    with pytest.raises(BadRules, match=r"rules\.toml"):
        load_demonstration()
    assert list(settings.snapshots_folder().glob("*.duckdb")) == []
    other_rules.unlink()
    with pytest.raises(BadRules, match="No such file"):
        load_demonstration()


def test_changed_rules_remake_the_warehouse_and_no_run(
    other_rules: Path,
    data_folder: Path,  # noqa: ARG001
) -> None:
    make_run("baseline:majority")
    load_everything()
    before = ask("tasks")
    assert not loading.is_outdated()
    other_rules.write_text(RULES.replace(FIRST, '"pregnant"', 1), encoding="utf-8")
    forget_rules()
    assert loading.is_outdated()
    load_everything()
    assert not loading.is_outdated()
    assert ask("snapshots").height == 1  # made from scratch
    after = ask("tasks")
    assert after.drop("safety_rules").equals(before.drop("safety_rules"))
    assert set(after["safety_rules"]).isdisjoint(before["safety_rules"])
    with pytest.raises(AlreadyDone):
        make_run("baseline:majority")


def test_the_contexts_of_the_real_questions_are_as_counted(hub: Path) -> None:
    found = Counter(
        (tag, task)
        for task in NINE
        for sample in load_samples(find_task(task), hub)
        for tag in {evidence.tag for evidence in safety.find_contexts(sample)}
    )
    assert {tag: [found[tag, task] for task in NINE] for tag in SAFETY_TAGS} == COUNTS
