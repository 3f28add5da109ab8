"""llama.cpp's own server is asked, and answers as the same weights do here."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from evaluator import records, tables
from tests import served
from tests.llama_server import make_whole, serve_llama
from tests.model_server import make_chatting
from tests.served import Evaluate, read_all

few = served.few  # a fixture


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whole(tmp_path_factory.mktemp("models") / "whole")


@pytest.fixture(scope="module")
def url(whole: Path) -> Iterator[str]:
    with serve_llama(whole) as address:
        yield address


def ask(evaluate: Evaluate, url: str, protocol: str) -> tuple[int, str, str]:
    where = ("--engine", "endpoint", "--base-url", url, "--model", "whole-there")
    return evaluate("run", *where, "--tasks", "sample", "--protocol", protocol)


@pytest.mark.parametrize(
    ("protocol", "same"),
    [
        ("loglikelihood-0shot", ["prediction", "prompt_hash", "tokens"]),
        ("rotate-0shot", ["prediction", "prompt_hash", "tokens"]),
        ("generate-0shot", ["prediction", "response", "written_tokens", "finish", "tokens"]),
        ("generate-cot-0shot-m24", ["response", "written_tokens", "finish", "tokens"]),
    ],
)
def test_it_answers_as_the_same_weights_do_here(
    protocol: str, same: list[str], url: str, whole: Path, evaluate_here: Evaluate
) -> None:
    code, _, errors = ask(evaluate_here, url, protocol)
    assert code == 0, errors
    run, there = read_all()
    asked = ("--model", str(whole), "--tasks", "sample", "--precision", "float32")
    assert evaluate_here("run", *asked, "--protocol", protocol)[0] == 0
    (local,) = (path for path in records.runs_folder().glob("whole-*") if "there" not in path.name)
    here = tables.read_predictions(local, "sample")
    same = ["sample_id", "repeat", *same]
    legible = pl.col("response").str.replace_all("\ufffd|<s>", "")  # neither is written there
    there, here = (table.with_columns(legible) for table in (there, here))
    assert there.select(same).equals(here.select(same))
    if there["logprobs"].count():
        away = there["logprobs"].explode() - here["logprobs"].explode()
        assert float(away.abs().max()) < 1e-3  # type: ignore[arg-type]
        assert run.versions["choices scored by"] == "next token"


def test_choices_of_several_tokens_are_not_scored_by_their_first(
    tmp_path: Path, evaluate_here: Evaluate
) -> None:
    with serve_llama(make_chatting(tmp_path / "letters")) as url:
        code, _, errors = ask(evaluate_here, url, "loglikelihood-0shot")
    assert (code, "Error (no-logprobs)" in errors) == (1, True)
    assert "' A' is none of the" in errors
