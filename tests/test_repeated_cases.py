"""Of a run that answers a question several times: is the answer that is listed the one read?"""

import math
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import addresses, case_data, cases, data, report_view
from tests import several_runs
from tests.several_runs import DRAWN, ONCE, ROTATED, TASK, Several
from tests.test_charts_page import open_demonstration  # noqa: F401
from tests.test_pages import clear_caches, click_cell, marks, open_page, table

several, several_folder = several_runs.several, several_runs.several_folder  # fixtures
TOY = "toy:llama"


@pytest.fixture(autouse=True)
def fresh(several_folder: None) -> None:  # noqa: ARG001 - of whose folder the caches are not
    clear_caches()


def listed(several: Several, slug: str) -> list[dict[str, Any]]:
    """The wrong answers of a run, in their order."""
    errors = case_data.errors(several[1][TOY, slug], {}, 0, 999)
    return errors.to_dicts()


def open_listed(row: dict[str, Any]) -> AppTest:
    place = (row["task"], row["sample_id"], row["run_id"], {})
    app = open_page("case", **addresses.case(*place, row["repeat"]))
    assert not app.exception
    return app


def read_place(app: AppTest) -> tuple[Any, ...]:
    query = (
        {name: value[0] for name, value in app.query_params.items()}
        if any(isinstance(v, list) for v in app.query_params.values())
        else dict(app.query_params)
    )
    _, sample_id, _, _, repeat = addresses.read_case(query)
    return sample_id, repeat


@pytest.mark.parametrize("slug", [DRAWN, ROTATED])
def test_next_goes_on_over_every_answer_of_the_list(several: Several, slug: str) -> None:
    rows = listed(several, slug)
    app = open_listed(rows[0])
    for number, row in enumerate(rows[:6], 1):
        assert read_place(app) == (row["sample_id"], row["repeat"])
        assert f"{number} of {len(rows)}" in [caption.value for caption in app.caption]
        next(button for button in app.button if button.label == "Next").click().run()
        assert not app.exception
