"""Opens a model and asks it: the one door from samples to answers, whatever the model is."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator import bases, hub
from evaluator.adapters import require_settings
from evaluator.baselines import BASELINES
from evaluator.models import LOCAL, TOY, seed_of
from evaluator.protocols import Paper, Protocol, Request, hash_texts, prompt_hash
from evaluator.records import Model
from evaluator.samples import Sample

if TYPE_CHECKING:  # torch takes seconds to import, and a baseline needs none of it
    from evaluator.engines.encoding import Encoded
    from evaluator.engines.loading import LoadedModel


@dataclass(frozen=True)
class Answer:
    """What a model said to one sample."""

    sample: Sample
    prediction: str | None
    prompt: str | None = None
    prompt_hash: str | None = None
    logprobs: tuple[float, ...] | None = None
    first_tokens: tuple[int, ...] | None = None
    tokens: int | None = None
    truncated: bool | None = None


@dataclass(frozen=True)
class BatchPlan:
    """Who is asked with whom; asked again by the same plan, a model says the same to the bit."""

    tokens: int
    """The size of a batch."""
    batches: list[list[int]]
    """Places among the samples that were prepared."""


Recall = Callable[[Callable[[int | None], BatchPlan]], BatchPlan]
"""Returns the plan of an earlier sitting, or keeps the one that the function makes.

The function is given the batch size that the run has found already, if it has.
"""
Ask = Callable[[Collection[str], Recall], Iterator[Answer]]
"""From the ids already answered to the other answers, in any order."""
Prepare = Callable[[Paper, Sequence[Sample]], Ask]
"""Does what needs no device for some of a paper's samples, so that it can be done ahead."""


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
        return OpenModel(model, prepare_baseline(model))
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
    template = chat.find_template(loaded.tokenizer) if protocol.chat else None
    return OpenModel(
        facts=model.model_copy(update=loading.facts(loaded)),
        prepare=prepare_network(loaded, protocol),
        versions=loading.versions(adapted=model.weights == "adapter"),
        hardware=loading.hardware(loaded),
        chat_template_hash=hash_texts([template]) if template else None,
        base_source=find_folder(base_source),
    )


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


def prepare_baseline(model: Model) -> Prepare:
    def prepare(paper: Paper, samples: Sequence[Sample]) -> Ask:
        letters = BASELINES[model.name](paper.samples, seed_of(model))
        given = {
            sample.sample_id: letter for sample, letter in zip(paper.samples, letters, strict=True)
        }

        def ask(answered: Collection[str], _: Recall) -> Iterator[Answer]:
            for sample in samples:
                if sample.sample_id not in answered:
                    yield Answer(sample, given[sample.sample_id])

        return ask

    return prepare


def prepare_network(loaded: "LoadedModel", protocol: Protocol) -> Prepare:
    """Return how to ask `loaded` by `protocol`."""
    from evaluator.engines import chat, encoding, loglikelihood, packing

    def plan(encoded: "Sequence[Encoded]", size: int | None) -> BatchPlan:
        size = size or loglikelihood.find_batch_tokens(loaded, encoded)
        prefix = packing.find_prefix(encoded)
        return BatchPlan(size, packing.plan_batches(encoded, len(prefix), size))

    def write(request: Request) -> str:
        if not protocol.chat:
            return request.prompt
        return chat.render(loaded.tokenizer, [message.model_dump() for message in request.messages])

    def prepare(paper: Paper, samples: Sequence[Sample]) -> Ask:
        requests = [paper.render(sample, protocol) for sample in samples]
        questions = [(write(request), request.continuations) for request in requests]
        encoded = encoding.encode(loaded.tokenizer, loaded.max_length, questions, loaded.stretch)

        def ask(answered: Collection[str], recall: Recall) -> Iterator[Answer]:
            left = [
                batch
                for batch in recall(partial(plan, encoded)).batches
                if any(samples[index].sample_id not in answered for index in batch)
            ]
            for index, scores in loglikelihood.score(loaded, encoded, left):
                if samples[index].sample_id not in answered:
                    yield Answer(
                        sample=samples[index],
                        prediction=samples[index].letters[argmax(scores.logprobs)],
                        prompt=questions[index][0],
                        prompt_hash=prompt_hash(*questions[index]),
                        logprobs=scores.logprobs,
                        first_tokens=scores.first_tokens,
                        tokens=scores.tokens,
                        truncated=scores.truncated,
                    )

        return ask

    return prepare


def argmax(logprobs: Sequence[float]) -> int:
    """The first of the greatest, as numpy and lm_eval have it."""
    return max(range(len(logprobs)), key=logprobs.__getitem__)
