"""Lets `python -m warehouse` run the command line."""

from warehouse.cli import run_safely

run_safely()
