"""Do the pages show how answers were given: several times, in words, after a rationale?"""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests import several_runs
from tests.several_runs import DRAWN, ONCE, REASONED, ROTATED, Several, read_rows
from tests.test_pages import clear_caches, open_page

several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
TOY, QUESTION = "toy:llama", "sample-003"
EACH_TIME, REASONING = "Each time it was asked", "What its reasoning changed"


@pytest.fixture(autouse=True)
def fresh(several_folder: None) -> None:  # noqa: ARG001 - of whose folder the caches are not
    clear_caches()


def open_case(several: Several, slug: str, model: str = TOY) -> AppTest:
    app = open_page("case", question=f"sample/{QUESTION}", run=several[1][model, slug])
    assert not app.exception
    return app


def said(app: AppTest) -> list[str]:
    return [part.value for part in (*app.text, *app.subheader, *app.caption)]


def rows_of(several: Several, slug: str) -> list[dict[str, Any]]:
    return [row for row in read_rows(several[1][TOY, slug]) if row["sample_id"] == QUESTION]


def test_a_case_shows_what_was_picked_under_each_order_of_the_choices(several: Several) -> None:
    app, rows = open_case(several, ROTATED), rows_of(several, ROTATED)
    right = sum(bool(row["right"]) for row in rows)
    times = {0: "it never picked the key", 1: "it picked the key once"}[right]
    assert any(f"Under all four orders of the choices, {times}." in text for text in said(app))
    assert EACH_TIME in said(app)
    shown = app.dataframe[-1].value
    assert [*shown["shown"]] == ["A B C D", "B C D A", "C D A B", "D A B C"]
    assert [*shown["pick"]] == [row["prediction"] for row in rows]
    assert [*shown["result"]] == ["right" if row["right"] else "wrong" for row in rows]


def test_a_case_shows_each_draw_and_what_all_took(several: Several) -> None:
    app, rows = open_case(several, DRAWN), rows_of(several, DRAWN)
    assert any(text.startswith("Asked three times with the same words") for text in said(app))
    shown = app.dataframe[-1].value
    assert [*shown["shown"]] == ["1", "2", "3"]
    assert [*shown["written_tokens"]] == [row["written_tokens"] for row in rows]
    assert set(shown["ended"]) == {"cut off"}
    took = "All three answers: 24 tokens written, "
    (effort,) = [text for text in said(app) if text.startswith(took)]
    assert effort.endswith("All were cut off at the limit.")


def test_a_case_shows_what_the_reasoning_changed(several: Several) -> None:
    app, (row,) = open_case(several, REASONED), rows_of(several, REASONED)
    assert row["prediction"] is None
    before, after = (
        "ABCD"[max(range(4), key=logprobs.__getitem__)]
        for logprobs in (row["logprobs_before"], row["logprobs_after"])
    )
    assert any(text.startswith("The reasoning ") and after in text for text in said(app))
    assert any(text.endswith("could be read from the answer that it wrote.") for text in said(app))
    shown = app.dataframe[-1].value
    for name, letter in (("before", before), ("after", after)):
        assert sum(shown[name]) == pytest.approx(100)
        assert shown["choice"][shown[name].idxmax()].startswith(letter)
    assert EACH_TIME not in said(app)


def test_a_case_asked_once_without_words_says_nothing_of_it(several: Several) -> None:
    app = open_case(several, ONCE, "baseline:random")
    assert not {EACH_TIME, REASONING} & {*said(app)}
    assert not [text for text in said(app) if "seconds" in text]
