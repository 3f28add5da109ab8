"""Asks models the questions, and owns what a question, a protocol and a run are."""
