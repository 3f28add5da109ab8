"""Scores continuations by log-probability, in batches, with logits only where they are needed.

Tokenization and truncation follow lm-evaluation-harness 0.4.13 (`TemplateLM._encode_pair` and
`HFLM._loglikelihood_tokens`), so that scores compare with those that others publish.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch

from evaluator.engines.loading import LoadedModel
from evaluator.errors import ModelError, NanLogits

Tokens = list[int]


@dataclass(frozen=True)
class Scores:
    """What a model says of one question."""

    logprobs: tuple[float, ...]
    """Natural log of each continuation's probability after the prompt, summed over its tokens."""
    tokens: int
    """Of the prompt with its longest continuation, before truncation."""
    truncated: bool
    """Whether the prompt was longer than the model's window and cut from the left."""


@dataclass
class Passage:
    """One row of a batch: what the model reads, and the continuations that end right after it.

    Continuations that differ only in their last token share a passage, as letters mostly do.
    """

    tokens: Tokens
    endings: dict[tuple[int, int], Tokens]
    """By (question, choice): the continuation's tokens."""


def score(
    model: LoadedModel, questions: Sequence[tuple[str, Sequence[str]]], batch_tokens: int = 4096
) -> Iterator[tuple[int, Scores]]:
    """Yield (index, scores) for each (prompt, continuations), longest first, as batches end.

    A batch holds at most `batch_tokens` tokens, padding included, or one passage. Raises
    `NanLogits` when a log-probability is not a number.
    """
    encoded = [
        [encode_pair(model, prompt, ending) for ending in endings] for prompt, endings in questions
    ]
    order = sorted(range(len(questions)), key=lambda index: -longest(encoded[index]))
    waiting = {index: len(encoded[index]) for index in order}
    logprobs: dict[tuple[int, int], float] = {}
    for batch in batches(
        (passage for index in order for passage in passages(model, index, encoded[index])),
        batch_tokens,
    ):
        for (index, choice), logprob in score_batch(model, batch).items():
            logprobs[index, choice] = logprob
            waiting[index] -= 1
            if not waiting[index]:
                choices = range(len(encoded[index]))
                tokens = longest(encoded[index])
                yield (
                    index,
                    Scores(
                        logprobs=tuple(logprobs.pop((index, number)) for number in choices),
                        tokens=tokens,
                        truncated=tokens > model.max_length + 1,
                    ),
                )


def encode_pair(model: LoadedModel, prompt: str, continuation: str) -> tuple[Tokens, Tokens]:
    """Tokenize both together and part them: trailing spaces belong to the continuation."""
    bare = prompt.rstrip()
    whole = model.tokenizer.encode(prompt + continuation, verbose=False)
    context = model.tokenizer.encode(bare, verbose=False)
    ending = whole[len(context) :]
    if not 0 < len(ending) <= model.max_length:
        raise ModelError(
            f"The tokenizer makes {len(ending)} tokens of {continuation!r} after the prompt, and "
            f"the model's window holds {model.max_length}: it cannot be scored."
        )
    return context, ending


def longest(pairs: Iterable[tuple[Tokens, Tokens]]) -> int:
    return max(len(context) + len(ending) for context, ending in pairs)


def passages(
    model: LoadedModel, index: int, pairs: Sequence[tuple[Tokens, Tokens]]
) -> list[Passage]:
    """Return the rows that question `index` needs, cut from the left to the model's window."""
    found: dict[tuple[int, ...], Passage] = {}
    for choice, (context, ending) in enumerate(pairs):
        tokens = (context + ending)[-(model.max_length + 1) :][:-1]
        passage = found.setdefault((len(ending), *tokens), Passage(tokens, {}))
        passage.endings[index, choice] = ending
    return list(found.values())


def batches(rows: Iterable[Passage], batch_tokens: int) -> Iterator[list[Passage]]:
    """Group `rows`, sorted longest first, so that each padded batch fits `batch_tokens`."""
    batch: list[Passage] = []
    width = 0
    for row in rows:
        width = max(width, len(row.tokens))
        if batch and width * (len(batch) + 1) > batch_tokens:
            yield batch
            batch, width = [], len(row.tokens)
        batch.append(row)
    if batch:
        yield batch


@torch.inference_mode()
def score_batch(model: LoadedModel, batch: Sequence[Passage]) -> dict[tuple[int, int], float]:
    """Return the log-probability of every ending of `batch`, by (question, choice).

    Padding is on the right, where a causal model never looks, so no mask is needed.
    """
    width = max(len(row.tokens) for row in batch)
    inputs = torch.tensor(
        [row.tokens + [0] * (width - len(row.tokens)) for row in batch], device=model.device
    )
    needed = sorted({position for row in batch for position in scored_positions(row)})
    positions = torch.tensor(needed, device=model.device)
    logits = model.network(inputs, logits_to_keep=positions, use_cache=False).logits
    if logits.shape[1] != len(needed):  # an architecture that keeps every position regardless
        logits = logits[:, positions]
    logprobs = torch.log_softmax(logits.float(), dim=-1)
    column = {position: number for number, position in enumerate(needed)}
    found = {}
    for number, row in enumerate(batch):
        for key, ending in row.endings.items():
            kept = range(len(row.tokens) - len(ending), len(row.tokens))
            steps = logprobs[number, [column[position] for position in kept], ending]
            found[key] = check_finite(float(steps.sum()))
    return found


def scored_positions(row: Passage) -> Iterator[int]:
    length = len(next(iter(row.endings.values())))
    yield from range(len(row.tokens) - length, len(row.tokens))


def check_finite(logprob: float) -> float:
    if not -float("inf") < logprob <= 0:
        raise NanLogits(
            f"The model gave a log-probability of {logprob}: its weights are damaged, or overflow "
            "in float16, where --precision bfloat16 or float32 helps."
        )
    return logprob
