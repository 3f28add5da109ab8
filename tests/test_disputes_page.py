"""The page of disputed keys: a reviewer disputes, another decides, and all may read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import disputing, judging_links
from dashboard.cases import find_pick
from tests.conftest import load_everything
from tests.demonstration import SAMPLES, import_answers, make_demonstration
from tests.reviewed import ADA, BEN, SECRETS, VISITOR, claim
from tests.test_pages import clear_caches, open_page, run_of
from tests.test_review_page import press
from tests.test_status_pages import be, said
from warehouse.ledger import disputes
from warehouse.ledger.cases import find_case, find_cases
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person

__all__ = ["be"]
DOUBTED, QUESTION = "sample-003", "sample-004"
KEYS = {name: sample.gold for name, sample in SAMPLES.items()}
OTHER = {name: "B" if gold == "A" else "A" for name, gold in KEYS.items()}
HOSTILE = "<img src=x onerror=window.hacked=1> $x$ :red[y]"


def make_strong() -> None:
    """Eight models that are right but for one question, where all agree on another choice."""
    make_demonstration()
    for number in range(8):
        import_answers(f"acme/strong-{number}", "other-strong", KEYS | {DOUBTED: OTHER[DOUBTED]})
    load_everything()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("disputed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(made))
        make_strong()
    return made


@pytest.fixture
def ledger(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setenv("LEADERBOARD_DATA", str(folder))
    monkeypatch.setenv("LEADERBOARD_LEDGER", f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    clear_caches()
    opened = open_ledger()
    yield opened
    opened.close()
    clear_caches()


def ours(wanted: str, sample_id: str = QUESTION, **facts: Any) -> disputes.Claim:
    return claim(wanted, task="sample", sample_id=sample_id, gold=KEYS[sample_id], **facts)


def open_question(sample_id: str = QUESTION) -> AppTest:
    app = open_page("disputes", question=f"sample/{sample_id}")
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def test_a_reviewer_disputes_and_another_decides(ledger: Ledger, be: Any) -> None:
    be(ADA)
    app = open_question()
    app.button_group(key="wanted").set_value([OTHER[QUESTION]])
    app.text_area(key="reason").set_value(HOSTILE)
    app.text_input(key="reference").set_value("NICE NG95, 2018")
    app = press(app, "Dispute")
    assert not app.exception
    assert "Dispute 1 is open." in said(app)
    assert "Decide" not in labels(app)
    assert HOSTILE in [text.value for text in app.text]
    assert HOSTILE not in " ".join(part.value for part in [*app.markdown, *app.caption])
    be(BEN)
    app = open_question()
    app.radio(key="decision 1").set_value(disputing.UPHOLD)
    app.text_area(key="why 1").set_value("So it is.")
    app = press(app, "Decide")
    assert not app.exception
    now = f"The key was changed. It is {OTHER[QUESTION]} now. So it is."
    assert now in said(app)
    (found,) = disputes.find_disputes(ledger)
    assert (found.state, found.letters, found.why) == ("upheld", OTHER[QUESTION], "So it is.")
    be(None)
    told = said(open_page("disputes"))
    assert now in told
    assert [one for one in SECRETS if one in told] == []


def test_what_the_ledger_refuses_is_told_as_it_says_it(ledger: Ledger, be: Any) -> None:
    be(ADA)
    app = press(open_question(), "Dispute")
    assert "It was not done." in [error.value for error in app.error]
    assert disputes.find_disputes(ledger) == []
    disputes.dispute(ledger, ours(OTHER[QUESTION]), BEN)
    app = press(open_question(), "Decide")
    assert "Choose first whether it is upheld or rejected." in said(app)


@pytest.mark.parametrize("person", [None, VISITOR])
def test_others_read_and_have_no_form(ledger: Ledger, be: Any, person: Person | None) -> None:
    disputes.dispute(ledger, ours(OTHER[QUESTION]), ADA)
    be(person)
    app = open_question()
    assert disputing.ONLY_REVIEWERS in said(app)
    assert not {"Dispute", "Decide"} & set(labels(app))


def test_keys_that_strong_models_contradict_wait_until_they_are_disputed(
    ledger: Ledger, be: Any
) -> None:
    be(ADA)
    app = show(disputing.SUSPECTS)
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["Key"].startswith(f"{KEYS[DOUBTED]} · ")
    assert row["They pick"].startswith(f"{OTHER[DOUBTED]} · ")
    assert row["Strong models"] == "8 of 8"
    assert "8 of 8 strong models pick" in said(open_question(DOUBTED))
    disputes.dispute(ledger, ours(OTHER[DOUBTED], DOUBTED), BEN)
    assert disputing.NO_SUSPECTS in [info.value for info in show(disputing.SUSPECTS).info]


def show(part: str) -> AppTest:
    app = open_page("disputes").segmented_control(key="dispute_part").set_value(part).run()
    assert not app.exception
    return app


def test_the_next_snapshot_shows_how_scores_change(ledger: Ledger, be: Any) -> None:
    be(BEN)
    number = disputes.dispute(ledger, ours(OTHER[DOUBTED], DOUBTED), ADA)
    ruling = disputes.Ruling(decision="upheld", letters=OTHER[DOUBTED], why="Yes.")
    disputes.rule(ledger, number, ruling, BEN)
    load_everything()
    clear_caches()
    app = show(disputing.SCORES).selectbox(key="lane of keys").set_value("other-strong").run()
    rows = app.dataframe[0].value
    assert set(rows["Original"]) == {round(100 * 91 / 92, 2)}
    assert set(rows["Reviewed"]) == set(rows["Undisputed"]) == {100.0}


def test_the_case_page_leads_a_reviewer_to_its_judgement_and_dispute(
    ledger: Ledger, be: Any
) -> None:
    place = {"question": f"sample/{DOUBTED}", "run": run_of("acme/strong-1")}
    be(None)
    assert "Judge this answer" not in labels(open_page("case", **place))
    be(ADA)
    app = press(open_page("case", **place), "Judge this answer")
    assert not app.exception
    (case,) = find_cases(ledger)
    assert (case.run_id, case.sample_id) == (place["run"], DOUBTED)
    right = {**place, "question": f"sample/{QUESTION}"}
    assert "Judge this answer" not in labels(open_page("case", **right))


def test_of_several_answers_of_a_model_that_is_judged_which_is_read(
    ledger: Ledger, be: Any
) -> None:
    be(ADA)
    pick = {"run_id": "r", "model": "m", "prediction": "B", "correct": False}
    right = pick | {"prediction": "C", "correct": True}
    rows = pl.DataFrame([right | {"repeat": 2}, pick | {"repeat": 1}, pick | {"repeat": 3}])
    own = find_pick(rows, "r")
    assert own == pick | {"repeat": 1}
    number = judging_links.take({"task": "sample", "sample_id": "s", "gold": "C"}, own)
    assert find_case(ledger, number).repeat == 1
    other = find_pick(rows, "r", repeat=3)
    assert other == pick | {"repeat": 3}
    number = judging_links.take({"task": "sample", "sample_id": "s", "gold": "C"}, other)
    assert find_case(ledger, number).repeat == 3


def test_without_a_ledger_the_snapshot_is_shown(
    folder: Path, be: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADERBOARD_DATA", str(folder))
    clear_caches()
    be(None)
    app = open_page("disputes")
    assert not app.exception
    assert [title.value for title in app.title] == ["Disputed keys"]
