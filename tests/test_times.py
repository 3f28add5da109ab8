"""How long something takes, and how long ago it was."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard import times

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (44, "less than a minute"),
        (45, "about 1 minute"),
        (240, "about 4 minutes"),
        (90 * 60, "about 90 minutes"),
        (2 * 3600, "about 2 hours"),
        (36 * 3600, "about 36 hours"),
        (72 * 3600, "about 3 days"),
        (1200 * 86400, "about 1,200 days"),
    ],
)
def test_a_duration_is_told_less_exactly_the_longer_it_is(seconds: float, said: str) -> None:
    assert times.duration(seconds) == said


def test_times_are_told_as_long_ago_and_later_as_days() -> None:
    told = [times.ago(AT, AT + timedelta(seconds=passed)) for passed in (3, 600, 5 * 86400)]
    assert told == ["just now", "about 10 minutes ago", "on 2026-01-01"]


def test_what_waits_begins_at_once_or_in_a_while() -> None:
    assert [times.begins(seconds) for seconds in (0, 10, 240)] == [
        "as soon as a worker looks",
        "in less than a minute",
        "in about 4 minutes",
    ]
