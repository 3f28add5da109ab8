"""Families of cases that take as long as each other and prove much the same."""

from collections.abc import Iterable
from typing import Any

import pytest


def mostly_slow(cases: Iterable[str], *quick: str) -> list[Any]:
    """All cases to parametrize with: `quick` with every change, the others in `make stress`."""
    known = list(cases)
    assert set(quick) <= set(known)
    return [case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in known]


def slow(cases: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Cases of several values that only `make stress` tests."""
    return [pytest.param(*case, marks=pytest.mark.slow) for case in cases]
