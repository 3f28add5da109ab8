"""The Review page: an answer is judged blind, and what is typed is kept."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import judging, judging_words, people, status_view
from tests.demonstration import LIKELY, make_demonstration
from tests.reviewed import ADA, BEN, CLEO, MAINTAINER, VISITOR, answers, judgement
from tests.test_pages import clear_caches, open_page, run_of
from tests.test_status_pages import said
from warehouse.ledger import assignments, reviews
from warehouse.ledger.cases import find_cases
from warehouse.ledger.drawing import find_draws
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import LOCAL, Person
from warehouse.ledger.stages import Stage

CHOSEN = {"queue": judging.CHOSEN}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A warehouse with wrong answers of two models; made once."""
    made = tmp_path_factory.mktemp("reviewed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(made))
        make_demonstration()
    return made


@pytest.fixture
def ledger(folder: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setenv("LEADERBOARD_DATA", str(folder))
    monkeypatch.setenv("LEADERBOARD_LEDGER", f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    clear_caches()
    opened = open_ledger()
    yield opened
    opened.close()
    clear_caches()


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Any:
    def be(person: Person | None) -> None:
        monkeypatch.setattr(people, "who_is_here", lambda: person)

    return be


def press(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label == label).click().run()


def begin(**address: str) -> AppTest:
    app = press(open_page("review", **address), "Begin")
    assert not app.exception
    return app


def answer(app: AppTest, harm: str = "severe") -> AppTest:
    """Fill in the form of the case that is shown."""
    number = app.query_params["case"]
    number = number[0] if isinstance(number, list) else number
    app = app.radio(key=f"harm {number}").set_value(harm).run()
    if harm != "none":
        app = app.radio(key=f"likelihood {number}").set_value("medium").run()
    app = app.radio(key=f"kind {number}").set_value("omission").run()
    app = app.radio(key=f"confidence {number}").set_value("high").run()
    return app.text_area(key=f"comment {number}").set_value("It delays insulin.").run()


def every_word(app: AppTest) -> str:
    """All that is on the page or in its address."""
    return f"{app.main} {said(app)} {app.query_params}"


def test_an_answer_is_judged_without_its_model_and_then_told_whose_it_was(
    ledger: Ledger, be: Any
) -> None:
    be(ADA)
    app = begin(**CHOSEN)
    (case,) = find_cases(ledger)
    assert [
        word for word in (case.model, case.run_id, "loglikelihood") if word in every_word(app)
    ] == []
    app = press(answer(app), "Save")
    assert not app.exception
    assert f"This was an answer of {case.model}." in said(app)
    (review,) = reviews.find_own(ledger, ADA)
    expected = judgement(kind="omission", comment="It delays insulin.")
    assert review.model_dump(include=set(judgement().model_dump())) == expected.model_dump()


def test_what_is_chosen_is_there_again_after_a_reload(ledger: Ledger, be: Any) -> None:
    be(ADA)
    answer(begin(**CHOSEN), "moderate")
    (case,) = find_cases(ledger)
    app = open_page("review", case=str(case.number))
    form = judging.fill_in(
        {name: app.session_state[f"{name} {case.number}"] for name in judging.FIELDS}
    )
    assert form == judgement("moderate", kind="omission", comment="It delays insulin.").model_dump()


def test_no_case_comes_twice_and_a_passed_one_goes_to_others(ledger: Ledger, be: Any) -> None:
    be(ADA)
    app = press(answer(begin(**CHOSEN)), "Save and next")
    app = press(app, "Pass over")
    assert not app.exception
    numbers = [one.number for one in find_cases(ledger)]
    assert numbers == [1, 2, 3]
    assert str(app.query_params["case"]) in ("3", "['3']")
    be(BEN)
    assert str(begin(**CHOSEN).query_params["case"]) in (
        "1",
        "['1']",
    )  # which lacks its second review


def test_one_who_asks_for_what_is_new_gets_what_nobody_has_judged_of_each_model_in_turn(
    ledger: Ledger, be: Any
) -> None:
    be(ADA)
    press(answer(begin(**CHOSEN)), "Save")
    be(BEN)
    app = open_page("review", **CHOSEN)
    app.toggle(key="queue of what is new").set_value(True)
    app = press(app, "Begin")
    assert not app.exception
    for _ in range(2):
        app = press(answer(app), "Save and next")
    told = [(one.model, one.number) for one in find_cases(ledger)]
    assert len({model for model, _ in told[:2]}) == 2
    assert [one.case for one in reviews.find_own(ledger, BEN)] == [3, 2]
    assert reviews.find_stage(ledger, 1) == Stage.SECOND
    assert app.query_params["new"] in (judging.YES, [judging.YES])


def test_a_third_person_decides_and_then_sees_both_others(ledger: Ledger, be: Any) -> None:
    for person, harm in ((ADA, "severe"), (BEN, "mild")):
        be(person)
        app = press(answer(begin(**CHOSEN), harm), "Save")
        assert not app.exception
    be(CLEO)
    app = begin(**CHOSEN)
    assert "Two reviewers differ" in said(app)
    assert "It delays insulin." not in said(app)
    app = press(answer(app, "none"), "Save")
    assert said(app).count("It delays insulin.") == 3
    assert judging_words.SETTLED["adjudicated"] in said(app)
    assert reviews.find_stage(ledger, 1) == Stage.ADJUDICATED


def test_one_corrects_ones_own(ledger: Ledger, be: Any) -> None:
    be(ADA)
    app = press(answer(begin(**CHOSEN)), "Save")
    app = app.radio(key="harm of review 1").set_value("none").run()
    app = press(app, "Save the correction")
    assert "is corrected" in said(app)
    assert [one.harm for one in reviews.find_own(ledger, ADA)] == ["none"]


def test_what_is_not_answered_yet_is_named(ledger: Ledger, be: Any) -> None:
    be(ADA)
    app = press(begin(**CHOSEN), "Save and next")
    assert judging_words.ASKED["harm"] in said(app)
    assert reviews.find_own(ledger, ADA) == []


@pytest.mark.usefixtures("ledger")
def test_a_case_that_another_has_in_hand_is_not_judged(be: Any) -> None:
    be(ADA)
    begin(**CHOSEN)
    be(BEN)
    app = open_page("review", case="1")
    assert "Another reviewer has case 1 in hand." in said(app)
    assert [one.label for one in app.radio] == []


def test_a_maintainer_has_cases_drawn_and_a_reviewer_judges_them(ledger: Ledger, be: Any) -> None:
    be(MAINTAINER)
    app = open_page("review")
    app.selectbox(key="run to draw of").set_value(run_of(LIKELY))
    app.number_input(key="how many to draw").set_value(3)
    app = press(app, "Draw")
    assert not app.exception
    (draw,) = find_draws(ledger, run_of(LIKELY))
    assert f"By draw {draw.number}, 3 of {draw.population} wrong answers are cases now." in said(
        app
    )
    assert "Begin" not in [one.label for one in app.button]
    be(ADA)
    app = begin()
    assert str(app.query_params["case"]) in ("1", "['1']")
    assert LIKELY not in every_word(app)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("person", [None, VISITOR])
def test_others_learn_how_to_become_a_reviewer_and_see_how_it_goes(
    be: Any, person: Person | None
) -> None:
    be(ADA)
    begin(**CHOSEN)
    be(person)
    clear_caches()
    app = open_page("review", case="1")
    assert "To become one of them" in said(app)
    assert "**1** case" in said(app)
    assert "too few, 0 cases judged by two; at least 10 are needed." in said(app)
    assert [one.label for one in app.button if one.label in ("Begin", "Draw", "Save")] == []


def test_agreement_is_told_from_ten_cases_on(ledger: Ledger, be: Any) -> None:
    for place, mistake in enumerate(answers(10)):
        for person in (ADA, BEN):
            case = assignments.hold(ledger, mistake, person)
            harm = "severe" if place % 2 and person == ADA else "mild"
            reviews.judge(ledger, case.number, judgement(harm), person)
    be(None)
    app = open_page("review")
    assert "Krippendorff's alpha, all reviewers: -0.27" in said(app)
    assert "Cohen's kappa, reviewer-1 and reviewer-2: 0.00" in said(app)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("case", ["99", "0"])
def test_an_address_of_no_case_says_so(be: Any, case: str) -> None:
    be(LOCAL)
    app = open_page("review", case=case)
    assert [title.value for title in app.title] == ["No such case"]


def test_what_is_chosen_is_there_after_a_look_at_another_page(ledger: Ledger, be: Any) -> None:
    be(ADA)
    app = answer(begin(**CHOSEN), "moderate")
    app = app.switch_page("app_pages/about.py").run()
    app.query_params["case"] = "1"
    app = app.switch_page("app_pages/review.py").run()
    assert app.radio(key="harm 1").value == "moderate"
    assert [one.number for one in find_cases(ledger)] == [1]


@pytest.mark.usefixtures("ledger")
def test_a_ledger_out_of_reach_is_told(be: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    be(ADA)
    monkeypatch.setenv("LEADERBOARD_LEDGER", "postgresql://nobody@127.0.0.1:1/none")
    for page in ("review", "disputes"):
        app = open_page(page)
        assert not app.exception
    app = app.switch_page("app_pages/review.py").run()
    app = app.segmented_control(key="review part").set_value("Progress and agreement").run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The ledger does not answer; nothing is lost."]
    assert status_view.RELOAD in said(app)
