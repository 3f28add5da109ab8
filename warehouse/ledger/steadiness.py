"""Whether the ledger and its clock went on without a break: else a silence proves nothing.

A ledger that was away heard nobody, and a clock that jumped makes every lease look over. Who saw
that leaves the others a lease's time to say that they are there.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

JUMP = 20.0  # seconds by which a clock and the time that passed may differ


class Steadiness:
    """What one process saw."""

    def __init__(self, passed: Callable[[], float] = time.monotonic) -> None:
        self.passed = passed
        """Seconds since some moment, whatever is done to the clock."""
        self.began = passed()
        self.broken_at: float | None = None
        self.seen: tuple[float, datetime] | None = None

    def break_off(self) -> None:
        """The ledger did not answer."""
        self.broken_at = self.passed()

    def see(self, at: datetime) -> None:
        """The ledger's clock says that it is `at`."""
        now = self.passed()
        if self.seen and abs((at - self.seen[1]).total_seconds() - now + self.seen[0]) > JUMP:
            self.broken_at = now
        self.seen = now, at

    def is_unbroken(self, since: timedelta) -> bool:
        """Whether no break was seen for so long, if only because nobody looked."""
        since_break = self.passed() - self.broken_at if self.broken_at is not None else None
        return since_break is None or since_break >= since.total_seconds()

    def was_seen(self, since: timedelta) -> bool:
        """Whether it was looked at for so long, and no break was seen."""
        return self.is_unbroken(since) and self.passed() - self.began >= since.total_seconds()
