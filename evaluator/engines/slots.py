"""Keys and values of texts that are being written, and the attention of their newest tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch.nn.functional import scaled_dot_product_attention

from evaluator.engines.layout import KeysValues

SMALLEST = 64  # tokens that a slot has room for, at first
CALL = 96  # tokens: what a call of the kernel costs, in keys and values of one text

Run = tuple[int, int, int]
"""Neighbouring slots, first to stop, and the most tokens that one of them has."""


@dataclass
class Slots:
    """Room for texts side by side, one a slot; those in use come first.

    Each layer has two tensors, (slots, heads, tokens, dim). They double as texts grow.
    """

    count: int
    longest: int
    """The most tokens that a text can come to."""
    prefix: Sequence[KeysValues] = ()
    """What all texts see besides, a layer each, where it is not copied into their slots."""
    lengths: list[int] = field(default_factory=list)
    """Tokens in each slot in use."""
    layers: list[KeysValues] = field(default_factory=list)

    def take(self, kept: Sequence[KeysValues]) -> None:
        """Put a text that was read into the next slot."""
        tokens = kept[0][0].shape[2]
        self.reserve(tokens + 1, kept)
        slot = len(self.lengths)
        for room, held in zip(self.layers, kept, strict=True):
            for there, part in zip(room, held, strict=True):
                there[slot, :, :tokens] = part[0]
        self.lengths.append(tokens)

    def drop(self, slot: int) -> None:
        """Free a slot: the last in use moves there."""
        last = len(self.lengths) - 1
        if slot != last:
            tokens = self.lengths[last]
            for there in (states for room in self.layers for states in room):
                there[slot, :, :tokens] = there[last, :, :tokens]
            self.lengths[slot] = tokens
        self.lengths.pop()

    def reserve(self, tokens: int, like: Sequence[KeysValues] = ()) -> None:
        """Make room for `tokens` in each slot."""
        if not self.layers:
            self.layers = [
                (
                    key.new_empty(self.count, key.shape[1], 0, key.shape[3]),
                    value.new_empty(self.count, value.shape[1], 0, value.shape[3]),
                )
                for key, value in like
            ]
        there = self.layers[0][0].shape[2]
        if tokens > there:
            size = max(tokens, min(max(2 * there, tokens + SMALLEST), self.longest))
            for number, (keys, values) in enumerate(self.layers):
                self.layers[number] = (self.grow(keys, size), self.grow(values, size))

    def grow(self, states: torch.Tensor, size: int) -> torch.Tensor:
        """With zeros behind: what is masked counts 0 times, and 0 × NaN is NaN."""
        grown = states.new_zeros(*states.shape[:2], size, states.shape[3])
        used, tokens = len(self.lengths), max(self.lengths, default=0)
        grown[:used, :, :tokens] = states[:used, :, :tokens]
        return grown


@dataclass
class Step:
    """One pass over the newest token of each text in use."""

    slots: Slots
    layer: int = 0
    masks: dict[tuple[int | None, torch.device, torch.dtype], torch.Tensor] = field(
        default_factory=dict
    )
    places: dict[torch.device, KeysValues] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reach = max(self.slots.lengths) + 1

    @cached_property
    def runs(self) -> "list[Run]":
        """What `find_runs` finds, where it is asked: a GPU has no use for it."""
        return find_runs([length + 1 for length in self.slots.lengths])

    def attend(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scale: float | None,
        window: int | None,
    ) -> torch.Tensor:
        """Attend from one token a text: queries (1, heads, texts, dim) to (1, texts, heads, dim).

        Heads that share keys are asked as if they were tokens, so nothing is repeated.
        """
        keys, values = self.keep(key, value)
        _, heads, texts, dim = query.shape
        asked = query[0].transpose(0, 1).reshape(texts, keys.shape[1], -1, dim)
        narrow = window if window is not None and window < self.reach else None
        mask = self.mask(narrow, query)
        prefix = self.slots.prefix[self.layer] if self.slots.prefix else None
        self.layer += 1
        if prefix:
            found = self.attend_both(asked, (keys, values), prefix, mask, scale)
        else:
            found = asked.new_empty(*asked.shape[:3], values.shape[3])
            for first, stop, reach in self.runs if query.device.type == "cpu" else self.whole:
                found[first:stop] = scaled_dot_product_attention(
                    asked[first:stop],
                    keys[first:stop, :, :reach],
                    values[first:stop, :, :reach],
                    attn_mask=mask[first:stop, :, :, :reach].expand(-1, -1, asked.shape[2], -1),
                    scale=scale,
                )
        return found.reshape(1, texts, heads, -1)

    @property
    def whole(self) -> list[Run]:
        return [(0, len(self.slots.lengths), self.reach)]

    def attend_both(
        self,
        asked: torch.Tensor,
        seen: KeysValues,
        prefix: KeysValues,
        mask: torch.Tensor,
        scale: float | None,
    ) -> torch.Tensor:
        """Join what texts see of their own with the prefix, which all ask at once.

        See `attention.attend_singly`; for CPUs, too.
        """
        flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
        texts, shared, group, dim = asked.shape
        found = asked.new_empty(*asked.shape[:3], seen[1].shape[3])
        total = asked.new_empty(asked.shape[:3], dtype=torch.float32)
        for first, stop, reach in self.runs:
            keys, values = (states[first:stop, :, :reach] for states in seen)
            own = mask[first:stop, :, :, :reach].expand(-1, -1, group, -1)
            found[first:stop], total[first:stop] = flash(
                asked[first:stop], keys, values, 0.0, False, attn_mask=own, scale=scale
            )
        together = asked.transpose(0, 1).reshape(1, shared, texts * group, dim)
        before, sum_before = flash(together, *prefix, scale=scale)
        before = before.reshape(shared, texts, group, -1).transpose(0, 1)
        sum_before = sum_before.reshape(shared, texts, group).transpose(0, 1)
        share = torch.sigmoid(sum_before - total)[..., None].to(found.dtype)
        return torch.lerp(found, before, share)

    def keep(self, key: torch.Tensor, value: torch.Tensor) -> KeysValues:
        """Put the keys and values of the newest tokens behind the others; returns all in use."""
        device = key.device
        if device not in self.places:
            lengths = torch.tensor(self.slots.lengths, device=device)
            self.places[device] = (torch.arange(len(lengths), device=device), lengths)
        slots, lengths = self.places[device]
        keys, values = self.slots.layers[self.layer]
        keys[slots, :, lengths] = key[0].transpose(0, 1)
        values[slots, :, lengths] = value[0].transpose(0, 1)
        used = len(self.slots.lengths)
        return keys[:used, :, : self.reach], values[:used, :, : self.reach]

    def mask(self, window: int | None, query: torch.Tensor) -> torch.Tensor:
        """(texts, 1, 1, tokens): 0 where a text's newest token sees, else minus infinity."""
        kind = (window, query.device, query.dtype)
        if kind not in self.masks:
            newest = self.places[query.device][1][:, None]
            distance = newest - torch.arange(self.reach, device=query.device)
            hidden = (distance < 0) if window is None else (distance < 0) | (distance >= window)
            mask = query.new_zeros(hidden.shape).masked_fill_(hidden, -torch.inf)
            self.masks[kind] = mask[:, None, None]
        return self.masks[kind]


def find_runs(lengths: Sequence[int]) -> list[Run]:
    """Part slots into runs of neighbours, so that few short texts are asked as long ones.

    Exact: the least sum of what each run's kernel call costs and what it reads.
    """
    best: list[tuple[int, list[Run]]] = [(0, [])]
    for stop in range(1, len(lengths) + 1):
        longest, found = 0, None
        for first in range(stop - 1, -1, -1):
            longest = max(longest, lengths[first])
            cost = best[first][0] + CALL + longest * (stop - first)
            if found is None or cost < found[0]:
                found = (cost, first, longest)
        assert found is not None
        cost, first, longest = found
        best.append((cost, [*best[first][1], (first, stop, longest)]))
    return best[-1][1]
