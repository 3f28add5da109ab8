"""Do the pages serve a warehouse in a lake, from one dashboard or several?"""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import health_data, routes
from tests.browser.conftest import serve
from tests.conftest import load_everything, make_run
from tests.test_pages import TITLES, clear_caches, open_page
from warehouse import copying, db, export, locating


@pytest.fixture(autouse=True)
def demo_in_lake(demo: Path, lake: str) -> None:
    """The data folder of `demo`, its snapshot in a lake and its file gone."""
    folder = demo / "warehouse"
    opened = db.Warehouse(locating.find_store(str(folder)).current())
    copying.copy_snapshot(opened, locating.find_store(lake))
    opened.close()
    for path in folder.iterdir():
        path.unlink()
    clear_caches()


@pytest.mark.parametrize(
    "page",
    [
        page if page in ("leaderboard", "errors") else pytest.param(page, marks=pytest.mark.slow)
        for page in TITLES
    ],
)
def test_a_page_is_shown(page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert TITLES[page] in [title.value for title in app.title]


def test_typed_statements_and_the_download_wait_for_an_export(tmp_path: Path) -> None:
    client = TestClient(Starlette(routes=routes.ROUTES))
    for page in ("sql", "data"):
        assert "none has been made of it yet" in open_page(page).info[-1].value
    assert client.get(routes.SNAPSHOT).status_code == 404

    opened = db.open_warehouse()
    export.export(opened, tmp_path / "out")
    opened.close()
    assert (
        client.get(routes.SNAPSHOT).content
        == (tmp_path / "out" / "leaderboard.duckdb").read_bytes()
    )
    statement = "select max(snapshot) as newest from snapshots"
    app = open_page("sql", sql=statement)
    assert app.dataframe[0].value["newest"].to_list() == [1]
    assert not [caption for caption in app.caption if "exported" in caption.value]

    make_run("baseline:random", "7")
    load_everything()
    app = open_page("sql", sql=statement)
    assert app.dataframe[0].value["newest"].to_list() == [1]
    said = "This is snapshot 1, the last that was exported; the other pages show snapshot 2."
    assert said in [caption.value for caption in app.caption]


def test_the_age_of_a_snapshot_is_known() -> None:
    number, age = health_data.find_snapshot()
    assert number == 1
    assert 0 <= age < 3600


@pytest.mark.slow
@pytest.mark.browser
def test_several_dashboards_show_the_same_once_it_is_published(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with serve(folders[0]) as one, serve(folders[1]) as two:

        def shown() -> list[int]:
            found = []
            for address in (one, two):
                with urlopen(f"{address}/health") as answer:
                    found.append(json.load(answer)["snapshot"])
            return found

        assert shown() == [1, 1]
        make_run("baseline:random", "7")
        load_everything()
        assert shown() == [2, 2]
