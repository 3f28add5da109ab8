"""Texts while a model writes them: which token comes next, and when a text has ended."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from transformers import PreTrainedTokenizerBase

from evaluator.engines.encoding import Tokens
from evaluator.engines.loading import LoadedModel
from evaluator.errors import NanLogits

SLACK = 4  # tokens of a stop string's tail that may add nothing to the text


@dataclass(frozen=True)
class Opening:
    """What a model continues."""

    tokens: Tokens
    """Already cut to the model's window, less the tokens that may be written."""
    seed: int
    """Of its draws, at a temperature above 0."""


@dataclass(frozen=True)
class Limits:
    """How texts are written and where they end at the latest."""

    most_tokens: int
    temperature: float
    """0 takes the most likely token."""
    stop: tuple[str, ...]
    """A text ends before the first of these."""


@dataclass(frozen=True)
class Written:
    """What a model wrote."""

    text: str
    """Without the end token, and without the stop string and what follows it.

    Special tokens such as `<think>` are kept as text.
    """
    tokens: int
    """How many were written, the end token included."""
    finish: str
    """"end", "stop string" or "limit"."""


@dataclass
class Draft:
    """A text that is being written."""

    place: int
    """Of its opening among all."""
    opening: Opening
    tokens: list[int] = field(default_factory=list)
    """Written so far."""
    finish: str | None = None

    @cached_property
    def generator(self) -> torch.Generator:
        """Its own, so that a draw depends on nobody beside it."""
        return torch.Generator().manual_seed(self.opening.seed)

    @property
    def read(self) -> Tokens:
        """What the model reads to go on."""
        return self.opening.tokens + type(self.opening.tokens)("i", self.tokens)

    @property
    def size(self) -> int:
        return len(self.opening.tokens) + len(self.tokens)

    def draw(self) -> float:
        """The next of its numbers from 0 to 1."""
        return float(torch.rand((), generator=self.generator, dtype=torch.float64))


@dataclass(frozen=True)
class Rules:
    """How a model's texts are written."""

    tokenizer: PreTrainedTokenizerBase
    limits: Limits
    ends: frozenset[int]
    """The tokens that end a text."""

    @cached_property
    def reach(self) -> int:
        """How many tokens a stop string may lie across: each has a byte of it at least."""
        return max((len(stop.encode()) for stop in self.limits.stop), default=0) + SLACK

    def choose(self, logits: torch.Tensor, drafts: Sequence[Draft]) -> list[int]:
        """Return the next token of each draft from its `logits` (drafts, vocabulary), float32.

        The first of the most likely; at a temperature, where the draft's own random number falls
        among the summed probabilities. Raises `NanLogits`.
        """
        highest, likeliest = logits.max(dim=-1)
        if not all(map(math.isfinite, highest.tolist())):
            raise NanLogits(
                "The model gave logits that are no numbers while it wrote: its weights are "
                "damaged, or overflow in float16, where --precision bfloat16 or float32 helps."
            )
        if self.limits.temperature == 0:
            return [int(token) for token in likeliest.tolist()]
        chances = (logits / self.limits.temperature).softmax(dim=-1)
        sums = chances.cumsum(dim=-1, dtype=torch.float64)
        draws = torch.tensor([[draft.draw()] for draft in drafts]).to(sums) * sums[:, -1:]
        places = torch.searchsorted(sums, draws, right=True)[:, 0]
        return [int(token) for token in places.clamp(max=logits.shape[1] - 1).tolist()]

    def add(self, draft: Draft, token: int) -> None:
        """Write one more token, and say so where it ends the text."""
        draft.tokens.append(token)
        if token in self.ends:
            draft.finish = "end"
        elif self.limits.stop and self.stops(draft):
            draft.finish = "stop string"
        elif len(draft.tokens) >= self.limits.most_tokens:
            draft.finish = "limit"

    def stops(self, draft: Draft) -> bool:
        """Whether a stop string has come; a tail tells, which may begin inside a character."""
        tail = self.decode(draft.tokens[-self.reach :])
        if not any(stop in tail for stop in self.limits.stop):
            return False
        text = self.decode(draft.tokens)
        return self.cut(text) != text

    def cut(self, text: str) -> str:
        """What stands before the first stop string."""
        return text[
            : min((at for stop in self.limits.stop if (at := text.find(stop)) >= 0), default=None)
        ]

    def decode(self, tokens: Sequence[int]) -> str:
        return str(
            self.tokenizer.decode(
                tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False
            )
        )

    def show(self, draft: Draft) -> Written:
        """Return the finished text; padding that a model writes is none."""
        shown = self.ends | {self.tokenizer.pad_token_id}
        text = self.decode([token for token in draft.tokens if token not in shown])
        return Written(self.cut(text), len(draft.tokens), draft.finish or "limit")


def make_rules(model: LoadedModel, limits: Limits) -> Rules:
    """A text ends where the tokenizer says so, or the network's own settings do."""
    settings = getattr(model.network, "generation_config", None)
    named = [model.tokenizer.eos_token_id, getattr(settings, "eos_token_id", None)]
    ends: set[int] = set()
    for token in named:
        ends.update(token if isinstance(token, list | tuple) else [token])
    limits = Limits(limits.most_tokens, limits.temperature, tuple(filter(None, limits.stop)))
    return Rules(model.tokenizer, limits, frozenset(ends - {None}))
