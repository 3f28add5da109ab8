"""The pages while maintainers hide and flag models, and while the ledger cannot be asked."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard import ledger_data, widgets, wording
from ingest import loading
from tests import test_pages
from tests.conftest import ask
from tests.demonstration import LIKELY, make_demonstration
from tests.test_charts_page import open_demonstration
from tests.test_pages import DEMONSTRATION, marks, open_page, run_of, table
from tests.test_upkeep import MAINTAINER
from warehouse import settings
from warehouse.ledger import outcomes, queue
from warehouse.ledger.marks import mark
from warehouse.ledger.opening import Ledger, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.submissions import Asked, Why, submit

Mark = Callable[[str, str, str], None]
HOSTILE = "<b>bold</b> ![x](http://127.0.0.1:1/x.png) :red[y] $x$"
OURS = DEMONSTRATION | {"lane": "loglikelihood-0shot"}
PRIVATE = ("who@clinic.example", "+31 6 0000", "Please hurry.")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(folder))
        make_demonstration()
    return folder


OUT_OF_REACH = "postgresql://nobody@127.0.0.1:1/none"


def publish() -> None:
    with loading.open_draft("test"):
        pass
    test_pages.clear_caches()


@pytest.fixture
def ledger(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """An empty one beside the demonstration, of which the snapshot knows, and none afterwards."""
    monkeypatch.setenv("LEADERBOARD_DATA", str(made))
    opened = open_ledger()
    publish()
    yield opened
    opened.close()
    test_pages.clear_caches()
    for file in made.glob("ledger.sqlite*"):
        file.unlink()


def shown() -> list[str]:
    return list(table(open_page("leaderboard", **OURS))["model"])


def answer(name: str) -> list[str]:
    return [text.value for text in open_page("leaderboard", **OURS, missing=name).text]


def test_a_hidden_model_is_gone_at_once_and_places_close_up_with_the_snapshot(
    ledger: Ledger,
) -> None:
    everyone = shown()
    mark(ledger, everyone[0], "hidden", MAINTAINER, HOSTILE)
    ledger_data.forget()
    assert shown() == everyone[1:]
    publish()
    rows = table(open_page("leaderboard", **OURS))
    assert list(rows["model"]) == everyone[1:]
    assert rows["rank"][0].strip().startswith("1 ")
    assert answer(everyone[0]) == [
        f"{everyone[0]} is hidden from the leaderboard since "
        f"{ask('model_marks')['since'][0]:%Y-%m-%d}: {HOSTILE}. Its page shows its scores all the "
        "same."
    ]
    charts = open_demonstration()
    charts.selectbox(key="lane").set_value(OURS["lane"]).run()
    assert not any(everyone[0] in name for name in charts.multiselect(key="models").options)
    mark(ledger, everyone[0], "cleared", MAINTAINER, "It was another.")
    ledger_data.forget()
    assert answer(everyone[0]) == [
        f"{everyone[0]} is not hidden any more, and comes with the next snapshot."
    ]
    publish()
    assert shown() == everyone


def test_a_hidden_model_is_opened_by_address_and_offered_to_nobody(ledger: Ledger) -> None:
    mark(ledger, LIKELY, "hidden", MAINTAINER, HOSTILE)
    publish()
    run_id = run_of(LIKELY)
    model = open_page("model", model=LIKELY)
    assert marks(model)[0] == f"hidden] {wording.HIDDEN_MODEL}".partition("]")[0]
    assert HOSTILE in [text.value for text in model.text]
    assert any("92" in metric.value for metric in model.metric), "its scores are there"
    assert model.query_params["model"] == LIKELY
    errors = open_page("errors", run=run_id)
    assert errors.multiselect(key="errors_runs").value == [run_id]
    assert len(table(errors)) == 25
    compare = open_page("compare", runs=run_id)
    assert run_id in compare.multiselect(key="compare_runs").value
    case = open_page("case", question="sample/sample-001", run=run_id)
    for app in (model, errors, compare, case):
        assert not app.exception
    offered = open_page("model").selectbox(key="chosen_model").options
    for page, key in (("errors", "errors_runs"), ("compare", "compare_runs")):
        offered += open_page(page).multiselect(key=key).options
    assert not any(LIKELY in option for option in offered)


def test_a_flagged_model_is_ranked_with_its_reason(ledger: Ledger) -> None:
    before = shown()
    mark(ledger, LIKELY, "flagged", MAINTAINER, HOSTILE)
    ledger_data.forget()
    rows = table(open_page("leaderboard", **OURS))
    assert list(rows["model"]) == before
    (line,) = [row for _, row in rows.iterrows() if row["model"] == LIKELY]
    assert (line["mark"], line["flag"]) == ("flagged", HOSTILE)
    assert line["rank"].strip()
    assert marks(open_page("model", model=LIKELY))[0] == "flagged"


def test_the_queue_is_told_and_nothing_private_of_it(ledger: Ledger) -> None:
    private = {"contact": PRIVATE[1], "note": PRIVATE[2]}
    asked = Asked(model="New/<b>model", precision="float32", protocol="other", **private)
    number = submit(ledger, asked, Person(PRIVATE[0]))
    said = answer("https://huggingface.co/new/<b>MODEL")
    assert len(said) == 1
    assert said[0].endswith("and waits to be checked.")
    assert said[0].startswith("New/<b>model (other, float32, the nine tasks) was submitted on ")
    app = open_page("leaderboard", **OURS, missing="new/")
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    leads = {f"Submission {number}": f"number={number}"} if widgets.has_page("submission") else {}
    assert {label: link for label, link in links.items() if "Submission" in label} == leads
    assert queue.claim_check(ledger, "checker")
    outcomes.accept(ledger, number, "checker", "c" * 40)
    ledger_data.forget()
    assert answer("<b>model")[0].endswith(
        " is number 1 of 1 in the queue; nobody can tell yet when it begins."
    )
    assert queue.claim(ledger, "gpu-7.clinic.example")
    queue.beat(ledger, number, "gpu-7.clinic.example", {"task": 2, "tasks": 9, "left": 600})
    ledger_data.forget()
    assert answer("<b>model")[0].endswith(" is running: task 2 of 9, about 10 minutes left.")
    why = Why("worker-died", "Its worker said nothing.")
    outcomes.fail(ledger, number, "gpu-7.clinic.example", why, "a log")
    ledger_data.forget()
    said = answer("<b>model")
    assert said[0].endswith("(worker-died): Its worker said nothing.")
    assert not any(secret in "".join(said) for secret in (*PRIVATE, "clinic.example", "a log"))
    assert answer("stranger") == [
        "Nothing of “stranger” is in the warehouse, and nothing of that name was ever submitted. "
        "To submit it: python -m evaluator submit NAME"
    ]


def test_pages_open_from_the_snapshot_alone_where_the_ledger_is_out_of_reach(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(
        ledger, Asked(model="new/model", precision="float32", protocol="other"), Person(PRIVATE[0])
    )
    mark(ledger, LIKELY, "hidden", MAINTAINER, "Bad.")
    publish()
    monkeypatch.setenv("LEADERBOARD_LEDGER", OUT_OF_REACH)
    assert LIKELY not in shown()
    said = answer("new/model")
    assert said[0].endswith("and waits to be checked.")
    assert said[1].startswith("The queue does not answer now.")
    assert marks(open_page("model", model=LIKELY))[0] == "hidden"


def test_a_ledger_that_does_not_answer_is_not_asked_by_each_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEADERBOARD_LEDGER", OUT_OF_REACH)
    monkeypatch.setattr(ledger_data, "silences", {})
    asked: list[int] = []

    def ask_ledger() -> int:
        asked.append(1)
        return len(ledger_data.find_marks())

    assert [ledger_data.if_in_reach(ask_ledger) for _ in range(3)] == [None] * 3
    assert len(asked) == 1
    ledger_data.silences.clear()  # the minute is over
    assert ledger_data.if_in_reach(ask_ledger) is None
    assert len(asked) == 2


@pytest.mark.parametrize("fault", ["no database", "a newer one"])
def test_a_damaged_ledger_leaves_the_pages_as_they_are(ledger: Ledger, fault: str) -> None:
    path = settings.ledger_file()
    ledger.close()
    test_pages.clear_caches()
    if fault == "no database":
        for file in path.parent.glob("ledger.sqlite-*"):
            file.unlink()
        path.write_bytes(b"not a database" * 100)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("update alembic_version set version_num = '9999'")
    app = open_page("leaderboard", **OURS, missing="stranger")
    assert not app.exception
    assert app.text[-1].value.startswith("The queue does not answer now.")


def test_where_there_is_no_ledger_none_is_made(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_pages.clear_caches()
    monkeypatch.setenv("LEADERBOARD_DATA", str(made))
    assert answer("stranger")[0].endswith("evaluator run --model NAME --tasks all")
    open_page("model", model=LIKELY)
    assert not (made / "ledger.sqlite").exists()
    test_pages.clear_caches()
