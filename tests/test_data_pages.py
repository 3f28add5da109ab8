"""The Data and SQL pages, run by Streamlit's own test driver over the demonstration."""

import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboard import column_words, data, findings, routes, run_data, tables
from tests.demonstration import make_demonstration
from tests.test_pages import clear_caches, click_cell, open_page, run_of
from warehouse import examples, locating, sandbox, settings

REFUSED = [("import-1", "f.csv", 2, "no task has this name", "<b>x</b>")] * 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demonstration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(made))
        make_demonstration()
    return made


@pytest.fixture(autouse=True)
def demonstration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    clear_caches()
    monkeypatch.setenv("LEADERBOARD_DATA", str(folder))
    yield
    clear_caches()


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """Two questions that speak of a picture; the demonstration has none that do."""
    rows = [("picture", "sample", f"sample-00{n}", "A", f"Figure {n}?", "“figure”") for n in (4, 7)]
    found = pl.DataFrame(rows, schema=["kind", *findings.COLUMNS], orient="row")
    monkeypatch.setattr(data, "findings", lambda: found)
    return found


def test_sources_are_those_of_the_loaded_tasks() -> None:
    shown = open_page("data").dataframe[0].value
    assert list(shown["title"]) == ["Demonstration"]
    assert list(shown["size"]) == [92]
    assert shown["keys"][0].startswith("A ")


@pytest.mark.usefixtures("pictures")
def test_a_number_opens_into_its_questions() -> None:
    app = open_page("data")
    assert list(app.dataframe[1].value["picture"]) == [2]
    assert app.dataframe[1].value["same"].isna().all()
    assert list(app.dataframe[2].value["sample_id"]) == ["sample-004", "sample-007"]
    app = click_cell(app, "found", 1, "question")
    assert app.query_params["question"] == "sample/sample-007"
    assert app.title[0].value == "Demonstration · sample-007"


@pytest.mark.usefixtures("pictures")
def test_the_address_names_the_reason_and_the_task() -> None:
    app = open_page("data", finding="Choice twice", of="Demonstration")
    assert column_words.FINDINGS["repeated"].meaning in [text.value for text in app.markdown]
    assert app.info[0].value == "No such question here."


@pytest.mark.parametrize(
    "address", [{"finding": "<b>"}, {"of": "no such task"}, {"finding": "", "of": ""}]
)
def test_a_wrong_address_of_the_data_page_is_passed_over(address: dict[str, str]) -> None:
    app = open_page("data", **address)
    assert not app.exception
    assert column_words.FINDINGS["picture"].meaning in [text.value for text in app.markdown]


def test_nothing_refused_is_said() -> None:
    said = [info.value for info in open_page("data").info]
    assert "Nothing was refused: all that was given could be loaded." in said


def test_refused_lines_are_counted_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ["source", "file", "line", "reason", "content"]
    refused = pl.DataFrame(REFUSED, schema=columns, orient="row")
    monkeypatch.setattr(data, "quarantine", lambda: refused)
    counted, listed = open_page("data").dataframe[-2:]
    assert counted.value.to_numpy().tolist() == [["import-1", "no task has this name", 2]]
    assert list(listed.value["content"]) == ["<b>x</b>"] * 2


def downloads(app: AppTest) -> list[str]:
    return [str(getattr(button, "label", "")) for button in app.get("download_button")]


def test_the_snapshot_is_fetched_by_hand_where_only_pages_are_served() -> None:
    app = open_page("data")
    assert downloads(app) == ["CSV", "Parquet"]
    name = locating.file_store().current().path.name
    assert app.code[0].value == f"scp <server>:<data folder>/warehouse/{name} ."
    assert str(settings.data_folder()) not in app.code[0].value


def test_the_snapshot_is_a_link_where_the_server_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.routes.served", threading.Event())
    routes.served.set()
    app = open_page("data")
    assert [link.proto.url for link in app.get("link_button")] == ["snapshot"]
    assert not [code for code in app.code if "scp" in code.value]


def test_the_snapshot_comes_as_it_is_and_in_parts() -> None:
    client = TestClient(Starlette(routes=routes.ROUTES))
    path = locating.file_store().current().path
    whole = client.get(routes.SNAPSHOT, headers={"Accept-Encoding": "gzip"})
    assert whole.content == path.read_bytes()
    assert whole.headers["content-disposition"] == f'attachment; filename="leaderboard-{path.name}"'
    part = client.get(routes.SNAPSHOT, headers={"Range": "bytes=8-11"})
    assert (part.status_code, part.content) == (206, path.read_bytes()[8:12])


def test_nothing_else_than_the_snapshot_in_use_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(Starlette(routes=routes.ROUTES))
    assert client.get(f"{routes.SNAPSHOT}/../runs").status_code == 404
    monkeypatch.setenv("LEADERBOARD_DATA", str(tmp_path / "empty"))
    missing = client.get(routes.SNAPSHOT)
    assert (missing.status_code, "No snapshot" in missing.text) == (404, True)


def test_the_answers_of_a_run_can_be_taken_away() -> None:
    rows = run_data.run_answers(run_of("baseline:majority"))
    assert rows.height == 92
    assert pl.read_parquet(BytesIO(tables.as_parquet(rows))).equals(rows)


def test_the_sql_page_answers_its_first_example() -> None:
    app = open_page("sql")
    first = next(iter(examples.list_examples().values()))
    assert app.text_area(key="sql").value == first
    assert not app.error


def test_a_statement_in_the_address_is_answered() -> None:
    app = open_page("sql", sql="select 1 + 1 as two, '<b>' as text")
    assert app.dataframe[0].value.to_dict("records") == [{"two": 2, "text": "<b>"}]
    assert [caption.value for caption in app.caption[1:]] == ["1 row."]


def test_an_example_takes_the_place_of_the_statement() -> None:
    app = open_page("sql", sql="select 1")
    question = "Which questions stand in more than one task?"
    app.selectbox(key="example").select(question).run()
    assert app.text_area(key="sql").value == examples.list_examples()[question]
    assert app.query_params["sql"] == examples.list_examples()[question]


def test_a_long_answer_says_that_it_is_cut() -> None:
    app = open_page("sql", sql="from range(3000)")
    assert app.caption[1].value == "The first 2,000 rows; there are more."


def test_a_plan_is_shown_as_text() -> None:
    app = open_page("sql", sql="explain from tasks")
    assert "SEQ_SCAN" in app.code[0].value


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select * from ![x](http://a.org)", "Parser Error"),
        ("drop table tasks", "DROP is not answered here"),
        ("from read_text('/etc/passwd')", "Permission Error"),
        ("select '\0'", "zero byte"),
    ],
)
def test_what_has_no_answer_says_why_as_text(sql: str, why: str) -> None:
    app = open_page("sql", sql=sql)
    assert not app.exception
    assert [error.value for error in app.error] == ["There is no answer to this statement."]
    assert why in app.code[0].value


def test_too_many_statements_at_once_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PATIENCE", 0.05)
    for _ in range(sandbox.PLACES):
        assert sandbox.places.acquire(timeout=5)
    try:
        app = open_page("sql", sql="select 1")
    finally:
        for _ in range(sandbox.PLACES):
            sandbox.places.release()
    assert app.code[0].value == "Others' statements are running. Try again in a few seconds."
    assert app.button[0].click().run().dataframe[0].value.shape == (1, 1)  # it is not remembered


def test_an_empty_statement_asks_for_one() -> None:
    app = open_page("sql")
    app.text_area(key="sql").set_value(" ").run()
    assert app.info[0].value == "Type a statement, or choose an example."


def test_the_dictionary_explains_the_chosen_table() -> None:
    app = open_page("sql", table="samples")
    shown = app.dataframe[-1].value
    assert list(shown["column_name"])[:3] == ["number", "task", "sample_id"]
    assert "One row per question." in [text.value for text in app.text]
    assert not open_page("sql", table="no such table").exception
