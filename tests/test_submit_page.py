"""The Submit page: what an address fills in, what is refused, and what is written once."""

import sqlite3
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import offers, people, sign_in, submit_words, submitting
from tests.conftest import REPOSITORY
from tests.test_pages import clear_caches
from warehouse import settings
from warehouse.ledger import engines, opening, outcomes, queue, submissions
from warehouse.ledger.people import LOCAL, Person
from warehouse.ledger.states import State

VISITOR = Person("visitor@example.org")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Ledgers of two tests have other contents under the same numbers."""
    clear_caches()
    yield
    clear_caches()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, LOCAL)


def be(monkeypatch: pytest.MonkeyPatch, person: Person | None) -> None:
    monkeypatch.setattr(people, "who_is_here", lambda: person)


def open_form(**address: str) -> AppTest:
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=60)
    app.run().switch_page("app_pages/submit.py")
    app.query_params.update(address)
    app.run()
    assert not app.exception
    return app


def send(app: AppTest) -> AppTest:
    app.button(key="send").click().run()
    assert not app.exception
    return app


def written() -> list[submissions.Submission]:
    return submissions.find_all(opening.open_ledger())


def said(app: AppTest) -> str:
    """All that the page says, as one text."""
    parts = (app.markdown, app.warning, app.error, app.info, app.text, app.caption)
    return "\n".join(str(part.value) for some in parts for part in some)


def test_an_address_fills_in_the_form_and_the_form_is_written_down() -> None:
    app = open_form(
        model="https://huggingface.co/org/name/tree/dev",
        precision="float16",
        protocol="loglikelihood-5shot-chat",
        tasks="pubmedqa,medmcqa",
        weights="adapter",
        base="org/base",
        type="merged",
    )
    app.text_input(key="contact").set_value(" me@example.org ").run()
    app.text_area(key="note").set_value("Please.\nThanks.").run()
    send(app)
    [found] = written()
    assert found.model_dump(include=set(submissions.Asked.model_fields)) == {
        "model": "org/name",
        "revision": "dev",
        "precision": "float16",
        "protocol": "loglikelihood-5shot-chat",
        "tasks": "medmcqa,pubmedqa",
        "weights": "adapter",
        "base": "org/base",
        "type": "merged",
        "contact": "me@example.org",
        "note": "Please.\nThanks.",
    }
    assert (found.state, found.submitter) == (State.SUBMITTED, LOCAL.name)
    assert app.query_params["number"] == str(found.number)


def test_opening_the_page_and_filling_it_in_writes_nothing() -> None:
    app = open_form(model="org/name")
    app.text_input(key="revision").set_value("dev").run()
    assert written() == []


def test_the_base_is_asked_for_only_where_there_is_one() -> None:
    app = open_form(model="org/name")
    assert "base" not in {field.key for field in app.text_input}
    app.radio(key="weights").set_value("delta").run()
    assert app.text_input(key="base").value == ""


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ({}, submitting.NO_NAME),
        ({"model": "/home/me/model"}, submitting.A_PATH),
        ({"model": "a b"}, submitting.NO_SPACES),
        ({"model": "o/" + "n" * 300}, "302 characters are too many: 200 are taken."),
        ({"model": "o/n", "weights": "adapter"}, submitting.NO_BASE),
        ({"model": "o/n", "tasks": "sample", "protocol": "loglikelihood-5shot"}, "no worked"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(address: dict[str, str], fault: str) -> None:
    app = send(open_form(**address))
    assert fault in said(app)
    assert submit_words.MEND in said(app)
    assert app.title[0].value == "Submit a model"
    assert written() == []


def test_nobody_is_blamed_for_a_field_before_they_type() -> None:
    assert ":red" not in said(open_form(weights="adapter"))


@pytest.mark.parametrize("name", ["precision", "protocol", "tasks", "weights", "type"])
def test_a_value_that_is_not_offered_falls_back_with_a_note(name: str) -> None:
    hostile = "[x](javascript:alert(1)) <script>alert(1)</script> $x$ :red[y]"
    app = open_form(model="org/name", **{name: hostile})
    assert app.warning[0].value == submit_words.STRANGERS
    assert [text.value for text in app.text] == [f"{name}: “{offers.shorten(hostile)}”"]
    send(app)
    [found] = written()
    assert found.model == "org/name"
    assert hostile not in found.model_dump().values()


def test_a_link_means_no_more_than_it_says() -> None:
    app = open_form(model="org/first", precision="float32", revision="dev")
    app.switch_page("app_pages/about.py").run()
    app.switch_page("app_pages/submit.py")
    app.query_params.clear()
    app.query_params.update({"model": "org/second", "precision": "bfloat16"})
    app.run()
    assert app.text_input(key="model").value == "org/second"
    assert app.text_input(key="revision").value == ""
    assert app.radio(key="precision").value == "bfloat16"


def test_one_click_fills_in_the_toy_model_with_a_seed_that_nobody_used() -> None:
    for number in (1, 2):
        app = open_form(model="org/name", protocol="loglikelihood-5shot", weights="delta")
        next(one for one in app.button if "toy" in one.label).click().run()
        send(app)
        found = written()[0]
        assert (found.model, found.revision) == ("toy:llama", str(number))
        assert (found.precision, found.tasks) == ("float32", "sample")
        assert (found.protocol, found.weights) == ("loglikelihood-0shot", "original")


def test_the_same_is_written_once_and_named() -> None:
    send(open_form(model="org/name"))
    app = open_form(model="Org/Name")
    assert "**Submission 1 asks for the same.**" in said(app)
    assert app.button(key="send").disabled
    [link] = [one for one in app.page_link if one.proto.label == "Open it"]
    assert link.proto.query_string == "number=1"
    app = open_form(model="org/name", revision="dev")
    assert not app.button(key="send").disabled
    assert len(written()) == 1


def test_a_second_click_opens_what_the_first_has_written() -> None:
    app = open_form(model="org/name")
    ledger = opening.open_ledger()
    submissions.submit(ledger, written_as("org/name"), LOCAL)  # by a click that came just before
    send(app)
    assert app.query_params["number"] == "1"
    assert len(written()) == 1


def written_as(model: str) -> submissions.Asked:
    return submissions.Asked(model=model, precision="bfloat16", protocol="loglikelihood-0shot")


def test_what_was_rejected_may_be_submitted_again() -> None:
    send(open_form(model="org/name"))
    ledger = opening.open_ledger()
    assert queue.claim_check(ledger, "checker")
    outcomes.reject(ledger, 1, "checker", [{"code": "x", "says": "Bad.", "fix": "Mend it."}])
    clear_caches()
    send(open_form(model="org/name"))
    assert [one.state for one in written()] == [State.SUBMITTED, State.REJECTED]


def test_a_finished_branch_may_be_submitted_again_and_a_finished_commit_not() -> None:
    send(open_form(model="org/name"))
    ledger = opening.open_ledger()
    assert queue.claim_check(ledger, "checker")
    outcomes.accept(ledger, 1, "checker", "c" * 40)
    assert queue.claim(ledger, "worker")
    outcomes.hand_over(ledger, 1, "worker", "run")
    outcomes.finish(ledger, 1, "watcher", 1)
    clear_caches()
    app = open_form(model="org/name", revision="c" * 40)
    assert (app.button(key="send").disabled, submit_words.BARRED in said(app)) == (True, True)
    app = open_form(model="org/name")
    assert (app.button(key="send").disabled, submit_words.MOVED in said(app)) == (False, True)
    send(app)
    assert [one.state for one in written()] == [State.SUBMITTED, State.FINISHED]


def test_who_has_submitted_enough_for_today_is_told_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    be(monkeypatch, VISITOR)
    settings.data_folder().mkdir()
    (settings.data_folder() / "settings.toml").write_text("submissions_a_day = 1")
    send(open_form(model="org/first"))
    app = open_form(model="org/second")
    app.text_area(key="note").set_value("Please.").run()
    send(app)
    assert "The next may come at" in said(app)
    assert app.text_area(key="note").value == "Please."
    assert app.text_input(key="model").value == "org/second"
    assert len(written()) == 1


def test_a_ledger_that_takes_nothing_is_told_and_what_was_typed_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    be(monkeypatch, VISITOR)
    monkeypatch.setattr(engines, "PATIENCE", 0.1)
    app = open_form(model="org/name")
    with sqlite3.connect(settings.ledger_file(), isolation_level=None) as other:
        other.execute("begin immediate")
        send(app)
        other.execute("rollback")
    other.close()
    assert app.error[0].value == f"{submit_words.LEDGER_FAILED} {submit_words.NOT_SENT}"
    assert str(settings.data_folder()) not in said(app)
    assert app.text_input(key="model").value == "org/name"
    send(app)
    assert len(written()) == 1


def test_a_ledger_out_of_reach_leaves_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADERBOARD_LEDGER", "postgresql://nobody:secret@localhost:1/none")
    app = open_form(model="org/name")
    assert submit_words.LEDGER_AWAY in said(app)
    assert app.button(key="send").disabled
    assert app.text_input(key="model").value == "org/name"
    assert "secret" not in said(app)


@pytest.mark.parametrize(
    ("offered", "told"), [(False, submit_words.READ_ONLY), (True, submit_words.SIGN_IN)]
)
def test_whoever_is_not_signed_in_reads_how_to_submit(
    offered: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(monkeypatch, None)
    monkeypatch.setattr(sign_in, "is_offered", lambda: offered)
    app = open_form(model="org/name")
    assert [info.value for info in app.info] == [told]
    assert not app.text_input
    assert any(code.value.startswith("python -m evaluator check ") for code in app.code)
