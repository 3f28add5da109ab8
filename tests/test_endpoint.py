"""A model that a server runs is asked as one that is loaded here, whatever the server does."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from evaluator import endpoint_client, records, tables
from tests import made_once
from tests.model_server import (
    FAULTS,
    NAME,
    Body,
    ModelServer,
    Tiny,
    make_chatting,
    reply,
    say,
    serve,
)

Evaluate = Callable[..., tuple[int, str, str]]
KEY = "sk-very-secret-0123456789"
SAID = ["prediction", "response", "written_tokens", "finish", "prompt_hash"]


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_chatting(tmp_path_factory.mktemp("models") / "chatting")


@pytest.fixture(scope="module")
def tiny(chatting: Path) -> Tiny:
    return Tiny(chatting)


@pytest.fixture
def server(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(endpoint_client, "FIRST_WAIT", 0)
    with serve(ModelServer(tiny)) as running:
        yield running


@pytest.fixture
def ask(server: ModelServer, evaluate_here: Evaluate) -> Evaluate:
    """Ask the server the demonstration questions by a protocol, with other options."""

    def ask(protocol: str, *options: str) -> tuple[int, str, str]:
        where = ("--engine", "endpoint", "--base-url", server.url, "--model", NAME)
        asked = ("--tasks", "sample", "--protocol", protocol)
        return evaluate_here("run", *where, *asked, *options)

    return ask


def fixed(said: str | None = "Answer: A", finish: str = "stop", **message: str) -> Callable[..., Body]:
    return lambda _: reply(said, finish, **message)


def read_all() -> tuple[records.Run, pl.DataFrame]:
    (folder,) = (path.parent for path in records.runs_folder().glob("*/run.json"))
    return records.read_run(folder), tables.read_predictions(folder, "sample")


@pytest.mark.parametrize("protocol", ["loglikelihood-0shot", "rotate-0shot"])
def test_choices_score_as_they_do_here(
    protocol: str, ask: Evaluate, evaluate_here: Evaluate, chatting: Path
) -> None:
    assert ask(protocol)[0] == 0
    run, there = read_all()
    asked = ("--model", str(chatting), "--tasks", "sample", "--precision", "float32")
    assert evaluate_here("run", *asked, "--protocol", protocol)[0] == 0
    (local,) = (path for path in records.runs_folder().glob("chatting-*"))
    here = tables.read_predictions(local, "sample")
    same = ["sample_id", "repeat", "prediction", "prompt", "prompt_hash"]
    assert there.select(same).equals(here.select(same))
    away = there["logprobs"].explode() - here["logprobs"].explode()
    assert float(away.abs().max()) < 1e-4  # type: ignore[arg-type]
    assert there["tokens"].to_list() == here["tokens"].to_list()
    assert run.plan.model.name == NAME
    assert (run.plan.model.type, run.plan.precision) == ("unknown", None)


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
