"""Lets `python -m ingest` run the command line."""

from ingest.cli import run_safely

run_safely()
