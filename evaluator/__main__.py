"""Lets `python -m evaluator` run the command line."""

from evaluator.cli import run_safely

run_safely()
