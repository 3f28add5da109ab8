"""Submissions as requests files: what others read of them, and what nobody may."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import UnreadableFile
from ingest.leaderboard_requests import read_requests
from ingest.submitting_requests import WAITING, sort_out
from ingest.writing_requests import STATUSES, write_requests
from tests import ledgers, test_import_commands
from tests.test_queue import wait_in_queue
from warehouse.ledger import outcomes, queue
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, Submission, Why, find_all, submit

postgres, clock = ledgers.postgres, ledgers.clock  # the fixtures
address, ledger = ledgers.address, ledgers.ledger
ingest = test_import_commands.ingest
Ingest = Callable[..., tuple[int, str, str]]
AT = datetime(2026, 1, 1, tzinfo=UTC)
END = "_eval_request_False_bfloat16_Original.json"


def make_submission(**changes: Any) -> Submission:
    plain: dict[str, Any] = {
        "model": "org/m", "precision": "bfloat16", "protocol": "loglikelihood-0shot", "number": 1,
        "commit": None, "submitter": "a@example.org", "submitted_at": AT, "priority": 0,
        "state": State.SUBMITTED, "since": AT, "attempt": 0, "code": None, "message": None,
        "problems": (), "holder": None, "held_until": None, "progress": {}, "log": None,
        "run_id": None, "base_commit": None, "replaces": None,
    }  # fmt: skip
    return Submission.model_validate(plain | changes)


def read_texts(folder: Path) -> dict[str, Any]:
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_state_has_their_word_for_it_and_what_waits_there_waits_here() -> None:
    assert set(STATUSES) == set(State)
    waiting = {State.SUBMITTED, State.CHECKING, State.PENDING, State.RUNNING, State.INGESTING}
    assert {state for state, status in STATUSES.items() if status in WAITING} == waiting


def test_a_ledger_is_written_as_leaderboards_read_it(
    ledger: Ledger, address: str, ingest: Ingest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEADERBOARD_LEDGER", address)
    wait_in_queue(ledger, "org/done")
    assert queue.claim(ledger, "worker")
    outcomes.fail(ledger, 1, "worker", Why("broken", "secret reason"), "secret log")
    asked = Asked(
        model="org/lora", precision="float16", protocol="loglikelihood-5shot-chat",
        tasks="sample", weights="adapter", base="org/base", type="fine-tuned",
        contact="secret@example.org", note="secret note",
    )  # fmt: skip
    submit(ledger, asked, Person("secret-submitter@example.org"))
    folder = tmp_path / "requests"
    assert ingest("write-requests", folder) == (0, f"2 submissions are in {folder}.\n", "")
    plain = {"private": False, "submitted_time": "2026-01-01T00:00:00Z"}
    assert read_texts(folder) == {
        f"org/done{END}": plain | {
            "model": "org/done", "base_model": "", "revision": "c" * 40, "precision": "bfloat16",
            "weight_type": "Original", "status": "FAILED", "model_type": "? : unknown",
        },
        "org/lora_eval_request_False_float16_Adapter.json": plain | {
            "model": "org/lora", "base_model": "org/base", "revision": "main",
            "precision": "float16", "weight_type": "Adapter", "status": "PENDING",
            "model_type": "🔶 : fine-tuned", "use_chat_template": True,
            "lane": "loglikelihood-5shot-chat", "task_set": "sample",
        },
    }  # fmt: skip


def test_without_a_ledger_nothing_is_made(
    ingest: Ingest, tmp_path: Path, data_folder: Path
) -> None:
    code, out, _ = ingest("write-requests", tmp_path / "requests")
    assert (code, out) == (0, f"0 submissions are in {tmp_path / 'requests'}.\n")
    assert not data_folder.exists()


def test_what_is_asked_for_twice_has_a_file_each_whose_name_stays(tmp_path: Path) -> None:
    first = make_submission(number=3, state=State.FAILED)
    second = make_submission(number=5, model="org/M")  # a name that some file systems take for it
    third = make_submission(number=8, protocol="loglikelihood-5shot")
    write_requests([first], tmp_path)
    written, _ = write_requests([third, first, second], tmp_path)
    names = [f"org/m{END}", f"org/M{END[:-5]}_5.json", f"org/m{END[:-5]}_8.json"]
    assert [path.relative_to(tmp_path).as_posix() for path in written] == names
    assert [read_texts(tmp_path)[name]["status"] for name in names] == ["FAILED", *["PENDING"] * 2]


def test_a_file_that_is_there_is_replaced_at_once(tmp_path: Path) -> None:
    file = tmp_path / f"org/m{END}"
    file.parent.mkdir()
    file.write_text("older")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.hardlink_to(file)  # who reads it meanwhile goes on reading the old one
    write_requests([make_submission()], tmp_path)
    assert json.loads(file.read_text())["status"] == "PENDING"
    assert elsewhere.read_text() == "older"
    assert {path.name for path in file.parent.iterdir()} == {file.name}


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "requests"
    outside.mkdir()
    folder.mkdir()
    (folder / "org").symlink_to(outside)
    with pytest.raises(UnreadableFile, match="Nothing is written through it"):
        write_requests([make_submission()], folder)
    assert list(outside.iterdir()) == []


def test_an_organisation_never_stands_where_a_file_does(tmp_path: Path) -> None:
    models = [f"m{END}/x", "m", "baseline:random", "baseline-random"]
    every = [make_submission(model=model, number=n) for n, model in enumerate(models, 1)]
    written, left_out = write_requests(every, tmp_path)
    assert (len(written), left_out) == (4, [])
    requests, _ = read_requests(tmp_path)
    assert sorted(request.asked.model for request in requests) == sorted(models)


strange = st.text(max_size=12) | st.sampled_from(
    ["../../etc/passwd", "/tmp/m", "a/b/c", "org/..", "..", ".", "", "a\x00b", "C:\\m", "x" * 300,
     " org/m", "org/m ", "CON", "org/m\n", "~/m", "\ud83d"]
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(models=st.lists(strange, max_size=4), base=strange, revision=strange, precision=strange)
def test_whatever_is_submitted_no_file_lies_elsewhere_and_none_is_unreadable(
    tmp_path: Path, models: list[str], base: str, revision: str, precision: str
) -> None:
    folder = tmp_path / "in" / "requests"
    shutil.rmtree(folder, ignore_errors=True)
    every = [
        make_submission(model=model, number=2 * number + odd, **changes)
        for number, model in enumerate(models, 1)
        for odd, changes in enumerate(
            [{"base": base, "weights": "delta"}, {"revision": revision, "precision": precision}]
        )
    ]
    written, left_out = write_requests(every, folder)
    assert len(written) + len(left_out) == len(every)
    assert len(set(written)) == len(written)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(written)
    assert all(path.is_relative_to(folder) and len(path.name) < 256 for path in files)
    if written:
        requests, refused = read_requests(folder)
        assert (len(requests), refused) == (len(written), [])
        assert {request.asked.model for request in requests} <= set(models)


name = st.from_regex(r"[a-z0-9]([a-z0-9_]?[a-zA-Z0-9.]){0,20}[a-z0-9]", fullmatch=True).filter(
    lambda name: ".." not in name and not name.endswith(".git")
)
model = st.builds("{}/{}".format, name, name) | name
every_submission = st.builds(
    make_submission,
    number=st.integers(1, 10**6),
    model=model | st.sampled_from(["baseline:random", "toy:llama"]),
    revision=st.none() | st.sampled_from(["main", "v1.0", "refs/pr/3", "d" * 40]),
    commit=st.none() | st.just(COMMIT := "c" * 40),
    precision=st.sampled_from(["float32", "bfloat16", "float16"]),
    protocol=st.sampled_from(
        ["loglikelihood-0shot", "loglikelihood-0shot-chat", "loglikelihood-25shot-chat"]
    ),
    tasks=st.sampled_from(["nine", "sample", "mmlu_anatomy,medqa_4options"]),
    weights=st.sampled_from(["original", "adapter", "delta"]),
    base=st.none() | model,
    type=st.sampled_from(["pretrained", "fine-tuned", "instruction-tuned", "merged", "unknown"]),
    state=st.sampled_from(list(State)),
    submitted_at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
        lambda at: at.replace(tzinfo=UTC, microsecond=0)
    ),
)
READ = ("model", "precision", "protocol", "tasks", "weights", "type")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every=st.lists(every_submission, max_size=6, unique_by=lambda one: one.number))
def test_what_was_written_is_read_as_what_it_was(tmp_path: Path, every: list[Submission]) -> None:
    folder = tmp_path / "requests"
    shutil.rmtree(folder, ignore_errors=True)
    written, left_out = write_requests(every, folder)
    assert (len(written), left_out) == (len(every), [])
    if not every:
        return
    requests, refused = read_requests(folder)
    assert refused == []
    places = {request.place: request for request in requests}
    for file, one in zip(written, sorted(every, key=lambda one: one.number), strict=True):
        request = places[file.relative_to(folder).as_posix()]
        found = request.asked
        assert {key: getattr(found, key) for key in READ} == {
            key: getattr(one, key) for key in READ
        }
        assert found.base == (None if one.weights == "original" else one.base)
        assert (found.revision or "main") == (one.commit or one.revision or "main")
        assert (request.status, request.asked_at) == (STATUSES[one.state], one.submitted_at)
        assert request.hindrance is None
    live = [
        one for one in every if one.state not in ("failed", "rejected", "cancelled", "superseded")
    ]
    assert sort_out(requests, live).wanted == []


def test_a_ledger_that_reads_its_own_files_submits_nothing(ledger: Ledger, tmp_path: Path) -> None:
    wait_in_queue(ledger, "org/m")
    submit(
        ledger, Asked(model="n", precision="float32", protocol="loglikelihood-0shot"), Person("a")
    )
    write_requests(find_all(ledger), tmp_path)
    assert sort_out(read_requests(tmp_path)[0], find_all(ledger)).wanted == []
