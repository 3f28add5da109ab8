"""What a worker on Ray does: it loads a model once, and asks it whatever it is sent."""

import hashlib
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from evaluator import asking, bases, models
from evaluator.asking import Answer, Ask, BatchPlan, OpenModel
from evaluator.errors import EvaluatorError, ModelNotFound
from evaluator.papers import Paper, Turn
from evaluator.protocols import Protocol
from evaluator.records import Model

MOST_AT_HAND = 2  # chunks: the one that is asked, and the one that is prepared meanwhile
LOT, SECONDS = 256, 1.0  # answers are sent when there are so many, or have waited so long


class Asked(NamedTuple):
    """What `asking.open_model` takes, with paths that are whole."""

    model: Model
    precision: str | None
    folder: Path
    source: str
    protocol: Protocol
    base_source: str | None = None


class Brought(NamedTuple):
    """A chunk, as it comes to a worker."""

    name: str
    paper: Paper
    turns: Sequence[Turn]


@dataclass(frozen=True)
class Told:
    """What a worker says of the model that it has loaded, as `asking.OpenModel` has it."""

    host: str
    facts: Model
    versions: dict[str, str]
    hardware: dict[str, str]
    chat_template_hash: str | None
    base_source: str | None


class Planned(Exception):
    """A chunk has its plan."""


class Worker:
    """Asks one thing at a time; what needs no device is prepared meanwhile."""

    def __init__(self) -> None:
        self.opened: OpenModel | None = None
        self.at_hand: dict[str, Ask] = {}
        self.device, self.preparing = Lock(), Lock()

    def check(self) -> tuple[str, dict[str, str]]:
        """Return this machine's name and what may not differ between machines."""
        return platform.node(), tell_versions()

    def load(self, asked: Asked, host: str) -> Told:
        """Load the model, which is described on the machine `host`; raises a `ModelError`."""
        if platform.node() != host:
            check_folder(asked.model, asked.source)
            check_folder(bases.base_of(asked.model), asked.base_source)
        opened = self.opened = asking.open_model(*asked)
        return Told(
            *(platform.node(), opened.facts, opened.versions, opened.hardware),
            *(opened.chat_template_hash, opened.base_source),
        )

    def plan(self, brought: Brought, size: int | None) -> BatchPlan:
        """Return how a chunk is batched; without a `size`, the device tells which is best."""
        made = []

        def keep(make: Callable[[int | None], BatchPlan]) -> BatchPlan:
            made.append(make(size))
            raise Planned

        ask = self.prepare(brought)
        with nullcontext() if size else self.device, suppress(Planned):
            next(ask((), keep), None)
        return made[0]

    def ask(
        self, brought: Brought, places: Sequence[int], plan: BatchPlan
    ) -> Iterator[list[Answer]]:
        """Yield the answers to the turns at `places`, which are asked in the batches of `plan`."""
        ask, wanted = self.prepare(brought), set(places)
        others = {turn.key for at, turn in enumerate(brought.turns) if at not in wanted}
        with self.device:
            yield from in_lots(ask(others, lambda _: plan))

    def prepare(self, brought: Brought) -> Ask:
        assert self.opened is not None
        with self.preparing:
            if brought.name not in self.at_hand:
                while len(self.at_hand) >= MOST_AT_HAND:
                    del self.at_hand[next(iter(self.at_hand))]
                self.at_hand[brought.name] = self.opened.prepare(brought.paper, brought.turns)
            return self.at_hand[brought.name]


def in_lots(answers: Iterator[Answer]) -> Iterator[list[Answer]]:
    """Yield answers together, each with its part of the time; before an error what is there."""
    lot: list[Answer] = []
    begun = time.perf_counter()

    def close() -> list[Answer]:
        nonlocal lot, begun
        passed = (time.perf_counter() - begun) / len(lot)
        timed = [replace(answer, seconds=passed) for answer in lot]
        lot, begun = [], time.perf_counter()
        return timed

    try:
        for answer in answers:
            lot.append(answer)
            if len(lot) >= LOT or time.perf_counter() - begun > SECONDS:
                yield close()
    except EvaluatorError:
        if lot:
            yield close()
        raise
    if lot:
        yield close()


def check_folder(model: Model | None, source: str | None) -> None:
    """A folder has to be on each machine, with the same in it; raises `ModelNotFound`."""
    if model is None or source is None or not model.revision.startswith(models.LOCAL):
        return
    if not Path(source).is_dir():
        raise ModelNotFound(
            f"The machine {platform.node()} has no folder {source}. Put the model where all "
            "machines have it under the same path, such as a disk that they share."
        )
    models.find_again(model, source)


def tell_versions() -> dict[str, str]:
    """What decides the last digits of a log-probability, and this code itself."""
    from evaluator.engines import loading

    own = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(own.rglob("*.py")):
        digest.update(f"{path.relative_to(own)} {len(path.read_bytes())} ".encode())
        digest.update(path.read_bytes())
    versions = {"this project's code": digest.hexdigest()[:12]}
    return versions | {"python": platform.python_version()} | loading.versions(adapted=True)
