"""The page with charts of a whole lane: every chart opens, and says why where it is empty."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from tests import test_pages
from tests.test_pages import Use, open_page

folders, use = test_pages.folders, test_pages.use  # the fixtures
PARTS = ("Subjects", "Size", "Time", "Scores", "Markings", "Questions")


def open_demonstration(**address: str) -> AppTest:
    """The page keeps the choice of questions of the one before, as a reader expects."""
    app = open_page("charts", **address)
    return app.segmented_control(key="view").set_value("Demonstration questions").run()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("warehouse", ["published", "demonstration", "real"])
def test_every_chart_opens_or_says_why_not(warehouse: str, part: str, use: Use) -> None:
    use(warehouse)
    opened = open_demonstration if warehouse == "demonstration" else partial(open_page, "charts")
    app = opened(chart=part)
    assert not app.exception
    assert app.get("plotly_chart") or app.info


@pytest.mark.parametrize("part", ["Subjects", "Questions"])
def test_published_scores_have_nothing_by_subject_or_question(part: str, use: Use) -> None:
    use("published")
    app = open_page("charts", chart=part)
    assert len(app.info) == 1
    assert not app.get("plotly_chart")


def test_a_lane_is_drawn_by_subject_with_its_finding(use: Use) -> None:
    use("demonstration")
    app = open_demonstration()
    assert len(app.get("plotly_chart")) == 1
    assert app.subheader[0].value == "Too few kinds of questions to compare"
    app.multiselect(key="models").set_value([]).run()
    assert [info.value for info in app.info] == ["Choose a model to see its subjects."]


def test_strange_questions_are_listed(use: Use) -> None:
    use("demonstration")
    app = open_demonstration(chart="Questions", mark="Nobody is right")
    listed = app.dataframe[0].value
    assert set(listed["right"]) == {0}
    said = [text.value for text in app.caption]
    assert any(text.endswith("such. Click a row to read the question.") for text in said)


def test_an_address_that_makes_no_sense_opens_the_page(use: Use) -> None:
    use("demonstration")
    for value in ("nonsense", "\x00", "[]"):
        names = "view lane score chart models mark of_task marked_at"
        app = open_page("charts", **dict.fromkeys(names.split(), value))
        assert not app.exception
