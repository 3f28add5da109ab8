"""Embedded models that read no question: what a score is worth must be seen beside them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from evaluator.samples import Sample


def answer_randomly(samples: Sequence[Sample], seed: int) -> list[str]:
    """Draw each letter from the seed and the sample's id, so that order does not matter."""
    return [draw_letter(sample, seed) for sample in samples]


def draw_letter(sample: Sample, seed: int) -> str:
    digest = hashlib.sha256(f"{seed} {sample.sample_id}".encode()).digest()
    return sample.letters[int.from_bytes(digest[:8]) % len(sample.letters)]


def answer_most_common(samples: Sequence[Sample], _: int) -> list[str]:
    """Give the task's most frequent gold letter (the earlier one of a tie) every time."""
    counts = Counter(sample.gold for sample in samples)
    return [max(sorted(counts), key=counts.__getitem__)] * len(samples)


def answer_longest(samples: Sequence[Sample], _: int) -> list[str]:
    """Give the longest choice (the earlier one of a tie): test writers tend to give it away."""
    return [
        max(
            sample.letters,
            key=lambda letter, sample=sample: len(  # type: ignore[misc]
                sample.choices[sample.letters.index(letter)]
            ),
        )
        for sample in samples
    ]


BASELINES: dict[str, Callable[[Sequence[Sample], int], list[str]]] = {
    "baseline:random": answer_randomly,
    "baseline:majority": answer_most_common,
    "baseline:longest-choice": answer_longest,
}
