"""The real server over a warehouse, and a browser that watches itself."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    Playwright,
    TimeoutError,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.conftest import REPOSITORY
from tests.demonstration import make_data, make_demonstration
from tests.ports import free_port

CHROMIUM = Path("/usr/bin/chromium-headless-shell")
"""Chromium without windows: a page takes a quarter less work than where they are only hidden."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROW = 33  # pixels of a table's row and of its head
DESK: ViewportSize = {"width": 1280, "height": 720}
Scheme = Literal["light", "dark"]
OpenPage = Callable[..., Page]
expect.set_options(timeout=15_000)


@contextmanager
def serve(data: Path, *options: str, port: int | None = None) -> Iterator[str]:
    """Serve `data` with the real command until the block ends; gives the address.

    The home of whoever starts it is `data`, too, where secrets may lie.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "dashboard", "--port", str(port), *options]
    log = data / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | {"LEADERBOARD_DATA": str(data), "HOME": str(data)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_healthy(f"http://localhost:{port}", server, log)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_until_healthy(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    while server.poll() is None:
        try:
            with urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except URLError:
            try:
                server.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"The server ended: {log.read_text()}")


@pytest.fixture(scope="session")
def demonstration_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(make_data(tmp_path_factory.mktemp("demonstration"), make_demonstration)) as address:
        yield address


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}; apt-get install {CHROMIUM.name}, or .ci/run installs it")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    """For browsers that know nothing of each other; each compiles Streamlit's files anew."""
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def profile(
    driver: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that keeps files, and what it compiled of them: a page takes a third less work."""
    folder = tmp_path_factory.mktemp("profile")
    context = driver.chromium.launch_persistent_context(
        folder, executable_path=CHROMIUM, args=ARGUMENTS
    )
    yield context
    context.close()


@pytest.fixture
def open_page(profile: BrowserContext) -> Iterator[OpenPage]:
    """Open an address; at the test's end nothing may have gone wrong, and nothing is left."""
    faults: list[str] = []
    pages: list[Page] = []

    def open_address(
        address: str, viewport: ViewportSize = DESK, color_scheme: Scheme = "light"
    ) -> Page:
        page = profile.new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        pages.append(page)
        watch(page, faults)
        page.goto(address)
        expect(page.get_by_text("For research only.")).to_be_visible()
        return page

    yield open_address
    for page in pages:
        leave(page)
    assert faults == []


def leave(page: Page) -> None:
    """Close a page, and leave its browser as a new one, but for the files that it has."""
    with suppress(Error):  # a page may have no store
        page.evaluate("localStorage.clear()")
    page.context.clear_cookies()
    page.context.clear_permissions()
    page.close()


def watch(page: Page, faults: list[str]) -> None:
    """Note what fails, what errs, and what leaves this machine."""
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: None if is_ours(request.url) else faults.append(request.url))
    page.on(
        "response",
        lambda got: (
            None
            if got.ok or got.status in (301, 302, 304) or is_known(got.url)
            else faults.append(f"{got.status} {got.url}")
        ),
    )
    page.on(
        "console",
        lambda said: (
            None
            if said.type != "error" or is_known(said.location["url"])
            else faults.append(said.text)
        ),
    )


def is_ours(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("data", "blob") or (parts.hostname == "localhost" and parts.port != 1)


def is_known(address: str) -> bool:
    """Streamlit first asks for these beside the page, then where they are."""
    return urlsplit(address).path.endswith(("/_stcore/health", "/_stcore/host-config"))


def cell(page: Page, row: int, column: int) -> Locator:
    """A cell of the page's first table: tables are drawn, and their text is read beside that."""
    return page.get_by_test_id(f"glide-cell-{column}-{row}").first


def settled(page: Page) -> None:
    """Wait until the page's script has run to its end."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def click_row(page: Page, row: int, across: int = 120) -> None:
    """Click a row of the page's first table until it opens, so many pixels from its left; a click
    on a table still in the making is lost."""
    before = page.url
    settled(page)
    expect(cell(page, row, 1)).to_be_attached()
    grid = page.get_by_test_id("data-grid-canvas").first
    at = ROW * (row + 1) + ROW // 2
    for _ in range(5):
        grid.hover(position={"x": across - 2, "y": at - 1}, force=True)
        grid.click(position={"x": across, "y": at}, force=True)
        with suppress(TimeoutError):
            page.wait_for_url(lambda url: url != before, wait_until="commit", timeout=4_000)
            return
    pytest.fail(f"No click on row {row} of {before} opened anything.")
