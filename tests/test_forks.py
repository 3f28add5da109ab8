"""Processes that tests fork."""

import os
from pathlib import Path

import pytest

from tests.forks import FORKS, fork, take_on

pytestmark = pytest.mark.slow


def write_down(name: str, file: Path) -> None:
    file.write_text(os.environ.get(name, "none"))


@pytest.mark.parametrize("value", ["first", "second"])
def test_a_fork_has_the_environment_of_the_test_that_starts_it(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADERBOARD_LEDGER", value)
    process = fork(write_down, "LEADERBOARD_LEDGER", tmp_path / "said")
    process.join()
    assert (tmp_path / "said").read_text() == value
    with FORKS.Pool(1, take_on, [dict(os.environ)]) as pool:
        assert pool.apply(os.getenv, ["LEADERBOARD_LEDGER"]) == value


def test_what_is_not_set_is_not_set_in_a_fork(tmp_path: Path) -> None:
    process = fork(write_down, "LEADERBOARD_LEDGER", tmp_path / "said")
    process.join()
    assert (tmp_path / "said").read_text() == "none"
