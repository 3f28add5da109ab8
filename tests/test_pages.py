"""Every page, run by Streamlit's own test driver over warehouses that hold more or less."""

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import column_words, wording
from evaluator import tables
from tests.conftest import REPOSITORY, TEST_DATA, ask, load_everything
from tests.demonstration import LIKELY, SAMPLES, make_demonstration, make_real
from warehouse import settings

TITLES = {
    "charts": "Charts",
    "leaderboard": "Open Medical-LLM Leaderboard",
    "model": "Model",
    "errors": "Wrong answers",
    "safety": "Safety",
    "compare": "Compare models",
    "case": "No such question",
    "featured": "Tetracycline for a pregnant patient",
    "about": "About",
    "benchmarks": "Benchmarks",
    "data": "Data",
    "sql": "SQL",
    "review": "Review",
    "disputes": "Disputed keys",
}
OF_THE_LEDGER = {
    "status": "Status",
    "submission": "No such submission",
    "maintain": "Maintain",
    "submit": "Submit a model",
    "health": "Health",
}
"""Pages that need no snapshot."""
WAREHOUSES = ("nothing", "published", "demonstration", "real")
DEMONSTRATION = {"view": "Demonstration questions"}
Use = Callable[[str], None]


def clear_caches() -> None:
    """Warehouses of two tests share their snapshot numbers, which are the keys of the caches."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The data folders that were made so far; each is made once, by its first test."""
    return {"nothing": tmp_path_factory.mktemp("nothing")}


@pytest.fixture
def use(
    folders: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Use]:
    """Point the dashboard at one of `WAREHOUSES`."""

    def choose(name: str) -> None:
        clear_caches()
        if name == "real" and not TEST_DATA.exists():
            pytest.skip(f"no test data in {TEST_DATA}; LEADERBOARD_TEST_DATA names the folder")
        made = name in folders
        folder = folders.setdefault(name, tmp_path_factory.mktemp(name))
        monkeypatch.setenv("LEADERBOARD_DATA", str(folder))
        if not made:
            {
                "published": load_everything,
                "demonstration": make_demonstration,
                "real": make_real,
            }[name]()

    yield choose
    clear_caches()


def open_page(page: str, **address: str) -> AppTest:
    """Open `page` with these query parameters, as a link does: with nothing in the session."""
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=60)
    if page != "leaderboard":
        app.run().switch_page(f"app_pages/{page}.py")
    app.query_params.update(address)
    return app.run()


def click_cell(app: AppTest, table: str, row: int, column: str) -> AppTest:
    selection = {"rows": [], "columns": [], "cells": [(row, column)]}
    app.session_state[table] = {"selection": selection}
    return app.run()


def run_of(model: str) -> str:
    """The latest run of a demonstration model."""
    runs = ask("runs").filter(pl.col("model") == model, pl.col("current"))
    return str(runs["run_id"][0])


def wrong_ids(model: str) -> list[str]:
    """The demonstration questions that `model` got wrong, in their order, by its run folder."""
    rows = tables.read_predictions(settings.runs_folder() / run_of(model), "sample")
    answers = rows.select("sample_id", "prediction").iter_rows()
    return [sample_id for sample_id, letter in answers if letter != SAMPLES[sample_id].gold]


def table(app: AppTest) -> Any:
    return app.dataframe[0].value


def beginning(sample_id: str) -> str:
    return " ".join(SAMPLES[sample_id].question.split())[:300]


def holds(sample_id: str, *words: str) -> bool:
    """Whether every word is in the question, its choices, its topic or its id."""
    sample = SAMPLES[sample_id]
    text = " ".join([sample.question, *sample.choices, sample.topic or "", sample_id]).lower()
    return all(word in text for word in words)


def list_wrong(app: AppTest) -> list[str]:
    """The questions of every page of the list."""
    pages = app.pagination[0].proto.num_pages if app.pagination else 1
    questions = list(table(app)["question"])
    for page in range(2, pages + 1):
        questions += list(table(app.pagination(key="page").select(page).run())["question"])
    return questions


def marks(app: AppTest) -> list[str]:
    """The words of every badge, without its color and icon."""
    found = re.findall(r"-badge\[(.*?)\]", " ".join(text.value for text in app.markdown))
    return [re.sub(r"^:material/\w+: ", "", mark) for mark in found]


def passages(app: AppTest) -> list[str]:
    """What stands in each block that is made to be read, without its marks."""
    bodies = " ".join(part.proto.body for part in app.get("html"))
    blocks = re.findall('<div class="reading">(.*?)</div>', bodies, re.DOTALL)
    return [html.unescape(re.sub("<[^>]+>", "", block)) for block in blocks]


def test_every_page_is_tested() -> None:
    pages = {path.stem for path in (REPOSITORY / "dashboard" / "app_pages").glob("*.py")}
    assert pages - {"__init__"} == set(TITLES) | set(OF_THE_LEDGER)


@pytest.mark.parametrize("warehouse", WAREHOUSES)
@pytest.mark.parametrize("page", [*TITLES, *OF_THE_LEDGER])
def test_every_page_opens_on_every_warehouse(page: str, warehouse: str, use: Use) -> None:
    use(warehouse)
    app = open_page(page)
    assert not app.exception
    nothing = TITLES["leaderboard"] if warehouse == "nothing" else TITLES.get(page)
    assert [heading.value for heading in app.title] == [OF_THE_LEDGER.get(page, nothing)]
    assert app.caption[0].value == f":material/warning: {wording.NOTICE}"


def test_an_empty_warehouse_says_how_to_fill_it(use: Use) -> None:
    use("nothing")
    app = open_page("leaderboard")
    assert [info.value for info in app.info] == ["There is nothing to show yet."]
    assert "make demo-data" in app.text[0].value


def test_published_scores_alone_have_no_errors_to_read(use: Use) -> None:
    use("published")
    assert [info.value for info in open_page("errors").info] == [
        "No run is in the warehouse yet. Published scores have no answers to read."
    ]


def test_leaderboard_puts_the_best_run_first(use: Use) -> None:
    use("demonstration")
    rows = table(open_page("leaderboard", **DEMONSTRATION))
    scores = {model: 100 - 100 * len(wrong_ids(model)) / 92 for model in sorted(rows["model"])}
    assert list(rows["model"]) == sorted(scores, key=lambda model: (-scores[model], model))
    assert [text.split(" ±")[0].strip() for text in rows["sample"]] == [
        f"{scores[model]:.1f}" for model in rows["model"]
    ]
    assert [int(text.split(" (")[0]) for text in rows["rank"]] == [
        1 + sum(other > scores[model] for other in scores.values()) for model in rows["model"]
    ]


def test_demonstration_questions_are_labelled_and_never_averaged(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION)
    assert [info.value for info in app.info] == [wording.DEMONSTRATION]
    assert {"average", "margin", "tasks"}.isdisjoint(table(app).columns)
    nine = table(open_page("leaderboard"))
    assert "sample" not in nine.columns
    assert not set(nine["model"]) & {"baseline:majority", LIKELY}


def test_the_score_stays_when_the_view_is_switched(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard")
    app.segmented_control(key="view").set_value(DEMONSTRATION["view"]).run()
    assert "sample" in table(app).columns
    app.segmented_control(key="view").set_value("Nine medical tasks").run()
    assert "medqa_4options" in table(app).columns


def test_search_and_type_hide_rows_and_say_how_many(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, find="BASE majority")
    assert list(table(app)["model"]) == ["baseline:majority"]
    assert app.caption[1].value.endswith(" 1 of 3 rows, 2 hidden by your filters.")
    app.text_input(key="find").set_value("").run()
    app.multiselect(key="types").set_value(["open weights"]).run()
    assert list(table(app)["model"]) == [LIKELY]
    app.text_input(key="find").set_value("essayist").run()
    assert app.info[-1].value == "No model fits your filters."
    assert [text.value for text in app.text] == [
        "essayist was asked otherwise. It is in: other-essays (demonstration questions)."
    ]
    next(button for button in app.button if button.label == "Show them").click().run()
    assert len(table(app)) == 3
    assert (app.text_input(key="find").value, app.multiselect(key="types").value) == ("", [])


def test_a_lane_shows_its_own_models_only(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, lane="other-essays")
    assert list(table(app)["model"]) == ["essayist"]
    assert app.caption[1].value == f"{wording.LANES['other-']} 1 of 1 rows."


def test_columns_can_be_chosen(use: Use) -> None:
    use("published")
    app = open_page("leaderboard")
    app.pills(key="columns").set_value(["PubMedQA"]).run()
    tasks = {"medqa_4options", "medmcqa", "pubmedqa", "mmlu_anatomy"}
    assert tasks & set(table(app).columns) == {"pubmedqa"}


def test_published_scores_carry_a_mark_a_source_and_their_doubt(use: Use) -> None:
    use("published")
    rows = table(open_page("leaderboard"))
    assert Counter(rows["mark"]) == {"published": 27, "doubtful": 2}
    assert all(source.startswith("https://") for source in rows["source"])
    assert list(rows["doubt"].notna()) == list(rows["mark"] == "doubtful")


@pytest.mark.parametrize(
    ("column", "title"), [("model", "Model"), ("type", "Model"), ("sample", "Wrong answers")]
)
def test_a_click_opens_the_model_or_what_a_score_counts(column: str, title: str, use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION)
    app = click_cell(app, "leaderboard", list(table(app)["model"]).index(LIKELY), column)
    assert app.title[0].value == title
    assert app.query_params["run"] == run_of(LIKELY)


def test_a_click_on_a_published_score_says_why_nothing_opens(use: Use) -> None:
    use("published")
    app = click_cell(open_page("leaderboard"), "leaderboard", 0, "model")
    assert app.title[0].value == TITLES["leaderboard"]
    assert app.toast[0].value.startswith("These scores were published elsewhere")


def test_a_partial_task_leaves_the_average_empty(use: Use) -> None:
    use("real")
    rows = table(open_page("leaderboard"))
    assert list(rows["model"]) == ["o3-mini", "gpt-4o"]  # by the first score that somebody has
    assert list(rows["tasks"]) == ["8 of 9", "8 of 9"]
    assert rows["average"].isna().all()
    assert list(rows["medqa_4options"]) == [" 92.7 ±1.4", " 87.8 ±1.8"]


def test_the_errors_of_a_run_are_every_wrong_answer_once(use: Use) -> None:
    use("demonstration")
    app = open_page("errors", run=run_of(LIKELY))
    assert app.multiselect[0].value == [run_of(LIKELY)]
    wrong = wrong_ids(LIKELY)
    assert app.caption[1].value == f"{len(wrong)} of 92 answers are wrong."
    assert list_wrong(app) == [beginning(sample_id) for sample_id in wrong]


def test_where_only_baselines_answered_the_list_says_how_to_read_theirs(
    demo: Path,  # noqa: ARG001 - whose baselines they are
) -> None:
    clear_caches()
    assert [info.value for info in open_page("errors").info] == [wording.NO_MISTAKES]


def test_each_filter_narrows_the_errors(use: Use) -> None:
    use("demonstration")
    run_id, wrong = run_of("baseline:majority"), wrong_ids("baseline:majority")
    kept = [beginning(key) for key in wrong if "children" in SAMPLES[key].safety_tags]
    app = open_page("errors", run=run_id, safety="children")
    assert app.caption[1].value == (
        f"{len(wrong)} of 92 answers are wrong. {len(kept)} fit your filters."
    )
    assert list_wrong(app) == kept
    kept = [beginning(key) for key in wrong if SAMPLES[key].subject == "Infectious disease"]
    assert list_wrong(open_page("errors", run=run_id, subject="Infectious disease")) == kept
    kept = [key for key in wrong if holds(key, "anaphylaxis", "penicillin")]
    app = open_page("errors", run=run_id, search=" ANAPHYLAXIS  penicillin ")
    assert len(kept) == len(list_wrong(app)) > 0
    assert "»anaphylaxis«" in list_wrong(app)[0]
    app = open_page("errors", run=run_id, search="anaphylaxis zebra")
    assert [info.value for info in app.info] == ["No wrong answer fits these filters."]


def test_real_questions_can_be_narrowed_to_a_safety_context(use: Use) -> None:
    use("real")
    app = open_page("errors", run=run_of("gpt-4o"), safety="allergy")
    rows = table(app)
    assert app.caption[1].value.endswith(f" {len(rows)} fit your filters.")
    assert 0 < len(rows) < 25
    assert all("allergy" in contexts for contexts in rows["context"])


def test_the_task_filter_keeps_one_task(use: Use) -> None:
    use("real")
    app = open_page("errors", run=run_of("gpt-4o"), task="Anatomy")
    assert (len(table(app)), set(table(app)["task"])) == (16, {"Anatomy"})


def test_the_surest_wrong_answers_can_come_first(use: Use) -> None:
    use("demonstration")
    app = open_page("errors", run=run_of(LIKELY), sort="Surest first")
    sure = list(table(app)["confidence"])
    assert sure == sorted(sure, reverse=True)
    assert all(25 < share < 100 for share in sure)


def test_a_model_without_probabilities_has_no_column_for_them(use: Use) -> None:
    use("demonstration")
    app = open_page("errors", run=run_of("essayist"))
    assert app.caption[1].value == "2 of 2 answers are wrong, 1 of them unreadable."
    assert list(table(app)["picked"]) == [
        f"B · {SAMPLES['sample-001'].choices[1]}",
        "unreadable",
    ]
    assert json.loads(app.dataframe[0].proto.columns)["confidence"]["hidden"]


def test_of_an_unknown_run_the_errors_are_those_of_all_models(use: Use) -> None:
    use("demonstration")
    app = open_page("errors", run="no-such-run")
    assert app.multiselect[0].value == []
    assert [warning.value for warning in app.warning] == [
        "A run that the address names is not in this warehouse."
    ]
    assert set(table(app)["answered_by"]) == {LIKELY, "essayist"}


def test_a_click_on_a_wrong_answer_opens_its_case(use: Use) -> None:
    use("demonstration")
    app = open_page("errors", run=run_of(LIKELY), safety="children", sort="Surest first")
    app = click_cell(app, "errors", 3, "question")
    assert app.title[0].value.startswith("Demonstration · ")
    assert app.query_params["list"] == "safety=children&by=confidence"


def test_featured_case_opens_once_medqa_is_loaded(use: Use) -> None:
    use("demonstration")
    app = open_page("featured")
    assert not app.page_link
    assert app.info[0].value.startswith("MedQA is not loaded here.")
    use("real")
    app = open_page("featured")
    assert app.page_link[0].proto.query_string == "question=medqa_4options%2Ftest-00140"
    assert "2 of 2 runs here picked the key." in [text.value for text in app.markdown]


def test_about_explains_every_column(use: Use) -> None:
    use("demonstration")
    text = " ".join(part.value for part in open_page("about").markdown)
    for head, meaning in column_words.COLUMNS.values():
        assert f"- **{head}** — {meaning}" in text
