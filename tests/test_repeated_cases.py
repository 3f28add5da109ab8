"""Of a run that answers a question several times: is the answer that is listed the one read?"""

import re
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import (
    addresses,
    case_data,
    cases,
    error_columns,
    given,
    repeat_names,
    report_view,
    run_data,
)
from tests import several_runs
from tests.several_runs import DRAWN, ONCE, REASONED, ROTATED, Several
from tests.test_pages import clear_caches, click_cell, marks, open_page, table

several_places = several_runs.several_places
several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
TOY = "toy:llama"


@pytest.fixture(autouse=True)
def fresh(several_folder: None) -> None:  # noqa: ARG001 - of whose folder the caches are not
    clear_caches()


def listed(several: Several, slug: str) -> list[dict[str, Any]]:
    """The wrong answers of a run, in their order."""
    errors = case_data.errors(several[1][TOY, slug], {}, 0, 999)
    return errors.to_dicts()


def open_listed(row: dict[str, Any]) -> AppTest:
    place = (row["task"], row["sample_id"], row["run_id"])
    app = open_page("case", **addresses.case(*place, {}, row["repeat"]))
    assert not app.exception
    return app


def read_place(app: AppTest) -> tuple[str, int]:
    """The question and the repeat of the address."""
    _, sample_id, _, _, repeat = addresses.read_case(
        {name: "".join(value) for name, value in app.query_params.items()}
    )
    return sample_id, repeat


@pytest.mark.parametrize("slug", [DRAWN, ROTATED])
def test_next_goes_on_over_every_answer_of_the_list(several: Several, slug: str) -> None:
    rows = listed(several, slug)
    app = open_listed(rows[0])
    for number, row in enumerate(rows[:6], 1):
        assert read_place(app) == (row["sample_id"], row["repeat"])
        assert f"{number} of {len(rows)}" in [caption.value for caption in app.caption]
        next(button for button in app.button if button.label == "Next").click().run()
        assert not app.exception


def test_an_answer_opens_as_it_is_listed_and_leads_back(several: Several) -> None:
    rows = listed(several, ROTATED)
    number = next(at for at, row in enumerate(rows) if row["repeat"] > 0)
    run_id = several[1][TOY, ROTATED]
    app = click_cell(open_page("errors", run=run_id), "errors", number, "question")
    assert not app.exception
    assert read_place(app) == (rows[number]["sample_id"], rows[number]["repeat"])
    assert marks(app).count("right") == 0
    assert "wrong" in marks(app)
    assert app.page_link[0].proto.query_string.startswith(f"run={run_id}")


def test_lines_of_one_question_are_told_apart_where_a_run_has_several(several: Several) -> None:
    for slug, kind, first in ((ROTATED, "order", "A B C D"), (DRAWN, "draw", "1")):
        rows = listed(several, slug)
        shown = table(open_page("errors", run=several[1][TOY, slug]))
        assert [*shown[kind]][:2] == [
            repeat_names.label(row["repeat"], slug, 4) for row in rows[:2]
        ]
        assert first in [*shown[kind]]
    app = open_page("errors", run=several[1]["baseline:random", ONCE])
    errors = case_data.errors(several[1]["baseline:random", ONCE], {}, 0, 9)
    settings = error_columns.errors(cases.error_rows(errors))
    assert settings["draw"] is settings["order"] is None
    assert not app.exception


def test_another_draw_is_kept_in_the_address_with_its_verdict(several: Several) -> None:
    run_id = several[1][TOY, ROTATED]
    answers = several_runs.read_rows(run_id)[4:8]  # of the second question
    right = next(at for at, row in enumerate(answers) if row["right"])
    assert right > 0
    app = open_page("case", question="sample/sample-002", run=run_id)
    assert "wrong" in marks(app)
    assert "4 of 273" in [caption.value for caption in app.caption]
    (chosen,) = [box for box in app.selectbox if box.label == "Read the answer of"]
    app = chosen.select_index(right).run()
    assert read_place(app) == ("sample-002", right)
    assert "right" in marks(app)
    assert not [one for one in app.caption if " of 273" in one.value]
    ends = [button for button in app.button if button.label in ("Previous", "Next")]
    assert not any(button.disabled for button in ends), "the list goes on from there"
    (chosen,) = [box for box in app.selectbox if box.label == "Read the answer of"]
    assert chosen.value == right
    app = chosen.select_index(0).run()
    assert "repeat" not in app.query_params
    assert "wrong" in marks(app)


def test_a_click_on_a_pick_opens_the_very_answer(several: Several) -> None:
    run_id, place = several[1][TOY, ROTATED], {"question": "sample/sample-002"}
    picks = case_data.picks("sample", "sample-002")
    for repeat in (2, 0):
        app = open_page("case", **place, run=run_id, repeat="1")
        line = picks.select((pl.col("run_id") == run_id) & (pl.col("repeat") == repeat))
        key = f"picks {app.query_params}"
        app = click_cell(app, key, line.to_series().to_list().index(True), "model")
        assert read_place(app) == ("sample-002", repeat)


def test_a_repeat_that_the_run_has_not_is_its_first(several: Several) -> None:
    app = open_page("case", question="sample/sample-002", run=several[1][TOY, DRAWN], repeat="7")
    assert not app.exception
    (chosen,) = [box for box in app.selectbox if box.label == "Read the answer of"]
    assert chosen.value == 0


def test_flags_and_report_are_of_the_answer_that_is_read(several: Several) -> None:
    flags = several_runs.select(
        "select sample_id, run_id, repeat from flags where flag = 'contraindicated' and repeat > 0"
    ).filter(run_id=several[1][TOY, ROTATED])
    sample_id, run_id, repeat = flags.row(0)
    question = case_data.question("sample", sample_id) or {}
    flagged = {
        number: {row["repeat"] for row in case.flags_of(case.own)}
        for number in range(4)
        if (case := case_data.case(question, run_id, "", number)).own
    }
    assert flagged[repeat] == {repeat}
    assert all(found <= {number} for number, found in flagged.items())
    case = case_data.case(question, run_id, "", repeat)
    assert report_view.find_address(case)["repeat"] == str(repeat)
    page = report_view.write_report(case, "http://here")
    assert "Contraindicated choice." in page
    order = repeat_names.label(repeat, ROTATED, len(question["choices"]))
    assert f"those of order {order}.</p>" in page
    app = open_page("case", question=f"sample/{sample_id}", run=run_id, repeat=str(repeat))
    assert "Contraindicated choice" in marks(app)


def test_questions_and_answers_are_counted_apart(several: Several) -> None:
    rows = several_runs.read_rows(several[1][TOY, ROTATED])
    wrong = sum(not row["right"] for row in rows)
    app = open_page("errors", run=several[1][TOY, ROTATED])
    (said,) = [one.value for one in app.caption if "answers are wrong" in one.value]
    assert said.startswith(f"{wrong} answers are wrong. ")
    assert f" {round(wrong / 4)} of 92 questions." in said
    assert "filters" not in said
    app = open_page("errors", run=several[1][TOY, ROTATED], search="pregnant")
    (said,) = [one.value for one in app.caption if "answers are wrong" in one.value]
    assert re.search(r" \d+ answers fit your filters\.$", said)
    app = open_page("errors", run=several[1]["baseline:random", ONCE])
    assert any(re.fullmatch(r"\d+ of 92 answers are wrong\.", one.value) for one in app.caption)


def test_questions_are_listed_that_a_run_has_right_more_often(several: Several) -> None:
    run_ids = [several[1][TOY, ROTATED], several[1]["baseline:random", ONCE]]
    shares: list[dict[str, float]] = []
    for run_id in run_ids:
        answers = pl.DataFrame(several_runs.read_rows(run_id), infer_schema_length=None)
        means = answers.group_by("sample_id").agg(pl.col("right").cast(pl.Float64).mean())
        shares.append(dict(means.iter_rows()))
    ahead = sum(shares[0][key] > shares[1][key] for key in shares[0])
    behind = sum(shares[0][key] < shares[1][key] for key in shares[0])
    (found,) = run_data.differences(run_ids).to_dicts()
    assert (found["only_one"], found["only_other"]) == (ahead, behind)
    app = open_page("compare", topic="Questions", **addresses.compare(run_ids))  # type: ignore[arg-type]
    assert app.caption[-1].value.startswith(f"{behind} questions.")
    box = app.selectbox(key="pair")
    assert all(" more often right than " in label for label in box.options)
    app = box.select_index(1).run()
    assert app.caption[-1].value.startswith(f"{ahead} questions.")


def test_such_a_question_opens_the_first_answer_that_is_wrong(several: Several) -> None:
    toy, once = several[1][TOY, ROTATED], several[1]["baseline:random", ONCE]
    found = run_data.only_right(once, toy, "", 0)
    answers = {
        (row["sample_id"], row["repeat"]): row["right"] for row in several_runs.read_rows(toy)
    }
    for row in found.iter_rows(named=True):
        place = [answers[row["sample_id"], number] for number in range(4)]
        assert row["repeat"] == place.index(False)
    assert {*found["repeat"]} > {0}


def test_shared_mistakes_are_said_to_be_of_first_picks(several: Several) -> None:
    once = [several[1]["baseline:random", ONCE], several[1][TOY, REASONED]]
    for run_ids, is_said in (([several[1][TOY, ROTATED], once[0]], True), (once, False)):
        app = open_page("compare", topic="Mistakes", **addresses.compare(run_ids))  # type: ignore[arg-type]
        assert any("the first pick of each" in one.value for one in app.caption) == is_said


def test_the_reasoning_is_of_the_draw_that_is_read() -> None:
    draw = {"prediction": "A", "correct": True, "finish": None}
    draw |= dict.fromkeys(("written_tokens", "seconds", "cost")) | {"after": [0.9, 0.1]}
    repeats = pl.DataFrame(
        [
            draw | {"repeat": 0, "pick_before": "A", "pick_after": "A"},
            draw | {"repeat": 1, "pick_before": "B", "pick_after": "A"},
        ]
    )
    read = {"repeat": 1, "lane": "generate-cot-0shot-t0.7x2"}
    said = given.say_all(repeats, read, 2)
    assert "In draw 2, the reasoning changed its pick from B to A." in said
    said = given.say_all(repeats, read | {"repeat": 0}, 2)
    assert "In draw 1, the reasoning left its pick as it was: A." in said
    said = given.say_all(repeats[1:], read, 2)
    assert "The reasoning changed its pick from B to A." in said
