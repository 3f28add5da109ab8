"""Does `python -m evaluator check` say what a check found, and end as a script can tell?"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluator import checking
from evaluator.errors import NotChecked
from evaluator.verdicts import PROBLEMS, Asked, Checked, Problem, Rules, read_do_not_evaluate
from tests.conftest import REPOSITORY
from tests.hub_stand_in import StandIn
from tests.submitted import CHAT, NAME, TOKENIZER, check_fast, codes, copy, pickle, try_here, write

pytest_plugins = ["tests.submission_fixtures"]

Evaluate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def evaluate(evaluate_here: Evaluate, monkeypatch: pytest.MonkeyPatch) -> Evaluate:
    monkeypatch.setattr(checking, "try_loading", try_here)
    return evaluate_here


@pytest.mark.slow
def test_a_process_of_its_own_checks_against_the_hub(
    stand_in: StandIn, good: Path, tmp_path: Path
) -> None:
    commit = stand_in.add(NAME, good).commit
    environment = os.environ | stand_in.environment | {"HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "evaluator", "check", NAME],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    size = (good / "model.safetensors").stat().st_size
    assert (done.stdout, done.returncode) == (
        "name            clinic/answers\n"
        f"revision        {commit}\n"
        "parameters      35,040\n"
        f"weights bytes   {size:,}\n"
        "architecture    LlamaForCausalLM\n"
        "licence         apache-2.0\n"
        "chat template   no\n"
        "released at     2024-04-20 15:17:52+00:00\n"
        "\n"
        "0 problems.\n",
        0,
    )


def test_each_problem_comes_with_its_fix(evaluate: Evaluate, stand_in: StandIn, good: Path) -> None:
    stand_in.add(NAME, good)
    status, out, _ = evaluate("check", NAME, "--protocol", CHAT.slug, "--most-gigabytes", "1e-5")
    assert status == 1
    assert out.partition("\n\n")[2] == (
        "too-large: The weights of clinic/answers take 0.0 GB in bfloat16, and at most 1e-05 GB "
        "are taken.\n"
        "  Ask for a smaller precision, or submit a smaller model.\n"
        "no-chat-template: clinic/answers has no chat template, so it cannot be asked by "
        "loglikelihood-0shot-chat.\n"
        "  Add chat_template.jinja, or ask by a protocol without -chat.\n"
        "2 problems.\n"
    )


def test_trouble_ends_otherwise_than_a_problem(evaluate: Evaluate, stand_in: StandIn) -> None:
    stand_in.fail("/api/", status=500)
    status, out, error = evaluate("check", NAME)
    assert (status, out) == (75, "")
    assert error.startswith("Error (not-checked): clinic/answers could not be checked. The Hub ")


def test_a_name_that_no_record_takes_is_a_matter_of_usage(evaluate: Evaluate) -> None:
    status, _, error = evaluate("check", "x" * 201)
    assert status == 2
    assert "model: String should have at most 200 characters" in error


def test_a_folder_is_checked_for_all_but_what_the_hub_shows(
    evaluate: Evaluate, good: Path, tmp_path: Path
) -> None:
    folder = copy(good, tmp_path / "mine", pickle, write("README.md", ""), write(TOKENIZER, "{"))
    status, out, _ = evaluate("check", str(folder))
    assert status == 1
    assert out.startswith("name            mine\nrevision        unknown\n")
    told = [line.partition(":")[0] for line in out.partition("\n\n")[2].splitlines()[::2]]
    assert told == ["no-safetensors", "broken-tokenizer", "2 problems."]


def test_a_folder_is_pinned_by_its_files_and_stays_as_it_is(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy(good, tmp_path / "mine", write("config.json", "{"))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    checked = check_fast(monkeypatch, str(folder), Rules(local=True), revision="main")
    assert codes(checked) == ["no-revision", "broken-config"]
    assert str(checked.facts.revision).startswith("sha256:")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_stranger_cannot_name_a_folder(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(check_fast(monkeypatch, str(good))) == ["not-found"]


@pytest.mark.parametrize(
    ("model", "asked", "expected"),
    [
        ("baseline:majority", {}, []),
        ("baseline:majority", {"protocol": CHAT}, []),
        ("toy:llama", {"revision": "7"}, []),
        ("toy:llama", {"revision": "main"}, ["no-revision"]),
        ("toy:llama", {"protocol": CHAT}, ["no-chat-template"]),
        ("toy:whale", {}, ["not-found"]),
    ],
)
def test_an_embedded_model_needs_no_hub(
    model: str, asked: dict[str, object], expected: list[str]
) -> None:
    checked = checking.check_model(Asked.model_validate({"model": model} | asked))
    assert codes(checked) == expected
    assert checked.facts.revision == {
        "toy:llama7": "seed-7",
        "toy:llama": "seed-0",
        "baseline:majority": "seed-0",
    }.get(f"{model}{asked.get('revision', '')}")


def test_the_hub_is_not_asked_while_it_is_off_limits() -> None:
    with pytest.raises(NotChecked, match="OfflineModeIsEnabled"):
        checking.check_model(Asked(model=NAME))


def test_the_list_of_models_that_are_not_evaluated_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_do_not_evaluate() == {}
    (tmp_path / "data").mkdir()
    entry = '[[model]]\nname = "Clinic/Memorized"\nreason = "It saw the questions."\n'
    (tmp_path / "data" / "do_not_evaluate.toml").write_text(entry)
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    assert Rules().do_not_evaluate == {"clinic/memorized": "It saw the questions."}


def test_a_verdict_survives_being_written_down(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.moved.clear()
    checked = check_fast(monkeypatch, "clinic/none")
    assert Checked.model_validate_json(checked.model_dump_json()) == checked


@pytest.mark.parametrize("code", ["nothing", "base_nothing"])
def test_no_problem_has_a_code_of_its_own_making(code: str) -> None:
    with pytest.raises(ValueError, match="no problem has the code"):
        Problem(code=code, says="x", fix="y")


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_says_what_to_do(code: str) -> None:
    says, fix = PROBLEMS[code]
    assert says[-1] in ".}"
    assert "{name}" in says
    assert fix.endswith(".")
    assert "{" not in fix
