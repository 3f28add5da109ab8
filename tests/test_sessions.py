"""The benchmarks' reader without a browser, at the real server over the demonstration."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.benchmarks.limits import Measured, Row, as_table, nearly_all
from tests.benchmarks.serving import resident_bytes, serve_dashboard
from tests.benchmarks.sessions import UnknownWidget, open_reader
from tests.demonstration import LIKELY, make_demonstration

DEMONSTRATION = {"view": "Demonstration questions"}


async def read(address: str) -> None:
    """Open, search, follow a row to its model, and ask for what is not there."""
    async with open_reader(address) as reader:
        first, again = await reader.visit(""), await reader.visit("")
        assert 0 < again.size < first.size  # what the browser keeps is not sent anew
        await reader.visit("about")
        await reader.visit("", DEMONSTRATION)
        assert told(reader.texts) == "3 of 3 rows."
        await reader.choose("find", LIKELY)
        assert told(reader.texts) == "1 of 3 rows, 2 hidden by your filters."
        assert reader.address == {"view": ["Demonstration questions"], "find": [LIKELY]}
        await reader.click("leaderboard", 0, "model")
        assert reader.address["model"] == [LIKELY]
        await reader.choose("part", "Receipt")
        assert reader.address["part"] == ["Receipt"]
        with pytest.raises(UnknownWidget, match="No widget find on this page"):
            await reader.choose("find", "b")


def told(texts: list[str]) -> str:
    """How many rows the leaderboard says that it shows."""
    line = next(text for text in texts if " rows" in text)
    return line[line.index(" of ") - 1 :]


def test_a_reader_without_a_browser_sees_what_a_browser_would(data_folder: Path) -> None:
    make_demonstration()
    with serve_dashboard(data_folder) as server:
        assert resident_bytes(server.group) > 50e6
        with ThreadPoolExecutor() as pool:  # a browser of other tests may have this thread's loop
            pool.submit(asyncio.run, read(server.address)).result()
    assert resident_bytes(server.group) == 0


def test_the_table_says_what_is_over_its_limit() -> None:
    rows = [
        Row("quick", {"ms": Measured(79.6, "ms", 80), "kB": Measured(1200, "kB")}),
        Row("slow", {"ms": Measured(90, "ms", 80)}),
        Row("broken", {}, "ScriptFailed: why"),
    ]
    assert as_table(rows).splitlines() == [
        "             ms     kB",
        "quick   80 ≤ 80  1,200  ok",
        "slow    90 ≤ 80         OVER",
        "broken                  ScriptFailed: why",
    ]
    assert nearly_all([float(number) for number in range(101)]) == 95
