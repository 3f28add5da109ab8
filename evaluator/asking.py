"""Opens a model and asks it: the one door from samples to answers, whatever the model is."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluator import bases, hub
from evaluator.adapters import require_settings
from evaluator.baselines import BASELINES
from evaluator.errors import TimedOut
from evaluator.models import LOCAL, TOY, seed_of
from evaluator.papers import Key, Paper, Turn, rotate, rotate_back
from evaluator.prompts import hash_texts
from evaluator.protocols import Protocol
from evaluator.records import Model


@dataclass(frozen=True)
class Answer:
    """What a model said to one question; each field as the column of its name in `tables.py`."""

    turn: Turn
    prediction: str | None
    prompt: str | None = None
    prompt_hash: str | None = None
    logprobs: tuple[float, ...] | None = None
    first_tokens: tuple[int, ...] | None = None
    tokens: int | None = None
    truncated: bool | None = None
    response: str | None = None
    thinking: str | None = None
    written_tokens: int | None = None
    finish: str | None = None
    cost: float | None = None
    logprobs_before: tuple[float, ...] | None = None
    logprobs_after: tuple[float, ...] | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class BatchPlan:
    """Who is asked with whom; asked again by the same plan, a model says the same to the bit."""

    tokens: int
    """The size of a batch."""
    batches: list[list[int]]
    """Places among the turns that were prepared."""


Recall = Callable[[Callable[[int | None], BatchPlan]], BatchPlan]
"""Returns the plan of an earlier sitting, or keeps the one that the function makes.

The function is given the batch size that the run has found already, if it has.
"""
Ask = Callable[[Collection[Key], Recall], Iterator[Answer]]
"""From what is already answered to the other answers, in any order."""
Prepare = Callable[[Paper, Sequence[Turn]], Ask]
"""Does what needs no device for some of a paper's turns, so that it can be done ahead."""


@dataclass(frozen=True)
class OpenModel:
    """A model that can be asked."""

    facts: Model
    """As described, with what only loading tells."""
    prepare: Prepare
    versions: dict[str, str] = field(default_factory=dict)
    hardware: dict[str, str] = field(default_factory=dict)
    chat_template_hash: str | None = None
    base_source: str | None = None
    """The folder that the model's base was loaded from, where one was named."""


def open_model(
    model: Model,
    precision: str | None,
    folder: Path,
    source: str,
    protocol: Protocol,
    base_source: str | None = None,
) -> OpenModel:
    """Load `model` in `precision` from `source`, a folder or a Hub id, to be asked by `protocol`.

    `base_source` is the same of what an adapter or a delta is added to. Embedded weights are made
    in `folder` on first use.
    """
    if model.name in BASELINES:
        return OpenModel(model, prepare_baseline(model, protocol))
    # torch takes seconds to import, and a baseline needs none of it
    from evaluator import choosing, writing
    from evaluator.engines import chat, loading

    weights = find_weights(model, folder, source)
    base = None
    if base_model := bases.base_of(model):
        settings = None
        if model.weights == "adapter":
            settings = require_settings(weights, model.name).for_peft()
        found = find_weights(base_model, folder, base_source or base_model.name)
        base = loading.Base(found, settings)
    loaded = loading.load_model(weights, precision or loading.default_precision(), base)
    writes = protocol.decoding is not None
    template = chat.find_template(loaded.tokenizer) if protocol.chat else None
    if writes:
        template = chat.own_template(loaded.tokenizer)
    return OpenModel(
        facts=model.model_copy(update=loading.facts(loaded)),
        prepare=(writing if writes else choosing).prepare(loaded, protocol),
        versions=loading.versions(adapted=model.weights == "adapter"),
        hardware=loading.hardware(loaded),
        chat_template_hash=hash_texts([template]) if template else None,
        base_source=find_folder(base_source),
    )


def check_deadline(deadline: float | None) -> None:
    """Raise `TimedOut` once `time.monotonic()` is past the deadline."""
    if deadline is not None and time.monotonic() > deadline:
        raise TimedOut("The time that this run may take is over. The same command resumes.")


def find_folder(name: str | None) -> str | None:
    return str(Path(name).resolve()) if name and Path(name).is_dir() else None


def find_weights(model: Model, folder: Path, source: str, *, weights: bool = True) -> Path:
    """Return the folder to load from: made, given, or downloaded, with or without weights."""
    if model.name == TOY:
        from evaluator.engines import toy

        return toy.make_toy_llama(folder / f"toy-llama-{model.revision}", seed_of(model))
    if model.revision.startswith(LOCAL):  # else a folder of a Hub id's name is another model
        return Path(source)
    return hub.download_model(model.name, model.revision, weights=weights)


def prepare_baseline(model: Model, protocol: Protocol) -> Prepare:
    """Return how a baseline picks: where choices are rotated, among the rotated ones."""

    def pick(paper: Paper, repeat: int) -> dict[str, str]:
        places = repeat if protocol.method == "rotate" else 0
        samples = [rotate(sample, places % len(sample.choices)) for sample in paper.samples]
        letters = BASELINES[model.name](samples, seed_of(model) + repeat)
        return {
            sample.sample_id: rotate_back(sample, places, letter)
            for sample, letter in zip(paper.samples, letters, strict=True)
        }

    def prepare(paper: Paper, turns: Sequence[Turn]) -> Ask:
        given = {repeat: pick(paper, repeat) for repeat in {turn.repeat for turn in turns}}

        def ask(answered: Collection[Key], _: Recall) -> Iterator[Answer]:
            for turn in turns:
                if turn.key not in answered:
                    yield Answer(turn, given[turn.repeat][turn.sample.sample_id])

        return ask

    return prepare
