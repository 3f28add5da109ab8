"""What is put to a model: tasks with their examples, and each question as often as it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evaluator.prompts import Request, render
from evaluator.protocols import Protocol
from evaluator.samples import Sample
from evaluator.tasks import Task


class Turn(NamedTuple):
    """A question, and the how manieth time it is asked, from 0."""

    sample: Sample
    repeat: int = 0

    @property
    def key(self) -> "Key":
        return self.sample.sample_id, self.repeat


Key = tuple[str, int]
"""A sample id and a repeat: what a prediction of a task is known by."""


@dataclass(frozen=True)
class Paper:
    """One task as it is put to a model: its questions, and the worked examples before each."""

    task: Task
    samples: Sequence[Sample]
    shots: Sequence[Sample] = ()

    def turns(self, protocol: Protocol) -> list[Turn]:
        """Every question as often as it is asked."""
        return [
            Turn(sample, repeat)
            for sample in self.samples
            for repeat in range(self.times(sample, protocol))
        ]

    def times(self, sample: Sample, protocol: Protocol) -> int:
        """How often a question is asked: drawn anew, or with its choices in another order.

        PubMedQA's prompt does not show its choices, so that they have no order to change.
        """
        if protocol.method == "rotate" and self.task.prompt != "pubmedqa":
            return len(sample.choices)
        return protocol.decoding.repeats if protocol.decoding else 1

    def render(self, sample: Sample, protocol: Protocol, repeat: int = 0) -> Request:
        asked = rotate(sample, repeat) if protocol.method == "rotate" else sample
        return render(self.task, asked, protocol, self.shots)


def rotate(sample: Sample, places: int) -> Sample:
    """The question with its first `places` choices behind the others, and the key with them."""
    choices = sample.choices[places:] + sample.choices[:places]
    gold = sample.letters[(sample.letters.index(sample.gold) - places) % len(choices)]
    return sample.model_copy(update={"choices": choices, "gold": gold})


def rotate_back(sample: Sample, places: int, letter: str) -> str:
    """The letter that a choice of the rotated question has in `sample` itself."""
    return sample.letters[(sample.letters.index(letter) + places) % len(sample.choices)]
