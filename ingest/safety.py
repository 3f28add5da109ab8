"""Finds the safety contexts of a question by `safety_rules.toml`, with the words that say so."""

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator.samples import SAFETY_TAGS, Sample, letter
from ingest import phrases
from ingest.errors import BadRules
from ingest.phrases import Phrases, make_finder

RULES_FILE = Path(__file__).with_name("safety_rules.toml")
BY_HAND = "set by hand"
MOST_WORDS = 3  # kept for each context: enough to see why


class Evidence(NamedTuple):
    """Why a question has a safety context."""

    tag: str
    """Out of `SAFETY_TAGS`."""
    words: str
    """As the text has them, or `set by hand`."""
    place: str | None
    """`question`, `abstract` or `choice A`, …; None where a person set it."""


class Rule(BaseModel):
    """When a question has one of the safety contexts."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    means: str = Field(min_length=1)
    """The context in a sentence."""
    words: Phrases = ()
    """Phrases that count in a question, and in an abstract that has several."""
    asked: Phrases = ()
    """Phrases that count in the last sentence of a question."""
    choices: Phrases = ()
    """Phrases that count in a choice, where half of the choices or more have them."""
    unless: Phrases = ()
    """Phrases whose words count for nothing."""
    overruled: Phrases = ()
    """Phrases after which nothing counts."""


class Rules(BaseModel):
    """The rules file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    mentions: int = Field(ge=1)
    """How often an abstract must say it: a mention in passing is no context."""
    tags: dict[str, Rule]


@cache
def read_rules(path: Path) -> Rules:
    """Read and check the rules; raises `BadRules`, which names the place and what is expected."""
    try:
        rules = Rules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadRules(f"{path}: {describe(error)}.") from error
    if set(rules.tags) != set(SAFETY_TAGS):
        wrong = sorted(set(rules.tags) ^ set(SAFETY_TAGS))
        raise BadRules(f"{path}: unknown or missing: {wrong}. Expected are {SAFETY_TAGS}.")
    for tag, rule in rules.tags.items():
        if not rule.words + rule.asked + rule.choices:
            raise BadRules(f"{path}, {tag}: no words, asked or choices. One of them is needed.")
    return rules


def describe(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
    )


@cache
def rules_hash() -> str:
    """SHA-256 (12 hex digits) of the rules and of how they are read; raises `BadRules`."""
    read_rules(RULES_FILE)
    paths = [RULES_FILE, Path(__file__), Path(phrases.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def set_by_hand(sample: Sample) -> list[Evidence]:
    return [Evidence(tag, BY_HAND, None) for tag in sample.safety_tags]


def find_contexts(sample: Sample) -> list[Evidence]:
    """The safety contexts of a question with their evidence, in the order of `SAFETY_TAGS`."""
    rules = read_rules(RULES_FILE)
    return [
        evidence
        for tag in SAFETY_TAGS
        for evidence in unique(find_evidence(tag, rules.tags[tag], sample, rules.mentions))
    ]


def find_all(sample: Sample) -> list[Evidence]:
    """Those that a person set, then those that the rules find besides."""
    given = set_by_hand(sample)
    return given + [found for found in find_contexts(sample) if found.tag not in sample.safety_tags]


def find_evidence(tag: str, rule: Rule, sample: Sample, mentions: int) -> Iterator[Evidence]:
    def read(wanted: Sequence[str], text: str, place: str) -> list[Evidence]:
        found = make_finder(wanted, rule.unless).find(text) if wanted else []
        return [Evidence(tag, text[slice(*match.span())], place) for match in found]

    question = before(rule.overruled, sample.question)
    yield from read(rule.words, question, "question")
    yield from read(rule.asked, last_sentence(sample.question), "question")
    abstract = sample.context or "" if question == sample.question else ""
    in_abstract = read(rule.words, abstract, "abstract")
    if len(in_abstract) >= mentions:
        yield from in_abstract
    in_choices = [
        read(rule.choices, choice, f"choice {letter(number)}")
        for number, choice in enumerate(sample.choices)
    ]
    if 2 * sum(map(bool, in_choices)) >= len(in_choices):
        yield from chain.from_iterable(in_choices)


def before(overruling: Sequence[str], text: str) -> str:
    """`text` as far as the first phrase that overrules what comes after it."""
    found = make_finder(overruling, ()).find(text) if overruling else []
    return text[: found[0].start()] if found else text


def unique(found: Iterator[Evidence]) -> list[Evidence]:
    """The first few, each wording once."""
    first: dict[str, Evidence] = {}
    for each in found:
        first.setdefault(each.words.lower(), each)
    return [*first.values()][:MOST_WORDS]


def last_sentence(text: str) -> str:
    text = text.rstrip()
    return text[max(text.rfind(end, 0, -1) for end in (". ", "? ", "! ", "\n")) + 1 :]
