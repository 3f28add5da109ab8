"""Has a network write texts by transformers' own `generate`, where its attention is its own.

Texts of similar length are written together, padded on the left, if the network proves that
padding changes nothing; else only texts of one length are.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    StoppingCriteria,
    StoppingCriteriaList,
)

from evaluator.engines.drafts import Draft, Rules
from evaluator.engines.loading import LoadedModel
from evaluator.engines.loglikelihood import no_room, ran_out
from evaluator.engines.proof import CLOSE, CLOSE_IN_HALF, REFUSALS

TEXTS = {"cpu": 8, "cuda": 32}  # written at a time
PADDING = 0  # a token that is never seen


class Choosing(LogitsProcessor):  # type: ignore[misc]
    """Chooses each text's next token by our rules, whatever `generate` would have taken."""

    def __init__(self, rules: Rules, drafts: Sequence[Draft]) -> None:
        self.rules, self.drafts = rules, drafts

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        chosen = [PADDING] * len(self.drafts)
        rows = [row for row, draft in enumerate(self.drafts) if not draft.finish]
        drafts = [self.drafts[row] for row in rows]
        tokens = self.rules.choose(scores[rows].float(), drafts) if rows else []
        for row, draft, token in zip(rows, drafts, tokens, strict=True):
            self.rules.add(draft, token)
            chosen[row] = token
        forced = torch.full_like(scores, -torch.inf)
        forced[range(len(chosen)), chosen] = 0
        return forced


class Finished(StoppingCriteria):  # type: ignore[misc]
    """Stops where our rules end a text."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.drafts = drafts

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:  # noqa: ARG002
        return torch.tensor([bool(draft.finish) for draft in self.drafts], device=input_ids.device)


def write(model: LoadedModel, rules: Rules, drafts: Sequence[Draft]) -> Iterator[Draft]:
    """Yield `drafts` as their batches end; a batch that memory does not hold is halved."""
    waiting = list(reversed(plan(model, drafts))) if drafts else []
    while waiting:
        batch = waiting.pop()
        try:
            write_batch(model, rules, batch)
        except RuntimeError as error:
            if not ran_out(error):
                raise
            if len(batch) == 1:
                raise no_room(batch[0].size) from error
            again = [Draft(draft.place, draft.opening) for draft in batch]
            middle = len(again) // 2
            waiting += [again[middle:], again[:middle]]
            continue
        yield from batch


def plan(model: LoadedModel, drafts: Sequence[Draft]) -> list[list[Draft]]:
    """Part texts into batches, longest first; those whose positions stretch are written alone."""
    pads = pads_exactly(model)
    most = 1 if model.stretch is not None else TEXTS[model.device.type]
    batches: list[list[Draft]] = []
    for draft in sorted(drafts, key=lambda draft: -draft.size):
        fits = batches and len(batches[-1]) < most
        if not fits or not (pads or batches[-1][0].size == draft.size):
            batches.append([])
        batches[-1].append(draft)
    return batches


@torch.inference_mode()
def pads_exactly(model: LoadedModel) -> bool:
    """Whether a text continues alike with padding on its left."""
    text = model.tokenizer.encode("A cough for three weeks. Answer:")[: model.max_length // 2]
    padded = pad([text, text * 2], model.device)
    alone = pad([text], model.device)
    with plain(model.network):
        try:
            one, other = (
                model.network.generate(
                    **inputs, max_new_tokens=1, output_logits=True, return_dict_in_generate=True
                ).logits[0][0]
                for inputs in (padded, alone)
            )
        except REFUSALS:
            return False
    close = CLOSE.get(model.network.dtype, CLOSE_IN_HALF)
    difference = one.float().log_softmax(-1) - other.float().log_softmax(-1)
    return bool((difference.abs() <= close).all())


@torch.inference_mode()
def write_batch(model: LoadedModel, rules: Rules, drafts: Sequence[Draft]) -> None:
    """Write the whole of each draft."""
    with plain(model.network):
        model.network.generate(
            **pad([draft.opening.tokens for draft in drafts], model.device),
            max_new_tokens=rules.limits.most_tokens,
            logits_processor=LogitsProcessorList([Choosing(rules, drafts)]),
            stopping_criteria=StoppingCriteriaList([Finished(drafts)]),
        )


def pad(rows: Sequence[Sequence[int]], device: torch.device) -> dict[str, torch.Tensor]:
    """Lay texts below each other, with padding on the left where there is any."""
    width = max(map(len, rows))
    padded = [[PADDING] * (width - len(row)) + list(row) for row in rows]
    seen = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    return {
        "input_ids": torch.tensor(padded, device=device),
        "attention_mask": torch.tensor(seen, device=device),
    }


@contextmanager
def plain(network: PreTrainedModel) -> Iterator[None]:
    """Let `network` attend as transformers has it, and forget its own settings for generation.

    Those may punish repetition, which changes what is the most likely token.
    """
    kept, attention = network.generation_config, network.config._attn_implementation
    network.generation_config = GenerationConfig(do_sample=False, pad_token_id=PADDING)
    if "packed" in str(attention):
        network.set_attn_implementation("sdpa")
    try:
        yield
    finally:
        network.generation_config = kept
        if "packed" in str(attention):
            network.set_attn_implementation(attention)
