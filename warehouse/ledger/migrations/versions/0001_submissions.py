"""Submissions with their events, the processes that work on them, and the switches."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
STATES = (
    "state in ('submitted', 'checking', 'rejected', 'pending', 'running', 'ingesting', "
    "'finished', 'failed', 'cancelled', 'superseded')"
)
LIVE = "state in ('pending', 'running', 'ingesting', 'finished')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    make_submissions()
    make_events()
    op.create_table(
        "workers",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("submission", sa.Integer, sa.ForeignKey("submissions.number")),
        sa.CheckConstraint("kind in ('checker', 'worker', 'watcher')", name="kind"),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("on", sa.Boolean, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )


def make_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("revision", sa.Text, comment="As asked for; empty for the newest."),
        sa.Column("commit", sa.Text, comment="What the checker pinned it to."),
        sa.Column("precision", sa.Text, nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("tasks", sa.Text, nullable=False, comment="The name of a set of tasks."),
        sa.Column("weights", sa.Text, nullable=False),
        sa.Column("base", sa.Text, comment="The model that an adapter or a delta is added to."),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("submitter", sa.Text, nullable=False, comment="Private."),
        sa.Column("contact", sa.Text, comment="Private."),
        sa.Column("note", sa.Text, comment="Private."),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", MOMENT, nullable=False, comment="In this state."),
        sa.Column(
            "attempt", sa.Integer, nullable=False, server_default="0", comment="Of running it."
        ),
        sa.Column("code", sa.Text, comment="Why it is in this state, for programs."),
        sa.Column("message", sa.Text, comment="Why it is in this state, in words."),
        sa.Column("problems", sa.JSON, nullable=False, comment="What the checker found."),
        sa.Column("holder", sa.Text, comment="The process that checks or runs it."),
        sa.Column("held_until", MOMENT, comment="When its lease runs out."),
        sa.Column("progress", sa.JSON, nullable=False, comment="How far the run is."),
        sa.Column("log", sa.Text, comment="The end of the last attempt's log."),
        sa.Column("run_id", sa.Text),
        sa.CheckConstraint(STATES, name="state"),
        sa.CheckConstraint("weights in ('original', 'adapter', 'delta')", name="weights"),
        sa.CheckConstraint(f'"commit" is not null or not {LIVE}', name="pinned_where_it_is_live"),
        sa.CheckConstraint("(holder is null) = (held_until is null)", name="lease"),
        sa.CheckConstraint(
            "(state in ('checking', 'running')) = (holder is not null)",
            name="held_where_it_is_worked",
        ),
    )
    op.create_index(
        "ix_submissions_live",
        "submissions",
        ["model", "commit", "precision", "protocol", "tasks"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    op.create_index("ix_submissions_state", "submissions", ["state"])


def make_events() -> None:
    """Rows that nobody may change or take away: the database itself refuses it."""
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("submission", sa.Integer, sa.ForeignKey("submissions.number"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False, comment="A person or a process."),
        sa.Column("was", sa.Text, comment="The state before; empty where it was submitted."),
        sa.Column("state", sa.Text, nullable=False, comment="The state from then on."),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("message", sa.Text, comment="Why, in words."),
        sa.CheckConstraint(STATES, name="state"),
        comment="Rows are added and never changed.",
    )
    op.create_index("ix_events_submission", "events", ["submission"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function refuse_change() returns trigger language plpgsql as "
            "$$ begin raise exception 'events are never changed'; end $$"
        )
        op.execute(
            "create trigger events_stay before update or delete or truncate on events "
            "for each statement execute function refuse_change()"
        )
    else:
        for change in ("update", "delete"):
            op.execute(
                f"create trigger events_stay_{change} before {change} on events "
                "begin select raise(abort, 'events are never changed'); end"
            )
