"""A model that a server runs is asked as one that is loaded here."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluator import (
    answering,
    asking,
    endpoint,
    endpoint_options,
    models,
    records,
    tables,
)
from evaluator.endpoint_options import Server, describe
from evaluator.papers import Key, Paper
from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.tasks import find_task
from tests import served
from tests.model_server import NAME, Body, ModelServer, reply, say
from tests.served import KEY, Evaluate, fixed, read_all

chatting, tiny, server, few, ask = (  # the fixtures
    served.chatting, served.tiny, served.server, served.few, served.ask
)  # fmt: skip


def test_choices_score_as_they_do_here(
    ask: Evaluate, evaluate_here: Evaluate, chatting: Path
) -> None:
    assert ask("loglikelihood-0shot")[0] == 0
    run, there = read_all()
    asked = ("--model", str(chatting), "--tasks", "sample", "--precision", "float32")
    assert evaluate_here("run", *asked)[0] == 0
    (local,) = (path for path in records.runs_folder().glob("chatting-*"))
    here = tables.read_predictions(local, "sample")
    same = ["sample_id", "repeat", "prediction", "prompt", "prompt_hash"]
    assert there.select(same).equals(here.select(same))
    away = there["logprobs"].explode() - here["logprobs"].explode()
    assert float(away.abs().max()) < 1e-4  # type: ignore[arg-type]
    assert there["tokens"].to_list() == here["tokens"].to_list()
    assert run.plan.model.name == NAME
    assert (run.plan.model.type, run.plan.precision) == ("unknown", None)


def test_rotated_choices_come_back_in_their_order(server: ModelServer, chatting: Path) -> None:
    protocol = parse_protocol("rotate-0shot")
    task = find_task("sample")
    paper = Paper(task, load_samples(task)[:2])
    turns = paper.turns(protocol)
    who = models.describe_model(str(chatting), None)
    here = asking.open_model(who, "float32", chatting, str(chatting), protocol)
    served = describe(NAME, None, "unknown")
    there = endpoint.open_server(served, Server(server.url), protocol)

    def ask(opened: asking.OpenModel) -> dict[Key, asking.Answer]:
        answers = opened.prepare(paper, turns)((), lambda make: make(None))
        return {answer.turn.key: answer for answer in answers}

    mine, theirs = ask(here), ask(there)
    assert mine.keys() == theirs.keys() == {turn.key for turn in turns}
    for key, answer in mine.items():
        assert theirs[key].prediction == answer.prediction
        assert theirs[key].logprobs == pytest.approx(answer.logprobs, abs=1e-4)
        likeliest = answering.argmax(theirs[key].logprobs or ())
        assert answer.turn.sample.letters[likeliest] == answer.prediction


@pytest.mark.parametrize("protocol", ["generate-0shot", "generate-cot-0shot-m16"])
def test_a_model_writes_there_what_it_writes_here(
    protocol: str, ask: Evaluate, evaluate_here: Evaluate, chatting: Path
) -> None:
    assert ask(protocol)[0] == 0
    _, there = read_all()
    asked = ("--model", str(chatting), "--tasks", "sample", "--precision", "float32")
    assert evaluate_here("run", *asked, "--protocol", protocol)[0] == 0
    (local,) = (path for path in records.runs_folder().glob("chatting-*"))
    here = tables.read_predictions(local, "sample")
    same = ["sample_id", "repeat", "prediction", "response", "written_tokens", "finish", "tokens"]
    assert there.select(same).equals(here.select(same))


def test_what_an_answer_took_and_who_gave_it_is_written_down(
    server: ModelServer, ask: Evaluate
) -> None:
    server.act = fixed("Answer: B", reasoning_content="Iron is low.")
    options = ("--price-in", "2", "--price-out", "10", "--type", "closed", "--revision", "v9")
    assert ask("generate-0shot", *options)[0] == 0
    run, rows = read_all()
    assert run.plan.model == records.Model(name=NAME, revision="v9", type="closed")
    assert run.hardware["server"] == server.url.split("/")[2]
    assert run.versions["served model"] == "tiny-2026"
    assert run.versions["system fingerprint"] == "fp_1"
    kept = ["prediction", "response", "thinking", "tokens", "written_tokens", "finish", "cost"]
    assert rows.select(kept).unique().rows() == [
        ("B", "Answer: B", "Iron is low.", 7, 5, "end", pytest.approx(64e-6))
    ]
    assert all(0 < seconds < 60 for seconds in rows["seconds"])
    assert {body["key"] for body in server.asked} == {f"Bearer {KEY}"}
    body = {name: server.asked[0][name] for name in ("model", "temperature", "max_tokens")}
    assert body == {"model": NAME, "temperature": 0, "max_tokens": 32}


def test_every_draw_is_a_request_with_a_seed_of_its_own(server: ModelServer, ask: Evaluate) -> None:
    server.act = fixed()
    assert ask("generate-0shot-t0.5x3-m9", "--stop", "\n")[0] == 0
    _, rows = read_all()
    assert rows.height == len(server.asked) == len({body["seed"] for body in server.asked}) == 60
    said = [(body["temperature"], body["max_tokens"], body["stop"]) for body in server.asked]
    assert said == [(0.5, 9, ["\n"])] * 60


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply("<think>\nHm.\n</think>\n\nAnswer: C", "stop"), ("C", "Hm.", "Answer: C", "end")),
        (reply("Hm.\n</think>\n\nAnswer: C", "stop"), ("C", "Hm.", "Answer: C", "end")),
        (reply("Answer: C", "stop", reasoning="Hm."), ("C", "Hm.", "Answer: C", "end")),
        (reply(None, "stop"), (None, None, "", "end")),
        (reply(None, "length", reasoning_content="Hm."), (None, "Hm.", "", "limit")),
        (reply("Answer: C", "content_filter"), (None, None, "Answer: C", "filter")),
        (reply(None, "stop", refusal="I cannot."), (None, None, "I cannot.", "filter")),
        (reply("Answer: C", "function_call"), ("C", None, "Answer: C", None)),
    ],
)
def test_thoughts_and_refusals_are_told_from_answers(
    answer: Body, expected: tuple[str | None, ...], server: ModelServer, ask: Evaluate
) -> None:
    server.act = say(answer)
    assert ask("generate-0shot")[0] == 0
    _, rows = read_all()
    assert rows.select("prediction", "thinking", "response", "finish").unique().rows() == [expected]


def test_a_stray_end_of_thoughts_makes_no_other_answer_one(
    server: ModelServer, ask: Evaluate
) -> None:
    server.faults = [fixed("Hm.\n</think>\n\nAnswer: B")]
    server.act = fixed("Answer: A")
    assert ask("generate-0shot", "--at-once", "1")[0] == 0
    _, rows = read_all()
    assert Counter(rows["prediction"]) == {"A": 19, "B": 1}


def test_a_word_in_the_place_of_a_key_is_no_secret(
    server: ModelServer, ask: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "token")
    server.act = fixed("No token was kept. Answer: A")
    assert ask("generate-0shot")[0] == 0
    _, rows = read_all()
    assert rows.select("response", "tokens", "written_tokens").unique().rows() == [
        ("No token was kept. Answer: A", 7, 5)
    ]


def test_a_question_that_is_filtered_is_an_answer_without_a_prediction(
    server: ModelServer, ask: Evaluate
) -> None:
    server.faults = [say({"error": {"message": "no", "code": "content_filter"}}, 400)]
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    _, rows = read_all()
    assert Counter(rows["finish"]) == {"end": 19, "filter": 1}
    assert rows.filter(finish="filter")["prediction"].to_list() == [None]


def test_a_model_that_is_cut_in_its_thoughts_may_write_more(
    server: ModelServer, ask: Evaluate
) -> None:
    def act(body: Body) -> Body:
        if body["max_tokens"] < 8192:
            return reply("<think>\nFirst", "length")
        return reply("<think>\nFirst, then.\n</think>\n\nAnswer: D", "stop")

    server.act = act
    assert (
        ask("generate-cot-0shot", "--at-once", "1", "--price-in", "1", "--price-out", "0")[0] == 0
    )
    _, rows = read_all()
    assert set(rows["prediction"]) == {"D"}
    assert [body["max_tokens"] for body in server.asked] == [1024, *[8192] * 20]
    assert sorted(rows["cost"])[-2:] == pytest.approx([7e-6, 14e-6])  # both requests were paid for


def test_what_a_server_does_not_take_is_left_out(server: ModelServer, ask: Evaluate) -> None:
    def act(body: Body) -> Body | None:
        for name in ("max_tokens", "seed", "chat_template_kwargs"):
            if name in body:
                words = f"Unsupported parameter: '{name}'."
                if name == "max_tokens":
                    words += " Use 'max_completion_tokens' instead."
                return say({"error": {"message": words}}, 400)(body)  # type: ignore[return-value]
        return reply("Answer: A", "stop")

    server.act = act
    assert ask("generate-0shot-t1x1", "--at-once", "1")[0] == 0
    assert len(server.asked) == 23
    assert server.asked[-1]["max_completion_tokens"] == 32


def test_another_engine_has_no_use_for_a_server(evaluate_here: Evaluate) -> None:
    code, _, errors = evaluate_here("run", "--model", "baseline:random", "--at-once", "3")
    assert (code, "--at-once goes with --base-url" in errors) == (2, True)


def test_a_run_that_was_begun_yesterday_goes_on(
    server: ModelServer, ask: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults = [fixed()] * 5
    server.act = say({"error": {"message": "down"}}, 503)
    assert ask("generate-0shot", "--retries", "0")[0] == 1
    today = datetime.now(UTC)
    move_clock(monkeypatch, today + timedelta(days=7))
    server.asked.clear()
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    assert len(server.asked) == 15
    run, _ = read_all()
    assert run.plan.model.revision == f"date:{today.date()}"
    assert ask("generate-0shot")[0] == 0  # of that day there is none
    assert len(server.asked) == 35
    code, out, _ = ask("generate-0shot")
    assert (code, out.startswith("Already done")) == (0, True)


@pytest.mark.parametrize("days", [-1, 8])
def test_a_run_of_long_ago_is_left(
    days: int, server: ModelServer, ask: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults = [fixed()] * 5
    server.act = say({"error": {"message": "down"}}, 503)
    assert ask("generate-0shot", "--retries", "0")[0] == 1
    move_clock(monkeypatch, datetime.now(UTC) + timedelta(days=days))
    server.asked.clear()
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    assert len(server.asked) == 20


def move_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
            return now

    monkeypatch.setattr(endpoint_options, "datetime", Clock)


def test_a_rerun_asks_where_the_model_is_now(
    server: ModelServer, ask: Evaluate, evaluate_here: Evaluate
) -> None:
    server.act = fixed()
    assert ask("generate-0shot")[0] == 0
    run, _ = read_all()
    code, _, errors = evaluate_here("rerun", run.run_id)
    assert (code, "--base-url says where" in errors) == (2, True)
    assert evaluate_here("rerun", run.run_id, "--base-url", server.url)[0] == 0
    server.act = fixed("Answer: B")
    assert evaluate_here("rerun", run.run_id, "--base-url", server.url)[0] == 1
    assert evaluate_here("run", "--model", "baseline:majority", "--tasks", "sample")[0] == 0
    (local,) = (path.name for path in records.runs_folder().glob("baseline-*"))
    assert evaluate_here("rerun", local, "--base-url", server.url)[0] == 2
