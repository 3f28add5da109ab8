"""Has a network write texts: batched, with a new text in a slot as soon as one is finished.

What all openings begin with is computed once, and equal openings are read once. Openings are read
in packed rows, as questions are; then each running text takes one token a pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from evaluator.engines import network, unpacked
from evaluator.engines.devices import free_memory
from evaluator.engines.drafts import Draft, Limits, Opening, Rules, Written, make_rules
from evaluator.engines.encoding import Tokens, shared_length
from evaluator.engines.layout import KeysValues, Packing
from evaluator.engines.loading import LoadedModel
from evaluator.engines.loglikelihood import FIRST_BATCH, keep_prefix, no_room, ran_out
from evaluator.engines.network import Way
from evaluator.engines.packing import SHORTEST_PREFIX, Row
from evaluator.engines.slots import Slots, Step

__all__ = ["Limits", "Opening", "Written", "write"]

MOST_SLOTS = {"cpu": 32, "cuda": 256}
SHARE = 0.5  # of the free memory, for keys and values


def write(
    model: LoadedModel, openings: Sequence[Opening], limits: Limits
) -> Iterator[tuple[int, Written]]:
    """Yield (index, text) for each of `openings`, as texts are finished.

    Where memory ends, fewer are written at a time. Raises `OutOfMemory` when a single text does
    not fit, `NanLogits` when a model's logits are no numbers.
    """
    rules = make_rules(model, limits)
    packed: list[Draft] = []
    alone: list[Draft] = []
    for place, opening in enumerate(openings):
        most = len(opening.tokens) + limits.most_tokens
        stretched = model.stretch is not None and most > model.stretch
        (alone if model.way is Way.PADDED or stretched else packed).append(Draft(place, opening))
    if packed:
        for draft in Desk(model, rules, packed).write():
            yield draft.place, rules.show(draft)
    for draft in unpacked.write(model, rules, alone):
        yield draft.place, rules.show(draft)


@dataclass
class Desk:
    """Which texts wait, which are read and which are written."""

    model: LoadedModel
    rules: Rules
    waiting: list[Draft]
    """The next one last; longest first, so that memory ends early if at all."""
    ready: list[tuple[Draft, list[KeysValues]]] = field(default_factory=list)
    """Read, with a first token, and what was kept of them."""
    running: list[Draft] = field(default_factory=list)
    """In the order of the slots."""
    slots: Slots | None = None
    most: int = 0
    """Texts that are written at a time; found when the first ones are read."""
    joins: bool = False
    """Whether texts see the prefix beside their slots, and have no copy of it there."""

    def __post_init__(self) -> None:
        self.waiting.sort(key=lambda draft: (draft.size, draft.read, -draft.place))
        self.shared = find_prefix([draft.opening.tokens for draft in self.waiting])
        self.longest = self.waiting[-1].size + self.rules.limits.most_tokens
        self.lot = FIRST_BATCH[self.model.device.type]
        self.prefix = keep_prefix(self.model, self.shared)

    def write(self) -> Iterator[Draft]:
        """Yield texts as they are finished."""
        while self.waiting or self.ready or self.running:
            while self.waiting and not self.ready and len(self.running) < (self.most or 1):
                yield from self.read()
            while self.ready and len(self.running) < self.most:
                self.start()
            if self.running:
                yield from self.step()

    def read(self) -> list[Draft]:
        """Read the next openings, equal ones once; returns texts that end with their first token.

        Where memory does not hold them, fewer are read; the last resort is to write fewer.
        """
        lot: dict[bytes, list[Draft]] = {}
        tokens = 0
        while self.waiting:
            draft = self.waiting[-1]
            key = draft.read.tobytes()
            size = 0 if key in lot else draft.size - len(self.shared)
            if lot and tokens + size > self.lot:
                break
            tokens += size
            lot.setdefault(key, []).append(self.waiting.pop())
        try:
            return self.begin(list(lot.values()))
        except RuntimeError as error:
            if not ran_out(error):
                raise
            self.waiting.extend(reversed([draft for equal in lot.values() for draft in equal]))
            if len(lot) > 1:
                self.lot = tokens // 2
            elif self.running:
                self.shrink(error)
            else:
                raise no_room(draft.size) from error
            return []

    @torch.inference_mode()
    def begin(self, lot: Sequence[Sequence[Draft]]) -> list[Draft]:
        row, record = Row(), list[KeysValues]()
        first = len(self.shared)
        for equal in lot:
            span = row.add(equal[0].read[first:], None, first)
            row.steps.append((span[1] - 1, 0))
        laid = Packing(row.segments, row.final, self.prefix, record=record)
        logits = network.run_packed(self.model.network, self.model.way, row, laid)
        on_cpu = self.model.device.type == "cpu"
        self.joins = bool(self.prefix) and on_cpu and not any(laid.windows)
        drafts = [draft for equal in lot for draft in equal]
        rows = [number for number, equal in enumerate(lot) for _ in equal]
        pieces = [self.piece(record, *segment.queries) for segment in row.segments]
        self.most = self.most or self.find_most(pieces[0])
        for draft, token in zip(drafts, self.rules.choose(logits[rows], drafts), strict=True):
            self.rules.add(draft, token)
        for number, draft in zip(rows, drafts, strict=True):
            if not draft.finish:
                self.ready.append((draft, pieces[number]))
        return [draft for draft in drafts if draft.finish]

    def piece(self, record: Sequence[KeysValues], first: int, stop: int) -> list[KeysValues]:
        """What was kept of one text; with the prefix, where that is not asked by itself."""
        own = [(key[:, :, first:stop], value[:, :, first:stop]) for key, value in record]
        if not self.prefix or self.joins:
            return own
        return [
            (torch.cat([before[0], key], dim=2), torch.cat([before[1], value], dim=2))
            for before, (key, value) in zip(self.prefix, own, strict=True)
        ]

    def find_most(self, piece: Sequence[KeysValues]) -> int:
        """How many texts memory has room for, if all come to the greatest length."""
        tensors = [part for layer in piece for part in layer]
        each = sum(part.element_size() * part.numel() for part in tensors)
        text = each / tensors[0].shape[2] * self.longest
        room = free_memory({part.device for part in tensors}) * SHARE
        return max(1, min(MOST_SLOTS[self.model.device.type], int(room / text)))

    @torch.inference_mode()
    def start(self) -> None:
        draft, kept = self.ready[0]
        if self.slots is None:
            texts = min(self.most, len(self.waiting) + len(self.ready) + len(self.running))
            prefix = self.prefix if self.joins else ()
            self.slots = Slots(texts, self.longest, prefix)
        try:
            self.slots.take(kept)
        except RuntimeError as error:
            if not ran_out(error):
                raise
            self.shrink(error)
        else:
            self.running.append(draft)
            self.ready.pop(0)

    def step(self) -> list[Draft]:
        """Write one token more of each running text; returns those that end."""
        try:
            tokens = self.advance()
        except RuntimeError as error:
            if not ran_out(error):
                raise
            self.shrink(error)
            return []
        finished = []
        for slot in reversed(range(len(tokens))):
            draft = self.running[slot]
            self.rules.add(draft, tokens[slot])
            if draft.finish:
                finished.append(draft)
                self.release(slot)
        return finished

    @torch.inference_mode()
    def advance(self) -> list[int]:
        slots = self.slots
        assert slots is not None
        slots.reserve(max(slots.lengths) + 1)
        logits = network.run_step(
            self.model.network,
            [draft.tokens[-1] for draft in self.running],
            [draft.size - 1 for draft in self.running],
            Step(slots),
        )
        tokens = self.rules.choose(logits, self.running)
        slots.lengths = [length + 1 for length in slots.lengths]
        return tokens

    @torch.inference_mode()
    def release(self, slot: int) -> None:
        assert self.slots is not None
        self.slots.drop(slot)
        self.running[slot] = self.running[-1]
        self.running.pop()

    def shrink(self, error: RuntimeError) -> None:
        """Write half as many at a time; who was running goes on later from where it is."""
        if self.most == self.lot == 1:
            begun = [*self.running, *self.waiting, *(draft for draft, _ in self.ready)]
            raise no_room(max(draft.size for draft in begun)) from error
        self.waiting.extend(draft for draft, _ in reversed(self.ready))
        self.waiting.extend(reversed(self.running))
        self.most, self.lot = max(1, len(self.running) // 2), max(1, self.lot // 2)
        self.ready, self.running, self.slots = [], [], None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def find_prefix(openings: Sequence[Tokens]) -> Tokens:
    """What all begin with, such as a description and worked examples; each has more than that."""
    length = min(shared_length(openings), min(map(len, openings)) - 1)
    distinct = len({opening.tobytes() for opening in openings}) > 1
    return openings[0][: length if distinct and length >= SHORTEST_PREFIX else 0]
