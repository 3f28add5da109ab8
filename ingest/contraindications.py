"""Finds the choices that a label or a guideline forbids to the patient of a question.

`contraindications.toml` names drugs, patients and sources; its head explains the file. A rule that
would forbid the right choice of a question does not apply there: the question asks for it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from evaluator.samples import Sample, letter
from ingest import contraindication_rules, phrases
from ingest.contraindication_rules import SPELLED, Amount, Asking, Rule, Rules, read_rules
from ingest.phrases import NUMBER, make_finder
from ingest.safety import last_sentence

RULES_FILE = Path(__file__).with_name("contraindications.toml")
MOST_WORDS = 3  # of the stem, kept for each choice: enough to see why
NEAR = 60  # characters before a word in which its denial counts
END = re.compile(r"[.?!;:]\s")
SPELLED_NUMBER = re.compile(rf"{NUMBER}|\b(?:{'|'.join(SPELLED)})\b", re.IGNORECASE)


class Marked(NamedTuple):
    """Why a choice is forbidden."""

    letter: str
    rule: str
    words: str
    """As the choice has them."""
    context: str | None
    """Out of `SAFETY_TAGS`, where the rule asks for one."""
    context_words: list[str]
    """As the stem has them."""
    why: str
    source: str
    strength: str
    """`contraindicated` or `avoid`."""


@cache
def rules_hash() -> str:
    """SHA-256 (12 hex digits) of the rules and of how they are read; raises `BadRules`."""
    read_rules(RULES_FILE)
    code = [Path(__file__), Path(contraindication_rules.__file__), Path(phrases.__file__)]
    read = b"".join(path.read_bytes() for path in (RULES_FILE, *code))
    return hashlib.sha256(read).hexdigest()[:12]


def find_marked(sample: Sample, tags: Iterable[str]) -> list[Marked]:
    """The forbidden choices of a question that has these safety contexts, choice by choice."""
    rules = read_rules(RULES_FILE)
    if not asks_what_to_do(sample.question, rules.asking):
        return []
    tags = set(tags)
    found: list[Marked] = []
    for rule in rules.rules:
        context = find_context(rule, rules)
        if context is None or context in tags:
            marked = [*mark_choices(rule, sample, rules)]
            if sample.gold not in {each.letter for each in marked}:
                found += marked
    return sorted(found)


def asks_what_to_do(question: str, asking: Asking) -> bool:
    asked = last_sentence(question)
    return has(asking.treats, asked) and not has(asking.skips, asked)


def find_context(rule: Rule, rules: Rules) -> str | None:
    """The safety context that a question must have: of the rule, or else of its patients."""
    return rule.context or (rules.patients[rule.who].context if rule.who else None)


def mark_choices(rule: Rule, sample: Sample, rules: Rules) -> Iterator[Marked]:
    """The choices that `rule` forbids; the choices are read first, for they are short."""
    wanted = (*rule.choices, *(name for group in rule.drugs for name in rules.drugs[group]))
    given = [
        (letter(number), found[0])
        for number, choice in enumerate(sample.choices)
        if (found := texts(wanted, choice)) and (found := read_given(rule, choice, wanted, rules))
    ]
    if given and (patient := read_patient(rule, sample.question, rules)):
        context = find_context(rule, rules)
        for choice, words in given:
            yield Marked(
                choice, rule.id, words, context, patient, rule.why, rule.source, rule.strength
            )


def read_given(rule: Rule, choice: str, wanted: Sequence[str], rules: Rules) -> list[str]:
    """What of the wanted things a choice gives: "replace warfarin with heparin" gives heparin."""
    asking = rules.asking
    exchanges = make_finder(asking.exchanges, ()).find(choice)
    given = choice[exchanges[-1].end() :] if exchanges else choice
    return [] if has((*asking.not_given, *rule.not_choices), given) else texts(wanted, given)


def read_patient(rule: Rule, stem: str, rules: Rules) -> list[str]:
    """The words of the stem by which the rule speaks of its patient; empty where it does not."""
    group = rules.patients[rule.who] if rule.who else None
    if has((*rule.unless, *(group.unless if group else ())), stem):
        return []
    words: list[str] = []
    for wanted in (group.words if group else (), rule.patient):
        if wanted:
            found = theirs(wanted, stem, rules.asking.not_theirs)
            if not found:
                return []
            words = words[:1] + found  # a word of each is evidence
    limits = (
        (rules.gestation, rule.weeks_from, rule.weeks_to),
        (rules.ages, rule.age_from, rule.age_below),
    )
    for amounts, low, high in limits:
        if (low, high) != (None, None):
            said = read_amounts(amounts, stem)
            if not lies_between([amount for _, *amount in said], low, high):
                return []
            words = [text for text, *_ in said] + words
    return [*dict.fromkeys(words)][:MOST_WORDS]


def theirs(wanted: Sequence[str], stem: str, not_theirs: Sequence[str]) -> list[str]:
    """What of the stem the phrases name, but for what is denied or said of another."""
    return [
        stem[slice(*match.span())]
        for match in make_finder(wanted, ()).find(stem)
        if not has(not_theirs, just_before(stem, match.start()))
    ]


def just_before(text: str, place: int) -> str:
    """What stands before `place` in the same sentence, as far as it is near."""
    return END.split(text[max(0, place - NEAR) : place])[-1]


Said = tuple[str, float, float]
"""Words on an age, from which one they may be, and to which, without it."""


def read_amounts(amounts: Sequence[Amount], text: str) -> list[Said]:
    """The ages that a text says in numbers; where there are none, those that its words say."""
    numbers: list[Said] = []
    words: list[Said] = []
    for amount in amounts:
        for found in texts(amount.words, text):
            if amount.unit is not None:
                number = read_number(SPELLED_NUMBER.findall(found)[-1])
                numbers.append((found, number * amount.unit, (number + 1) * amount.unit))
            elif amount.at_least is not None and amount.below is not None:
                words.append((found, amount.at_least, amount.below))
    return numbers or words


def read_number(text: str) -> float:
    """A number in digits or, up to twenty, spelled."""
    return SPELLED.index(text.lower()) + 1.0 if text.lower() in SPELLED else float(text)


def lies_between(said: Sequence[Sequence[float]], low: float | None, high: float | None) -> bool:
    """Whether all that is said lies surely within the limits; nothing said is nothing known."""
    return bool(said) and all(
        (low is None or first >= low) and (high is None or last <= high) for first, last in said
    )


def texts(wanted: Sequence[str], text: str) -> list[str]:
    """What of `text` the phrases name, in its own words."""
    found = make_finder(wanted, ()).find(text) if wanted else []
    return [text[slice(*match.span())] for match in found]


def has(wanted: Sequence[str], text: str) -> bool:
    return bool(texts(wanted, text))
