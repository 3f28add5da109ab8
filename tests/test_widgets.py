"""Pieces that several pages share."""

import pytest
from markdown_it import MarkdownIt

from dashboard.widgets import as_written
from tests.browser.test_hostile import MODEL, SHOWN


@pytest.mark.parametrize("text", [*SHOWN, MODEL, "a_b*c*_d_ ~e~ | 1. x"])
def test_a_text_is_shown_as_it_is_written(text: str) -> None:
    (_, inline, _) = MarkdownIt("commonmark").parse(as_written(text))
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or ()) == " ".join(text.split())
