"""The ledger's tables of reviews and key disputes, as its migrations make them."""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from warehouse.ledger.judgements import CONFIDENCES, HARMS, KINDS, LIKELIHOODS, ROLES
from warehouse.ledger.tables import Moment, metadata, one_of

DECISIONS = ("upheld", "rejected")
KEPT = "Rows are added and never changed."
NUMBERED = ("draws", "cases", "reviews", "disputes", "rulings")
"""Tables whose rows have numbers of their own."""

draws: Final = Table(
    "draws",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run_id", Text, nullable=False, index=True),
    Column("by", Text, nullable=False, comment="Private."),
    Column("at", Moment, nullable=False),
    Column("size", Integer, nullable=False, comment="How many were asked for."),
    Column("population", Integer, nullable=False, comment="Wrong answers it was drawn from."),
    Column("answered", Integer, nullable=False, comment="Questions that the run answered."),
    Column("seed", Integer, nullable=False),
    Column("weights", JSON, nullable=False, comment="Each wrong answer with its probability."),
    CheckConstraint("size > 0 and population > 0 and answered >= population", name="counts"),
    comment=KEPT,
)

cases: Final = Table(
    "cases",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("sample_id", Text, nullable=False),
    Column("repeat", Integer, nullable=False),
    Column("model", Text, nullable=False),
    Column("prediction", Text, comment="A letter; empty where it could not be read."),
    Column("gold", Text, nullable=False),
    Column("by", Text, nullable=False, comment="Private."),
    Column("at", Moment, nullable=False),
    comment=KEPT,
)
Index(
    "ix_cases_answer",
    *(cases.c[name] for name in ("run_id", "task", "sample_id", "repeat")),
    unique=True,
)

drawn: Final = Table(
    "drawn",
    metadata,
    Column("draw", ForeignKey("draws.number"), primary_key=True),
    Column("case", ForeignKey("cases.number"), primary_key=True, index=True),
    Column("probability", Float, nullable=False, comment="Of being drawn by then."),
    CheckConstraint("probability > 0 and probability <= 1", name="probability"),
    comment=KEPT,
)

reviews: Final = Table(
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("case", ForeignKey("cases.number"), nullable=False, index=True),
    Column("by", Text, nullable=False, comment="Private."),
    Column("at", Moment, nullable=False),
    Column("role", Text, nullable=False),
    Column("harm", Text, nullable=False),
    Column("likelihood", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unsafe_reasoning", Boolean, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("supersedes", ForeignKey("reviews.number"), comment="The own review that it corrects."),
    Column("source", Text, comment="What it was imported from; empty where it was made here."),
    one_of("role", ROLES),
    one_of("harm", HARMS),
    one_of("likelihood", LIKELIHOODS),
    one_of("kind", KINDS),
    one_of("confidence", CONFIDENCES),
    comment=KEPT,
)
Index(
    "ix_reviews_first",
    reviews.c.case,
    reviews.c.by,
    unique=True,
    sqlite_where=text("supersedes is null"),
    postgresql_where=text("supersedes is null"),
)
Index("ix_reviews_supersedes", reviews.c.supersedes, unique=True)

assignments: Final = Table(
    "assignments",
    metadata,
    Column("case", ForeignKey("cases.number"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("until", Moment, nullable=False, comment="When its lease runs out."),
)

drafts: Final = Table(
    "drafts",
    metadata,
    Column("case", ForeignKey("cases.number"), primary_key=True),
    Column("by", Text, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

disputes: Final = Table(
    "disputes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("task", Text, nullable=False),
    Column("sample_id", Text, nullable=False),
    Column("gold", Text, nullable=False),
    Column("wanted", Text, nullable=False, comment="Letters; empty where none is right."),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("by", Text, nullable=False, comment="Private."),
    Column("at", Moment, nullable=False),
    Column("source", Text, comment="What it was imported from; empty where it was made here."),
    comment=KEPT,
)
Index("ix_disputes_task", disputes.c.task, disputes.c.sample_id)

rulings: Final = Table(
    "rulings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("dispute", ForeignKey("disputes.number"), nullable=False),
    Column("by", Text, nullable=False, comment="Private."),
    Column("at", Moment, nullable=False),
    Column("decision", Text, nullable=False),
    Column("letters", Text, comment="The key from then on; empty where none is right."),
    Column("why", Text, nullable=False),
    Column("version", Integer, comment="Of the reviewed key; none where it was rejected."),
    one_of("decision", DECISIONS),
    CheckConstraint("(decision = 'upheld') = (version is not null)", name="version"),
    CheckConstraint("(decision = 'upheld') = (letters is not null)", name="letters"),
    comment=KEPT,
)
Index("ix_rulings_dispute", rulings.c.dispute, unique=True)
Index("ix_rulings_version", rulings.c.version, unique=True)
