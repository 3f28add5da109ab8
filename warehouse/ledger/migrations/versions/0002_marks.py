"""Marks on models, what a re-evaluation stands in the place of, and the commit of a base model."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "submissions", sa.Column("base_commit", sa.Text, comment="What the base was pinned to.")
    )
    op.add_column(
        "submissions",
        sa.Column("replaces", sa.Integer, comment="The submission in whose place it stands."),
    )
    op.create_table(
        "marks",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False, comment="For all to read."),
        sa.Column("by", sa.Text, nullable=False, comment="Private."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('hidden', 'flagged', 'cleared')", name="kind"),
        comment="Rows are added and never changed; the last of a model counts.",
    )
    op.create_index("ix_marks_model", "marks", ["model"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create or replace function refuse_change() returns trigger language plpgsql as "
            "$$ begin raise exception '% are never changed', tg_table_name; end $$"
        )
        op.execute(
            "create trigger marks_stay before update or delete or truncate on marks "
            "for each statement execute function refuse_change()"
        )
    else:
        for change in ("update", "delete"):
            op.execute(
                f"create trigger marks_stay_{change} before {change} on marks "
                "begin select raise(abort, 'marks are never changed'); end"
            )
