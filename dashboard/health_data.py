"""Looks whether everything works, in time: also where the ledger keeps whoever asks waiting."""

import os
import shutil
import threading
import time
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from dashboard import data, ledger_data
from dashboard.health_report import Answer, Seen
from warehouse import settings
from warehouse.errors import WarehouseError
from warehouse.ledger import opening
from warehouse.ledger.errors import LedgerError
from warehouse.ledger.health import Health

BEGUN = time.monotonic()  # the server imports this before it serves
PATIENCE = 0.4  # seconds after which the ledger counts as away; it may be heard of later
FRESH = 1.0  # seconds for which one look holds, whoever asks
turn = threading.Lock()
looks: dict[str, tuple[float, Future[Health | None]]] = {}


def look() -> Seen:
    """What there is now; makes nothing, and takes a second at most."""
    health: Health | None = None
    ledger: Answer = "away"
    with suppress(LedgerError, TimeoutError, CancelledError):
        health = examine_in_time()
        ledger = "answers" if health else "none"
    return Seen(
        at=datetime.now(UTC),
        uptime=time.monotonic() - BEGUN,
        snapshot=find_snapshot(),
        ledger=ledger,
        health=health,
        free=find_free(settings.data_folder()),
    )


def examine_in_time() -> Health | None:
    """What the ledger says, by one thread for all who ask; None where there is no ledger.

    Raises a `LedgerError`, `TimeoutError`, or `CancelledError` where it broke down.
    """
    place = f"{os.environ.get('LEADERBOARD_LEDGER', '')} {settings.ledger_file()}"
    with turn:
        begun, said = looks.get(place, (0.0, None))
        if said is None or (said.done() and time.monotonic() - begun > FRESH):
            said = Future()
            looks[place] = time.monotonic(), said
            # a daemon, which nobody waits for when the server ends
            threading.Thread(target=examine, args=(said,), daemon=True).start()
    return said.result(timeout=PATIENCE)


def examine(said: "Future[Health | None]") -> None:
    try:
        said.set_result(ledger_data.examine() if opening.is_made() else None)
    except LedgerError as error:
        said.set_exception(error)
    finally:
        if not said.done():  # a damaged file, say: whoever waits is told
            said.cancel()


def find_snapshot() -> tuple[int, float] | None:
    """The number of the snapshot in use and its age in seconds; None where none can be opened."""
    try:
        number, published = data.current_snapshot(), data.published_at()
    except (WarehouseError, OSError):
        return None
    return number, max(time.time() - published.replace(tzinfo=UTC).timestamp(), 0)


def find_free(folder: Path) -> int:
    """Bytes on the disk of a folder that may still have to be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
