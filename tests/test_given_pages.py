"""Do the pages show how answers were given: several times, in words, after a rationale?"""

import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import case_data, judging_data, report_view, wording
from tests import several_runs
from tests.several_runs import DRAWN, ONCE, REASONED, ROTATED, Several, read_rows
from tests.test_charts_page import open_demonstration
from tests.test_pages import clear_caches, open_page, passages
from warehouse.copying import native_file
from warehouse.ledger import drawing

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
TOY, QUESTION = "toy:llama", "sample-003"
PART = "How it answers"
BOARD = "Demonstration questions"
STEADY = ["Right every time", "Agreement"]
TAKEN = ["Tokens per answer", "Cost per 1,000 answers"]
EACH_TIME, REASONING = "Each time it was asked", "What its reasoning changed"


@pytest.fixture(autouse=True)
def fresh(several_folder: None) -> None:  # noqa: ARG001 - of whose folder the caches are not
    clear_caches()


def open_case(several: Several, slug: str, model: str = TOY) -> AppTest:
    app = open_page("case", question=f"sample/{QUESTION}", run=several[1][model, slug])
    assert not app.exception
    return app


def said(app: AppTest) -> list[str]:
    return [part.value for part in (*app.text, *app.subheader, *app.caption)]


def rows_of(several: Several, slug: str) -> list[dict[str, Any]]:
    return [row for row in read_rows(several[1][TOY, slug]) if row["sample_id"] == QUESTION]


def test_a_case_shows_what_was_picked_with_each_choice_in_each_place(several: Several) -> None:
    app, rows = open_case(several, ROTATED), rows_of(several, ROTATED)
    right = sum(bool(row["right"]) for row in rows)
    times = {0: "it never picked the key", 1: "it picked the key once"}[right]
    assert any(f"With each choice in each place in turn, {times}." in text for text in said(app))
    assert EACH_TIME in said(app)
    shown = app.dataframe[-1].value
    assert [*shown["order"]] == ["A B C D", "B C D A", "C D A B", "D A B C"]
    assert [*shown["pick"]] == [row["prediction"] for row in rows]
    assert [*shown["result"]] == ["right" if row["right"] else "wrong" for row in rows]


def test_a_case_shows_each_draw_and_what_all_took(several: Several) -> None:
    app, rows = open_case(several, DRAWN), rows_of(several, DRAWN)
    assert any(text.startswith("Asked three times with the same words") for text in said(app))
    shown = app.dataframe[-1].value
    assert [*shown["draw"]] == ["1", "2", "3"]
    assert [*shown["written_tokens"]] == [row["written_tokens"] for row in rows]
    assert set(shown["ended"]) == {"cut off"}
    took = "All three answers: 24 tokens written, "
    (effort,) = [text for text in said(app) if text.startswith(took)]
    assert effort.endswith("All were cut off at the limit.")


def test_each_draw_can_be_read(several: Several) -> None:
    app, rows = open_case(several, DRAWN), rows_of(several, DRAWN)
    (chosen,) = [box for box in app.selectbox if box.label == "Read the answer of"]
    assert [option.split(":")[0] for option in chosen.options] == ["Draw 1", "Draw 2", "Draw 3"]
    assert len({row["response"] for row in rows}) == 3
    for number, row in enumerate(rows):
        app = chosen.select_index(number).run()
        shown, written = (re.sub(r"\W", "", text) for text in (passages(app)[-1], row["response"]))
        assert shown == written


def test_wrong_answers_are_drawn_from_all_answers(several: Several) -> None:
    rows = read_rows(several[1][TOY, ROTATED])
    drawn_from = judging_data.find_population(several[1][TOY, ROTATED])
    assert drawn_from.answered == len(rows) == 4 * 92
    assert len(drawn_from.mistakes) == sum(not row["right"] for row in rows)
    drawing.require_population(drawn_from, 30)


def test_safety_says_what_it_counts_where_questions_are_asked_several_times() -> None:
    for lane, told in ((ROTATED, True), (ONCE, False)):
        app = open_page("safety", lane=lane).segmented_control(key="view").set_value(BOARD).run()
        assert app.selectbox(key="lane").value == lane
        captions = " ".join(caption.value for caption in app.caption)
        assert (wording.SEVERAL_ANSWERS in captions) is told


def test_the_featured_case_counts_each_answer_of_a_run_that_was_asked_several_times(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = case_data.picks("sample", QUESTION)
    assert asked.height > asked["run_id"].n_unique() == len(several[1])
    monkeypatch.setattr(case_data, "question", lambda *_: {"task": "sample"})
    monkeypatch.setattr(case_data, "picks", lambda *_: asked)
    app = open_page("featured")
    told = f"{asked['correct'].sum()} of {asked.height} answers here picked the key."
    assert told in [part.value for part in app.markdown]


def test_a_report_says_how_often_the_key_was_picked(several: Several) -> None:
    question = case_data.question("sample", QUESTION) or {}
    case = case_data.case(question, several[1][TOY, ROTATED], several[1][TOY, REASONED])
    page = report_view.write_report(case, "http://here")
    assert "<p>With each choice in each place in turn, it " in page
    assert "<p>The reasoning " in page


def test_a_case_shows_what_the_reasoning_changed(several: Several) -> None:
    app, (row,) = open_case(several, REASONED), rows_of(several, REASONED)
    assert row["prediction"] is None
    before, after = (
        "ABCD"[max(range(4), key=logprobs.__getitem__)]
        for logprobs in (row["logprobs_before"], row["logprobs_after"])
    )
    assert any(text.startswith("The reasoning ") and after in text for text in said(app))
    assert any(text.endswith("could be read from the answer that it wrote.") for text in said(app))
    shown = app.dataframe[-1].value
    for name, letter in (("before", before), ("after", after)):
        assert sum(shown[name]) == pytest.approx(100)
        assert shown["choice"][shown[name].idxmax()].startswith(letter)
    assert EACH_TIME not in said(app)


def test_a_case_asked_once_without_words_says_nothing_of_it(several: Several) -> None:
    app = open_case(several, ONCE, "baseline:random")
    assert not {EACH_TIME, REASONING} & {*said(app)}
    assert not [text for text in said(app) if "seconds" in text]


def open_model(several: Several, slug: str, model: str = TOY, **more: str) -> AppTest:
    app = open_page("model", model=model, run=several[1][model, slug], **more)
    assert not app.exception
    return app


@pytest.mark.parametrize("slug", [ROTATED, DRAWN, REASONED])
def test_a_model_page_shows_how_its_answers_came_out(several: Several, slug: str) -> None:
    (known,) = several[0].ask("written_answers", run_ids=(several[1][TOY, slug],)).to_dicts()
    app = open_model(several, slug, part=PART)
    (line,) = app.dataframe[0].value.to_dict("records")
    for name in ("always_right", "agreement", "rationale_changes", "cut_off"):
        expected = math.nan if known[name] is None else known[name] * 100
        assert line[name] == pytest.approx(expected, nan_ok=True)
    assert line["seconds"] == known["seconds"]
    if slug == REASONED:
        changed = f"{known['rationale_changes']:.1%}"
        assert f"Its reasoning changed its pick in {changed} of the answers." in said(app)


def test_calibration_counts_each_question_once(several: Several) -> None:
    part = {"part": "Calibration"}
    app = open_model(several, ROTATED, **part)
    assert app.dataframe[0].value["n"][0] == 92
    assert any("n=92)" in text.value for text in app.markdown)
    assert any(text.startswith("This run was asked each question several") for text in said(app))
    app = open_model(several, ROTATED, "baseline:random", **part)
    assert app.info[0].value.startswith("These answers came without probabilities")


def test_letters_and_difficulty_are_said_to_be_of_first_answers() -> None:
    told = "Of a run that was asked several times, the first answer to each question counts here."
    assert told in said(open_demonstration(lane=ROTATED, chart="Questions"))
    assert told not in said(open_demonstration(lane=ONCE, chart="Questions"))


def test_a_run_asked_once_has_no_such_part_and_opens_all_the_same(several: Several) -> None:
    app = open_model(several, ONCE, "baseline:random", part=PART)
    assert PART not in app.segmented_control(key="part").options
    assert app.segmented_control(key="part").value == "Scores"
    app = open_model(several, ROTATED, "baseline:random", part=PART)
    app.selectbox(key="chosen_run").set_value(several[1]["baseline:random", ONCE]).run()
    assert not app.exception
    assert app.segmented_control(key="part").value == "Scores"


def open_board(lane: str, **more: list[str]) -> AppTest:
    app = open_page("leaderboard", view="Demonstration questions", lane=lane, **more)  # type: ignore[arg-type]
    assert not app.exception
    return app


def offered(app: AppTest) -> set[str]:
    (pills,) = [group for group in app.button_group if group.key == "facts"]
    return {*pills.options} & {*STEADY, *TAKEN}


def test_the_leaderboard_offers_what_a_lane_knows_of_its_answers() -> None:
    assert offered(open_board(ROTATED)) == {*STEADY}
    assert offered(open_board(DRAWN)) == {*STEADY, TAKEN[0]}
    assert offered(open_board(REASONED)) == {TAKEN[0]}
    app = open_board(ONCE, facts=["Type", *STEADY])
    assert not offered(app)
    assert not [button for button in app.button if button.label.startswith("Show how")]


def test_the_address_keeps_the_columns_of_steady_answers(several: Several) -> None:
    run_id = several[1]["baseline:random", ROTATED]
    board = several[0].ask("leaderboard_rows").filter(run_id=run_id).row(0, named=True)
    shown = open_board(ROTATED, facts=["Type", *STEADY]).dataframe[0].value
    row = shown[shown["model"] == "baseline:random"].iloc[0]
    for name in ("always_right", "agreement"):
        assert row[name] == pytest.approx(board[name] * 100)
    app = open_board(ROTATED)
    assert "agreement" not in app.dataframe[0].value
    (button,) = [one for one in app.button if one.label == "Show how steady the answers are"]
    assert "agreement" in button.click().run().dataframe[0].value
    assert app.query_params["facts"][-2:] == STEADY


def test_costs_are_drawn_where_they_are_known(
    several: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = {"lane": ROTATED, "chart": "Cost"}
    app = open_demonstration(**address)
    assert "Cost" not in app.segmented_control(key="chart").options
    file = native_file(several[0])
    path = tmp_path / "warehouse" / file.name
    shutil.copytree(file.parent, path.parent)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update leaderboard set cost_per_1000 = 0.5 where model = 'toy:llama'")
    monkeypatch.setenv("LEADERBOARD_DATA", str(tmp_path))
    clear_caches()
    app = open_demonstration(**address)
    assert app.segmented_control(key="chart").value == "Cost"
    assert len(app.get("plotly_chart")) == 1
    assert "Not drawn: 1 model of which the cost is not known." in said(app)
    app = open_board(ROTATED, facts=["Type", TAKEN[1]])
    assert offered(app) == {*STEADY, TAKEN[1]}
    columns = json.loads(app.dataframe[0].proto.columns)
    assert columns["cost_per_1000"]["type_config"]["format"] == "$%.4g"  # 0.0012 is not 0.00
