"""Can each rule on contraindications find its patient and its drugs, by each of its phrases?"""

import re
from collections.abc import Iterator

import pytest

from evaluator.samples import Sample
from ingest.contraindication_rules import Rule, read_rules
from ingest.contraindications import RULES_FILE, find_context, find_marked

RULES = read_rules(RULES_FILE)
SAID_BY_AGE = ("child", "older")
NOT_FORBIDDEN = {  # of the rule's group of drugs, those that its source leaves open
    "beta-blockers-cocaine": ["labetalol", "carvedilol"],
    "nsaids-bleeding-disorder": ["celecoxib"],
}


def spell(phrase: str) -> str:
    """Words that a phrase finds: the first of its alternatives, numbers within its limits."""
    words = [word.split("|")[0].replace("*", "") for word in phrase.split(" ") if word != "..."]
    text = re.sub(r"#<([\d.]+)", lambda limit: f"{int(limit[1]) - 1}", " ".join(words))
    text = re.sub(r"#>=([\d.]+)", lambda limit: f"{float(limit[1]) + 1:.0f}", text)
    return text.replace("#", "3")


def say_amounts(rule: Rule) -> Iterator[str]:
    """An age and a gestational age of which the rule speaks."""
    if rule.age_from is not None:
        yield f"{rule.age_from:.0f} years old"
    elif rule.age_below is not None:
        yield "3 days old" if rule.age_below <= 1 else "1 year old"
    if rule.weeks_from is not None:
        yield f"{rule.weeks_from:.0f} weeks pregnant"
    elif rule.weeks_to is not None:
        yield "5 weeks pregnant"


def fires(rule: Rule, patient: str | None, choice: str) -> bool:
    group = RULES.patients[rule.who].words[:1] if rule.who else ()
    who = group if rule.who not in SAID_BY_AGE else ()
    said = [*say_amounts(rule), *(spell(each) for each in (*who, patient) if each)]
    stem = f"A patient, {', '.join(said)}. What is the most appropriate treatment?"
    choices = (spell(choice), "Rest", "Watchful waiting", "Surgery")
    sample = Sample(sample_id="1", question=stem, choices=choices, gold="C")
    tags = [tag for tag in [find_context(rule, RULES)] if tag]
    return rule.id in {each.rule for each in find_marked(sample, tags)}


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_each_phrase_of_a_rule_makes_it_apply(rule: Rule) -> None:
    wanted = (*(name for group in rule.drugs for name in RULES.drugs[group]), *rule.choices)
    patients = rule.patient or (None,)
    assert [each for each in patients if not fires(rule, each, wanted[0])] == []
    idle = [each for each in wanted if not fires(rule, patients[0], each)]
    assert idle == NOT_FORBIDDEN.get(rule.id, [])
