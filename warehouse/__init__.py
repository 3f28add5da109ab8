"""Every table, every query, every rule: the only folder that knows the database."""
