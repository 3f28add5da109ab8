"""Are boards beside the nine called as they were typed, and do links lead to them?"""

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dashboard import addresses, boards, ledger_data, widgets
from tests import ledgers
from tests import test_own_tasks_everywhere as everywhere
from tests.many_submissions import fill
from tests.own_tasks import TASK, write_task
from tests.test_own_tasks_everywhere import MAJORITY, VIEW, Evaluate, Ingest
from tests.test_pages import clear_caches, open_page, table
from warehouse.ledger.opening import Ledger

LANE = "loglikelihood-0shot"
asked, example, ingest = everywhere.asked, everywhere.example, everywhere.ingest  # the fixtures
ledger = ledgers.own_ledger


def test_links_to_a_board_open_its_own(asked: str) -> None:
    """From a submission, a model and its wrong answers."""
    clear_caches()
    titles = {"chest_reports": VIEW["view"]}
    assert boards.view_of(["chest_reports"], titles) == VIEW["view"]
    assert boards.view_of(["sample", "chest_reports"], titles) == "Demonstration questions"
    for tasks in (["nine"], ["all"], ["chest_reports", "medqa_4options"]):
        assert boards.view_of(tasks, titles) == "Nine medical tasks"
    assert boards.view_of(["chest_reports"], {}) == boards.view_of([], titles) == ""
    for page, address in (
        ("model", {"model": "baseline:majority", "run": asked}),
        ("errors", {"run": asked}),
        ("errors", {"run": asked, "task": VIEW["view"]}),
    ):
        (link,) = [
            link.proto.query_string
            for link in open_page(page, **address).page_link
            if link.proto.page == "safety"
        ]
        assert parse_qs(link)["view"] == [VIEW["view"]]
    opened = open_page(
        "leaderboard", **addresses.leaderboard("baseline:majority", LANE, VIEW["view"])
    )
    assert opened.segmented_control(key="view").value == VIEW["view"]


def test_a_submission_of_it_leads_to_its_board(
    ledger: Ledger, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear_caches()
    one, events = ledger_data.find(fill(ledger)["finished"])
    own = one.model_copy(update={"tasks": "chest_reports", "run_id": asked})
    monkeypatch.setattr(ledger_data, "find", lambda _: (own, events))
    (link,) = [
        parse_qs(link.proto.query_string)
        for link in open_page("submission", number=str(own.number)).page_link
        if link.label == "The leaderboard"
    ]
    assert link == {"view": [VIEW["view"]], "lane": [own.protocol], "pin": [own.model]}


@pytest.mark.parametrize("title", ["[click](http://x.example)", ":red[x]", "**Ward** 1.", "www.x"])
def test_a_title_is_shown_as_it_was_typed(
    title: str, tmp_path: Path, evaluate_here: Evaluate, ingest: Ingest
) -> None:
    clear_caches()
    path = write_task(tmp_path / "ward", TASK.replace("Ward round", title))
    code, *_ = evaluate_here("run", *MAJORITY, "--tasks", str(path))
    assert (code, ingest("runs")) == (0, 0)
    shown = widgets.as_written(title)
    app = open_page("leaderboard", view=shown)
    assert app.segmented_control(key="view").options[-1] == shown
    assert app.segmented_control(key="view").value == shown
    assert table(app)["ward"].size == 1
    assert boards.view_of(["ward"], {"ward": title}) == shown
