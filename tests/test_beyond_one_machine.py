"""The page on more than one machine: the commands that move a warehouse are run here."""

import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, ask
from tests.guide import FENCE, type_in
from tests.lakes import catalogues
from tests.ledgers import make_database
from warehouse import db, locating

PAGE = (REPOSITORY / "docs" / "beyond-one-machine.md").read_text(encoding="utf-8")
BLOCKS = {fence[2]: fence[3] for fence in FENCE.finditer(PAGE)}


@pytest.mark.slow
def test_a_warehouse_moves_into_a_lake_and_back(demo: Path, tmp_path: Path) -> None:
    before = ask("leaderboard_rows")
    places = {
        "dbname=lake host=db.example.org user=leaderboard": make_database(catalogues()),
        "/shared/lake": str(tmp_path / "files"),
        "/var/lib/leaderboard/data": str(demo),
    }
    script = BLOCKS["move"] + BLOCKS["back"]
    for place, own in places.items():
        assert place in script
        script = script.replace(place, own)
    said = type_in(script)
    assert said.count("rows of 25 tables are the same in both.") == 2
    assert "Snapshot 1 keeps every rule." in said
    back = db.Warehouse(locating.find_store(str(demo / "back")).current())
    assert back.ask("leaderboard_rows").equals(before, null_equal=True)
    back.close()


def test_versions_are_those_that_are_tested() -> None:
    pinned = (REPOSITORY / "tests" / "requirements.txt").read_text(encoding="utf-8")
    named = re.findall(r"[a-z-]+==[0-9.]+", BLOCKS["extensions"] + BLOCKS["ray"])
    assert len(named) == 4
    assert [name for name in named if name not in pinned] == []
