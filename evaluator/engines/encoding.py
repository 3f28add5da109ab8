"""From prompts to tokens, parted and cut as lm-evaluation-harness 0.4.13 does it.

Its `TemplateLM._encode_pair` tokenizes prompt and continuation together, trailing spaces with the
continuation; its `HFLM._loglikelihood_tokens` cuts what is longer than the window from the left.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeAlias

from transformers import PreTrainedTokenizerBase

from evaluator.errors import BrokenTokenizer

Tokens: TypeAlias = "array[int]"
"""Compact: a chunk of questions has millions."""
Question = tuple[str, Sequence[str]]
"""A prompt and its continuations."""
PER_CALL = 256  # texts a call of the tokenizer: enough to keep its threads busy


@dataclass(frozen=True)
class Choice:
    """One continuation: the branch that the model reads for it, and the tokens it may say."""

    branch: int | None
    """Of the question's branches; none where the context is all that is read."""
    ending: Tokens
    """Each is scored at the token before it; the last is never read."""


@dataclass(frozen=True)
class Encoded:
    """What the model reads of one question: a context, once, and branches that continue it."""

    context: Tokens
    """Common to all choices; empty where the window cuts them differently."""
    branches: Sequence[Tokens]
    """How choices of more than one token go on, each but its last token. Equal ones are one."""
    choices: Sequence[Choice]
    tokens: int
    """Of the prompt with its longest continuation, before truncation."""
    truncated: bool
    alone: bool = False
    """Whether it is so long that the model's positions stretch, for it and all beside it."""

    @property
    def joins(self) -> bool:
        """Whether it begins as the others do and may be asked in their row."""
        return not (self.truncated or self.alone)

    @property
    def size(self) -> int:
        """How many tokens are read, where nothing else is shared."""
        return len(self.context) + sum(map(len, self.branches))

    @property
    def first_scored(self) -> int:
        """The place in the context of the first token that predicts, or the context's length."""
        return min(len(self.context), *(self.predicted_at(c).start for c in self.choices))

    def predicted_at(self, choice: Choice) -> range:
        """The places in the choice's text, context and branch, where its tokens are predicted."""
        own = 0 if choice.branch is None else len(self.branches[choice.branch])
        length = len(self.context) + own
        return range(length - len(choice.ending), length)


def encode(
    tokenizer: PreTrainedTokenizerBase,
    window: int,
    questions: Sequence[Question],
    stretch: int | None = None,
) -> list[Encoded]:
    """Tokenize `questions` for a model of `window` tokens whose positions stretch after `stretch`.

    Raises `BrokenTokenizer` for a continuation that cannot be scored.
    """
    texts = dict.fromkeys(
        text
        for prompt, endings in questions
        for text in (prompt.rstrip(), *(prompt + ending for ending in endings))
    )
    tokens = tokenize(tokenizer, list(texts))
    encoded = [
        part(window, tokens[prompt.rstrip()], [tokens[prompt + ending] for ending in endings])
        for prompt, endings in questions
    ]
    if stretch is None:
        return encoded
    return [replace(question, alone=question.tokens - 1 > stretch) for question in encoded]


def tokenize(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> dict[str, Tokens]:
    """Each text's tokens. One that begins with the token that begins texts gets no second one."""
    begin = beginning(tokenizer)
    found: dict[str, Tokens] = {}
    for begun in (False, True):
        chosen = [text for text in texts if bool(begin and text.startswith(begin)) == begun]
        special = {"add_special_tokens": False} if begun else {}
        for first in range(0, len(chosen), PER_CALL):
            some = chosen[first : first + PER_CALL]
            rows = tokenizer(some, verbose=False, **special)["input_ids"]
            found |= {text: array("i", row) for text, row in zip(some, rows, strict=True)}
    return found


def beginning(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """The text of the token that begins every text, or ends it where there is no such token."""
    token = tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id
    return None if token is None else str(tokenizer.decode(token))


def part(window: int, bare: Tokens, wholes: Sequence[Tokens]) -> Encoded:
    """Return how a question is read whose prompt is `bare`, with each continuation in `wholes`."""
    endings = [whole[len(bare) :] for whole in wholes]
    if not all(0 < len(ending) <= window for ending in endings):
        raise BrokenTokenizer(
            f"The tokenizer makes continuations of {[len(ending) for ending in endings]} tokens, "
            f"and the model's window holds {window}: they cannot be scored."
        )
    rows = [(bare + ending)[-(window + 1) :][:-1] for ending in endings]
    common = shared_length(rows)
    branches = []
    for row in rows:
        if len(row) > common and row[common:] not in branches:
            branches.append(row[common:])
    longest = len(bare) + max(map(len, endings))
    return Encoded(
        context=rows[0][:common],
        branches=branches,
        choices=[
            Choice(branches.index(row[common:]) if len(row) > common else None, ending)
            for row, ending in zip(rows, endings, strict=True)
        ],
        tokens=longest,
        truncated=longest > window + 1,
    )


def shared_length(rows: Iterable[Tokens]) -> int:
    """How many tokens all `rows` begin with alike."""
    rows = list(rows)
    low, high = min(rows), max(rows)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False)))
