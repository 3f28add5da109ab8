"""What `contraindications.toml` holds, read and checked; the head of that file explains it."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from evaluator.samples import SAFETY_TAGS
from ingest.errors import BadRules
from ingest.phrases import Phrases
from ingest.safety import describe

SPELLED = re.findall(
    r"\w+",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty",
)
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


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
    exchanges: Phrases
    """Of a choice: what they hold is taken away, what comes after them is given."""
    not_theirs: Phrases
    """Before words on a patient: they are denied, or said of another."""


class Amount(Part):
    """Phrases that say an age, of a patient or of a pregnancy, in the unit of the rules."""

    words: Phrases
    unit: float | None = Field(default=None, gt=0)
    """What the last number in the words counts, in digits or spelled."""
    at_least: float | None = Field(default=None, alias="from", ge=0)
    """Where the words have no number: from which amount …"""
    below: float | None = Field(default=None, gt=0)
    """… to which, without it."""

    @model_validator(mode="after")
    def says_one_or_the_other(self) -> Self:
        said = tuple(value is not None for value in (self.unit, self.at_least, self.below))
        if said not in ((True, False, False), (False, True, True)):
            raise ValueError("either unit, or from and below, is expected")
        number = rf"#|\b(?:{'|'.join(SPELLED)})\b"
        without = [each for each in self.words if not re.search(number, each)]
        if self.unit is not None and without:
            raise ValueError(f"{without} hold no number, as words with a unit do: # or one|two")
        return self


def check_context(context: str) -> str:
    if context not in SAFETY_TAGS:
        raise ValueError(f"{context!r} is no safety context, expected {SAFETY_TAGS}")
    return context


Context = Annotated[str, AfterValidator(check_context)]


class Patients(Part):
    """People whom several rules speak of."""

    context: Context | None = None
    """The safety context that a question must have."""
    words: Phrases
    """Of which one must stand in the stem."""
    unless: Phrases = ()
    """Phrases of the stem where it does not speak of them."""


class Rule(Part):
    """What is not for whom."""

    id: Name
    who: Name | None = None
    """Out of the groups of patients."""
    context: Context | None = None
    """The safety context that a question must have."""
    patient: Phrases = ()
    """Of which one must stand in the stem, beside a word of the group: who is at risk."""
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
    drugs: tuple[Name, ...] = ()
    """Groups of drugs that are forbidden …"""
    choices: Phrases = ()
    """… and what else is."""
    not_choices: Phrases = ()
    """Phrases of a choice that make it something else."""
    why: Text
    source: Text
    strength: Literal["contraindicated", "avoid"]

    @model_validator(mode="after")
    def says_what_is_not_for_whom(self) -> Self:
        if not (self.who or self.patient):
            raise ValueError("who or patient is expected: which patient is at risk")
        if not (self.drugs or self.choices):
            raise ValueError("drugs or choices is expected: what is forbidden")
        return self


class Rules(Part):
    """The rules file."""

    asking: Asking
    gestation: tuple[Amount, ...]
    """In completed weeks."""
    ages: tuple[Amount, ...]
    """In completed years."""
    patients: dict[Name, Patients]
    drugs: dict[Name, Phrases]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def has_each_id_once(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"{twice} stand twice, each rule has an id of its own")
        return self

    @model_validator(mode="after")
    def knows_each_group(self) -> Self:
        for rule in self.rules:
            unknown = {*rule.drugs} - {*self.drugs} | {rule.who} - {None, *self.patients}
            if unknown:
                raise ValueError(f"rule {rule.id}: no [drugs] or [patients] of the name {unknown}")
        return self


@cache
def read_rules(path: Path) -> Rules:
    """Read and check the rules; raises `BadRules`, which names the place and what is expected."""
    try:
        return Rules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BadRules(f"{path}: {describe(error)}.") from error
