"""Tests: a file per subject, a real database, tiny real models."""
