"""A dashboard that is killed and started again while a page is open: the page shows the truth."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import ledgers
from tests.browser.conftest import wait_until_healthy
from tests.conftest import REPOSITORY
from tests.many_submissions import MAINTAINER, add_checked
from tests.ports import free_port
from warehouse.ledger import upkeep
from warehouse.ledger.opening import Ledger
from warehouse.ledger.states import State
from warehouse.ledger.submissions import find

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ledger = ledgers.own_ledger  # the fixture


def start(data: Path, port: int) -> "subprocess.Popen[bytes]":
    log = data / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "--local", "--port", str(port)],
            cwd=REPOSITORY,
            env=os.environ | {"HOME": str(data)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    wait_until_healthy(f"http://localhost:{port}", server, log)
    return server


def test_an_open_page_goes_on_once_the_dashboard_is_back(
    ledger: Ledger, data_folder: Path, profile: BrowserContext
) -> None:
    number = add_checked(ledger, "acme/kept")
    port = free_port()
    server = start(data_folder, port)
    try:
        page = profile.new_page()
        page.goto(f"http://localhost:{port}/submission?number={number}")
        expect(page.get_by_text("Number 1 of 1 in the queue.")).to_be_visible()
        page.get_by_text("For maintainers").click()
        page.get_by_text("Cancel", exact=True).first.click()
        page.get_by_label("Reason, for all to read").fill("Not that one.")
        page.get_by_role("button", name="Cancel").last.click()
        expect(page.get_by_text("It is cancelled.")).to_be_visible()
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert find(ledger, number).state == State.CANCELLED, "what was answered is kept"
        upkeep.retry(ledger, number, MAINTAINER, "It was that one.")
        server = start(data_folder, port)
        expect(page.get_by_text("It waits to be checked.")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("It was that one.").first).to_be_attached()
        upkeep.cancel(ledger, number, MAINTAINER, "After all not.")
        expect(page.get_by_text("After all not.").first).to_be_visible()
        page.close()
    finally:
        server.kill()
        server.wait()
