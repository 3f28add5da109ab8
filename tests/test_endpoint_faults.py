"""Whatever a server does, no answer of its model is lost, and its key is not given away."""

import gc
import os
import re
import signal
import threading
from pathlib import Path

import httpx2
import polars as pl
import pytest
from starlette.responses import JSONResponse, Response

from evaluator import endpoint_client, records
from evaluator.endpoint_client import Pace, read_wait
from tests import served
from tests.model_server import FAULTS, Body, ModelServer, reply, say
from tests.served import KEY, Evaluate, fixed, read_all

chatting, tiny, server, few, ask = (  # the fixtures
    served.chatting, served.tiny, served.server, served.few, served.ask
)  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_no_answer(
    name: str, server: ModelServer, ask: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_client, "MOST_BYTES", 2**20)
    server.act = fixed()
    server.faults = [FAULTS[name]] * 3
    code, _, errors = ask("generate-0shot", "--timeout", "1" if name == "stall" else "30")
    assert code == 0, errors
    _, rows = read_all()
    assert rows["prediction"].to_list() == ["A"] * 20
    assert len(server.asked) >= 23  # more, where a busy machine takes a second for an answer


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_does_not_recover_ends_the_run_which_resumes(
    name: str, server: ModelServer, ask: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_client, "MOST_BYTES", 2**20)
    server.faults = [fixed()] * 5
    server.act = FAULTS[name]
    options = ("--timeout", "1" if name == "stall" else "30", "--retries", "1")
    code, _, errors = ask("generate-0shot", *options)
    assert code == 1
    assert "Error (server-failed): 127.0.0.1:" in errors
    assert "Traceback" not in errors
    assert "\x1b[31m" not in errors.split("Error")[1]
    server.asked.clear()
    server.act = fixed()
    assert ask("generate-0shot", *options)[0] == 0
    assert len(server.asked) == 15
    assert read_all()[1].height == 20


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (401, f"Incorrect API key provided: {KEY}", "provided: <OPENAI_API_KEY>"),
        (404, "The model `tiny` does not exist.", "404, .*`tiny` does not exist"),
        (400, "Unsupported value: 'temperature' does not support 0", "does not support 0"),
        (429, {"message": "No credit.", "code": "insufficient_quota"}, "may spend is spent"),
    ],
)
def test_what_is_refused_is_not_asked_again(
    status: int, message: str | Body, expected: str, server: ModelServer, ask: Evaluate
) -> None:
    error = message if isinstance(message, dict) else {"message": message}
    server.act = say({"error": error}, status)
    code, _, errors = ask("generate-0shot", "--at-once", "4")
    assert code == 1
    assert re.search(rf"Error \(server-refused\): 127.0.0.1:\d+ refuses .*{expected}", errors)
    assert len(server.asked) == 4
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("endless", "it is longer than 1 MB"),
        ("endless error", "it is longer than 1 MB"),
        ("packed", "it is packed"),
    ],
)
def test_what_would_fill_the_memory_is_not_read(
    name: str, expected: str, server: ModelServer, ask: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_client, "MOST_BYTES", 2**20)
    server.act = FAULTS[name]
    code, _, errors = ask("generate-0shot", "--retries", "0", "--at-once", "1")
    assert (code, expected in errors) == (1, True), errors


def test_answers_under_way_are_kept_when_another_fails(server: ModelServer, ask: Evaluate) -> None:
    def refuse(body: Body) -> Body:
        return say({"error": {"message": "no"}}, 403)(body)  # type: ignore[return-value]

    server.faults = [fixed(), refuse, fixed(), fixed()]
    server.act = refuse
    assert ask("generate-0shot", "--at-once", "4")[0] == 1
    server.asked.clear()
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    assert len(server.asked) == 17


def test_ctrl_c_keeps_what_is_answered_and_leaves_nothing_running(
    server: ModelServer, ask: Evaluate
) -> None:
    def interrupt(body: Body) -> Body:
        os.kill(os.getpid(), signal.SIGINT)
        return FAULTS["stall"](body)  # type: ignore[return-value]

    server.faults = [*[fixed()] * 6, interrupt]
    server.act = FAULTS["stall"]
    threads = threading.active_count()
    code, _, errors = ask("generate-0shot", "--at-once", "1")
    assert (code, "the same command resumes" in errors) == (130, True)
    assert threading.active_count() == threads
    server.asked.clear()
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    assert len(server.asked) == 14


def test_the_time_of_a_run_ends_also_while_a_server_is_silent(
    server: ModelServer, ask: Evaluate, caplog: pytest.LogCaptureFixture
) -> None:
    server.faults = [fixed()] * 3
    server.act = FAULTS["stall"]
    code, _, errors = ask("generate-0shot", "--minutes", "0.02")
    assert (code, "Error (timed-out)" in errors) == (1, True)
    gc.collect()
    assert "never retrieved" not in caplog.text
    shards = records.runs_folder().glob("*/shards/*.parquet")
    kept = sum(pl.read_parquet(path).height for path in shards)
    assert kept <= 3  # a busy machine may have had time for none
    server.asked.clear()
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    assert len(server.asked) == 20 - kept


def test_the_key_is_nowhere(
    server: ModelServer, ask: Evaluate, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC", KEY)
    spelled = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    answer = reply(f"{KEY} Answer: A", "stop", reasoning_content="SPELLED") | {
        "model": KEY,
        "system_fingerprint": KEY,
    }
    text = bytes(JSONResponse(answer).body).decode().replace("SPELLED", spelled)
    server.act = lambda _: Response(text, media_type="application/json")
    server.faults = [say({"error": {"message": KEY}}, 401)]
    options = ("--key-variable", "CLINIC", "--at-once", "1")
    code, out, errors = ask("generate-0shot", *options)
    assert (code, "<CLINIC>" in errors) == (1, True)
    server.faults = [say({"error": KEY}, 500)]
    code, *printed = ask("generate-0shot", *options, "--base-url", f"{server.url}/{KEY}")
    assert code == 0
    run, rows = read_all()
    assert rows["response"].unique().to_list() == ["<CLINIC> Answer: A"]
    assert rows["thinking"].unique().to_list() == ["<CLINIC>"]
    assert (run.versions["served model"], "<CLINIC>" in run.command) == ("<CLINIC>", True)
    written = [path.read_bytes() for path in data_folder.rglob("*") if path.is_file()]
    assert not any(KEY.encode() in content for content in written)
    assert not any(KEY in text for text in (out, errors, *printed, str(rows.to_dicts())))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--base-url", f"http://me:{KEY}@127.0.0.1/v1"), "Error .bad-address.: .*a password"),
        (("--base-url", f"http://127.0.0.1/v1?key={KEY}"), "Error .bad-address.: .*behind ?"),
        (("--base-url", "localhost:8000"), "Error .bad-address.: .*is no address"),
        (("--base-url", "http://[::1/v1"), "Error .bad-address.: .*is no address"),
        (("--key-variable", KEY), "Error .bad-address.: --key-variable is no name"),
        (("--key-variable", "NOT_SET"), "Error .no-key.: .*no NOT_SET"),
        (("--price-in", "1"), "go together"),
        (("--precision", "float32"), "the server's own affair"),
        (("--engine", "local"), "go together"),
        (("--protocol", "loglikelihood-0shot-chat"), "Error .unknown-protocol.: .*generate-0shot"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is(
    options: tuple[str, ...], expected: str, server: ModelServer, ask: Evaluate
) -> None:
    code, out, errors = ask("generate-0shot", *options)
    assert code in (1, 2)
    assert re.search(expected, errors)
    assert KEY not in out + errors
    assert server.asked == []


def test_requests_keep_their_distance_and_a_hold_is_for_all() -> None:
    pace = Pace(per_minute=30)
    assert [pace.take(now) for now in (100, 100, 101, 110)] == [0, 2, 3, 0]
    pace.hold(120)
    assert pace.take(111) == 9
    assert Pace(None).take(5) == 0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("3", 3), ("0.5", 0.5), ("", 0), ("soon", 0), ("-3", 0), ("1.2.3", 0), ("nan", 0),
     ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)  # fmt: skip
def test_how_long_to_wait_is_read_as_servers_say_it(said: str, seconds: float) -> None:
    assert read_wait(httpx2.Headers({"retry-after": said})) == seconds


def test_a_server_that_asks_for_a_day_is_not_waited_for(server: ModelServer, ask: Evaluate) -> None:
    server.act = say({"error": {"message": "daily limit"}}, 429, Retry_After="86400")
    code, _, errors = ask("generate-0shot")
    assert (code, "asks to be left alone for 86,400 s" in errors) == (1, True)
    assert len(server.asked) == 8
