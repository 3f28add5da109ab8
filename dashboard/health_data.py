"""Looks whether everything works, in time: also where the ledger keeps whoever asks waiting."""

import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from dashboard import data, ledger_data
from dashboard.health_report import Answer, Seen
from warehouse import settings
from warehouse.errors import WarehouseError
from warehouse.ledger import opening
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.health import Health

BEGUN = time.monotonic()  # the server imports this before it serves
PATIENCE = 0.4  # seconds after which whoever is asked counts as away; it may be heard of later
OPENING = 5.0  # seconds for the same of the warehouse, which is opened on the first look
FRESH = 1.0  # seconds for which one look holds, whoever asks
turn = threading.Lock()
T = TypeVar("T")
looks: dict[str, tuple[float, Future[Any]]] = {}


def look() -> Seen:
    """What there is now; makes nothing, and takes a second, or five where a lake hangs."""
    health: Health | None = None
    snapshot: tuple[int, float] | None = None
    ledger: Answer = "away"
    with suppress(LedgerError, TimeoutError, CancelledError):
        health = in_time(
            f"{os.environ.get('LEADERBOARD_LEDGER')} {settings.ledger_file()}", examine
        )
        ledger = "answers" if health else "none"
    with suppress(WarehouseError, OSError, TimeoutError, CancelledError):
        snapshot = in_time(settings.warehouse_place(), find_snapshot, OPENING, fresh=0)
    return Seen(
        at=datetime.now(UTC),
        uptime=time.monotonic() - BEGUN,
        snapshot=snapshot,
        ledger=ledger,
        health=health,
        free=find_free(settings.data_folder()),
    )


def in_time(
    place: str, ask: Callable[[], T], patience: float | None = None, fresh: float = FRESH
) -> T:
    """What is found out of a place, by one thread for all who ask.

    Raises what it raises, `TimeoutError`, or `CancelledError` where it broke down.
    """
    with turn:
        begun, said = looks.get(place, (0.0, None))
        if said is None or (said.done() and time.monotonic() - begun > fresh):
            said = Future()
            looks[place] = time.monotonic(), said
            # a daemon, which nobody waits for when the server ends
            threading.Thread(target=answer, args=(said, ask), daemon=True).start()
    return cast(T, said.result(timeout=PATIENCE if patience is None else patience))


def answer(said: "Future[T]", ask: Callable[[], T]) -> None:
    try:
        said.set_result(ask())
    except (LedgerError, WarehouseError, OSError) as error:
        said.set_exception(error)
    finally:
        if not said.done():  # a damaged file, say: whoever waits is told
            said.cancel()


def examine() -> Health | None:
    """What the ledger says; None where there is no ledger."""
    return ledger_data.examine() if opening.is_made() else None


def find_snapshot() -> tuple[int, float]:
    """The number of the snapshot in use and its age in seconds; raises where none can be opened."""
    number, published = data.current_snapshot(), data.published_at()
    return number, max(time.time() - published.replace(tzinfo=UTC).timestamp(), 0)


def find_free(folder: Path) -> int:
    """Bytes on the disk of a folder that may still have to be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
