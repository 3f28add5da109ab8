"""Alembic runs this for each migration; the connection is the one that opened the ledger."""

from alembic import context

from warehouse.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
