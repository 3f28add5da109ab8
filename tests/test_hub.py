"""What does a person hear when the Hub does not give what was asked of it?"""

import errno
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from evaluator import hub
from evaluator.errors import (
    DiskFull,
    DownloadFailed,
    EvaluatorError,
    GatedModel,
    ModelNotFound,
    NoSafetensors,
    TimedOut,
)
from evaluator.models import describe_model
from evaluator.records import Model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
KNOWN: dict[str, dict[str, object]] = {
    "clinic/answers": {
        "siblings": [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}],
        "safetensors": {"parameters": {"BF16": 1234}, "total": 1234},
        "cardData": {"license": "apache-2.0", "datasets": ["bigbio/med_qa", " ", 7]},
        "createdAt": "2024-04-20T15:17:52.000Z",
    },
    "clinic/two-licences": {
        "siblings": [{"rfilename": "a/model-1.safetensors"}],
        "cardData": {"license": ["mit", "cc-by-4.0"], "datasets": "x" * 300},
    },
    "clinic/pickled": {"siblings": [{"rfilename": "pytorch_model.bin"}]},
}
REFUSED = {
    "clinic/gated": (403, "GatedRepo"),
    "clinic/answers/revision/none": (404, "RevisionNotFound"),
    "clinic/down": (500, "Unknown"),
}
NOT_HERE = (
    "'clinic/none' is no folder here and none of the embedded baseline:random, baseline:majority, "
    "baseline:longest-choice, toy:llama. "
)


class Hub(BaseHTTPRequestHandler):
    """Knows three models, and refuses all others."""

    def do_GET(self) -> None:
        name = self.path.split("?")[0].removeprefix("/api/models/").removesuffix("/revision/main")
        if (found := KNOWN.get(name)) is not None:
            self.answer(200, found | {"id": name, "modelId": name, "sha": COMMIT})
        else:
            code, error = REFUSED.get(name, (404, "RepoNotFound"))
            self.answer(code, {"error": error}, error)

    def answer(self, code: int, content: object, error: str | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if error:
            self.send_header("X-Error-Code", error)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def local_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A Hub on this machine, which huggingface_hub asks in place of the real one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    monkeypatch.setattr(
        huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}"
    )
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("local_hub")
@pytest.mark.parametrize("revision", [None, "main"])
def test_a_model_of_the_hub_is_pinned_to_its_commit(revision: str | None) -> None:
    assert describe_model("clinic/answers", revision) == Model(
        name="clinic/answers",
        revision=COMMIT,
        type="open weights",
        parameters=1234,
        licence="apache-2.0",
        released_at=datetime(2024, 4, 20, 15, 17, 52, tzinfo=UTC),
        trained_on=("bigbio/med_qa",),
    )


@pytest.mark.usefixtures("local_hub")
def test_a_model_card_may_name_two_licences() -> None:
    found = describe_model("clinic/two-licences", None)
    assert (found.licence, found.released_at) == ("mit, cc-by-4.0", None)
    assert found.trained_on == ("x" * 200,)  # a card says what it likes


@pytest.mark.usefixtures("local_hub")
@pytest.mark.parametrize(
    ("name", "revision", "error", "said"),
    [
        (
            "clinic/pickled",
            None,
            NoSafetensors,
            "clinic/pickled has no .safetensors file. Other formats can run code when they are "
            "opened.",
        ),
        (
            "clinic/none",
            None,
            ModelNotFound,
            NOT_HERE + "The Hub has no clinic/none. Check the spelling; a private one needs "
            "`hf auth login`.",
        ),
        (
            "clinic/gated",
            None,
            GatedModel,
            "clinic/gated is gated: its owner admits people one by one. Ask for access on its page "
            "on the Hub, then `hf auth login` here.",
        ),
        (
            "clinic/down",
            "main",
            DownloadFailed,
            "The Hub did not give clinic/down at main (HfHubHTTPError). Check the network, then "
            "run the same command again: what is downloaded is kept.",
        ),
    ],
)
def test_the_hub_refuses_and_we_say_what_to_do(
    name: str, revision: str | None, error: type[EvaluatorError], said: str
) -> None:
    with pytest.raises(EvaluatorError) as refused:
        describe_model(name, revision)
    assert (refused.type, str(refused.value)) == (error, said)


@pytest.mark.usefixtures("local_hub")
def test_a_revision_that_the_hub_lacks_is_named() -> None:
    with pytest.raises(ModelNotFound) as refused:
        describe_model("clinic/answers", "none")
    assert str(refused.value).endswith(
        "The Hub has no clinic/answers at none: check the branch, tag or commit."
    )


def test_a_hub_that_is_off_limits_is_no_missing_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadFailed) as refused:
        describe_model("clinic/answers", None)
    assert str(refused.value) == (
        "The Hub did not give clinic/answers (OfflineModeIsEnabled). Check the network, then run "
        "the same command again: what is downloaded is kept."
    )


def test_a_hub_that_does_not_answer_is_no_missing_model(local_hub: ThreadingHTTPServer) -> None:
    local_hub.shutdown()
    local_hub.server_close()
    with pytest.raises(DownloadFailed, match=r"did not give clinic/answers \(ConnectError\)"):
        describe_model("clinic/answers", None)


@pytest.mark.parametrize("download", ["model", "file"])
def test_a_download_that_is_off_limits_says_what_was_wanted(
    download: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DownloadFailed) as refused:
        if download == "model":
            hub.download_model("clinic/answers", COMMIT)
        else:
            hub.download_file("clinic/questions", "test.json", COMMIT)
    wanted = "clinic/answers" if download == "model" else "test.json of clinic/questions"
    assert str(refused.value).startswith(f"The Hub did not give {wanted} at {COMMIT} (")


@pytest.mark.parametrize(
    ("cause", "error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/models/blob"),
            DiskFull,
            "No space is left on the disk to write clinic/answers at main (/models/blob). Make "
            "room and run the same command again: what is done is kept.",
        ),
        (
            httpx2.ReadTimeout("timed out"),
            TimedOut,
            "The Hub did not give clinic/answers at main in time. Run the same command again.",
        ),
        (
            OSError(errno.EIO, "Input/output error"),
            DownloadFailed,
            "The Hub did not give clinic/answers at main (LocalEntryNotFoundError). Check the "
            "network, then run the same command again: what is downloaded is kept.",
        ),
    ],
)
def test_the_cause_is_found_behind_what_the_hub_library_says(
    cause: Exception, error: type[EvaluatorError], said: str
) -> None:
    with pytest.raises(EvaluatorError) as refused, hub.plain_errors("clinic/answers", "main"):
        raise LocalEntryNotFoundError("no snapshot folder") from cause
    assert (refused.type, str(refused.value)) == (error, said)


def test_an_error_of_our_own_making_is_not_blamed_on_the_hub() -> None:
    with pytest.raises(ZeroDivisionError), hub.plain_errors("clinic/answers", None):
        raise ZeroDivisionError


@pytest.mark.parametrize("name", ["no such model", "a/b/c", "../x", "https://x.org/y"])
def test_what_cannot_be_a_name_is_not_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotFound, match="is no folder here"):
        describe_model(name, None)
