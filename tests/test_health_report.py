"""Whether everything works: the page for people, and GET /health for programs."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboard import health_data, health_report, health_view, ledger_data, routes
from dashboard.health_report import Line, Report, Seen
from tests.browser.conftest import serve
from tests.demonstration import make_data, make_demonstration
from tests.test_pages import clear_caches, open_page
from warehouse import settings
from warehouse.ledger import opening, outcomes, queue, submissions, upkeep, workers
from warehouse.ledger.health import Health
from warehouse.ledger.people import LOCAL
from warehouse.ledger.states import State
from warehouse.ledger.workers import Kind, Worker

AT = datetime(2026, 1, 1, tzinfo=UTC)
GIGABYTE = 10**9
ASKED = submissions.Asked(model="m", precision="float32", protocol="loglikelihood-0shot")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    clear_caches()
    health_data.looks.clear()
    yield
    clear_caches()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a snapshot, and no ledger."""
    return make_data(tmp_path_factory.mktemp("health"), make_demonstration)


@pytest.fixture
def data(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LEADERBOARD_DATA", str(made))
    yield made
    for path in made.glob("ledger.sqlite*"):
        path.unlink()
    ledger_data.forget()
    health_data.looks.clear()


def process(kind: Kind, seconds: float = 0, submission: int | None = None) -> Worker:
    """One that was last heard of so long ago, on a machine that is nobody's business."""
    seen = AT - timedelta(seconds=seconds)
    return Worker(
        name=f"{kind} secret-host:1",
        kind=kind,
        started_at=seen,
        seen_at=seen,
        submission=submission,
    )


def healthy(*there: Worker, **changed: Any) -> Health:
    waiting = dict.fromkeys(changed.get("oldest", ()), 1)
    facts = {"at": AT, "counts": dict.fromkeys(State, 0) | waiting, "workers": there, "oldest": {}}
    return Health(**(facts | {"ended": 0, "failures": {}, "paused": None} | changed))


def seen(health: Health | None = None, **changed: Any) -> Seen:
    found = Seen(AT, 3600, (3, 7200), "answers" if health else "none", health, 50 * GIGABYTE)
    return found._replace(**changed)


def codes(found: Seen) -> list[str]:
    return [problem.code for problem in health_report.find_problems(found)]


def line(found: Seen, what: str) -> Line:
    return next(one for one in health_report.list_lines(found) if one.what == what)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (seen(), []),
        (seen(healthy()), []),
        (seen(snapshot=None), ["no-snapshot"]),
        (seen(ledger="away"), ["ledger-away"]),
        (seen(free=GIGABYTE - 1), ["disk-full"]),
        (seen(healthy(oldest={State.SUBMITTED: 61})), ["no-checker"]),
        (seen(healthy(oldest={State.SUBMITTED: 59})), []),
        (seen(healthy(process("checker", 59), oldest={State.SUBMITTED: 900})), []),
        (seen(healthy(process("checker", 61), oldest={State.SUBMITTED: 900})), ["no-checker"]),
        (seen(healthy(process("checker"), oldest={State.PENDING: 900})), ["no-worker"]),
        (seen(healthy(oldest={State.PENDING: 900}, paused="why")), []),
        (seen(healthy(oldest={State.INGESTING: 900}, paused="why")), ["no-watcher"]),
    ],
)
def test_broken_is_what_people_wait_for_in_vain(found: Seen, expected: list[str]) -> None:
    assert codes(found) == expected
    report = health_report.report(found)
    assert report.status == ("broken" if expected else "fine")
    marks = [one.mark for one in health_report.list_lines(found)]
    assert marks.count("broken") == len(expected)


def test_each_line_says_how_it_is() -> None:
    found = seen(
        healthy(
            process("worker", submission=7),
            process("worker", 90),
            oldest={State.PENDING: 300},
            ended=4,
            failures={"killed": 2, "crashed": 1},
            paused="The disk is changed.",
        )
    )
    assert line(found, "Results") == Line(
        "ok", "Results", "Snapshot 3, published about 2 hours ago."
    )
    assert line(found, "Worker") == Line(
        "attention",
        "Worker",
        "1 is there, and 1 waits, the oldest for about 5 minutes. 1 fell silent within an hour.",
    )
    assert line(found, "Publisher") == Line(
        "ok", "Publisher", "None is there, and nothing waits for one."
    )
    assert line(found, "Queue") == Line(
        "attention", "Queue", "It is paused; what runs goes on. Why: The disk is changed."
    )
    assert line(found, "Failures") == Line(
        "attention", "Failures", "3 of 4 failed within a week (75%)."
    )
    assert line(found, "Disk") == Line("ok", "Disk", "50.0 GB are free.")
    assert line(found, "Dashboard") == Line("ok", "Dashboard", "It began about 60 minutes ago.")
    lost = seen(healthy(process("checker", 90), oldest={State.SUBMITTED: 300}))
    assert line(lost, "Checker") == Line(
        "broken",
        "Checker",
        "None is there, and 1 waits, the oldest for about 5 minutes. 1 fell silent within an "
        "hour. Start one: python -m evaluator check-queue",
    )
    assert line(seen(ledger="away"), "Ledger").mark == "broken"
    assert line(seen(), "Ledger").says == "There is none yet: the first submission makes it."
    old = seen(healthy(process("worker", 2 * 3600)))
    assert line(old, "Worker").mark == "ok"


def ask() -> tuple[int, dict[str, Any]]:
    answer = TestClient(Starlette(routes=routes.ROUTES)).get(routes.HEALTH)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


def test_a_program_reads_every_key_and_nothing_private(data: Path) -> None:
    ledger = opening.open_ledger()
    number = submissions.submit(ledger, ASKED, LOCAL)
    assert queue.claim_check(ledger, "checker secret-host:1")
    outcomes.accept(ledger, number, "checker secret-host:1", "c" * 40)
    workers.report(ledger, "worker secret-host:1", "worker", number)
    upkeep.pause(ledger, LOCAL, "Ask me@example.org.")
    status, told = ask()
    assert status == 200
    assert set(told) == set(Report.model_fields)
    assert (told["status"], told["problems"], told["ledger"]) == ("fine", [], "answers")
    assert (told["snapshot"], told["paused"]) == (1, True)
    assert told["submissions"]["pending"] == 1
    assert told["oldest_seconds"] == {"pending": 0}
    assert told["processes"] == {"checker": 0, "worker": 1, "watcher": 0}
    text = json.dumps(told)
    for private in ("secret-host", "example.org", str(data), LOCAL.name, "c" * 40):
        assert private not in text
    ledger.close()


def test_what_is_broken_is_answered_with_503(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(health_report, "LEAST_FREE", 10**18)
    status, told = ask()
    assert (status, [one["code"] for one in told["problems"]]) == (503, ["disk-full"])
    monkeypatch.undo()
    monkeypatch.setenv("LEADERBOARD_DATA", str(tmp_path / "none"))
    status, told = ask()
    assert (status, [one["code"] for one in told["problems"]]) == (503, ["no-snapshot"])
    assert not (tmp_path / "none").exists()
    monkeypatch.setenv("LEADERBOARD_DATA", str(data))
    monkeypatch.setenv("LEADERBOARD_LEDGER", "postgresql://me:secret@localhost:1/none")
    status, told = ask()
    assert (status, [one["code"] for one in told["problems"]]) == (503, ["ledger-away"])
    assert "secret" not in json.dumps(told)


@pytest.mark.usefixtures("data")
def test_whoever_asks_makes_no_ledger() -> None:
    status, told = ask()
    assert (status, told["ledger"], told["submissions"]) == (200, "none", {})
    assert not settings.ledger_file().exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_damaged_ledger_is_told(data: Path) -> None:
    (data / "ledger.sqlite").write_bytes(b"no database " * 500)
    status, told = ask()
    assert (status, told["ledger"]) == (503, "away")


@pytest.mark.usefixtures("data")
def test_a_broken_snapshot_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "000001.duckdb").write_bytes(b"no database")
    (folder / "current").write_text("1")
    monkeypatch.setenv("LEADERBOARD_WAREHOUSE", str(folder))
    status, told = ask()
    assert (status, told["snapshot"]) == (503, None)


@pytest.mark.usefixtures("data")
def test_many_who_ask_are_one_question_to_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    opening.open_ledger().close()
    asked = []
    honest = ledger_data.examine

    def examine() -> Health:
        asked.append(1)
        return honest()

    monkeypatch.setattr(ledger_data, "examine", examine)
    monkeypatch.setattr(health_data, "FRESH", 60.0)
    monkeypatch.setattr(health_data, "PATIENCE", 60.0)  # the machine may be busy
    client = TestClient(Starlette(routes=routes.ROUTES))
    answers = [client.get(routes.HEALTH) for _ in range(50)]
    assert {one.status_code for one in answers} == {200}, answers[0].text
    assert len(asked) == 1


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = make_data(tmp_path_factory.mktemp("served"), make_demonstration)
    with serve(folder) as address:
        yield address, folder


def read(address: str) -> tuple[int, dict[str, Any]]:
    """The answer, which comes within a second, or three on a machine that is busy with tests."""
    began = time.monotonic()
    try:
        with urlopen(f"{address}/health", timeout=20) as answer:
            status, body = answer.status, answer.read()
    except HTTPError as refused:
        status, body = refused.code, refused.read()
    assert time.monotonic() - began < 3
    return status, json.loads(body)


def read_until(address: str, ledger: str) -> tuple[int, dict[str, Any]]:
    """The first answer that says this of the ledger: a second later at most."""
    until = time.monotonic() + 5 * health_data.FRESH
    while time.monotonic() < until:
        status, told = read(address)
        if told["ledger"] == ledger:
            return status, told
    pytest.fail(f"The ledger is {told['ledger']}, not {ledger}.")


def test_the_server_answers_within_a_second_whoever_holds_the_ledger(
    server: tuple[str, Path],
) -> None:
    address, folder = server
    file = folder / "ledger.sqlite"
    assert read_until(address, "none")[0] == 200
    opening.open_ledger(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("pragma journal_mode = delete")
        holder.execute("begin exclusive")  # readers wait, too, for up to half a minute
        status, told = read_until(address, "away")
        assert (status, [one["code"] for one in told["problems"]]) == (503, ["ledger-away"])
        holder.execute("rollback")
    assert read_until(address, "answers")[0] == 200
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("begin immediate")  # readers go on
        for _ in range(3):
            assert read(address)[1]["ledger"] == "answers"
        writer.execute("rollback")


def test_streamlit_s_own_health_stays(server: tuple[str, Path]) -> None:
    with urlopen(f"{server[0]}/_stcore/health", timeout=20) as answer:
        assert answer.status == 200


def words_of(app: AppTest) -> str:
    parts = (app.markdown, app.text, app.error, app.success, app.caption)
    return "\n".join(str(part.value) for some in parts for part in some)


@pytest.mark.usefixtures("data")
def test_the_page_shows_processes_without_their_machines_and_failures() -> None:
    ledger = opening.open_ledger()
    for model in ("one", "two"):
        number = submissions.submit(ledger, ASKED.model_copy(update={"model": model}), LOCAL)
        assert queue.claim_check(ledger, "c")
        outcomes.accept(ledger, number, "c", "c" * 40)
        assert queue.claim(ledger, "w")
        outcomes.fail(ledger, number, "w", submissions.Why("killed", "It was."))
    workers.report(ledger, "worker secret-host:1", "worker", 2)
    app = open_page("health")
    assert not app.exception
    assert [one.value for one in app.success] == [health_view.FINE]
    processes, failures = (frame.value for frame in app.dataframe)
    assert processes.to_dict("records") == [
        {
            "Process": "Worker",
            "Is": "there",
            "Last heard of": "just now",
            "In hand": "submission 2",
            "Began": "just now",
        }
    ]
    assert failures.to_dict("records") == [
        {"Code": "killed", "Failed": 2, "Of all that ended": "100%"}
    ]
    assert "secret-host" not in words_of(app)
    ledger.close()


@pytest.mark.usefixtures("data")
def test_the_page_shows_reasons_as_text() -> None:
    ledger = opening.open_ledger()
    hostile = "[x](javascript:alert(1)) <script>"
    upkeep.pause(ledger, LOCAL, hostile)
    app = open_page("health")
    assert any(text.value.endswith(hostile) for text in app.text)
    assert not any(hostile in text.value for text in app.markdown)
    ledger.close()


def test_the_page_opens_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADERBOARD_DATA", str(tmp_path / "none"))
    app = open_page("health")
    assert app.title[0].value == "Health"
    assert [one.value for one in app.error] == [health_view.BROKEN]


def test_a_warehouse_that_hangs_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(health_data, "OPENING", 0.05)
    monkeypatch.setattr(health_data, "find_snapshot", lambda: goes_on.wait(5))
    assert health_data.look().snapshot is None
    goes_on.set()
