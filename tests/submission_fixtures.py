"""Fixtures of the tests of checks, as a plugin: a good model, a Hub, and a submission to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluator.verdicts import Checked
from tests.hub_stand_in import StandIn, serve
from tests.submitted import NAME, Change, Check, check_fast, copy, make_good


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_good(tmp_path_factory.mktemp("good") / "model")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with serve() as hub:
        hub.use(monkeypatch)
        yield hub


@pytest.fixture
def check(stand_in: StandIn, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Check the good model, changed and asked for in some way."""

    def check(*changes: Change, gated: str | bool = False, **asked: Any) -> Checked:
        stand_in.add(NAME, copy(good, tmp_path / "repository", *changes), gated=gated)
        return check_fast(monkeypatch, **{"model": NAME} | asked)

    return check
