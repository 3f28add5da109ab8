"""What reviewers are called where all may read."""

from sqlalchemy import Connection, func, select, union_all

from warehouse.ledger.review_tables import disputes, reviews


def read_pseudonyms(connection: Connection) -> dict[str, str]:
    """From each who reviewed or disputed to `reviewer-` and the number of what they said first.

    It stays the same, whoever else comes or goes, and tells nothing that is private; see
    `public.Public.submitter`.
    """
    said = union_all(*(select(table.c.by, table.c.number) for table in (reviews, disputes)))
    each = said.subquery()
    first = select(each.c.by, func.min(each.c.number)).group_by(each.c.by)
    return {by: f"reviewer-{number}" for by, number in connection.execute(first)}


def next_number(connection: Connection) -> int:
    """Of the next review or dispute: no two of either share one, lest two people share a
    pseudonym. The turn is the caller's; see `cases.take_turn`."""
    last = [select(func.max(table.c.number)).scalar_subquery() for table in (reviews, disputes)]
    return max(number or 0 for number in connection.execute(select(*last)).one()) + 1
