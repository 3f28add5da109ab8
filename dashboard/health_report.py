"""Whether what people wait for works: in words for the page, and as keys for a program.

No Streamlit here, and nothing private: no name of a machine, a person or a folder.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from dashboard import times
from warehouse.ledger.health import WAITING, Health
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Record
from warehouse.ledger.workers import SILENCE, Kind

LEAST_FREE = 10**9
"""Bytes without which a run or a snapshot may not be written to its end."""
MANY_FAILURES = 0.5
NEWS = timedelta(hours=1)
FEW = 3  # ended submissions, of which no share is worth a word
KINDS: Mapping[Kind, tuple[str, str]] = {
    "checker": ("Checker", "python -m evaluator check-queue"),
    "worker": ("Worker", "python -m evaluator work"),
    "watcher": ("Publisher", "python -m ingest watch"),
}
"""From each kind of process to what it is called, and the command that starts one."""
NO_SNAPSHOT = "No snapshot can be read, so the pages have nothing to show."
AWAY = "It does not answer: nothing can be submitted, and nobody sees the queue."


Answer = Literal["answers", "none", "away"]
"""Of the ledger: none where nobody has submitted anything yet."""
Mark = Literal["ok", "attention", "broken"]


class Seen(NamedTuple):
    """What was found at one moment."""

    at: datetime
    uptime: float
    """Seconds since the dashboard began."""
    snapshot: tuple[int, float] | None
    """The number of the one in use, and the seconds since it was published."""
    ledger: Answer
    health: Health | None
    """What a ledger that answers says."""
    free: int
    """Bytes on the disk of the data folder."""


class Problem(Record):
    """Something that people wait for and that does not work."""

    code: str
    """`no-snapshot`, `ledger-away`, `disk-full`, `no-checker`, `no-worker` or `no-watcher`."""
    says: str


class Report(Record):
    """What `GET /health` answers."""

    status: Literal["fine", "broken"]
    """Broken where there is a problem; the answer's HTTP status is 503 then, and else 200."""
    problems: tuple[Problem, ...]
    uptime_seconds: int
    """Since the dashboard began."""
    snapshot: int | None
    """The number of the one in use."""
    snapshot_age_seconds: int | None
    ledger: Answer
    """Where it does not answer, what follows is empty, but for the disk."""
    submissions: dict[State, int]
    """In each state."""
    oldest_seconds: dict[State, int]
    """How long the oldest has waited in each state in which something waits for a process."""
    processes: dict[Kind, int]
    """Of each kind those that were heard of within a minute."""
    silent: int
    """Processes of the last week that were not, and did not sign off either."""
    paused: bool | None
    ended_in_a_week: int | None
    """Submissions that finished or failed."""
    failed_in_a_week: dict[str, int]
    """From the code of each failure to how often it was."""
    disk_free_bytes: int


class Line(NamedTuple):
    """One thing that is looked at."""

    mark: Mark
    what: str
    says: str
    """To be shown as plain text."""


def report(seen: Seen) -> Report:
    health, problems = seen.health, find_problems(seen)
    return Report(
        status="broken" if problems else "fine",
        problems=tuple(problems),
        uptime_seconds=int(seen.uptime),
        snapshot=seen.snapshot[0] if seen.snapshot else None,
        snapshot_age_seconds=int(seen.snapshot[1]) if seen.snapshot else None,
        ledger=seen.ledger,
        submissions=health.counts if health else {},
        oldest_seconds={state: int(waited) for state, waited in health.oldest.items()}
        if health
        else {},
        processes={kind: count_alive(health, kind) for kind in KINDS} if health else {},
        silent=sum(not one.is_alive(health.at) for one in health.workers) if health else 0,
        paused=health.paused is not None if health else None,
        ended_in_a_week=health.ended if health else None,
        failed_in_a_week=health.failures if health else {},
        disk_free_bytes=seen.free,
    )


def find_problems(seen: Seen) -> list[Problem]:
    found = []
    if seen.snapshot is None:
        found.append(Problem(code="no-snapshot", says=NO_SNAPSHOT))
    if seen.ledger == "away":
        found.append(Problem(code="ledger-away", says=f"The ledger: {AWAY}"))
    if seen.free < LEAST_FREE:
        found.append(Problem(code="disk-full", says=describe_disk(seen.free)))
    for kind in find_missing(seen.health):
        says = f"{KINDS[kind][0]}: {describe_kind(seen.health, kind)}" if seen.health else ""
        found.append(Problem(code=f"no-{kind}", says=says))
    return found


def find_missing(health: Health | None) -> list[Kind]:
    """Of which kind none is there, though something has waited for it longer than a restart takes.

    Of a paused queue nothing is taken, so that nobody waits for a worker.
    """
    if health is None:
        return []
    return [
        WAITING[state]
        for state, waited in health.oldest.items()
        if WAITING[state] in health.missing
        and timedelta(seconds=waited) >= SILENCE
        and not (health.paused is not None and WAITING[state] == "worker")
    ]


def list_lines(seen: Seen) -> list[Line]:
    """Each thing that is looked at, with how it is."""
    health, missing = seen.health, find_missing(seen.health)
    lines = [
        Line(
            "ok",
            "Results",
            f"Snapshot {seen.snapshot[0]}, published {times.passed(seen.snapshot[1])}.",
        )
        if seen.snapshot
        else Line("broken", "Results", NO_SNAPSHOT),
        describe_ledger(seen),
    ]
    if health:
        for kind, (name, _) in KINDS.items():
            mark: Mark = "attention" if count_lost(health, kind) else "ok"
            mark = "broken" if kind in missing else mark
            lines.append(Line(mark, name, describe_kind(health, kind)))
        lines += [describe_queue(health), describe_failures(health)]
    full = seen.free < LEAST_FREE
    lines.append(Line("broken" if full else "ok", "Disk", describe_disk(seen.free)))
    lines.append(Line("ok", "Dashboard", f"It began {times.passed(seen.uptime)}."))
    return lines


def describe_ledger(seen: Seen) -> Line:
    if seen.ledger == "away":
        return Line("broken", "Ledger", AWAY)
    answers = seen.ledger == "answers"
    says = "It answers." if answers else "There is none yet: the first submission makes it."
    return Line("ok", "Ledger", says)


def describe_kind(health: Health, kind: Kind) -> str:
    """How many of a kind are there, and what waits for them."""
    alive = count_alive(health, kind)
    there = f"{alive} {'is' if alive == 1 else 'are'} there" if alive else "None is there"
    state = next(state for state, whom in WAITING.items() if whom == kind)
    waiting = health.counts[state]
    if state not in health.oldest:
        waits = ", and nothing waits for one." if not alive else ", and nothing waits."
    else:
        oldest = times.duration(health.oldest[state])
        waits = f", and {waiting:,} wait{'s' if waiting == 1 else ''}, the oldest for {oldest}."
    silent = count_lost(health, kind)
    lost = f" {silent} fell silent within an hour." if silent else ""
    start = f" Start one: {KINDS[kind][1]}" if waiting and not alive else ""
    return f"{there}{waits}{lost}{start}"


def describe_queue(health: Health) -> Line:
    if health.paused is None:
        return Line("ok", "Queue", "It is open.")
    return Line("attention", "Queue", f"It is paused; what runs goes on. Why: {health.paused}")


def describe_failures(health: Health) -> Line:
    failed = sum(health.failures.values())
    if not health.ended:
        return Line("ok", "Failures", "Nothing has ended within a week.")
    share = failed / health.ended
    many = share > MANY_FAILURES and health.ended >= FEW
    says = f"{failed:,} of {health.ended:,} failed within a week ({share:.0%})."
    return Line("attention" if many else "ok", "Failures", says)


def describe_disk(free: int) -> str:
    says = f"{free / 10**9:,.1f} GB are free."
    return says if free >= LEAST_FREE else f"{says} Runs and snapshots need more: make room."


def count_alive(health: Health, kind: Kind) -> int:
    return sum(one.kind == kind and one.is_alive(health.at) for one in health.workers)


def count_lost(health: Health, kind: Kind) -> int:
    """Of those that fell silent, the ones of which that is news."""
    return sum(
        one.kind == kind and not one.is_alive(health.at) and health.at - one.seen_at < NEWS
        for one in health.workers
    )
