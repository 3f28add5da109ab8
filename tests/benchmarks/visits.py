"""What a reader in a real browser waits for: the first table, and each filter's result."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.benchmarks import limits
from tests.benchmarks.serving import Server, serve, serve_dashboard
from tests.browser.conftest import ARGUMENTS, CHROMIUM

SCREEN = ViewportSize(width=1440, height=900)
LONGEST = 60_000  # milliseconds
BARE = Path(__file__).with_name("bare_streamlit.py")
STREAMLIT_CELL = "[data-testid='glide-cell-1-3']"  # what a screen reader has of the drawn table
GRADIO_CELL = "[data-testid='cell-3-1']"
FILTER = "Open weights under 10B"
WARM_UP = 2  # clicks
REST = 0.5  # seconds between two clicks
CLICK = """([name, longest]) => new Promise((resolve, reject) => {
    const told = () => document.body.textContent.match(/([\\d,]+) of [\\d,]+ rows/)?.[1]
    const drawn = () => document.querySelector('[data-testid=stDataFrame] [role=grid]')
        ?.getAttribute('aria-rowcount')
    const before = told()
    const button = [...document.querySelectorAll('button')].find(
        one => one.innerText.trim() === name)
    const begun = performance.now()
    const look = () => {
        const now = performance.now() - begun
        const wanted = told()
        if (wanted !== before && wanted && drawn() === String(1 + Number(wanted.replace(',', ''))))
            requestAnimationFrame(() => resolve(performance.now() - begun))
        else if (now > longest) reject(`After ${now} ms: ${wanted} rows told, ${drawn()} drawn.`)
        else requestAnimationFrame(look)
    }
    button.click()
    look()
})"""
Serve = Callable[[], AbstractContextManager[Server]]


class Side(NamedTuple):
    """An app whose first visit is timed."""

    name: str
    serve: Serve
    cell: str
    """Is there as soon as the table is drawn."""


@contextmanager
def open_browser() -> Iterator[Page]:
    """A browser with a new profile."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            page = browser.new_page(viewport=SCREEN)
            page.set_default_timeout(LONGEST)
            yield page
        finally:
            browser.close()


def measure_clicks(address: str, repeats: int) -> list[limits.Row]:
    """Click a quick filter on and off, each time until the table has as many rows as are told."""
    seconds = []
    with open_browser() as page:
        page.goto(address)
        page.locator(STREAMLIT_CELL).first.wait_for(state="attached")
        for _ in range(WARM_UP + repeats):
            time.sleep(REST)
            seconds.append(page.evaluate(CLICK, [FILTER, LONGEST]) / 1e3)
    numbers = limits.milliseconds(seconds[WARM_UP:], limits.SHOWN, None)
    return [limits.Row("browser: click on a filter", numbers)]


def sides_of(data: Path, rows: int, gradio: Path) -> list[Side]:
    """Ours, a bare Streamlit app, and a bare Gradio app where there is one."""
    count = str(rows)
    streamlit = [sys.executable, "-m", "streamlit", "run", str(BARE), "--server.port={port}"]
    plain = {"GRADIO_ANALYTICS_ENABLED": "False"}
    bare = [str(gradio.absolute()), "-m", "tests.benchmarks.bare_gradio", "{port}", count]
    sides = [
        Side("ours", lambda: serve_dashboard(data), STREAMLIT_CELL),
        Side("bare Streamlit", lambda: serve([*streamlit, "--", count], {}), STREAMLIT_CELL),
    ]
    if gradio.exists():
        sides.append(Side("bare Gradio", lambda: serve(bare, plain, "/"), GRADIO_CELL))
    return sides


def measure_visits(sides: list[Side], repeats: int) -> list[limits.Row]:
    """Visit the sides in turn, each time with a new server and a new browser."""
    seconds: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(1 + repeats):
        for side in sides:
            took = visit(side)
            if number:  # the first finds files that the system has not read yet
                seconds[side.name].append(took)
    bare = median(seconds[sides[1].name])
    rows = []
    for side in sides:
        took = median(seconds[side.name])
        limit = limits.VISIT if side is sides[0] else None
        numbers = {
            "median s": limits.Measured(took, "s"),
            "of Streamlit's": limits.Measured(took / bare, "×", limit),
        }
        rows.append(limits.Row(f"first visit: {side.name}", numbers))
    return rows


def visit(side: Side) -> float:
    """Seconds from the address to the table."""
    with side.serve() as server, open_browser() as page:
        begun = time.perf_counter()
        page.goto(server.address, wait_until="commit")
        page.locator(side.cell).first.wait_for(state="attached")
        return time.perf_counter() - begun
