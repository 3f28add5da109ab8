"""Requests files of other leaderboards: what waits is submitted once, and the rest is told."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import request_fields
from ingest.errors import NothingToImport
from ingest.leaderboard_requests import LARGEST, MOST, Refused, Request, read_requests
from ingest.submitting_requests import SUBMITTER, put_down, sort_out
from tests import ledgers, test_import_commands
from tests.conftest import REPOSITORY, ask
from tests.test_strange_values import anything
from warehouse.ledger import outcomes, queue
from warehouse.ledger import submissions as written
from warehouse.ledger.opening import Ledger, is_made, open_ledger
from warehouse.ledger.people import Person
from warehouse.ledger.submissions import Asked, Submission, find, find_all

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
ingest = test_import_commands.ingest
Ingest = Callable[..., tuple[int, str, str]]
CASES = REPOSITORY / "tests" / "cases" / "requests"
FILE = "org/m_eval_request_False_bfloat16_Original.json"
WAITS = {"model": "org/m", "status": "PENDING", "precision": "bfloat16", "weight_type": "Original"}
COMMIT = "c" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "requests"


@pytest.fixture
def at_address(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the commands find the ledger."""
    monkeypatch.setenv("LEADERBOARD_LEDGER", address)
    return address


def write(folder: Path, content: object, name: str = FILE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return path


def read_one(tmp_path: Path, **changes: object) -> Request | Refused:
    requests, refused = read_requests(write(tmp_path, WAITS | changes))
    found: list[Request | Refused] = [*requests, *refused]
    assert len(found) == 1
    return found[0]


def submitted(address: str) -> list[Submission]:
    """The oldest first."""
    opened = open_ledger(address)
    try:
        return find_all(opened)[::-1]
    finally:
        opened.close()


def test_files_as_the_leaderboards_write_them_become_submissions(
    ingest: Ingest, at_address: str
) -> None:
    code, out, error = ingest("requests", CASES)
    assert code == 0
    assert out.splitlines()[-1] == (
        "5 submitted, 6 passed over, 6 refused, 4 not waiting: "
        "1 CANCELLED, 1 FAILED, 1 FINISHED, 1 PENDING_REVIEW."
    )
    lane = "loglikelihood-0shot"
    ward, revision = "valley-clinic/ward-7B", "0123456789abcdef0123456789abcdef01234567"
    found = [
        (one.model, one.revision, one.precision, one.protocol, one.weights, one.base, one.type)
        for one in submitted(at_address)
    ]
    assert found == [  # what was asked for first first; a time that nobody knows is last
        ("hillside/first-13b", None, "float16", lane, "original", None, "unknown"),
        (f"{ward}-lora", None, "bfloat16", lane, "adapter", ward, "fine-tuned"),
        (ward, None, "bfloat16", lane, "original", None, "pretrained"),
        (
            f"{ward}-chat",
            revision,
            "float16",
            f"{lane}-chat",
            "original",
            None,
            "instruction-tuned",
        ),
        ("solo-small", None, "float32", lane, "original", None, "unknown"),
    ]
    assert {(one.state, one.tasks, one.submitter) for one in submitted(at_address)} == {
        ("submitted", "nine", SUBMITTER)
    }
    end = "_eval_request_False_"
    ours = "models run in float32, bfloat16, float16 here"
    assert [line for line in error.splitlines() if line.startswith("Passed over")] == [
        f"Passed over hillside/first-13b{end}True_False.json: its precision is '8bit'; {ours}.",
        f"Passed over hillside/second-3B{end}4bit_Original.json: its precision is "
        f"'4bit (QLoRA / FP4)'; {ours}.",
        "Passed over hillside/secret-1B_eval_request_True_float16_Original.json: the model is "
        "private, and the Hub is asked as a stranger would.",
        f"Passed over hillside/second-3B{end}GPTQ_Original.json: its precision is 'GPTQ'; {ours}.",
        f"Passed over all_requests.json, 1: {ward}{end}bfloat16_Original.json asks for the same.",
        f"Passed over all_requests.json, 3: its precision is '?'; {ours}.",
    ]


def test_what_is_refused_is_in_quarantine_and_names_nobody(
    ingest: Ingest, at_address: str, folder: Path, data_folder: Path
) -> None:
    shutil.copytree(CASES / "broken", folder)
    assert ingest("requests", folder)[0] == 0
    assert submitted(at_address) == []
    end = "_eval_request_False_bfloat16_Original.json"
    expected = [
        (f"cut{end}", "the file is no JSON: Unterminated string starting at: line 1 column 44 "
         "(char 43)"),
        (f"no-model{end}", "names no model"),
        (f"no-status{end}", "says no status, such as PENDING or FINISHED"),
        (f"path{end}", "the model '../../etc/passwd' is a path, expected <organisation>/<name>"),
        (f"text{end}", "holds a str, expected a JSON object"),
        (f"words{end}", "the Hub gives no model the name 'a model of ours', expected "
         "<organisation>/<name>"),
    ]  # fmt: skip
    assert ask("quarantine").select("file", "reason").rows() == expected
    assert set(ask("quarantine")["content"]) == {None}
    shutil.rmtree(data_folder / "warehouse")  # a rebuild has them too
    assert ingest("rebuild")[0] == 0
    assert ask("quarantine").select("file", "reason").rows() == expected
    for file, _ in expected:
        write(folder, WAITS | {"status": "FINISHED"}, file)
    assert ingest("requests", folder)[0] == 0
    assert ask("quarantine").is_empty()


def test_the_same_command_twice_changes_nothing(
    ingest: Ingest, at_address: str, data_folder: Path
) -> None:
    ingest("requests", CASES)
    before, snapshots = submitted(at_address), sorted(data_folder.rglob("0*.duckdb"))
    _, out, _ = ingest("requests", CASES)
    assert out.startswith("0 submitted, 11 passed over, 6 refused")
    assert submitted(at_address) == before
    assert sorted(data_folder.rglob("0*.duckdb")) == snapshots


def test_a_dry_run_says_the_same_and_writes_nothing(
    ingest: Ingest, at_address: str, folder: Path, data_folder: Path
) -> None:
    code, out, error = ingest("requests", CASES, "--dry-run")
    assert code == 0
    assert not is_made(at_address)
    assert not data_folder.exists()
    *dry, last = out.splitlines()
    assert last.startswith("5 would be submitted, 6 passed over, 6 refused")
    _, real, told = ingest("requests", CASES)
    assert [line.split(": ", 1)[1] for line in real.splitlines()[:-1]] == dry
    assert told.startswith(error)
    assert is_made(at_address)
    assert ingest("requests", CASES, "--dry-run")[1].startswith("0 would be submitted, 11 passed")
    one = write(folder, WAITS)  # into a ledger that is there nothing is written either
    assert "\n1 would be submitted" in ingest("requests", one, "--dry-run")[1]
    assert len(submitted(at_address)) == 5
    assert "\n1 submitted" in ingest("requests", one)[1]
    assert len(submitted(at_address)) == 6


def test_without_a_ledger_of_ones_own_a_dry_run_makes_none(
    ingest: Ingest, data_folder: Path
) -> None:
    assert ingest("requests", CASES, "--dry-run")[1].splitlines()[-1].startswith("5 would be")
    assert not data_folder.exists()


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"revision": COMMIT}, True),  # to which the checker has pinned it
        ({"revision": "d" * 40}, False),
        ({"precision": "float16"}, False),
        ({"use_chat_template": True}, False),
        ({"use_chat_template": "false"}, True),
    ],
)
def test_what_someone_else_has_submitted_is_passed_over(
    ledger: Ledger, tmp_path: Path, changes: dict[str, object], *, is_same: bool
) -> None:
    asked = Asked(model="org/m", precision="bfloat16", protocol="loglikelihood-0shot")
    number = written.submit(ledger, asked, Person("a@example.org"))
    assert queue.claim_check(ledger, "checker")
    outcomes.accept(ledger, number, "checker", COMMIT)
    request = read_one(tmp_path, **changes)
    assert isinstance(request, Request)
    found = sort_out([request], find_all(ledger))
    told = [(request, f"submission {number} asks for the same and is pending")]
    assert (found.wanted, found.passed) == (([], told) if is_same else ([request], []))


def test_what_was_rejected_is_submitted_for_another_but_not_from_its_own_file_again(
    ledger: Ledger, tmp_path: Path
) -> None:
    request = read_one(tmp_path)
    assert isinstance(request, Request)
    problem = {"code": "gated", "says": "It is gated.", "fix": "Open it."}
    asked = request.asked.model_copy(update={"contact": None, "note": None})
    number = written.submit(ledger, asked, Person("a@example.org"))
    assert queue.claim_check(ledger, "checker")
    outcomes.reject(ledger, number, "checker", [problem])
    assert sort_out([request], find_all(ledger)).wanted == [request]
    own = put_down(ledger, request)
    assert queue.claim_check(ledger, "checker")
    outcomes.reject(ledger, own, "checker", [problem])
    found = sort_out([request], find_all(ledger))
    assert found.passed == [(request, f"submission {own} asks for the same and is rejected")]


def test_it_waits_from_now_on_and_who_asked_is_for_maintainers_alone(
    ledger: Ledger, tmp_path: Path, clock: ledgers.Clock
) -> None:
    request = read_one(tmp_path, sender="dr-\x00example\n", submitted_time="2023-01-02T03:04:05Z")
    assert isinstance(request, Request)
    found = find(ledger, put_down(ledger, request))
    assert (found.submitted_at, found.submitter) == (clock(), SUBMITTER)
    assert found.contact == "dr-\\x00example"
    assert found.note == (
        "From a requests file, m_eval_request_False_bfloat16_Original.json; asked for there at "
        "2023-01-02 03:04 UTC."
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("torch.bfloat16", "bfloat16"),
        ("Float16", "float16"),
        ("fp32", "float32"),
        ("8bit (LLM.int8)", None),
        ("AWQ", None),
        ("", None),
        (None, None),
    ],
)
def test_a_precision_is_read_however_it_is_spelt(
    tmp_path: Path, said: str | None, read: str | None
) -> None:
    request = read_one(tmp_path, precision=said)
    assert isinstance(request, Request)
    assert (request.asked.precision if request.hindrance is None else None) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2024-05-03T10:11:12Z", (2024, 5, 3, 10, 11, 12)),
        ("2024-05-03T10:11:12.500000", (2024, 5, 3, 10, 11, 12, 500000)),
        ("2024-05-03T10-11-12.500", (2024, 5, 3, 10, 11, 12, 500000)),
        ("2024-05-03 10:11:12+02:00", (2024, 5, 3, 8, 11, 12)),
        ("2024-05-03 10:11:12 UTC", (2024, 5, 3, 10, 11, 12)),
        ("2024-05-03", (2024, 5, 3)),
        (1714731072, (2024, 5, 3, 10, 11, 12)),
        ("last week", None),
        ("0001-01-01T00:00:00+12:00", None),
        (10**30, None),
        (float("nan"), None),
        (True, None),
        ({}, None),
    ],
)
def test_a_time_is_read_however_it_is_written(said: object, read: tuple[int, ...] | None) -> None:
    expected = datetime(*read, tzinfo=UTC) if read else None  # type: ignore[arg-type, misc]
    assert request_fields.read_time(said) == expected


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("🟩 : continuously pretrained", "pretrained"),
        ("💬 : chat models (RLHF, DPO, IFT, ...)", "instruction-tuned"),
        ("RL-tuned", "instruction-tuned"),
        ("🔶", "fine-tuned"),
        ("merge", "merged"),
        ("🌸 : multimodal", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_model_type_is_read_by_its_words_or_its_symbol(said: object, read: str) -> None:
    assert request_fields.read_tuning(said) == read


@pytest.mark.parametrize(
    "model",
    [
        "/home/a/m", "./m", "C:\\m", "https://example.org/m", "a/b/c", "org/..", "org/.hidden",
        "org/m\n", "größe/m", "org/" + "m" * 97, "-m", "", "=cmd()", "\ud83d/m", ["org/m"], 7,
    ],
)  # fmt: skip
def test_what_no_model_is_called_is_refused(tmp_path: Path, model: object) -> None:
    found = read_one(tmp_path, model=model)
    stripped = model.strip() if isinstance(model, str) else None
    assert isinstance(found, Request if stripped == "org/m" else Refused)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("revision", 7), ("revision", "-x"), ("revision", "a b"), ("status", 1), ("status", "  "),
        ("precision", []), ("weight_type", {}), ("lane", "other-x"), ("lane", "x"),
        ("task_set", "x"), ("task_set", ["medqa"]),
    ],
)  # fmt: skip
def test_a_key_that_decides_something_has_to_be_understood(
    tmp_path: Path, key: str, value: object
) -> None:
    assert isinstance(read_one(tmp_path, **{key: value}), Refused)


def test_files_that_cannot_be_read_keep_none_of_the_others_back(folder: Path) -> None:
    write(folder, WAITS)
    (folder / "bom.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(WAITS).encode())
    (folder / "wide.json").write_text(json.dumps(WAITS), encoding="utf-16")
    (folder / "latin.json").write_bytes(b'{"model": "gr\xf6\xdfe"}')
    write(folder, "[" * 100_000, "deep.json")
    write(folder, " " * (LARGEST + 1), "large.json")
    write(folder, "[]", "none.json")
    write(folder, json.dumps([1] * (MOST + 1)), "many.json")
    write(folder, [WAITS, [WAITS]], "two.json")
    (folder / "loop").symlink_to(folder)
    (folder / "round").symlink_to("round")
    (folder / "secret.json").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe.json")
    (folder / "folder.json").mkdir()
    write(folder, "{", ".hidden/file.json")
    write(folder, "{", ".hidden.json")
    (folder / b"\xff.json".decode(errors="surrogateescape")).write_text("1")
    requests, refused = read_requests(folder)
    assert [request.place for request in requests] == ["bom.json", "two.json, 1", "wide.json", FILE]
    link = "is a link, which is not followed: put here what it leads to"
    assert {tuple(each) for each in refused} == {
        ("deep.json", None, "the file is nested too deep to be a log"),
        ("large.json", None, "the file has more than 4 MB of JSON"),
        ("latin.json", None, reason_of(b'{"model": "gr\xf6\xdfe"}')),
        ("loop", None, link),
        ("many.json", None, "holds 10,001 requests, expected 1 to 10,000"),
        ("none.json", None, "holds 0 requests, expected 1 to 10,000"),
        ("pipe.json", None, "is no plain file"),
        ("round", None, link),
        ("secret.json", None, link),
        ("two.json", 2, "holds a list, expected a JSON object"),
        ("?.json", None, "holds a int, expected a JSON object"),
    }


def reason_of(content: bytes) -> str:
    with pytest.raises(UnicodeDecodeError) as raised:
        json.loads(content)
    return f"the file is no JSON: {raised.value}"


def test_a_folder_without_files_is_told(ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    with pytest.raises(NothingToImport):
        read_requests(tmp_path)
    code, _, error = ingest("requests", tmp_path)
    assert (code, error) == (1, f"Error: {tmp_path} has no file whose name ends in .json.\n")


def test_text_of_strangers_steers_no_terminal(ingest: Ingest, folder: Path) -> None:
    write(folder, WAITS | {"status": "\x1b[2JDONE"})
    write(folder, WAITS | {"model": "\x1b[2J"}, "a.json")
    _, out, error = ingest("requests", folder)
    assert "\x1b" not in out + error


KEYS = [
    *("model", "status", "precision", "weight_type", "revision", "private", "base_model"),
    *("submitted_time", "model_type", "sender", "use_chat_template", "8bit_eval", "lane"),
    *("task_set", "is_delta_weight", "created_at"),
]
values = anything | st.sampled_from(
    ["org/m", "PENDING", "FINISHED", "bfloat16", "4bit", "Adapter", "main", "2024-05-03T10:11:12Z"]
)
objects = st.dictionaries(st.sampled_from(KEYS), values) | st.dictionaries(
    st.sampled_from(KEYS[3:]), values
).map(lambda given: WAITS | given)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.lists(anything | objects | st.lists(objects, min_size=1, max_size=3), min_size=1)
)
def test_whatever_the_files_hold_each_is_read_passed_over_or_refused(
    tmp_path: Path, contents: list[Any]
) -> None:
    folder = tmp_path / "any"
    shutil.rmtree(folder, ignore_errors=True)
    expected = {}
    for number, content in enumerate(contents):
        write(folder, content, f"{number}.json")
        listed = isinstance(content, list) and content
        expected[f"{number}.json"] = len(content) if listed else 1
    requests, refused = read_requests(folder)
    found = sort_out(requests, [])
    counted: dict[str, int] = dict.fromkeys(expected, 0)
    for place in [*(each.place for each in requests), *(each.file for each in refused)]:
        counted[place.split(",")[0]] += 1
    assert counted == expected
    sorted_out = len(found.wanted) + len(found.passed) + sum(found.ended.values())
    assert sorted_out == len(requests)
    for request in found.wanted:  # what the ledger takes
        json.dumps(request.asked.model_dump(), ensure_ascii=False).encode()
        assert "\x00" not in "".join(map(str, request.asked.model_dump().values()))
