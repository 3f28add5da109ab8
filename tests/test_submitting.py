"""What is typed into the Submit page: names, what is wrong with them, and what was asked before."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from dashboard import offers, submit_words, submitting
from evaluator import checker, models, records, verdicts
from evaluator.protocols import parse_protocol
from evaluator.tasks import NINE, TASKS, choose_tasks
from tests.conftest import REPOSITORY
from tests.submitted import make_good
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Submission

COMMIT = "c" * 40
NOW = datetime(2026, 1, 1, tzinfo=UTC)
VALUES = dict.fromkeys((*offers.FIELDS, "contact", "note"), "") | {
    "model": "org/name",
    "precision": "bfloat16",
    "protocol": "loglikelihood-0shot",
    "tasks": "nine",
    "weights": "original",
    "type": "unknown",
}


def asked(**changed: str) -> Asked:
    return submitting.draw_up(VALUES | changed)


def submitted(state: State = State.PENDING, seconds: float = 0, **changed: Any) -> Submission:
    facts: dict[str, Any] = {
        "number": 7,
        "commit": None,
        "submitter": "a",
        "submitted_at": NOW,
        "priority": 0,
    }
    facts |= {"state": state, "since": NOW + timedelta(seconds=seconds), "attempt": 0}
    facts |= dict.fromkeys(("code", "message", "holder", "held_until", "log", "run_id"))
    facts |= {"problems": (), "progress": {}, "base_commit": None, "replaces": None}
    return Submission.model_validate(asked().model_dump() | facts | changed)


def test_no_other_page_keeps_something_else_under_the_name_of_a_field() -> None:
    """Streamlit carries what is kept in an address from page to page, whatever it means there."""
    kept = re.compile(rf'key="({"|".join(offers.FIELDS)})"')
    files = sorted((REPOSITORY / "dashboard").rglob("*.py"))
    owners = {path.name for path in files if kept.search(path.read_text(encoding="utf-8"))}
    assert owners <= {"submit_form.py"}


@pytest.mark.parametrize("slug", offers.PROTOCOLS)
def test_the_evaluator_knows_each_way_of_asking_that_is_offered(slug: str) -> None:
    found = parse_protocol(slug)
    assert (found.slug, found.asks) == (slug, True)
    assert checker.read_asked(submitted(protocol=slug)).protocol == found


def test_all_that_is_offered_is_what_the_checker_takes() -> None:
    assert set(offers.PRECISIONS) == set(get_args(records.Precision))
    assert set(offers.WEIGHTS) == set(get_args(records.Weights))
    assert set(offers.TUNINGS) == set(get_args(verdicts.Tuning))
    assert set(offers.EMBEDDED) == set(models.EMBEDDED)
    assert offers.TASKS == NINE
    assert {*offers.TASKS, offers.SAMPLE} <= set(TASKS)
    assert submitting.LONGEST_NAME == records.LONGEST_NAME
    for tasks in offers.TASK_SETS:
        size = sum(task.size for task in choose_tasks(tasks))
        assert f"{size:,}" in offers.TASK_SETS[tasks]


@pytest.mark.parametrize(
    ("typed", "name", "revision"),
    [
        ("org/name", "org/name", None),
        ("  org/name\n", "org/name", None),
        ("https://huggingface.co/Org/Na.me-1", "Org/Na.me-1", None),
        ("huggingface.co/org/name/", "org/name", None),
        ("HTTPS://HF.co/org/name?not-for-all=1#x", "org/name", None),
        ("https://mirror.example.org/org/name/tree/dev", "org/name", "dev"),
        ("https://huggingface.co/org/name/blob/refs%2Fpr%2F1/a/b.json", "org/name", "refs/pr/1"),
        (f"https://huggingface.co/org/name/commit/{COMMIT}", "org/name", COMMIT),
        ("https://huggingface.co/org/name/discussions/3", "org/name", None),
        ("https://huggingface.co/gpt2", "https://huggingface.co/gpt2", None),
        ("hf.co/hf.co/hf.co", "hf.co/hf.co", None),
        ("https://h/https://z/y", "https://h/https://z/y", None),
        ("toy:llama", "toy:llama", None),
        ("", "", None),
    ],
)
def test_the_address_of_a_model_is_cut_down_to_its_name(
    typed: str, name: str, revision: str | None
) -> None:
    assert submitting.trim(typed) == (name, revision)
    assert submitting.trim(name) == (name, None), "what is cut down stays as it is"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("org/name", None),
        ("Qwen/Qwen3-0.6B", None),
        ("a/b_", None),
        ("toy:llama", None),
        ("baseline:random", None),
        ("", submitting.NO_NAME),
        ("name", submitting.NOT_A_NAME),
        ("org/na me", submitting.NO_SPACES),
        ("org/na\u200bme", submitting.NO_SPACES),
        ("org/na\x00me", submitting.NO_SPACES),
        ("/home/me/model", submitting.A_PATH),
        ("./model", submitting.A_PATH),
        ("../../etc/passwd", submitting.A_PATH),
        ("~/model", submitting.A_PATH),
        ("C:\\model", submitting.A_PATH),
        ("org/name/more", submitting.A_PATH),
        ("file:///etc/passwd", submitting.A_PATH),
        ("org/..", submitting.NOT_A_NAME),
        ("org/a--b", submitting.NOT_A_NAME),
        ("org/<b>name", submitting.NOT_A_NAME),
        ("орг/name", submitting.NOT_A_NAME),
        ("datasets/org", submitting.NO_MODEL),
        ("toy:gpt", submitting.NOT_BUILT_IN),
        ("o/" + "n" * 199, "201 characters are too many: 200 are taken."),
    ],
)
def test_what_is_wrong_with_a_name_is_said(name: str, fault: str | None) -> None:
    assert submitting.find_faults(asked(model=name)).get("model") == fault


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, {}),
        ({"base": "kept, and not asked for"}, {}),
        ({"revision": "refs/pr/1"}, {}),
        ({"revision": "my branch"}, {"revision": submitting.NO_SPACES}),
        ({"model": "toy:llama", "revision": "seed-7"}, {}),
        ({"model": "toy:llama", "revision": "main"}, {"revision": submitting.NOT_A_SEED}),
        ({"weights": "adapter"}, {"base": submitting.NO_BASE}),
        ({"weights": "delta", "base": "Org/Name"}, {"base": submitting.OWN_BASE}),
        ({"weights": "delta", "base": "/srv/base"}, {"base": submitting.A_PATH}),
        ({"weights": "delta", "base": "toy:llama"}, {"base": submitting.NOT_A_NAME}),
        ({"weights": "delta", "base": "org/other"}, {}),
        (
            {"model": "toy:llama", "weights": "adapter", "base": "org/other"},
            {"weights": submitting.WHOLE},
        ),
        (
            {"tasks": "sample", "protocol": "loglikelihood-5shot"},
            {"protocol": submitting.NO_EXAMPLES},
        ),
        (
            {"model": "toy:llama", "protocol": "loglikelihood-0shot-chat"},
            {"protocol": submitting.NO_TEMPLATE},
        ),
        ({"model": "baseline:random", "protocol": "loglikelihood-0shot-chat"}, {}),
        ({"contact": "a" * 201}, {"contact": "201 characters are too many: 200 are taken."}),
        ({"note": "two\nlines"}, {}),
        ({"note": "a\x00b"}, {"note": submitting.NO_SPACES}),
    ],
)
def test_a_fault_stands_beside_its_field(changed: dict[str, str], faults: dict[str, str]) -> None:
    assert submitting.find_faults(asked(**changed)) == faults


def test_what_is_empty_or_not_asked_for_is_not_sent() -> None:
    assert asked(base="org/other", note=" ", revision=" dev ").model_dump() == {
        "model": "org/name",
        "revision": "dev",
        "precision": "bfloat16",
        "protocol": "loglikelihood-0shot",
        "tasks": "nine",
        "weights": "original",
        "base": None,
        "type": "unknown",
        "contact": None,
        "note": None,
    }


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("nine", "nine"),
        ("sample", "sample"),
        ("pubmedqa, medmcqa,pubmedqa", "medmcqa,pubmedqa"),
        (",".join(reversed(NINE)), "nine"),
        ("mmlu_anatomy,sample", "mmlu_anatomy,sample"),
        ("nine,sample", None),
        ("mmlu_law", None),
        ("mmlu_anatomy,", None),
        ("", None),
    ],
)
def test_the_same_tasks_are_the_same_set(text: str, tasks: str | None) -> None:
    assert offers.read_tasks(text) == tasks
    if tasks:
        names = set(NINE) if text == "nine" else {name.strip() for name in text.split(",")}
        assert {task.name for task in choose_tasks(tasks)} == names


def test_what_an_address_asks_for_and_is_not_offered_is_told() -> None:
    found = offers.find_strangers(
        {
            "model": "<b>",
            "type": "open weights",
            "precision": "float8" * 20,
            "tasks": "mmlu_law",
            "weights": "",
            "x": "y",
        }
    )
    assert found == [
        f"precision: “{'float8' * 10}…”",
        "tasks: “mmlu_law”",
    ]


@pytest.mark.parametrize(
    ("wanted", "state", "before", "same", "barred"),
    [
        ({}, State.SUBMITTED, {}, True, True),
        ({}, State.RUNNING, {"commit": COMMIT}, True, True),
        ({}, State.FINISHED, {"commit": COMMIT}, True, False),
        ({"revision": COMMIT}, State.FINISHED, {"commit": COMMIT}, True, True),
        ({"revision": "main"}, State.PENDING, {}, True, True),
        ({"model": "ORG/Name"}, State.PENDING, {}, True, True),
        ({"revision": "dev"}, State.PENDING, {}, False, None),
        ({"precision": "float32"}, State.PENDING, {}, False, None),
        ({"protocol": "loglikelihood-5shot"}, State.PENDING, {}, False, None),
        ({"tasks": "pubmedqa"}, State.PENDING, {}, False, None),
        ({}, State.FAILED, {}, False, None),
        ({}, State.REJECTED, {}, False, None),
        ({}, State.CANCELLED, {}, False, None),
        ({}, State.SUPERSEDED, {}, False, None),
        (
            {"model": "toy:llama", "revision": ""},
            State.FINISHED,
            {"model": "toy:llama", "revision": "seed-0", "commit": "seed-0"},
            True,
            True,
        ),
        (
            {"model": "toy:llama", "revision": "1"},
            State.FINISHED,
            {"model": "toy:llama", "revision": None, "commit": "seed-0"},
            False,
            None,
        ),
    ],
)
def test_the_same_that_is_under_way_or_finished_is_found(
    wanted: dict[str, str], state: State, before: dict[str, str], same: bool, barred: bool | None
) -> None:
    draft, earlier = asked(**wanted), submitted(state, 0, **before)
    found = submitting.find_same(draft, [earlier])
    assert (found is earlier) == same
    assert found is None or submitting.is_barred(draft, found) == barred


def test_the_toy_model_is_proposed_with_a_seed_that_nobody_used() -> None:
    assert submitting.unused_seed([]) == 1
    assert submitting.unused_seed([None, "seed-0", "1", "seed-2", "x", "4"]) == 3


def test_how_long_it_takes_is_what_the_last_ones_of_these_tasks_took() -> None:
    done = [submitted(State.FINISHED, 60 * minutes) for minutes in (2, 4, 30)]
    others = [submitted(State.FINISHED, 5, tasks="sample"), submitted(State.FAILED, 1)]
    seconds = submitting.typical_seconds([*others, *done], "nine")
    assert submit_words.foresee(0, seconds) == (
        "Nothing waits. The last ones with these questions took about 4 minutes until they were "
        "published."
    )
    assert submitting.typical_seconds(others, "nine") is None
    assert submit_words.foresee(1, None) == "1 waits now."


def test_the_snippet_loads_a_model_as_it_is_printed(tmp_path: Path) -> None:
    folder = make_good(tmp_path / "model")
    snippet = submit_words.TRY_LOADING.format(model=str(folder))
    done = subprocess.run([sys.executable, "-c", snippet], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
