"""Shares a run's chunks out among workers who ask at once, and takes back what a lost one left.

What is asked with what decides the last digits of a log-probability. So the batches of a chunk's
plan are shared out, each asked whole by one worker; where texts are written, whose company is in no
plan, a chunk is one worker's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from evaluator.asking import Answer, BatchPlan
from evaluator.papers import Key, Paper
from evaluator.records import Model
from evaluator.shards import Chunk

Work = Sequence[tuple[Paper, Chunk]]
Spread = Callable[[Work, int | None], Iterator[tuple[Chunk, Answer]]]
"""From chunks and the batch size that the run has found, if it has, to what they lack."""


@dataclass(frozen=True)
class Crew:
    """A model that is open in several places, which are asked at once."""

    facts: Model
    """As described, with what only loading tells."""
    spread: Spread
    versions: dict[str, str]
    hardware: dict[str, str]
    """Grows while workers come and go."""
    chat_template_hash: str | None = None
    base_source: str | None = None


@dataclass(frozen=True)
class Job:
    """What one worker does in one go: make the plan of a chunk, or ask some of its batches."""

    place: int
    """Of the chunk, among those that are asked."""
    size: int | None = None
    """Of a batch in tokens, for a plan; None to find it."""
    batches: Sequence[list[int]] = ()
    """Empty for a plan."""


@dataclass
class Part:
    """A chunk that is asked."""

    paper: Paper
    chunk: Chunk
    answered: set[Key]
    left: list[list[int]] = field(default_factory=list)
    """Batches that nobody has; the next one last."""
    tokens: int = 0
    """The size of a batch."""
    is_planned: bool = False
    is_begun: bool = False
    """Whether a worker makes its plan."""

    def lacks(self, batch: Sequence[int]) -> bool:
        return any(self.chunk.turns[index].key not in self.answered for index in batch)

    def missing(self, batches: Sequence[Sequence[int]]) -> list[int]:
        """Places of the turns in `batches` that are not answered."""
        turns = self.chunk.turns
        return [
            index for batch in batches for index in batch if turns[index].key not in self.answered
        ]

    def plan(self, plan: BatchPlan) -> None:
        self.tokens, self.is_planned = plan.tokens, True
        self.left = [batch for batch in reversed(plan.batches) if self.lacks(batch)]


class Shares:
    """Who does what, so that all is asked, nothing twice, and everyone is busy to the end."""

    def __init__(self, work: Work, size: int | None, workers: int, *, planned: bool) -> None:
        """`planned` is whether batches go by a plan, as they do where choices are scored."""
        self.size = size
        self.workers = workers
        self.parts = [Part(paper, chunk, set(chunk.answered)) for paper, chunk in work]
        if not planned:  # the longest first, lest it is waited for alone
            self.parts.sort(key=lambda part: len(part.answered) - len(part.chunk.turns))
        for part in self.parts:
            everything = BatchPlan(0, [list(range(len(part.chunk.turns)))])
            if (plan := part.chunk.read_plan() if planned else everything) is not None:
                part.plan(plan)

    @property
    def is_done(self) -> bool:
        return all(len(part.answered) == len(part.chunk.turns) for part in self.parts)

    def take(self, last: int | None) -> Job | None:
        """The next job of one whose last one was of the chunk `last`, which it has at hand.

        It goes on with that, else begins one, else helps where most is left.
        """
        if last is not None and self.parts[last].left:
            return self.cut(last)
        places = range(len(self.parts))
        new = [at for at in places if not self.parts[at].is_planned]
        if new and (self.size or not any(self.parts[at].is_begun for at in new)):
            for at in new:
                if not self.parts[at].is_begun:
                    self.parts[at].is_begun = True
                    return Job(at, size=self.size)
        most = max(places, key=lambda at: len(self.parts[at].left), default=0)
        return self.cut(most) if self.parts and self.parts[most].left else None

    def cut(self, place: int) -> Job:
        """Half of an equal share of what is left, in whole batches: ever less towards the end."""
        part = self.parts[place]
        waiting = sum(len(batch) for each in self.parts for batch in each.left) + sum(
            len(each.chunk.turns) for each in self.parts if not each.is_planned
        )
        wanted, taken = waiting / (2 * self.workers), list[list[int]]()
        while part.left and (not taken or sum(map(len, taken)) + len(part.left[-1]) <= wanted):
            taken.append(part.left.pop())
        return Job(place, batches=taken)

    def give_back(self, job: Job) -> None:
        """A worker was lost with its job: what is not answered of that is somebody else's."""
        part = self.parts[job.place]
        if job.batches:
            part.left.extend(batch for batch in reversed(job.batches) if part.lacks(batch))
        else:
            part.is_begun = False

    def keep_plan(self, job: Job, plan: BatchPlan) -> None:
        """Write the plan down before anything is asked by it."""
        part = self.parts[job.place]
        kept = part.chunk.recall(self.size)(lambda _: plan)
        self.size = kept.tokens
        part.plan(kept)

    def keep(self, job: Job, answers: Sequence[Answer]) -> Iterator[tuple[Chunk, Answer]]:
        """Yield those that are new."""
        part = self.parts[job.place]
        for answer in answers:
            if answer.turn.key not in part.answered:
                part.answered.add(answer.turn.key)
                yield part.chunk, answer
