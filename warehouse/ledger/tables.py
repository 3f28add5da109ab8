"""The ledger's tables, as its migrations make them."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)

from warehouse.ledger.states import LIVE, State

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
IS_LIVE = f"state in {tuple(str(state) for state in LIVE)}"
KINDS = ("hidden", "flagged", "cleared")
"""Of marks on models."""
WORKERS = ("checker", "worker", "watcher")
"""Kinds of processes around the queue."""
metadata: Final = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps none with a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


def one_of(column: str, values: type[State] | tuple[str, ...]) -> CheckConstraint:
    """The column holds one of the `values`, whoever writes."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)


submissions: Final = Table(
    "submissions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("model", Text, nullable=False),
    Column("revision", Text, comment="As asked for; empty for the newest."),
    Column("commit", Text, comment="What the checker pinned it to."),
    Column("precision", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("tasks", Text, nullable=False, comment="The name of a set of tasks."),
    Column("weights", Text, nullable=False),
    Column("base", Text, comment="The model that an adapter or a delta is added to."),
    Column("type", Text, nullable=False),
    Column("submitter", Text, nullable=False, comment="Private."),
    Column("contact", Text, comment="Private."),
    Column("note", Text, comment="Private."),
    Column("submitted_at", Moment, nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False, comment="In this state."),
    Column("attempt", Integer, nullable=False, server_default="0", comment="Of running it."),
    Column("code", Text, comment="Why it is in this state, for programs."),
    Column("message", Text, comment="Why it is in this state, in words."),
    Column("problems", JSON, nullable=False, comment="What the checker found."),
    Column("holder", Text, comment="The process that checks or runs it."),
    Column("held_until", Moment, comment="When its lease runs out."),
    Column("progress", JSON, nullable=False, comment="How far the run is."),
    Column("log", Text, comment="The end of the last attempt's log."),
    Column("run_id", Text),
    Column("base_commit", Text, comment="What the base was pinned to."),
    Column("replaces", Integer, comment="The submission in whose place it stands."),
    one_of("state", State),
    one_of("weights", ("original", "adapter", "delta")),
    CheckConstraint(f'"commit" is not null or not {IS_LIVE}', name="pinned_where_it_is_live"),
    CheckConstraint("(holder is null) = (held_until is null)", name="lease"),
    CheckConstraint(
        "(state in ('checking', 'running')) = (holder is not null)", name="held_where_it_is_worked"
    ),
)
Index(
    "ix_submissions_live",
    *(submissions.c[name] for name in ("model", "commit", "precision", "protocol", "tasks")),
    unique=True,
    sqlite_where=text(IS_LIVE),
    postgresql_where=text(IS_LIVE),
)
Index("ix_submissions_state", submissions.c.state)

events: Final = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("submission", ForeignKey("submissions.number"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False, comment="A person or a process."),
    Column("was", Text, comment="The state before; empty where it was submitted."),
    Column("state", Text, nullable=False, comment="The state from then on."),
    Column("attempt", Integer, nullable=False),
    Column("code", Text),
    Column("message", Text, comment="Why, in words."),
    one_of("state", State),
    comment="Rows are added and never changed.",
)

workers: Final = Table(
    "workers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("submission", ForeignKey("submissions.number")),
    one_of("kind", WORKERS),
)

marks: Final = Table(
    "marks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("model", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("why", Text, nullable=False, comment="For all to read."),
    Column("by", Text, nullable=False, comment="Private."),
    Column("at", Moment, nullable=False),
    one_of("kind", KINDS),
    comment="Rows are added and never changed; the last of a model counts.",
)

switches: Final = Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("why", Text, nullable=False),
)
