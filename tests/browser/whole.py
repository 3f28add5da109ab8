"""All the processes of a leaderboard over one data folder: the dashboard, where people sign in, a
Hub on this machine, and what checks, asks and publishes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from oidc_provider_mock import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, settled
from tests.browser.test_sign_in import EMAIL, serve_to_users, sign_in
from tests.conftest import REPOSITORY, load_everything, make_run
from tests.demonstration import make_data
from tests.hub_stand_in import StandIn
from tests.hub_stand_in import serve as serve_hub
from tests.submitted import make_good
from warehouse.ledger import upkeep
from warehouse.ledger.opening import open_ledger
from warehouse.ledger.people import LOCAL

MAINTAINER = EMAIL
BOB, CAROL = "bob@example.org", "carol@example.org"
USERS = [
    User(sub=email, claims={"email": email, "email_verified": True})
    for email in (MAINTAINER, BOB, CAROL)
]
COMMANDS = {
    "checker": ("evaluator", "check-queue"),
    "worker": ("evaluator", "work"),
    "publisher": ("ingest", "watch", "--every", "1"),
}
PATIENCE = 120_000
"""Milliseconds until a process of its own has to have done its part, however busy the machine."""


class Whole(NamedTuple):
    """A leaderboard with all that belongs to it."""

    address: str
    hub: StandIn
    good: Path
    """A model with which nothing is wrong."""
    data: Path
    running: dict[str, "subprocess.Popen[bytes]"]
    """Of the `COMMANDS` those that were started."""


@contextmanager
def serve_whole(folder: Path) -> Iterator[Whole]:
    """Serve a leaderboard with one baseline on it, and nothing that works, until the block ends."""
    data = make_data(folder / "data", make_baseline)
    good = make_good(folder / "good")
    with serve_hub() as hub, serve_to_users(data, USERS) as site:
        whole = Whole(site.address, hub, good, data, {})
        try:
            yield whole
        finally:
            for process in whole.running.values():
                process.terminate()
            for process in whole.running.values():
                process.wait(timeout=90)


def make_baseline() -> None:
    make_run("baseline:majority")
    load_everything()


def start(whole: Whole, *names: str) -> None:
    """Start some of the `COMMANDS` by which a leaderboard lives, or all, unless they run."""
    place = {"LEADERBOARD_DATA": str(whole.data), "HF_HOME": str(whole.data / "hub")}
    place["HF_HUB_DOWNLOAD_TIMEOUT"] = "60"  # the Hub may be slow, lest a run ends too soon to see
    for name in names or COMMANDS:
        if name not in whole.running:
            with (whole.data / f"{name}.log").open("wb") as log:
                whole.running[name] = subprocess.Popen(
                    [sys.executable, "-m", *COMMANDS[name]],
                    cwd=REPOSITORY,
                    env=os.environ | whole.hub.environment | place,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )


@contextmanager
def paused(whole: Whole) -> Iterator[None]:
    """Let the worker take nothing until the block ends."""
    ledger = open_ledger(f"sqlite:///{whole.data / 'ledger.sqlite'}")
    upkeep.pause(ledger, LOCAL, "In a moment.")
    yield
    upkeep.resume(ledger, LOCAL, "Go on.")
    ledger.close()


def enter(visit: OpenPage, whole: Whole, who: str, path: str) -> Page:
    """A browser of its own in which someone has signed in, at a page."""
    page = visit(f"{whole.address}/{path}")
    sign_in(page, who)
    settled(page)
    return page


def submit(page: Page, model: str) -> int:
    """Fill in the form and send it; returns the submission's number, whose page is open then."""
    page.get_by_label("Model", exact=True).fill(model)
    page.get_by_label("Model", exact=True).press("Enter")
    for choice in ("float32", "sample"):
        page.get_by_test_id("stRadio").get_by_text(choice, exact=True).click()
        expect(page.get_by_label(choice, exact=True)).to_be_checked()
    return send(page)


def send(page: Page) -> int:
    """Press the form's button; returns the submission's number, whose page is open then."""
    settled(page)
    page.get_by_role("button", name="Submit", exact=True).click()
    page.wait_for_url("**/submission?number=*")
    return int(page.url.rpartition("=")[2])


def give_reason(page: Page, act: str, reason: str) -> None:
    """Do what asks for a reason, by the form that does it."""
    button = page.get_by_role("button", name=act, exact=True)
    form = page.get_by_test_id("stForm").filter(has=button)
    form.get_by_label("Reason, for all to read").fill(reason)
    form.get_by_role("button", name=act, exact=True).click()
