"""Lays questions into rows: which are asked together, and where each of their tokens lies."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from evaluator.engines.encoding import Encoded, Tokens, shared_length
from evaluator.engines.layout import Segment, Span

Batch = list[int]
"""The places of its questions among those that were encoded."""
SHORTEST_PREFIX = 16  # tokens: below, keeping a prefix costs more than reading it again


@dataclass
class Row:
    """Texts laid end to end, as a model reads them in one pass."""

    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """Of each token in its own text."""
    segments: list[Segment] = field(default_factory=list)
    steps: list[Span] = field(default_factory=list)
    """Each token that is scored: where in the row it is predicted, and which it is."""
    ends: list[tuple[int, int, int]] = field(default_factory=list)
    """Of each choice: its question's place in the batch, and its span of the steps."""

    @cached_property
    def scored(self) -> list[int]:
        """Where in the row something is predicted, in order."""
        return sorted({at for at, _ in self.steps})

    @property
    def final(self) -> list[Segment]:
        """The segments of a row of only the scored tokens, which see all that was there."""
        found = []
        for segment in self.segments:
            first, last = (bisect_left(self.scored, at) for at in segment.queries)
            if first < last:
                before = segment.places[0] - segment.queries[0]
                places = [before + at for at in self.scored[first:last]]
                found.append(Segment((first, last), segment.keys, places))
        return found

    def add(self, tokens: Tokens, before: Span | None, position: int) -> Span:
        """Append a stretch that continues `before`; its first token is the text's `position`th."""
        own = (len(self.tokens), len(self.tokens) + len(tokens))
        self.tokens.extend(tokens)
        self.positions.extend(range(position, position + len(tokens)))
        seen = before[1] - before[0] if before else 0
        if tokens:
            keys = (before, own) if before and seen else (own,)
            self.segments.append(Segment(own, keys, range(seen, seen + len(tokens))))
        return own


def find_prefix(encoded: Sequence[Encoded]) -> Tokens:
    """What all questions begin with, such as a description and worked examples."""
    whole = [question for question in encoded if question.joins]
    if len(whole) < 2:
        return array("i")
    length = min(
        shared_length([question.context for question in whole]),
        *(question.first_scored for question in whole),
    )
    return whole[0].context[: length if length >= SHORTEST_PREFIX else 0]


def plan_batches(encoded: Sequence[Encoded], prefix: int, batch_tokens: int) -> list[Batch]:
    """Return who is asked with whom, longest first, at most `batch_tokens` tokens at a time.

    Questions that do not begin with the prefix come first, in batches of their own.
    """
    order = sorted(range(len(encoded)), key=lambda n: (encoded[n].joins, -encoded[n].size, n))
    batches: list[Batch] = []
    filled = 0
    for index in order:
        question = encoded[index]
        size = question.size - (prefix if question.joins else 0)
        alike = batches and encoded[batches[-1][0]].joins == question.joins
        if not alike or question.alone or filled + size > batch_tokens:
            batches.append([])
            filled = 0
        batches[-1].append(index)
        filled += size
    return batches


def lay(questions: Sequence[Encoded], prefix: int) -> Row:
    """Lay `questions` into one row, without the `prefix` tokens that they share."""
    row = Row()
    for place, question in enumerate(questions):
        size = len(question.context)
        context = row.add(question.context[prefix:], None, prefix)
        branches = [row.add(branch, context, size) for branch in question.branches]
        for choice in question.choices:
            before = len(row.steps)
            for token, at in zip(choice.ending, question.predicted_at(choice), strict=True):
                inside = choice.branch is None or at < size
                start = context[0] - prefix if inside else branches[choice.branch or 0][0] - size
                row.steps.append((start + at, token))
            row.ends.append((place, before, len(row.steps)))
    return row


@dataclass(frozen=True)
class Padded:
    """Texts below each other, padded on the right, where a causal model never looks."""

    tokens: list[list[int]]
    width: int
    steps: list[Span]
    """Each token that is scored: where it is predicted, counted through all rows, and which."""
    ends: list[tuple[int, int, int]]

    @cached_property
    def scored(self) -> list[int]:
        return sorted({at for at, _ in self.steps})


def pad(questions: Sequence[Encoded]) -> Padded:
    """Lay each text of `questions` into a row of its own, for models that cannot be packed."""
    rows: list[list[int]] = []
    steps: list[Span] = []
    ends = []
    width = max(at.stop for q in questions for at in map(q.predicted_at, q.choices))
    for place, question in enumerate(questions):
        first = len(rows)
        rows.extend(
            [*question.context, *branch] for branch in question.branches or [question.context[:0]]
        )
        for choice in question.choices:
            before = len(steps)
            row = first + (choice.branch or 0)
            for token, at in zip(choice.ending, question.predicted_at(choice), strict=True):
                steps.append((row * width + at, token))
            ends.append((place, before, len(steps)))
    return Padded([row + [0] * (width - len(row)) for row in rows], width, steps, ends)


def lay_prefix(tokens: Tokens) -> Row:
    """Lay what all share into a row of its own."""
    row = Row()
    row.add(tokens, None, 0)
    row.steps.append((len(tokens) - 1, 0))  # no score is needed, but a model must say something
    return row
