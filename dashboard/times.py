"""How long something takes, and how long ago it was, in words; no Streamlit here."""

from datetime import datetime

UNITS = (("minute", 60, 90), ("hour", 3600, 36), ("day", 86400, 10**9))
"""What each is called, its seconds, and up to how many of it one speaks of it."""


def duration(seconds: float) -> str:
    """`about 4 minutes`, or less exactly the longer it is."""
    if seconds < 45:
        return "less than a minute"
    unit, size = next((unit, size) for unit, size, most in UNITS if round(seconds / size) <= most)
    number = max(round(seconds / size), 1)
    return f"about {number:,} {unit}{'' if number == 1 else 's'}"


def passed(seconds: float) -> str:
    """`just now`, or `about 4 minutes ago`."""
    return "just now" if seconds < 45 else f"{duration(seconds)} ago"


def ago(at: datetime, now: datetime) -> str:
    """As `passed`; from two days on, the day."""
    seconds = (now - at).total_seconds()
    return passed(seconds) if seconds < 2 * 86400 else f"on {at:%Y-%m-%d}"


def begins(seconds: float) -> str:
    """When one that waits in the queue begins: `in about 4 minutes`."""
    return "as soon as a worker looks" if seconds < 1 else f"in {duration(seconds)}"
