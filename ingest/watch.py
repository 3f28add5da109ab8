"""Loads finished run folders as they appear, until it is stopped.

What is loaded stands in the warehouse, so a watch that was killed is simply started again. What was
refused is remembered until then, lest it be tried at each look.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from evaluator.errors import EvaluatorError
from evaluator.records import RUN_FILE
from ingest import loading, runs
from ingest.telling import refused_runs
from warehouse import db, locating, settings
from warehouse.errors import (
    AuditFailed,
    BrokenSnapshot,
    LoadFailed,
    NoRoom,
    NoSnapshot,
    OldSchema,
    WarehouseError,
)
from warehouse.ledger.presence import ledger_exists

REASON = "python -m ingest watch"


class Try(NamedTuple):
    """What came of a run folder."""

    changed: int
    """When its record was last changed, in nanoseconds."""
    asked: datetime | None
    """When a submission came to wait for it, where one did; a retry is a new one."""
    fault: str = ""
    """Why it could not be loaded; empty where it was, or is in quarantine."""


Tried = dict[str, Try]
"""From the name of each run folder that was looked at to what came of it."""


class Memory(NamedTuple):
    """What a watch keeps in mind from one look to the next."""

    tried: Tried
    waiting: dict[str, datetime]
    """From each run for which a submission waits to when that began, as the ledger said last."""
    heard: set[tuple[str, int]]
    """What the ledger said that could not be published, or needs not be; see `find_due`."""


def watch(tell: Callable[[str], None], pause: Callable[[], None], mirror: Path | None) -> None:
    """Look for finished run folders, load them, `pause`, and again, for ever.

    What came of a look goes to `tell`, unless it is what came of the last one. Raises
    `WarehouseInUse` where another process is watching.
    """
    told = ""
    memory = Memory({}, {}, set())
    with locating.find_store().watch():
        while True:
            said = look_safely(memory, mirror)
            if said and said != told:
                tell(said)
            told = said or told
            pause()


def look_safely(memory: Memory, mirror: Path | None) -> str:
    """Look, and tell the ledger; what fails is said, and the next look tries it again."""
    said: list[str] = []
    if not ledger_exists():
        with saying(said):
            said.append(look(memory, mirror))
        return said[0]
    from ingest import handover  # half a second of imports, and most have no ledger

    with saying(said):
        found = handover.find_waiting()
        memory.waiting.clear()
        memory.waiting.update(found)
    if said:  # a snapshot without what it says could show a model that is hidden
        return said[0]
    with saying(said):
        said.append(look(memory, mirror))
    with saying(said):
        said.append(publish_due(memory, mirror))
    faults = {
        name: one.fault
        for name, one in memory.tried.items()
        if memory.waiting.get(name) == one.asked
    }
    with saying(said):
        said += handover.settle(faults)
    return "\n".join(filter(None, said))


@contextmanager
def saying(said: list[str]) -> Iterator[None]:
    """Add to what is `said` what fails for now."""
    try:
        yield
    except (WarehouseError, EvaluatorError, OSError) as error:
        said.append(f"Error: {error}")


def look(memory: Memory, mirror: Path | None) -> str:
    """Load what is new; returns what came of it, or nothing where nothing was new."""
    loaded, tried = find_loaded(), memory.tried
    found = {
        folder: Try((folder / RUN_FILE).stat().st_mtime_ns, memory.waiting.get(folder.name))
        for folder in runs.finished(settings.runs_folder())
        if folder.name not in loaded
    }
    new = {folder: one for folder, one in found.items() if is_new(one, tried.get(folder.name))}
    return "\n".join(load(new, mirror, tried)) if new else ""


def is_new(one: Try, last: Try | None) -> bool:
    """Whether a run folder changed since it was last tried, or is waited for anew."""
    if last is None or last.changed != one.changed:
        return True
    return one.asked is not None and one.asked != last.asked


def load(
    new: Mapping[Path, Try], mirror: Path | None, tried: Tried, later: Collection[str] = ()
) -> list[str]:
    """Load some runs together; where they break a rule, each by itself, so that the rest is there.

    A run that broke one before, or is to be loaded `later`, has no part in it, even where all is
    made anew.
    """
    names = {folder.name for folder in new}
    odd = find_odd(tried).union(later) - names
    try:
        with loading.open_draft(REASON, mirror=mirror, without=odd) as draft:
            runs.load_runs(draft, list(new), mirror)
            refused = dict(refused_runs(draft, names))
    except NoRoom:
        raise  # no fault of theirs
    except (AuditFailed, LoadFailed) as error:
        said = []
        for folder, one in new.items():
            if len(new) > 1:
                said += load({folder: one}, mirror, tried, names)
            else:
                tried[folder.name] = one._replace(fault=str(error))
                said.append(f"Error: {error}")
        return said
    tried.update({folder.name: one for folder, one in new.items()})
    loaded = ", ".join(folder.name for folder in new if folder.name not in refused)
    said = [f"Loaded {loaded} (snapshot {draft.number})."] if loaded else []
    return said + [f"Refused {name}: {reason}" for name, reason in refused.items()]


def find_odd(tried: Tried) -> set[str]:
    """The runs that broke a rule."""
    return {name for name, one in tried.items() if one.fault}


def publish_due(memory: Memory, mirror: Path | None) -> str:
    """Publish what the ledger says by now, where that is worth a snapshot of its own."""
    from ingest import ledger_copy

    due = ledger_copy.find_due(memory.heard)
    if not due:
        return ""
    try:
        with loading.open_draft(REASON, mirror=mirror, without=find_odd(memory.tried)) as draft:
            pass
    except NoRoom:
        raise
    except (AuditFailed, LoadFailed):
        memory.heard.update(due)
        raise
    return f"Published what the ledger says by now (snapshot {draft.number})."


def find_loaded() -> set[str]:
    """The runs of the snapshot in use; none where there is no usable one."""
    try:
        warehouse = db.open_warehouse()
    except (NoSnapshot, BrokenSnapshot, OldSchema):
        return set()
    try:
        return set(warehouse.ask("run_keys")["run_id"])
    finally:
        warehouse.close()
