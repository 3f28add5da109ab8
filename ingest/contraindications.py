"""Finds the choices that a label or a guideline forbids to the patient of a question.

`contraindications.toml` names drugs, patients and sources; its head explains the file. A rule that
would forbid the right choice of a question does not apply there: the question asks for it.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from evaluator.samples import SAFETY_TAGS, Sample, letter
from ingest import phrases
from ingest.errors import BadRules
from ingest.phrases import NUMBER, Phrases, make_finder
from ingest.safety import describe, last_sentence

RULES_FILE = Path(__file__).with_name("contraindications.toml")
MOST_WORDS = 3  # of the stem, kept for each choice: enough to see why
NEAR = 60  # characters before a word in which its denial counts
END = re.compile(r"[.?!;:]\s")
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


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


class Part(BaseModel):
    """A part of the rules file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True
    )


class Asking(Part):
    """Which questions the rules look at, and what they pass over in them."""

    treats: Phrases
    """Of a last sentence that asks what to do."""
    skips: Phrases
    """Of a last sentence that asks for the contrary, or for something else."""
    not_given: Phrases
    """Of a choice that takes away what it names."""
    not_theirs: Phrases
    """Before words on a patient: they are denied, or said of another."""


class Amount(Part):
    """Phrases that say an age, of a patient or of a pregnancy, in the unit of the rules."""

    words: Phrases
    unit: float | None = Field(default=None, gt=0)
    """What the last number in the words counts."""
    at_least: float | None = Field(default=None, alias="from", ge=0)
    """Where the words have no number: from which amount …"""
    below: float | None = Field(default=None, gt=0)
    """… to which, without it."""

    @model_validator(mode="after")
    def says_one_or_the_other(self) -> Self:
        said = tuple(value is not None for value in (self.unit, self.at_least, self.below))
        if said not in ((True, False, False), (False, True, True)):
            raise ValueError("either unit, or from and below, is expected")
        return self


class Rule(Part):
    """What is not for whom."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    context: str | None = None
    """The safety context that a question must have."""
    patient: Phrases
    """Of which one must stand in the stem: who is at risk."""
    unless: Phrases = ()
    """Phrases of the stem where the rule does not apply."""
    weeks_from: float | None = None
    """Gestational age in completed weeks from which …"""
    weeks_to: float | None = None
    """… and before which the source speaks."""
    age_from: float | None = None
    """Years from which …"""
    age_below: float | None = None
    """… and below which the source speaks."""
    choices: Phrases
    """What is forbidden."""
    not_choices: Phrases = ()
    """Phrases of a choice that make it something else."""
    why: Text
    source: Text
    strength: Literal["contraindicated", "avoid"]

    @model_validator(mode="after")
    def names_a_context(self) -> Self:
        if self.context is not None and self.context not in SAFETY_TAGS:
            raise ValueError(f"{self.context!r} is no safety context, expected {SAFETY_TAGS}")
        return self


class Rules(Part):
    """The rules file."""

    asking: Asking
    gestation: tuple[Amount, ...]
    """In completed weeks."""
    ages: tuple[Amount, ...]
    """In completed years."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def has_each_id_once(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"{twice} stand twice, each rule has an id of its own")
        return self


@cache
def read_rules(path: Path) -> Rules:
    """Read and check the rules; raises `BadRules`, which names the place and what is expected."""
    try:
        return Rules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadRules(f"{path}: {describe(error)}.") from error


@cache
def rules_hash() -> str:
    """SHA-256 (12 hex digits) of the rules and of how they are read; raises `BadRules`."""
    read_rules(RULES_FILE)
    paths = [RULES_FILE, Path(__file__), Path(phrases.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def find_marked(sample: Sample, tags: Iterable[str]) -> list[Marked]:
    """The forbidden choices of a question that has these safety contexts, choice by choice."""
    rules = read_rules(RULES_FILE)
    if not asks_what_to_do(sample.question, rules.asking):
        return []
    tags = set(tags)
    found: list[Marked] = []
    for rule in rules.rules:
        if rule.context is None or rule.context in tags:
            marked = [*mark_choices(rule, sample, rules)]
            if sample.gold not in {each.letter for each in marked}:
                found += marked
    return sorted(found)


def asks_what_to_do(question: str, asking: Asking) -> bool:
    asked = last_sentence(question)
    return has(asking.treats, asked) and not has(asking.skips, asked)


def mark_choices(rule: Rule, sample: Sample, rules: Rules) -> Iterator[Marked]:
    """The choices that `rule` forbids; the choices are read first, for they are short."""
    given = [
        (letter(number), found[0])
        for number, choice in enumerate(sample.choices)
        if (found := texts(rule.choices, choice))
        and not has((*rules.asking.not_given, *rule.not_choices), choice)
    ]
    if given and (patient := read_patient(rule, sample.question, rules)):
        for choice, words in given:
            yield Marked(
                choice, rule.id, words, rule.context, patient, rule.why, rule.source, rule.strength
            )


def read_patient(rule: Rule, stem: str, rules: Rules) -> list[str]:
    """The words of the stem by which the rule speaks of its patient; empty where it does not."""
    if has(rule.unless, stem):
        return []
    words = [
        stem[slice(*match.span())]
        for match in make_finder(rule.patient, ()).find(stem)
        if not has(rules.asking.not_theirs, just_before(stem, match.start()))
    ]
    limits = (
        (rules.gestation, rule.weeks_from, rule.weeks_to),
        (rules.ages, rule.age_from, rule.age_below),
    )
    for amounts, low, high in limits:
        if words and (low, high) != (None, None):
            said = read_amounts(amounts, stem)
            if not lies_between([amount for _, *amount in said], low, high):
                return []
            words = [text for text, *_ in said] + words
    return [*dict.fromkeys(words)][:MOST_WORDS]


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
                number = float(re.findall(NUMBER, found)[-1])
                numbers.append((found, number * amount.unit, (number + 1) * amount.unit))
            elif amount.at_least is not None and amount.below is not None:
                words.append((found, amount.at_least, amount.below))
    return numbers or words


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
