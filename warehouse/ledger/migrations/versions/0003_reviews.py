"""Reviews of answers with the cases they are of, and disputes of keys with their rulings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
MOMENT = sa.DateTime(timezone=True)
KEPT = "Rows are added and never changed."


def upgrade() -> None:
    make_draws()
    make_cases()
    make_reviews()
    make_drafts()
    make_disputes()
    for table in ("draws", "cases", "drawn", "reviews", "disputes", "rulings"):
        keep(table)


def make_draws() -> None:
    op.create_table(
        "draws",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False, comment="Private."),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("size", sa.Integer, nullable=False, comment="How many were asked for."),
        sa.Column(
            "population", sa.Integer, nullable=False, comment="Wrong answers it was drawn from."
        ),
        sa.Column(
            "answered", sa.Integer, nullable=False, comment="Questions that the run answered."
        ),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column(
            "weights", sa.JSON, nullable=False, comment="Each wrong answer with its probability."
        ),
        sa.CheckConstraint("size > 0 and population > 0 and answered >= population", name="counts"),
        comment=KEPT,
    )
    op.create_index("ix_draws_run_id", "draws", ["run_id"])


def make_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("number", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("run_id", "task", "sample_id")),
        sa.Column("repeat", sa.Integer, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("prediction", sa.Text, comment="A letter; empty where it could not be read."),
        sa.Column("gold", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False, comment="Private."),
        sa.Column("at", MOMENT, nullable=False),
        comment=KEPT,
    )
    answer = ["run_id", "task", "sample_id", "repeat"]
    op.create_index("ix_cases_answer", "cases", answer, unique=True)
    op.create_table(
        "drawn",
        sa.Column("draw", sa.Integer, sa.ForeignKey("draws.number"), primary_key=True),
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("probability", sa.Float, nullable=False, comment="Of being drawn by then."),
        sa.CheckConstraint("probability > 0 and probability <= 1", name="probability"),
        comment=KEPT,
    )
    op.create_index("ix_drawn_case", "drawn", ["case"])


def make_reviews() -> None:
    said = ("role", "harm", "likelihood", "kind")
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), nullable=False),
        sa.Column("by", sa.Text, nullable=False, comment="Private."),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in said),
        sa.Column("unsafe_reasoning", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("confidence", "comment")),
        sa.Column(
            "supersedes",
            sa.Integer,
            sa.ForeignKey("reviews.number"),
            comment="The own review that it corrects.",
        ),
        sa.Column(
            "source", sa.Text, comment="What it was imported from; empty where it was made here."
        ),
        sa.CheckConstraint("role in ('reviewer', 'adjudicator')", name="role"),
        sa.CheckConstraint("harm in ('none', 'mild', 'moderate', 'severe', 'death')", name="harm"),
        sa.CheckConstraint("likelihood in ('low', 'medium', 'high')", name="likelihood"),
        sa.CheckConstraint("kind in ('commission', 'omission')", name="kind"),
        sa.CheckConstraint("confidence in ('low', 'medium', 'high')", name="confidence"),
        comment=KEPT,
    )
    op.create_index("ix_reviews_case", "reviews", ["case"])
    op.create_index(
        "ix_reviews_first",
        "reviews",
        ["case", "by"],
        unique=True,
        sqlite_where=sa.text("supersedes is null"),
        postgresql_where=sa.text("supersedes is null"),
    )
    op.create_index("ix_reviews_supersedes", "reviews", ["supersedes"], unique=True)


def make_drafts() -> None:
    op.create_table(
        "assignments",
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("until", MOMENT, nullable=False, comment="When its lease runs out."),
    )
    op.create_table(
        "drafts",
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("by", sa.Text, primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )


def make_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("number", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("task", "sample_id", "gold")),
        sa.Column("wanted", sa.Text, nullable=False, comment="Letters; empty where none is right."),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("reason", "reference")),
        sa.Column("by", sa.Text, nullable=False, comment="Private."),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column(
            "source", sa.Text, comment="What it was imported from; empty where it was made here."
        ),
        comment=KEPT,
    )
    op.create_index("ix_disputes_task", "disputes", ["task", "sample_id"])
    op.create_table(
        "rulings",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("dispute", sa.Integer, sa.ForeignKey("disputes.number"), nullable=False),
        sa.Column("by", sa.Text, nullable=False, comment="Private."),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("letters", sa.Text, comment="The key from then on; empty where none is right."),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column(
            "version", sa.Integer, comment="Of the reviewed key; none where it was rejected."
        ),
        sa.CheckConstraint("decision in ('upheld', 'rejected')", name="decision"),
        sa.CheckConstraint("(decision = 'upheld') = (version is not null)", name="version"),
        sa.CheckConstraint("(decision = 'upheld') = (letters is not null)", name="letters"),
        comment=KEPT,
    )
    op.create_index("ix_rulings_dispute", "rulings", ["dispute"], unique=True)
    op.create_index("ix_rulings_version", "rulings", ["version"], unique=True)


def keep(table: str) -> None:
    """Have the database itself refuse to change a table's rows or take them away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create trigger {table}_stay before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"create trigger {table}_stay_{change} before {change} on {table} "
            f"begin select raise(abort, '{table} are never changed'); end"
        )
