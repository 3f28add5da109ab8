"""Loads finished run folders as they appear, until it is stopped.

What is loaded stands in the warehouse, so a watch that was killed is simply started again. What was
refused is remembered until then, lest it be tried at each look.
"""

from collections.abc import Callable
from pathlib import Path

from evaluator.records import RUN_FILE
from ingest import loading, runs
from ingest.telling import refused_runs
from warehouse import db, drafts, settings
from warehouse.errors import (
    AuditFailed,
    BrokenSnapshot,
    LoadFailed,
    NoSnapshot,
    OldSchema,
    WarehouseError,
)
from warehouse.ledger.presence import ledger_exists

Tried = set[tuple[str, int]]
"""Run folders that were looked at: name, and time of the record's last change. Also what the ledger
said, and a number that tells its states apart."""


def watch(tell: Callable[[str], None], pause: Callable[[], None], mirror: Path | None) -> None:
    """Look for finished run folders, load them, `pause`, and again, for ever.

    What came of a look goes to `tell`, unless it is what came of the last one. Raises
    `WarehouseInUse` where another process is watching.
    """
    folder = settings.warehouse_folder()
    folder.mkdir(parents=True, exist_ok=True)
    told = ""
    tried: Tried = set()
    with drafts.locked(folder / ".watch", f"Another process is watching for {folder}."):
        while True:
            try:
                said = "\n".join(filter(None, [look(tried, mirror), settle_submissions()]))
            except (WarehouseError, OSError) as error:  # the next look tries again
                said = f"Error: {error}"
            if said and said != told:
                tell(said)
            told = said or told
            pause()


def settle_submissions() -> str:
    """Tell the ledger what is published now, where there is one."""
    if not ledger_exists():
        return ""
    from ingest import handover  # half a second of imports, and most have no ledger

    return "\n".join(handover.settle())


def look(tried: Tried, mirror: Path | None) -> str:
    """Load what is new; returns what came of it, or nothing where nothing was new."""
    found = find_new(tried)
    due = set() if found else find_due(tried)
    if not (found or due):
        return ""
    try:
        with loading.open_draft("python -m ingest watch", mirror=mirror) as draft:
            runs.load_runs(draft, found, mirror)
            refused = refused_runs(draft, {folder.name for folder in found})
    except (AuditFailed, LoadFailed) as error:
        tried.update(found.values(), due)
        return f"Error: {error}"
    tried.update(found.values())
    names = ", ".join(folder.name for folder in found if folder.name not in dict(refused))
    said = [f"Loaded {names} (snapshot {draft.number})."] if names else []
    if not found:
        said = [f"Published what the ledger says by now (snapshot {draft.number})."]
    return "\n".join(said + [f"Refused {name}: {reason}" for name, reason in refused])


def find_new(tried: Tried) -> dict[Path, tuple[str, int]]:
    """The finished run folders that are not loaded, nor tried as they are now."""
    loaded = find_loaded()
    found = {
        folder: (folder.name, (folder / RUN_FILE).stat().st_mtime_ns)
        for folder in runs.finished(settings.runs_folder())
        if folder.name not in loaded
    }
    return {folder: key for folder, key in found.items() if key not in tried}


def find_due(tried: Tried) -> Tried:
    """What the ledger says that is worth a snapshot of its own, and was not tried."""
    if not ledger_exists():
        return set()
    from ingest import ledger_copy

    return ledger_copy.find_due(tried)


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
