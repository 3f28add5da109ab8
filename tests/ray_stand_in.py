"""Ray as far as a team uses it, in this process: workers can be lost wherever one likes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from ray.exceptions import RayActorError, RayTaskError

from evaluator import cluster_team
from evaluator.asking import Answer, BatchPlan
from evaluator.cluster_worker import Brought, Told
from evaluator.errors import EvaluatorError
from evaluator.records import Model

LOT = 1  # answers that come together
VERSIONS = {"torch": "2"}


class Sent:
    """What a call will return, or raise; the results of `ask` come one by one."""

    def __init__(self, worker: "StandIn", call: Callable[[], Any]) -> None:
        self.worker, self.call = worker, call
        self.stream: Iterator[Any] | None = None

    def get(self) -> Any:
        if self.worker.is_lost:
            raise RayActorError
        return self.call()

    def __next__(self) -> "Sent":
        if self.worker.is_lost:
            return self
        self.stream = self.stream or self.call()
        try:
            lot = next(self.stream)
        except (EvaluatorError, RuntimeError, LookupError) as error:
            return Sent(self.worker, as_told_by_ray(error))
        return Sent(self.worker, lambda: lot)


task_error: Any = RayTaskError  # which has no types


def as_told_by_ray(error: Exception) -> Callable[[], Any]:
    def get() -> Any:
        told = task_error("ask", "its traceback", error, "worker", 1, "127.0.0.1")
        raise told.as_instanceof_cause()

    return get


class Method:
    def __init__(self, worker: "StandIn", call: Callable[..., Any]) -> None:
        self.worker, self.call = worker, call

    def remote(self, *given: Any) -> Sent:
        return Sent(self.worker, lambda: self.call(*given))


class StandIn:
    """A worker whose answers are all A, or that does what it is told to in place of answering."""

    def __init__(self, ray: "RayStandIn") -> None:
        self.is_lost = False
        self.ray = ray

    def __getattr__(self, name: str) -> Method:
        return Method(self, object.__getattribute__(self, f"do_{name}"))

    def do_check(self) -> tuple[str, dict[str, str]]:
        return "here", VERSIONS

    def do_load(self, *_: object) -> Told:
        return Told("here", self.ray.facts, VERSIONS, {"device": "cpu"}, None, None)

    def do_plan(self, brought: Brought, size: int | None) -> BatchPlan:
        places = range(len(brought.turns))
        return BatchPlan(size or 4, [[*places[at : at + 4]] for at in places[::4]])

    def do_ask(
        self, brought: Brought, places: Sequence[int], _: BatchPlan
    ) -> Iterator[list[Answer]]:
        for at in range(0, len(places), LOT):
            self.ray.act()
            yield [Answer(brought.turns[place], "A") for place in places[at : at + LOT]]


class RayStandIn:
    """Takes the place of the module; counts what happens, and loses workers at some such events."""

    def __init__(self, facts: Model, lose_at: Collection[int]) -> None:
        self.facts, self.lose_at, self.events = facts, lose_at, 0
        self.act: Callable[[], None] = lambda: None
        self.killed = self.shutdowns = 0

    def remote(self, *_: object) -> Any:
        """Once for the class, and once for a worker of it."""
        return self if _ else StandIn(self)

    def options(self, **_: object) -> "RayStandIn":
        return self

    def wait(self, waits: Sequence[Sent], timeout: float) -> tuple[list[Sent], list[Sent]]:
        assert waits
        assert timeout == cluster_team.TICK
        chosen = waits[self.events % len(waits)]  # workers are heard in turn
        chosen.worker.is_lost |= self.events in self.lose_at
        self.events += 1
        return [chosen], []

    def get(self, sent: Sent) -> Any:
        return sent.get()

    def put(self, value: object) -> object:
        return value

    def kill(self, worker: StandIn) -> None:
        worker.is_lost = True
        self.killed += 1

    def shutdown(self) -> None:
        self.shutdowns += 1
