"""Text of others as HTML with words marked in it: the one place that makes HTML of such text.

Every piece goes through `html.escape`, so that whatever the text holds is shown and nothing runs.
"""

import html
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

Mark = Literal["flag", "evidence", "value"]
"""Words behind a flag; words of the question that a rule found; a measured value."""
AS_HTML = {
    "": "{}",
    "flag": '<mark class="flag">{}</mark>',
    "evidence": '<mark class="evidence">{}</mark>',
    "value": '<span class="value">{}</span>',
}
BLOCK = '<div class="reading">{}</div>'
LABEL = '<div class="reading-label">{}</div>'


class Span(NamedTuple):
    """Characters `start` to `end` of a text, from 0, without the last."""

    start: int
    end: int
    mark: Mark


def as_html(text: str, spans: Iterable[Span] = (), label: str = "") -> str:
    """A block in which `text` stands to the last character, with `spans` of it marked.

    Of spans that overlap the later one wins; what lies outside of the text is left out. A `label`
    stands above, text of others too.
    """
    head = LABEL.format(html.escape(label.replace("_", " "))) if label else ""
    return head + BLOCK.format(as_inline(text, spans))


def as_inline(text: str, spans: Iterable[Span] = ()) -> str:
    """What `as_html` has in its block."""
    marks = [""] * len(text)
    for start, end, mark in spans:
        inside = slice(max(start, 0), max(end, 0))
        marks[inside] = [mark] * len(marks[inside])
    pieces = groupby(zip(text, marks, strict=True), key=itemgetter(1))
    return "".join(
        AS_HTML[mark].format(html.escape("".join(letter for letter, _ in piece)))
        for mark, piece in pieces
    )


def element(name: str, text: str, spans: Iterable[Span] = (), *, css: str = "") -> str:
    """An element `name` of class `css` that holds `text`, with `spans` of it marked."""
    kind = f' class="{css}"' if css else ""
    return f"<{name}{kind}>{as_inline(text, spans)}</{name}>"
