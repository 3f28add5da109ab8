"""What reviewers found, on the leaderboard and on a model's page."""

import io
import shutil
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import answer_keys, board_view, harm_view, judging_data
from ingest import ledger_copy, loading
from tests.demonstration import LIKELY, make_data, make_demonstration
from tests.small_warehouse import DISPUTE, RULED, load_world
from tests.test_pages import (
    DEMONSTRATION,
    clear_caches,
    click_cell,
    open_page,
    run_of,
    table,
    wrong_ids,
)
from warehouse import drafts, locating

LANE = "loglikelihood-0shot"
FEW = "baseline:majority"
FACTS = {"facts": ["Type", *harm_view.HEADS]}
HARMS = ("none", "mild", "severe", "none")


def judge(model: str, count: int) -> list[dict[str, Any]]:
    facts = {"run_id": run_of(model), "task": "sample", "repeat": 0, "settled": "agreed"}
    facts |= {"draw": 1, "probability": 0.8, "population": 60, "answered": 92, "drawn": 48}
    facts |= {"judged_share": 0.7}
    named = [(place, key) for place, key in enumerate(wrong_ids(model)[: count + 1])]
    rows = [facts | {"sample_id": key, "harm": HARMS[place % 4]} for place, key in named]
    rows[-1] |= dict.fromkeys(("draw", "probability", "population", "answered", "drawn"))
    rows[-1] |= {"judged_share": None, "harm": "death"}  # chosen by a reader
    return rows


def make_judged() -> None:
    """Of one model 36 answers are judged, of another 12; and one more of each that was chosen."""
    make_demonstration()
    rows = [*judge(LIKELY, 36), *judge(FEW, 12)]
    rows = [row | {"case_number": number} for number, row in enumerate(rows, 1)]
    with loading.open_draft("test") as draft:
        schema = ledger_copy.TABLES["judged_cases"].schema
        draft.load("judged_cases", pl.DataFrame(rows, schema=schema))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("judged"), make_judged)


@pytest.fixture(autouse=True)
def _use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADERBOARD_DATA", str(folder))
    clear_caches()


def open_board(**address: Any) -> AppTest:
    app = open_page("leaderboard", **DEMONSTRATION, **address)
    assert not app.exception
    return app


def cell(app: AppTest, column: str = "harm_score", model: str = LIKELY) -> str:
    rows = table(app)
    return str(rows.loc[rows["model"] == model, column].item()).strip()


def test_the_columns_are_offered_and_shown_on_demand() -> None:
    app = open_board()
    assert "harm_score" not in table(app).columns
    (offer,) = (one for one in app.button if one.label.startswith("Show how harmful"))
    assert offer.label == "Show how harmful clinicians found the mistakes of 2 models"
    app = offer.click().run()
    assert cell(app, "reviewed") == "36 of 48 drawn from 60"
    assert cell(app, model=FEW) == cell(app, "severe_per_100", FEW) == "12 of 30 judged"
    assert [*table(app).columns][:6] == [
        *("rank", "model", "tier", "harm_score", "severe_per_100", "reviewed")
    ]


def test_scores_come_from_what_was_drawn_alone() -> None:
    """Every fourth is severe, and the one that kills was chosen."""
    app = open_board(**FACTS)
    assert cell(app, "severe_per_100").startswith(f"{100 * 60 / 92 / 4:.1f} (")
    assert cell(app).startswith(f"{100 * (1 - 60 / 92 * (0.1 + 0.7) / 4):.1f} (")
    assert "Harms count as usual: no harm 0, mild harm 0.1, moderate harm 0.3, severe harm" in str(
        app.caption[-1].value
    )


def test_a_reader_weighs_harms_and_the_address_keeps_it() -> None:
    app = open_board(**FACTS, weights="0,0,0,1,1")
    assert cell(app).startswith(f"{100 * (1 - 60 / 92 / 4):.1f} (")
    app.number_input(key="weight of mild").set_value(0.5).run()
    assert app.query_params["weights"] == "0,0.5,0.5,1,1"
    assert cell(app).startswith(f"{100 * (1 - 60 / 92 * 1.5 / 4):.1f} (")
    next(one for one in app.button if one.label.startswith("Back to")).click().run()
    assert "weights" not in app.query_params
    assert cell(app) == cell(open_board(**FACTS))


@pytest.mark.parametrize("weights", ["nonsense", "0,0,0,0,2", "1,0,0,0,0", "nan,nan,nan,nan,nan"])
def test_weights_that_make_no_sense_open_the_page_with_the_usual(weights: str) -> None:
    assert cell(open_board(**FACTS, weights=weights)) == cell(open_board(**FACTS))


def test_where_nobody_judged_it_is_said_what_is_needed() -> None:
    app = open_board(**FACTS, lane="other-essays")
    assert harm_view.NOBODY in [text.value for text in app.caption]
    assert "review" in [link.proto.page for link in app.get("page_link")]
    assert not app.number_input


def test_a_click_on_a_harm_score_opens_the_judged_mistakes() -> None:
    app = open_board(**FACTS)
    app = click_cell(app, "leaderboard", list(table(app)["model"]).index(LIKELY), "harm_score")
    assert app.title[0].value == "Wrong answers"
    assert app.query_params["harm"] == "reviewed"
    assert len(table(app)) == 25
    assert "37 fit your filters." in app.caption[1].value


def test_downloads_carry_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(board_view, "offer", lambda label, *_: made.update({label: _[-1]}))
    open_board(weights="0,0,0,1,1")
    rows = pl.read_csv(io.StringIO(str(made["CSV"]()).lstrip("\ufeff")))
    row = rows.row(by_predicate=pl.col("model") == LIKELY, named=True)
    assert (row["judged"], row["drawn"], row["drawn_from"]) == (36, 48, 60)
    assert row["harm_score"] == pytest.approx(100 * (1 - 60 / 92 / 4))
    assert row["severe_per_100_low"] < row["severe_per_100"] < row["severe_per_100_high"]
    assert {"average_reviewed_change", "average_undisputed_change"} <= {*rows.columns}


def test_a_model_page_counts_judged_mistakes_by_harm_and_leads_to_them() -> None:
    app = open_page("model", model=LIKELY, part="Judged harm")
    assert not app.exception
    assert [one.label for one in app.metric] == [
        "Harm-weighted score",
        "Severe-harm errors per 100 answers",
    ]
    assert table(app).set_index("harm")[["drawn", "chosen"]].to_dict("index") == {
        "Death": {"drawn": 0, "chosen": 1},
        "Severe harm": {"drawn": 9, "chosen": 0},
        "Moderate harm": {"drawn": 0, "chosen": 0},
        "Mild harm": {"drawn": 9, "chosen": 0},
        "No harm": {"drawn": 18, "chosen": 0},
    }
    told = [text.value for text in app.text]
    assert any(
        text.startswith("36 answers are judged of 48 drawn by chance from 60") for text in told
    )
    app = click_cell(app, f"harms {run_of(LIKELY)}", 1, "harm")
    assert app.query_params["harm"] == "severe harm"
    assert len(table(app)) == 9


def test_a_model_page_says_where_nobody_judged() -> None:
    app = open_page("model", model="essayist", part="Judged harm")
    assert [info.value for info in app.info] == [harm_view.NOBODY_OF_RUN]


def test_a_draw_is_from_the_nine_tasks_where_a_run_answered_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADERBOARD_DATA", str(tmp_path))
    clear_caches()
    with drafts.open_draft("made by hand", empty=True) as draft:
        load_world(draft)
    found = judging_data.find_population("a-2")
    assert [(one.task, one.sample_id) for one in found.mistakes] == [("mmlu_anatomy", "t-1")]
    assert found.answered == 2


@pytest.fixture
def rekeyed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the demonstration were the nine tasks, and a ruling swapped the first two."""
    copy = shutil.copytree(folder, tmp_path / "rekeyed")
    monkeypatch.setenv("LEADERBOARD_DATA", str(copy))
    path = locating.file_store().current().path
    path.chmod(0o644)
    row = DISPUTE | RULED | {"number": 1, "task": "medmcqa", "sample_id": "x", "gold": "A"}
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update leaderboard set headline = true, board = 'nine', average = accuracy"
        )
        connection.execute("update leaderboard set average_reviewed = 1 - average / 2")
        connection.register("ruled", pl.DataFrame([row]).to_arrow())
        connection.execute("insert into key_disputes by name select * from ruled")
    clear_caches()


@pytest.mark.usefixtures("rekeyed")
def test_a_reviewed_key_ranks_anew_and_shows_the_change() -> None:
    published = open_page("leaderboard", lane=LANE)
    app = open_page("leaderboard", lane=LANE, score="Average, reviewed key")
    assert not app.exception
    rows = table(app)
    assert list(rows["model"]) == list(table(published)["model"])[::-1]
    assert [text.strip() for text in rows["rank"]] == ["1", "2", "3"]
    assert list(rows["key_change"]) == pytest.approx(
        [100 - average * 1.5 for average in rows["average"]]
    )
    assert list(rows["moved"].fillna(0)) == [2, 0, -2]
    assert app.markdown[1].value.startswith("Rulings have changed the key of 1 question.")


@pytest.mark.usefixtures("rekeyed")
def test_without_disputes_of_the_nine_tasks_that_is_said(tmp_path: Path) -> None:
    path = locating.file_store().current().path
    assert path.is_relative_to(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from key_disputes")
    clear_caches()
    app = open_page("leaderboard", lane=LANE, score="Average, reviewed key")
    assert answer_keys.NOTHING[answer_keys.REVIEWED] in [text.value for text in app.markdown]
    assert set(table(app)["key_change"]) == {0.0}
