"""Does what kills the process that loads a stranger's files tell of the files alone?"""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluator import trial
from evaluator.engines import tryout
from evaluator.errors import NotChecked
from evaluator.verdicts import Rules
from tests.conftest import REPOSITORY
from tests.submitted import CODE, CONFIG, TOKENIZER, change, copy, try_here, write

pytest_plugins = ["tests.submission_fixtures"]

Load = Callable[[Path, Sequence[str], Rules], list[Mapping[str, Any]]]
BOTH = ("config", "tokenizer")
EACH_WAY = pytest.mark.parametrize(
    "load", [try_here, pytest.param(trial.try_loading, marks=pytest.mark.slow)]
)


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return copy(good, tmp_path / "model")


def make_heavy(folder: Path, tokens: int) -> None:
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"]["vocab"] |= {f"token-{number}": number + 257 for number in range(tokens)}
    path.write_text(json.dumps(content))


@EACH_WAY
def test_a_good_model_loads(load: Load, folder: Path) -> None:
    assert load(folder, BOTH, Rules()) == [
        {"part": "config", "architecture": "LlamaForCausalLM"},
        {"part": "tokenizer", "chat_template": False},
    ]


def test_no_code_of_the_folder_is_run(folder: Path) -> None:
    ran = folder / "ran"
    code = f"import pathlib\npathlib.Path({str(ran)!r}).touch()\n"
    for name in ("code.py", "torch.py", "json.py", "sitecustomize.py", "transformers.py"):
        (folder / name).write_text(code)
    change(CONFIG, model_type="brand_new", auto_map=CODE)(folder)
    change(TOKENIZER, tokenizer_class="New", auto_map={"AutoTokenizer": ["code.New", None]})(folder)
    reports = trial.try_loading(folder, BOTH, Rules())
    assert [report["problem"] for report in reports] == ["remote-code", "remote-code"]
    assert not ran.exists()


@EACH_WAY
def test_a_broken_config_is_not_blamed_on_the_tokenizer(load: Load, folder: Path) -> None:
    write(CONFIG, "{no")(folder)
    config, tokenizer = load(folder, BOTH, Rules())
    assert config["problem"] == "broken-config"
    assert str(folder) not in config["detail"]
    assert tokenizer == {"part": "tokenizer", "chat_template": False}


@pytest.mark.slow
def test_a_tokenizer_that_takes_too_long_is_too_heavy(folder: Path) -> None:
    make_heavy(folder, 2_000_000)
    _, tokenizer = trial.try_loading(folder, BOTH, Rules(seconds=1))
    assert tokenizer == {
        "part": "tokenizer",
        "problem": "too-heavy",
        "detail": "more than 1 seconds",
    }


@pytest.mark.slow
def test_a_tokenizer_that_takes_too_much_memory_is_too_heavy(folder: Path) -> None:
    make_heavy(folder, 500_000)
    _, tokenizer = trial.try_loading(folder, BOTH, Rules(memory=64 * 2**20))
    assert tokenizer == {
        "part": "tokenizer",
        "problem": "too-heavy",
        "detail": "more than 64 MB of memory",
    }


@pytest.mark.slow
def test_what_kills_one_part_leaves_the_other(folder: Path) -> None:
    (folder / CONFIG).write_text(json.dumps({"model_type": "llama", "x": "y" * 40_000_000}))
    config, tokenizer = trial.try_loading(folder, BOTH, Rules(memory=64 * 2**20))
    assert config["problem"] == "too-heavy"
    assert tokenizer["part"] == "tokenizer"


def test_a_process_that_does_not_start_is_no_problem_of_the_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "make_environment", lambda _: {"PYTHONPATH": "/nowhere"})
    with pytest.raises(NotChecked, match=r"did not start: .*No module named 'evaluator'"):
        trial.try_loading(folder, BOTH, Rules())


def test_a_slow_machine_is_no_problem_of_the_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "START", -3.5)
    with pytest.raises(NotChecked, match="when the machine is less busy"):
        trial.try_loading(folder, BOTH, Rules(seconds=1))


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_from_outside_is_no_problem_of_the_model(kill: signal.Signals) -> None:
    with pytest.raises(NotChecked, match="was killed"):
        trial.explain_death(-kill, "", "config", Rules())


def test_a_crash_is_the_files_fault() -> None:
    assert trial.explain_death(-signal.SIGSEGV, "", "tokenizer", Rules()) == (
        "broken-tokenizer",
        "it ends the process by SIGSEGV",
    )
    panic = "thread panicked\npyo3_runtime.PanicException: no entry\n"
    assert trial.explain_death(1, panic, "config", Rules()) == (
        "broken-config",
        "pyo3_runtime.PanicException: no entry",
    )


def test_the_process_has_no_secrets_of_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    environment = trial.make_environment(folder)
    assert "hf_secret" not in str(environment)
    assert (environment["HOME"], environment["HF_HUB_OFFLINE"]) == (str(folder), "1")


ESCAPES = {
    "the network": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "a name of the network": "import socket; socket.getaddrinfo('localhost', 9)",
    "another process": "import subprocess; subprocess.run(['true'])",
    "a shell": "import os; os.system('true')",
    "a file": "with open('written', 'w') as file: file.write('x')",
}
TRY_ALL = """
import json, sys
from evaluator.engines import tryout
tryout.limit(9, 2**30)
sys.addaudithook(tryout.refuse)
for name, code in json.loads(sys.argv[1]).items():
    try:
        exec(code)
    except PermissionError:
        print(name, "refused", sep=": ")
    except OSError as error:
        print(name, error.errno, sep=": ")
"""


def test_the_process_cannot_reach_anything(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRY_ALL, json.dumps(ESCAPES)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    refused = [f"{name}: refused" for name in ESCAPES if name != "a file"]
    assert done.stdout.splitlines() == [*refused, f"a file: {errno.EFBIG}"]


def test_each_part_has_its_trial() -> None:
    assert tuple(tryout.TRIALS) == BOTH
