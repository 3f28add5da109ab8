"""Is a model ever blamed for what the Hub, the network or this machine did?"""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import constants, file_download
from huggingface_hub.utils import _http

from evaluator import hub
from evaluator.errors import DiskFull, DownloadFailed, NotChecked, TimedOut
from tests.hub_stand_in import StandIn
from tests.submitted import Check, codes, pickle

pytest_plugins = ["tests.submission_fixtures"]

TROUBLE: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "too many requests": ({"status": 429}, DownloadFailed),
    "an error of the Hub's": ({"status": 500}, DownloadFailed),
    "a Hub that is closed": ({"status": 503}, DownloadFailed),
    "a refusal without a reason": ({"status": 403}, DownloadFailed),
    "a slow Hub": ({"seconds": 1}, TimedOut),
    "a connection that breaks": ({"cut": True}, DownloadFailed),
}
PLACES = {
    "the repository": "/api/models/",
    "a text": "/config.json",
    "weights": "/model.safetensors",
}


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """huggingface_hub waits a quarter of a second for an answer, and not before it asks again."""
    monkeypatch.setattr(hub, "HF_HUB_DOWNLOAD_TIMEOUT", 0.25)
    for name in ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT"):
        monkeypatch.setattr(constants, name, 0.25)
    shim = SimpleNamespace(sleep=lambda _: None, time=time.time)
    monkeypatch.setattr(file_download, "time", shim)
    monkeypatch.setattr(_http, "time", shim)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("place", PLACES)
def test_trouble_with_the_hub_is_no_problem_of_the_model(
    check: Check, stand_in: StandIn, place: str, trouble: str
) -> None:
    how, cause = TROUBLE[trouble]
    stand_in.fail(PLACES[place], **how)
    with pytest.raises(NotChecked, match=r"clinic/answers could not be checked\. ") as raised:
        check()
    assert isinstance(raised.value.__cause__, cause)
    assert raised.value.code == "not-checked"


@pytest.mark.usefixtures("_impatient")
def test_trouble_is_not_hidden_by_problems(check: Check, stand_in: StandIn) -> None:
    stand_in.fail("/tokenizer.json", status=500)
    with pytest.raises(NotChecked):
        check(pickle)


def test_a_hub_that_is_back_is_asked_again(check: Check, stand_in: StandIn) -> None:
    stand_in.fail("/api/models/", status=500)
    with pytest.raises(NotChecked):
        check()
    stand_in.faults.clear()
    assert codes(check()) == []


def test_a_page_in_place_of_an_answer_is_not_the_hub(
    check: Check, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.hub_repository.Repository.describe", lambda *_, **__: ["log in"])
    with pytest.raises(NotChecked, match="is no answer of the Hub's"):
        check()
    assert len(stand_in.requests) == 1


def test_a_model_without_a_commit_is_not_checked(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.hub_repository.Repository.commit", "main")
    with pytest.raises(NotChecked, match="names no commit of clinic/answers"):
        check()


def test_a_full_disk_is_no_problem_of_the_model(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download_public(*_: object) -> None:
        raise DiskFull("No space is left on the disk.")

    monkeypatch.setattr(hub, "download_public", download_public)
    with pytest.raises(NotChecked, match="No space is left"):
        check()
