"""What tests of served models share: the server, and how it is asked."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator import cli, endpoint_client, records, reruns, tables
from evaluator.papers import Paper
from evaluator.questions import load_paper
from tests.model_server import NAME, Body, ModelServer, Tiny, make_chatting, reply, serve

Evaluate = Callable[..., tuple[int, str, str]]
KEY = "sk-very-secret-0123456789"


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


@pytest.fixture(autouse=True)
def few(own_loop: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Twenty of the demonstration questions."""

    def load_few(*asked: Any) -> Paper:
        paper = load_paper(*asked)
        return replace(paper, samples=paper.samples[:20])

    for module in (cli, reruns):
        monkeypatch.setattr(module, "load_paper", load_few)


@pytest.fixture
def ask(server: ModelServer, evaluate_here: Evaluate) -> Evaluate:
    """Ask the server the demonstration questions by a protocol, with other options."""

    def ask(protocol: str, *options: str) -> tuple[int, str, str]:
        where = ("--engine", "endpoint", "--base-url", server.url, "--model", NAME)
        asked = ("--tasks", "sample", "--protocol", protocol)
        return evaluate_here("run", *where, *asked, *options)

    return ask


def fixed(
    said: str | None = "Answer: A", finish: str = "stop", **message: Any
) -> Callable[..., Body]:
    return lambda _: reply(said, finish, **message)


def read_all() -> tuple[records.Run, pl.DataFrame]:
    (folder,) = (path.parent for path in records.runs_folder().glob("*/run.json"))
    return records.read_run(folder), tables.read_predictions(folder, "sample")
