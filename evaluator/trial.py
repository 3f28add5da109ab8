"""Has a stranger's configuration and tokenizer loaded by a process that may fail or be killed."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluator.errors import NotChecked
from evaluator.verdicts import Rules

START = 120  # seconds for Python to import transformers on a busy machine
PATIENCE = 4  # seconds on the clock for each of CPU time


def try_loading(folder: Path, parts: Sequence[str], rules: Rules) -> list[Mapping[str, Any]]:
    """Load `parts` ("config", "tokenizer") of the model in `folder`; returns what became of each.

    A mapping has the `part`, and either `problem` (a code) and `detail`, or what was found. What
    kills the process is a problem of the part that it was loading, unless it is for no fault of
    the model: then this raises `NotChecked`. `folder` is changed where the configuration is broken.
    """
    command = [sys.executable, "-P", "-m", "evaluator.engines.tryout", str(folder)]
    limits = [str(rules.seconds), str(rules.memory)]
    try:
        done = subprocess.run(
            [*command, *limits, *parts],
            cwd=folder,
            env=make_environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=START + PATIENCE * rules.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotChecked(
            f"Configuration and tokenizer did not load within {error.timeout:.0f} seconds, hardly "
            "any of which were theirs. Try again when the machine is less busy."
        ) from error
    lines = done.stdout.splitlines()
    if "ready" not in lines:
        raise NotChecked(
            "The process that loads configuration and tokenizer did not start: "
            f"{last_line(done.stderr)}. Try again, or see that the requirements are installed."
        )
    reports: list[Mapping[str, Any]] = [json.loads(line) for line in lines if line[:1] == "{"]
    if len(reports) < len(parts):
        died_at = parts[len(reports)]
        problem, detail = explain_death(done.returncode, done.stderr, died_at, rules)
        reports.append({"part": died_at, "problem": problem, "detail": detail})
        if later := parts[len(reports) :]:
            reports += try_loading(folder, later, rules)
    return reports


def explain_death(status: int, errors: str, part: str, rules: Rules) -> tuple[str, str]:
    """Return the problem's code and detail; raises `NotChecked` for a kill from outside."""
    if status == -signal.SIGXCPU:
        return "too-heavy", f"more than {rules.seconds} seconds"
    if re.search(r"MemoryError|memory allocation of|bad_alloc|allocate memory", errors):
        return "too-heavy", f"more than {rules.memory / 2**20:,.0f} MB of memory"
    if status in (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT):
        raise NotChecked(
            "The process that loads configuration and tokenizer was killed. Try again, with more "
            "free memory."
        )
    why = f"it ends the process by {signal.Signals(-status).name}" if status < 0 else None
    return f"broken-{part}", why or last_line(errors)


def last_line(errors: str) -> str:
    """Of a traceback, which names the exception."""
    return (errors.strip().splitlines() or ["it said nothing"])[-1]


def make_environment(folder: Path) -> dict[str, str]:
    """Neither tokens nor caches of ours, no network, no GPU, and one thread."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": str(folder),
        "HF_HOME": str(folder),
        "HF_HUB_OFFLINE": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",
        "RAYON_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
