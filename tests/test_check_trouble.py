"""Is a model ever blamed for what the Hub, the network or this machine did?"""

import time
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import constants, file_download
from huggingface_hub.utils import _http

from evaluator import checking, hub
from evaluator.checker import Checker
from evaluator.errors import DiskFull, DownloadFailed, NotChecked, TimedOut
from evaluator.protocols import ZERO_SHOT
from tests import ledgers
from tests.hub_stand_in import StandIn
from tests.many_submissions import ANN
from tests.submitted import Check, codes, pickle, try_here
from warehouse.ledger import queue
from warehouse.ledger.opening import open_ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, find, submit

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


@pytest.mark.usefixtures("_impatient")
def test_a_hub_that_gives_one_model_alone_keeps_no_other_waiting(
    stand_in: StandIn, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "try_loading", try_here)
    clock = ledgers.Clock()
    ledger = open_ledger(clock=clock)
    for name in ("clinic/away", "clinic/there"):
        stand_in.add(name, good)
        submit(ledger, Asked(model=name, precision="float32", protocol=ZERO_SHOT.slug), ANN)
    stand_in.fail("clinic/away", status=503)
    checker = Checker(ledger, "c", Event())
    assert [checker.work(once=True) for _ in range(3)] == [1, 1, 0]
    assert [find(ledger, number).state for number in (1, 2)] == [State.SUBMITTED, State.PENDING]
    assert find(ledger, 1).code == "not-checked"
    assert "clinic/away could not be checked. The Hub did not give" in str(find(ledger, 1).message)
    stand_in.faults.clear()
    clock.pass_(queue.REST.total_seconds())
    assert checker.work(once=True) == 1
    assert find(ledger, 1).state == State.PENDING
    ledger.close()
