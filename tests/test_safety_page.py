"""The page Safety, and the lists of wrong answers of several models that it opens."""

from typing import Any
from urllib.parse import parse_qs

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import addresses, safety_rows, safety_view
from tests import test_pages
from tests.conftest import REPOSITORY, ask
from tests.demonstration import LIKELY, SAMPLES
from tests.test_pages import (
    Use,
    click_cell,
    open_page,
    run_of,
    table,
    wrong_ids,
)

folders, use = test_pages.folders, test_pages.use  # fixtures


def open_demonstration(**address: str) -> AppTest:
    """The demonstration's questions, chosen by hand."""
    app = open_page("safety", **address)
    return app.segmented_control(key="view").set_value(addresses.DEMONSTRATION_VIEW).run()


def run_lane(model: str) -> str:
    return str(ask("runs").filter(pl.col("run_id") == run_of(model))["lane"][0])


def line(app: AppTest, model: str) -> dict[str, Any]:
    rows = table(app)
    return dict(rows[rows["model"] == model].iloc[0])


def test_each_model_is_counted_in_the_context_that_is_chosen(use: Use) -> None:
    use("demonstration")
    children = [key for key, sample in SAMPLES.items() if "children" in sample.safety_tags]
    app = open_demonstration(safety_context="children")
    assert not app.exception
    for model in (LIKELY, "baseline:majority"):
        wrong = len(set(wrong_ids(model)) & set(children))
        shown = line(app, model)
        assert (shown["wrong"], shown["n"]) == (wrong, len(children))
        assert shown["wrong_share"] == pytest.approx(100 * wrong / len(children))
    every = open_demonstration(safety_context="All questions")
    assert line(every, LIKELY)["n"] == len(SAMPLES)
    assert list(table(app)["wrong_share"]) == sorted(table(app)["wrong_share"])


def test_all_contexts_stand_side_by_side_and_each_number_leads_to_its_answers(use: Use) -> None:
    use("demonstration")
    app = open_demonstration()
    assert not app.exception
    for context in ("all", "children"):
        asked = [key for key, one in SAMPLES.items() if context in ("all", *one.safety_tags)]
        share = len(set(wrong_ids(LIKELY)) & set(asked)) / len(asked)
        assert line(app, LIKELY)[context].startswith(f"{100 * share:.1f} (")
    app.selectbox(key="lane").set_value(run_lane(LIKELY))
    app.segmented_control(key="view").set_value(addresses.DEMONSTRATION_VIEW)
    click_cell(app, safety_view.KEY, [*table(app)["model"]].index(LIKELY), "children")
    assert app.query_params["safety"] == "children"
    assert app.query_params["run"] == run_of(LIKELY)


def test_any_count_may_stand_side_by_side_and_a_context_without_it_is_empty() -> None:
    facts = {"wrong_share": 0.25, "wrong_low": 0.1, "wrong_high": 0.5, "contraindicated": 2}
    board = pl.DataFrame(
        [
            {"run_id": run, "model": run, "context": context, "n": n} | facts
            for run, context, n in (("a", "dosing", 9), ("a", "all", 20), ("b", "all", 20))
        ]
        + [{"run_id": "b", "model": "b", "context": "children", "n": 12} | facts]
    )
    shares = safety_rows.side_by_side(board, "wrong_share")
    assert shares.columns == ["model", "all", "children", "dosing"]
    assert shares.rows() == [
        ("a", "25.0 (10–50)", None, "25.0 (10–50)"),
        ("b", "25.0 (10–50)", "25.0 (10–50)", None),
    ]
    counts = safety_rows.side_by_side(board, "contraindicated")
    assert counts.rows() == [("a", 2, None, 2), ("b", 2, 2, None)]


@pytest.mark.parametrize(
    ("column", "context", "shown"),
    [
        ("contraindicated", "children", {"flag": "Contraindicated choice", "safety": "children"}),
        ("confident_wrong", "all", {"flag": "Confident and wrong", "sort": "Surest first"}),
        ("reviewed", "all", {"harm": "reviewed", "sort": "Gravest harm first"}),
        ("harmless", "all", {"harm": "no harm"}),
        ("death", "renal", {"harm": "death", "safety": "renal"}),
        ("wrong", "renal", {"safety": "renal"}),
        ("model", "all", {}),
    ],
)
def test_a_number_leads_to_the_answers_that_it_counts(
    column: str, context: str, shown: dict[str, str]
) -> None:
    titles = {"sample": "Demonstration"}
    of_nine = safety_rows.lead("run-1", (context, column), titles, "nine")
    assert of_nine == {"run": "run-1"} | shown
    demonstration = safety_rows.lead("run-1", (context, column), titles, "sample")
    assert demonstration == {"run": "run-1", "task": "Demonstration"} | shown


def test_the_sum_of_contraindicated_choices_is_told() -> None:
    board = pl.DataFrame({"contraindicated": [2, 0, 1]})
    assert safety_rows.summary(board) == "3 contraindicated choices, by 2 of 3 models."
    assert safety_rows.summary(board[1:]) == "1 contraindicated choice, by 1 of 2 models."
    assert safety_rows.summary(board[1:2]) == "No contraindicated choice of 1 model was found."


def test_nothing_judged_is_said_and_takes_no_columns(use: Use) -> None:
    use("demonstration")
    app = open_demonstration()
    said = [caption.value for caption in app.caption]
    assert "Clinicians have judged none of these answers yet." in said
    assert any("no doctor has checked it" in caption for caption in said)


def test_published_scores_alone_say_nothing_of_safety(use: Use) -> None:
    use("published")
    assert open_page("safety").info[0].value.startswith("No run of these questions is in the")


def test_mistakes_on_pregnant_patients_are_one_click_from_the_first_page(use: Use) -> None:
    use("demonstration")
    (link,) = [
        link for link in open_page("leaderboard").page_link if "pregnant patients" in link.label
    ]
    address = {name: values[0] for name, values in parse_qs(link.proto.query_string).items()}
    app = open_page("errors", **address)
    rows = table(app)
    assert app.multiselect[0].value == []
    assert len(rows)
    assert all("pregnancy and lactation" in contexts for contexts in rows["context"])
    assert set(rows["answered_by"]) <= {LIKELY, "essayist"}


def test_the_tetracycline_question_is_two_clicks_from_the_first_page(use: Use) -> None:
    use("real")
    assert "featured" in [link.proto.page for link in open_page("leaderboard").page_link]
    to_case, to_kin = open_page("featured").page_link
    assert to_case.proto.query_string == "question=medqa_4options%2Ftest-00140"
    assert "safety=pregnancy+and+lactation" in to_kin.proto.query_string


def test_what_could_harm_comes_first_where_the_gravest_flags_do(use: Use) -> None:
    use("demonstration")
    rows = table(open_page("errors", sort="Gravest flag first"))
    forbidden = ["contraindicated" in flags for flags in rows["flags"]]
    assert any(forbidden)
    assert forbidden == sorted(forbidden, reverse=True)
    rows = table(open_page("errors", flag="Contraindicated choice"))
    assert all("contraindicated" in flags for flags in rows["flags"])
    assert len(rows) == sum(forbidden)


def test_next_goes_from_model_to_model_in_a_list_of_two(use: Use) -> None:
    use("demonstration")
    runs = [run_of(LIKELY), run_of("baseline:majority")]
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"))
    app.run(timeout=60).switch_page("app_pages/errors.py")
    app.query_params["run"] = runs
    app.run(timeout=60)
    listed = list(table(app)[["answered_by", "question"]].itertuples(index=False, name=None))
    assert {model for model, _ in listed} == {LIKELY, "baseline:majority"}
    address = click_cell(app, "errors", 0, "question").query_params
    app = open_page("case", **address)
    seen = [address["run"]]
    for _ in range(3):
        app = next(button for button in app.button if button.label == "Next").click().run()
        seen.append(app.query_params["run"])
    models = dict(ask("runs").select("run_id", "model").iter_rows())
    assert [models[run] for run in seen] == [model for model, _ in listed[:4]]
    assert [button.proto.shortcut for button in app.button[:2]] == ["k", "j"]
    (back,) = [link for link in app.page_link if link.label == "Back to the list"]
    assert parse_qs(back.proto.query_string)["run"] == runs


def test_a_list_without_answers_offers_a_wider_one(use: Use) -> None:
    use("demonstration")
    app = open_page("errors", safety="children", search="zebra zebra")
    assert app.info[0].value == "No wrong answer fits these filters."
    app = app.button[0].click().run()
    assert not app.exception
    assert app.text_input(key="search").value == ""
    assert app.selectbox(key="safety").value == "children"
    assert len(table(app))
