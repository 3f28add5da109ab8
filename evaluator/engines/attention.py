"""Attention over packed questions: many lie in one row, and none sees another.

A model that takes its attention from transformers' `AttentionInterface` runs unchanged over such
a row; only what sees what is decided here. Each segment sees the prefix that all share (computed
once and kept), the text that it continues, and itself up to each of its tokens.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

from evaluator.engines.layout import KeysValues, Packing, Span
from evaluator.engines.slots import Step

NAME = "packed"
WATCHED = "packed, with an eye on the masks"
"""The same attention; but what masks a model would make is noted, for the proof."""
KNOWN = (
    "dropout",
    "scaling",
    "sliding_window",
    "is_causal",
    "position_ids",
    "cache_position",
    "use_cache",
    "output_attentions",
    "output_hidden_states",
    "output_router_logits",
)
"""Options that are followed, or change nothing here; any other is refused."""


class NotPackable(Exception):
    """The model's attention is not what this module computes."""


CURRENT: list[Packing | Step] = []


@contextmanager
def packed(packing: Packing | Step) -> Iterator[None]:
    """Let attention follow `packing`, or a step of texts that are being written."""
    CURRENT.append(packing)
    try:
        yield
    finally:
        CURRENT.pop()


def packed_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,  # noqa: ARG001  # the interface's; a packing replaces it
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attend by the current packing: queries (1, heads, T, dim) to answers (1, T, heads, dim).

    Raises `NotPackable` where the layer asks for what is not computed here.
    """
    if unknown := [name for name in options.keys() - set(KNOWN) if options[name] is not None]:
        raise NotPackable(f"attention with {unknown}")
    if not getattr(module, "is_causal", True):
        raise NotPackable("attention that sees what comes after")
    packing, window = CURRENT[-1], options.get("sliding_window")
    scale = options.get("scaling")
    if isinstance(packing, Step):
        return packing.attend(query, key, value, scale, window), None
    packing.windows.append(window)
    seen, prefix = packing.enter(key, value)
    narrow = window if window is not None and window < packing.reach else None
    if query.device.type == "cpu" and narrow is None:
        return attend_singly(packing, query, seen, prefix, scale), None
    return attend_padded(packing, query, seen, prefix, scale, narrow), None


def attend_singly(
    packing: Packing,
    query: torch.Tensor,
    seen: KeysValues,
    prefix: KeysValues | None,
    scale: float | None,
) -> torch.Tensor:
    """One kernel call for equal neighbours and one for the prefix, joined by their log-sum-exps.

    For CPUs. Joining is exact: a softmax over two sets of keys is the mean of both, weighted by
    their shares of the sum (Dao et al. 2022, arXiv 2205.14135, section 3.1).
    """
    flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    _, heads, tokens, _ = query.shape
    found = query.new_empty(1, tokens, heads, seen[1].shape[-1]).transpose(1, 2)
    total = query.new_empty(1, heads, tokens, dtype=torch.float32)
    for stack in packing.stacked():
        first, count = stack[0], len(stack)
        own = [(first.queries[0], stack[-1].queries[1])]
        spans = first.keys if count == 1 else [(first.keys[0][0], stack[-1].keys[0][1])]
        keys, values = (fold(states, spans, count) for states in seen)
        mask = None
        if first.hides and not first.causal:
            mask = query.new_zeros(len(first.places), first.seen)
            for row, place in zip(mask, first.places, strict=True):
                row[place + 1 :] = -torch.inf
        answers, sums = flash(
            fold(query, own, count), keys, values, 0.0, first.causal, attn_mask=mask, scale=scale
        )
        fold(found, own, count).copy_(answers)
        if prefix:
            fold(total, own, count).copy_(sums)
    if prefix:
        before, sum_before = flash(query, *prefix, scale=scale)
        share = torch.sigmoid(sum_before - total)[..., None].to(found.dtype)
        found = torch.lerp(found, before, share)
    return found.transpose(1, 2)


def fold(states: torch.Tensor, spans: Sequence[Span], count: int) -> torch.Tensor:
    """View (1, heads, T, …) at `spans` as `count` equal pieces: (count, heads, T / count, …)."""
    parts = [states[:, :, slice(*span)] for span in spans]
    whole = parts[0] if len(parts) == 1 else torch.cat(parts, dim=2)
    _, heads, tokens, *rest = whole.shape
    return whole[0].view(heads, count, tokens // count, *rest).transpose(0, 1)


def attend_padded(
    packing: Packing,
    query: torch.Tensor,
    seen: KeysValues,
    prefix: KeysValues | None,
    scale: float | None,
    window: int | None = None,
) -> torch.Tensor:
    """One kernel call a group, each segment with its copy of the prefix: for GPUs and windows."""
    _, heads, tokens, _ = query.shape
    found = query.new_empty(tokens, heads, seen[1].shape[-1])
    for group in packing.grouped(query.device):
        asked = query[0][:, group.queries].transpose(0, 1)
        keys, values = (states[0][:, group.keys].transpose(0, 1) for states in seen)
        if prefix:
            size = (len(group.queries), -1, -1, -1)
            keys = torch.cat([prefix[0].expand(size), keys], dim=2)
            values = torch.cat([prefix[1].expand(size), values], dim=2)
        mask: torch.Tensor  # or what stands for one
        if group.causal and window is None:
            mask = causal_lower_right(asked.shape[2], keys.shape[2])
        else:
            mask = group.visible(packing.prefix_length, window)
            keys = keys.repeat_interleave(heads // keys.shape[1], dim=1)
            values = values.repeat_interleave(heads // values.shape[1], dim=1)
        answers = scaled_dot_product_attention(
            asked,
            keys,
            values,
            attn_mask=mask,
            scale=scale,
            enable_gqa=keys.shape[1] != heads,
        )
        found[group.queries[group.real]] = answers.transpose(1, 2)[group.real]
    return found[None]


def note_mask(*_: Any, local_size: int | None = None, **__: Any) -> None:
    """Note the window of a mask, sliding or in chunks, that the model would have made."""
    if local_size is not None and isinstance(CURRENT[-1], Packing):
        CURRENT[-1].masks.add(local_size)


AttentionInterface.register(NAME, packed_attention)
AttentionInterface.register(WATCHED, packed_attention)
AttentionMaskInterface.register(WATCHED, note_mask)
