"""Opens a model and asks it: the one door from samples to answers, whatever the model is."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evaluator.baselines import BASELINES
from evaluator.models import TOY, seed_of
from evaluator.protocols import render
from evaluator.records import Model
from evaluator.samples import Sample
from evaluator.tasks import Task

if TYPE_CHECKING:  # torch takes seconds to import, and a baseline needs none of it
    from evaluator.engines.loading import LoadedModel


@dataclass(frozen=True)
class Answer:
    """What a model said to one sample."""

    sample: Sample
    prediction: str | None
    prompt: str | None = None
    logprobs: tuple[float, ...] | None = None
    tokens: int | None = None
    truncated: bool | None = None


Ask = Callable[[Task, Sequence[Sample], Collection[str]], Iterator[Answer]]
"""From a task, its samples and the ids already answered to the other answers, in any order."""


@dataclass(frozen=True)
class OpenModel:
    """A model that can be asked."""

    facts: Model
    """As described, with what only loading tells."""
    ask: Ask
    versions: dict[str, str] = field(default_factory=dict)
    hardware: dict[str, str] = field(default_factory=dict)


def open_model(model: Model, precision: str | None, folder: Path, source: str) -> OpenModel:
    """Load `model` in `precision` from `source`, a folder or a Hub id.

    Embedded weights are made in `folder` on first use.
    """
    if model.name in BASELINES:
        return OpenModel(model, ask_baseline(model))
    from evaluator.engines import loading

    weights, revision = find_weights(model, folder, source)
    loaded = loading.load_model(weights, revision, precision or loading.default_precision())
    return OpenModel(
        facts=model.model_copy(update=loading.facts(loaded)),
        ask=ask_network(loaded),
        versions=loading.versions(),
        hardware=loading.hardware(loaded),
    )


def find_weights(model: Model, folder: Path, source: str) -> tuple[str | Path, str | None]:
    """Return what to load: a folder, or a Hub id with its commit."""
    if model.name == TOY:
        from evaluator.engines import toy

        return toy.make_toy_llama(folder / f"toy-llama-{model.revision}", seed_of(model)), None
    if Path(source).is_dir():
        return Path(source), None
    return model.name, model.revision


def ask_baseline(model: Model) -> Ask:
    def ask(_: Task, samples: Sequence[Sample], answered: Collection[str]) -> Iterator[Answer]:
        letters = BASELINES[model.name](samples, seed_of(model))
        for sample, letter in zip(samples, letters, strict=True):
            if sample.sample_id not in answered:
                yield Answer(sample, letter)

    return ask


def ask_network(loaded: "LoadedModel") -> Ask:
    from evaluator.engines import loglikelihood

    def ask(task: Task, samples: Sequence[Sample], answered: Collection[str]) -> Iterator[Answer]:
        left = [sample for sample in samples if sample.sample_id not in answered]
        requests = [render(task, sample) for sample in left]
        questions = [(request.prompt, request.continuations) for request in requests]
        for index, scores in loglikelihood.score(loaded, questions):
            yield Answer(
                sample=left[index],
                prediction=left[index].letters[argmax(scores.logprobs)],
                prompt=requests[index].prompt,
                logprobs=scores.logprobs,
                tokens=scores.tokens,
                truncated=scores.truncated,
            )

    return ask


def argmax(logprobs: Sequence[float]) -> int:
    """The first of the greatest, as numpy and lm_eval have it."""
    return max(range(len(logprobs)), key=logprobs.__getitem__)
