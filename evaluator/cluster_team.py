"""Keeps workers on Ray busy: sends them jobs, takes their answers, and replaces those that end."""

import platform
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from tqdm import tqdm

from evaluator import asking, sittings
from evaluator.asking import Answer, BatchPlan
from evaluator.cluster_worker import Asked, Brought, Told, Worker, tell_versions
from evaluator.crews import Job, Shares, Work
from evaluator.errors import ClusterFailed, EvaluatorError, OutOfMemory
from evaluator.shards import Chunk
from evaluator.text import one_line

AT_ONCE = 2  # jobs of a worker: one is done, the other is there when it ends
MOST_LOST = 3  # workers on a seat in a row without an answer
PATIENCE = 300.0  # seconds in which Ray finds a place for one worker at least
TICK = 1.0
LOW = "low on memory"  # what Ray says where it ended a worker for want of it
ALWAYS = {"max_restarts": 0, "max_concurrency": AT_ONCE, "scheduling_strategy": "SPREAD"}
remote: Any = ray.remote  # its types know functions alone
OWN = (EvaluatorError, OSError, MemoryError)
"""What means the same in a worker as it does here."""


@dataclass
class Seat:
    """A place for a worker; where one is lost, another takes it."""

    worker: Any
    waits: dict[Any, Job | None]
    """What it was sent, in order, by what the results come through; None is to make it ready."""
    is_placed: bool = False
    is_ready: bool = False
    last: int | None = None
    """The chunk that it has at hand."""
    lost: int = 0
    """Workers since the last answer."""

    @property
    def jobs(self) -> list[Job]:
        return [job for job in self.waits.values() if job]


@dataclass
class Team:
    """The workers of a run, and what is sent to them."""

    asked: Asked
    deadline: float | None
    needs: Mapping[str, int] = field(default_factory=dict)
    """Of one worker, as Ray names it."""
    seats: list[Seat] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    """By each worker that has loaded the model."""
    hardware: dict[str, str] = field(default_factory=dict)
    brought: dict[int, Any] = field(default_factory=dict)
    """The chunks that Ray holds, by their places."""
    shares: Shares | None = None
    versions: Mapping[str, str] = field(default_factory=tell_versions)
    """Here, which no machine's may differ from."""
    seen: float = field(default_factory=time.monotonic)
    """When there was a worker at last."""

    def sit(self, lost: int = 0) -> Seat:
        """Have a worker started, in the place of so many that were `lost`."""
        worker = remote(Worker).options(**self.needs, **ALWAYS).remote()
        return Seat(worker, {worker.check.remote(): None}, lost=lost)

    def wait_for_one(self) -> Told:
        """Return what the first worker says that has loaded the model."""
        while not self.told:
            list(self.step())
        return self.told[0]

    def spread(self, work: Work, size: int | None) -> Iterator[tuple[Chunk, Answer]]:
        """Yield the answers that `work` lacks, in any order."""
        planned = self.asked.protocol.decoding is None
        self.shares = Shares(work, size, len(self.seats), planned=planned)
        try:
            while not self.shares.is_done:
                self.send(self.shares)
                ready = [seat for seat in self.seats if seat.is_ready]
                if ready and not any(seat.jobs for seat in self.seats):
                    return  # a worker left something out, which who finishes the run will say
                yield from self.step()
        finally:
            self.leave()

    def leave(self) -> None:
        """End the workers at once, also one that hangs, so that what they took is free."""
        try:
            for seat in self.seats:
                ray.kill(seat.worker)
        finally:
            ray.shutdown()

    def send(self, shares: Shares) -> None:
        """Give each worker enough to do."""
        for seat in self.seats:
            while seat.is_ready and len(seat.jobs) < AT_ONCE and (job := shares.take(seat.last)):
                part, seat.last = shares.parts[job.place], job.place
                if job.place not in self.brought:
                    paper = replace(part.paper, samples=())
                    chunk = Brought(part.chunk.name, paper, part.chunk.turns)
                    self.brought[job.place] = ray.put(chunk)
                chunk = self.brought[job.place]
                if job.batches:
                    plan = BatchPlan(part.tokens, list(job.batches))
                    sent = seat.worker.ask.remote(chunk, part.missing(job.batches), plan)
                else:
                    sent = seat.worker.plan.remote(chunk, job.size)
                seat.waits[sent] = job

    def step(self) -> Iterator[tuple[Chunk, Answer]]:
        """Wait for what comes next, and yield what are answers.

        Raises `TimedOut` at the deadline, `ClusterFailed` where workers are not to be had.
        """
        waits = [each for seat in self.seats for each in seat.waits]
        came, _ = ray.wait(waits, timeout=TICK)
        for each in came:
            place = next(at for at, seat in enumerate(self.seats) if each in seat.waits)
            seat = self.seats[place]
            try:
                yield from self.receive(seat, each)
            except RayTaskError as error:
                if isinstance(error.cause, OWN):
                    raise error.cause from None
                if not isinstance(error.cause, RuntimeError):  # that may be its device's fault
                    raise
                self.seats[place] = self.replace(seat, error)
            except RayError as error:
                self.seats[place] = self.replace(seat, error)
        self.look_round()

    def receive(self, seat: Seat, each: Any) -> Iterator[tuple[Chunk, Answer]]:
        """Take a result of a worker's; raises what Ray does where there is none."""
        job = seat.waits[each]
        if job is None:
            self.make_ready(seat, ray.get(each))
            del seat.waits[each]
            return
        assert self.shares is not None
        if job.batches:
            if (sent := next(each, None)) is None:
                del seat.waits[each]
                return
            answers = ray.get(sent)
            seat.lost = 0
            yield from self.shares.keep(job, answers)
        else:
            self.shares.keep_plan(job, ray.get(each))
            del seat.waits[each]

    def make_ready(self, seat: Seat, said: Any) -> None:
        """Go on from a worker's word: that it is there, or that it has loaded the model."""
        seat.is_placed = True
        if isinstance(said, Told):
            seat.is_ready = True
            self.told.append(said)
            self.hardware |= self.describe()
            return
        host, theirs = said
        for name, ours in self.versions.items():
            if theirs[name] != ours:
                raise ClusterFailed(
                    f"The machine {host} has {name} {theirs[name]}, but {platform.node()} has "
                    f"{ours}, and answers would differ. Bring the project's folder, and what "
                    "requirements.txt names, to the same state on all machines."
                )
        seat.waits[seat.worker.load.remote(self.asked, platform.node())] = None

    def describe(self) -> dict[str, str]:
        """The hardware of all that have loaded the model, and the most that were ready at once."""
        kinds = sorted((told.hardware for told in self.told), key=str)
        machines = len({told.host for told in self.told})
        most = max(int(self.hardware.get("workers", 0)), sum(seat.is_ready for seat in self.seats))
        counted = {"engine": "ray", "workers": str(most), "machines": str(machines)}
        return sittings.join(kinds) | counted

    def replace(self, seat: Seat, error: RayError) -> Seat:
        """Have another take the place of a worker that is lost, and somebody else its jobs."""
        cause = error.cause if isinstance(error, RayTaskError) else error
        reason = one_line(str(cause)).rstrip(".")
        for job in reversed(seat.jobs):
            assert self.shares is not None
            self.shares.give_back(job)
        ray.kill(seat.worker)
        seat.lost += 1
        if seat.lost >= MOST_LOST:
            kind = OutOfMemory if LOW in str(error) else ClusterFailed
            raise kind(
                f"{MOST_LOST} workers on Ray, each in the place of the one before, ended without "
                f"an answer: {reason}. What is answered is kept. See to their machines, to the "
                "memory above all, then run the same command again."
            )
        replaced = int(self.hardware.get("replaced workers", "0")) + 1
        self.hardware["replaced workers"] = str(replaced)
        tqdm.write(f"A worker ended, and another takes its place: {reason}.")
        return self.sit(seat.lost)

    def look_round(self) -> None:
        asking.check_deadline(self.deadline)
        now = time.monotonic()
        if any(seat.is_placed for seat in self.seats):
            self.seen = now
        elif now - self.seen > PATIENCE:
            free = ray.available_resources()
            raise ClusterFailed(
                f"Ray found no place for a worker in {PATIENCE:.0f} s. Each takes "
                f"{dict(self.needs)}, and what is free is {free}. End what "
                "else is on the cluster, or ask for fewer --workers."
            )
