"""What is taken of a submitter: what can be kept and shown, and only so much of it in a day."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from warehouse.ledger.errors import BadSubmission, TooMany
from warehouse.ledger.tables import submissions

DAY = timedelta(hours=24)
LONGEST = 10_000  # characters of anything that is submitted
CONTROLS = ("Cc", "Cs")  # categories of characters: control codes, and halves of a pair


def require_readable(asked: Mapping[str, str | None], longest: int = LONGEST) -> None:
    """Raises `BadSubmission` for what not every database keeps, or no page could show."""
    for name, value in asked.items():
        if value is None:
            continue
        if len(value) > longest:
            raise BadSubmission(
                f"The {name} has {len(value):,} characters, and at most {longest:,} are taken."
            )
        if any(unicodedata.category(one) in CONTROLS for one in value if one not in "\n\r\t"):
            raise BadSubmission(f"The {name} has characters that cannot be shown. Type it anew.")


def require_room(connection: Connection, by: str, at: datetime, most: int) -> None:
    if connection.dialect.name == "postgresql":  # where others of theirs may come in meanwhile
        turn = text("select pg_advisory_xact_lock(hashtextextended(:by, 0))")
        connection.execute(turn, {"by": by})
    own = submissions.c.replaces.is_(None)  # what a maintainer asks again is not theirs to answer
    found = select(func.count(), func.min(submissions.c.submitted_at)).where(
        submissions.c.submitter == by, submissions.c.submitted_at > at - DAY, own
    )
    number, first = connection.execute(found).one()
    if number >= most:
        raise TooMany(
            f"{number} submissions of yours were taken in the last 24 hours, and more than {most} "
            f"are not. The next may come at {first + DAY:%Y-%m-%d %H:%M} UTC."
        )
