"""What is asked of a check, what it finds, and the words in which a submitter hears of it."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Literal

from pydantic import AwareDatetime, Field, field_validator

from evaluator.protocols import ZERO_SHOT, Protocol
from evaluator.records import Name, Precision, Record, Weights
from evaluator.text import one_line
from warehouse import settings

Tuning = Literal["pretrained", "fine-tuned", "instruction-tuned", "merged", "unknown"]
WIDTHS: Mapping[Precision, int] = {"float32": 4, "bfloat16": 2, "float16": 2}  # bytes


def read_do_not_evaluate() -> dict[str, str]:
    text = (resources.files("evaluator") / "data" / "do_not_evaluate.toml").read_text("utf-8")
    listed = tomllib.loads(text).get("model", [])
    return {entry["name"].casefold(): entry["reason"] for entry in listed}


class Asked(Record):
    """A model that someone wants to have evaluated, and how."""

    model: Name
    """A Hub id or an embedded name; a folder only where the rules allow it."""
    revision: str | None = Field(default=None, max_length=200)
    """A branch, tag or commit, `main` if none is given; for an embedded model a seed."""
    precision: Precision = "bfloat16"
    protocol: Protocol = ZERO_SHOT
    weights: Weights = "original"
    """Whether the repository holds a whole model, an adapter of another one, or differences to it.
    """
    base: Name | None = None
    """That other model; of an adapter its configuration names it, too."""
    type: Tuning = "unknown"
    """What the submitter says of its training; no check depends on it."""


class Rules(Record):
    """What a check allows, and how much it may cost."""

    most_gigabytes: float = Field(default=160, gt=0)
    """Of weights in the precision asked for: two GPUs of 80 GB, or 80 billion parameters in
    bfloat16."""
    most_text: int = Field(default=256 * 2**20, gt=0)
    """Bytes of configuration and tokenizer that are downloaded to be tried."""
    seconds: int = Field(default=60, ge=1)
    """CPU time in which configuration and tokenizer have to load."""
    memory: int = Field(default=4 * 2**30, gt=0)
    """Bytes in which they have to load, beside what the libraries take."""
    local: bool = False
    """Whether a model may be a folder of this machine, which no stranger should be able to name."""
    do_not_evaluate: Mapping[str, str] = Field(default_factory=read_do_not_evaluate)
    """From a model's name in lower case to the reason."""


def read_rules() -> Rules:
    """The rules, as the data folder's `settings.toml` changes them; raises `BrokenSettings`."""
    said = settings.read_settings()
    banned = {name.casefold(): reason for name, reason in said.do_not_evaluate.items()}
    return Rules(
        **said.check.model_dump(exclude_none=True),
        do_not_evaluate={**read_do_not_evaluate(), **banned},
    )


class Facts(Record):
    """What became known of a model; None where nothing could tell."""

    name: Name
    """As the Hub spells it now."""
    revision: str | None = None
    """The 40 hex digits of the commit, or what else pins it (`records.Model`)."""
    parameters: int | None = Field(default=None, ge=0, lt=2**63)
    """As the headers of its safetensors files have it."""
    weights_bytes: int | None = Field(default=None, ge=0)
    """Of those files."""
    architecture: str | None = None
    """The class that transformers would load."""
    licence: str | None = None
    chat_template: bool | None = None
    """Whether the tokenizer has one."""
    base: Name | None = None
    base_revision: str | None = None
    released_at: AwareDatetime | None = None
    """When its repository was made on the Hub."""


class Problem(Record):
    """One reason why a model cannot be evaluated."""

    code: str
    """One of `PROBLEMS`, with `base-` before it where it is one of the base model."""
    says: str
    """What is wrong, in plain words on one line."""
    fix: str
    """What the submitter can do."""

    @field_validator("code")
    @classmethod
    def check_code(cls, code: str) -> str:
        if code.removeprefix("base-") not in PROBLEMS:
            raise ValueError(f"no problem has the code {code!r}")
        return code


class Checked(Record):
    """What a check found."""

    asked: Asked
    facts: Facts
    problems: tuple[Problem, ...]
    """Every one that could be found, each code once; none means that it can be evaluated."""


PROBLEMS: Mapping[str, tuple[str, str]] = {
    "not-found": (
        "The Hub shows no model {name} to everyone.",
        "Check the spelling, and make the repository public if it is private.",
    ),
    "no-revision": (
        "{name} has no revision {detail}.",
        "Name a branch, tag or commit that is there, or none for the newest.",
    ),
    "gated": (
        "{name} is gated: its owner admits people one by one.",
        "Ask its owner to lift the gate, or submit a copy that its licence allows to publish.",
    ),
    "renamed": (
        "{name} is called {detail} now.",
        "Submit it under that name.",
    ),
    "do-not-evaluate": (
        "{name} is not evaluated here: {detail}",
        "Write to the maintainers if the reason is wrong or has gone.",
    ),
    "no-safetensors": (
        "{name} has no weights as {detail}. Other formats can run code when they are opened, so "
        "they never are.",
        "Save it with save_pretrained, which writes safetensors, and upload that.",
    ),
    "broken-weights": (
        "The weights of {name} cannot be read: {detail}.",
        "Upload the files again, and check that the index names those which are there.",
    ),
    "too-large": (
        "The weights of {name} take {detail}.",
        "Ask for a smaller precision, or submit a smaller model.",
    ),
    "quantized": (
        "{name} is quantized ({detail}), but models run in float32, bfloat16 or float16 here.",
        "Submit the model as it was before quantization.",
    ),
    "no-licence": (
        "{name} states no licence.",
        "Put `license:` into the metadata at the top of its README.md.",
    ),
    "no-model-card": (
        "{name} has no model card.",
        "Describe in a README.md what it is, what it was trained on, and what it is for.",
    ),
    "files-too-large": (
        "Configuration and tokenizer of {name} take {detail}, so they were not tried.",
        "Move data that is no part of the model out of the repository's top folder.",
    ),
    "broken-config": (
        "The configuration of {name} does not load: {detail}.",
        "Upload a config.json that AutoConfig.from_pretrained loads.",
    ),
    "broken-tokenizer": (
        "The tokenizer of {name} does not load: {detail}.",
        "Upload files that AutoTokenizer.from_pretrained loads.",
    ),
    "remote-code": (
        "{name} needs code of its own repository ({detail}), which is never run.",
        "Wait until transformers has the architecture, or convert the model to one that it has.",
    ),
    "unknown-architecture": (
        "transformers has no causal language model for {name}: {detail}.",
        "Submit a model of an architecture that AutoModelForCausalLM loads.",
    ),
    "too-heavy": (
        "Loading configuration and tokenizer of {name} took {detail}.",
        "Make the tokenizer's files smaller.",
    ),
    "no-chat-template": (
        "{name} has no chat template, so it cannot be asked by {detail}.",
        "Add chat_template.jinja, or ask by a protocol without -chat.",
    ),
    "is-adapter": (
        "{name} holds an adapter and not a whole model.",
        "Submit it as an adapter (--weights adapter) with its base model.",
    ),
    "no-adapter-config": (
        "{name} is said to be an adapter, but its adapter_config.json {detail}.",
        "Upload what peft's save_pretrained writes, or submit it as original weights.",
    ),
    "not-mergeable": (
        "{name} is an adapter that cannot be merged here: its adapter_config.json {detail}.",
        "Merge it into its base model yourself (merge_and_unload), and submit what comes of that.",
    ),
    "no-base": (
        "{name} is said to be {detail} of another model, and which one is not said.",
        "Name the base model (--base).",
    ),
    "other-base": (
        "{name} is an adapter of {detail}.",
        "Name the base model that its adapter_config.json names, or none.",
    ),
    "does-not-fit": (
        "{name} does not fit its base model: {detail}.",
        "Name the base model, and its revision, on which it was trained.",
    ),
}


def describe(code: str, name: str, detail: str = "", *, base: bool = False) -> Problem:
    """Return the problem in words; names and details may be a stranger's."""
    says, fix = PROBLEMS[code]
    about = f"The base model {one_line(name)}" if base else one_line(name)
    return Problem(
        code=f"base-{code}" if base else code,
        says=says.format(name=about, detail=one_line(detail)),
        fix=fix,
    )
