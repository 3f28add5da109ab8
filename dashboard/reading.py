"""Makes long text easy to read without a change of its words; no Streamlit here."""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dashboard.marked_text import Span

NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,9})(?:\.\d{1,6})?"
MASS = r"(?:m?Osm(?:ol)?|[mµμnpk]?(?:g|mol|Eq|IU|U|L)|mcg|cells?|copies)"
UNIT = (
    rf"{MASS}/(?:24 ?h(?:r|ours)?|[mdcµμf]?[Ll]|kg(?:/(?:day|h|min))?|day|h|min|mm3|mm\^3)"
    r"|%|° ?[CF]|mm ?Hg|/mm3|/mm\^3|/µL|/μL|/ml|/min|/hpf|/HPF|kg/m2|kg/m\^2"
    r"|(?:beats|breaths)(?:/min| per minute)|bpm"
    r"|mm/hr?|(?:kg|lbs?|mg|mcg|mL|ml|fL|cm|mm|[µμ]m)"
)
AGE = r"\d{1,3}(?:\.\d)?[- ](?:year|month|week|day|hour)s?[- ]old"
TERM = r"\d{1,2} weeks?['’]?(?: of)? gestation"
AMOUNT = rf"{NUMBER}(?: ?[/–-] ?{NUMBER})? ?(?:{UNIT})(?: \({NUMBER}° ?[CF]\))?"
VALUE = re.compile(rf"(?<![\w.,/])(?:{AGE}|{TERM}|{AMOUNT})(?![\w/])")
"""Ages, weeks of pregnancy, vital signs and laboratory values with their unit."""
STRING = r'"(?:[^"\\]|\\.)*"'
FIELD = re.compile(rf'\s*({STRING})\s*:\s*({STRING}|[^\s",{{}}\[\]]+)\s*([,}}])', re.DOTALL)
TOKEN = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.|.", re.DOTALL)
DOTS = "…"
READER = json.JSONDecoder(strict=False)  # models write line breaks into strings


class Passage(NamedTuple):
    """A piece of a response as it is read."""

    label: str
    """What the response calls it; empty where it is the whole."""
    text: str
    starts: Sequence[int]
    """Where in the response each character stands, and at last where the piece ends."""


def find_values(text: str) -> list[Span]:
    """Where ages, vital signs and laboratory values stand in `text`."""
    return [Span(*found.span(), "value") for found in VALUE.finditer(text)]


def find_words(text: str, words: Iterable[str]) -> list[Span]:
    """Where each of `words` first stands in `text`."""
    places = [(text.find(word), word) for word in words if word]
    return [Span(at, at + len(word), "evidence") for at, word in places if at >= 0]


def read_response(response: str) -> list[Passage]:
    """The pieces of a response: of a JSON object each field unescaped, of all else the whole."""
    fields = read_fields(response)
    return fields or [Passage("", response, range(len(response) + 1))]


def read_fields(response: str) -> list[Passage]:
    """The fields of a JSON object of texts and numbers; none where it is anything else."""
    try:
        whole = READER.decode(response)
    except (ValueError, RecursionError):
        return []
    if not isinstance(whole, dict):
        return []
    fields, at = [], response.index("{") + 1
    while found := FIELD.match(response, at):
        at = found.end()
        fields.append(Passage(READER.decode(found[1]), *unescape(found[2], found.start(2))))
        if found[3] == "}":
            break
    read = {label: text for label, text, _ in fields}
    told = {name: value if isinstance(value, str) else None for name, value in whole.items()}
    same = all(value in (None, read.get(name)) for name, value in told.items())
    plain = not any("\ud800" <= letter <= "\udfff" for text in read.values() for letter in text)
    complete = len(fields) == len(whole) and read.keys() == whole.keys()
    return fields if same and plain and complete else []


def unescape(value: str, start: int) -> tuple[str, list[int]]:
    """Return (text, where each character of it stands), of a JSON `value` that begins at `start`.

    At last comes where the text ends.
    """
    if not value.startswith('"'):
        return value, list(range(start, start + len(value) + 1))
    tokens = list(TOKEN.finditer(value, 1, len(value) - 1))
    text = "".join(READER.decode(f'"{token[0]}"') for token in tokens)
    return text, [start + token.start() for token in tokens] + [start + len(value) - 1]


def place_spans(passage: Passage, spans: Iterable[Span]) -> list[Span]:
    """Those `spans` of the response that lie in `passage`, as places in its text."""
    placed = [
        Span(
            max(bisect_right(passage.starts, start) - 1, 0),
            min(bisect_left(passage.starts, end), len(passage.text)),
            mark,
        )
        for start, end, mark in spans
        if end > passage.starts[0] and start < passage.starts[-1]
    ]
    return [span for span in placed if span.start < span.end]


def flag_spans(flags: Iterable[Mapping[str, Any]]) -> list[Span]:
    """The words of the response that the rows of `flags` rest on."""
    return [
        Span(flag["start"], flag["end_"], "flag") for flag in flags if flag["start"] is not None
    ]


def cut(text: str, spans: Sequence[Span], around: int) -> tuple[str, list[Span]]:
    """The first marked words of `text` and those near, with `around` characters on each side.

    The beginning where nothing is marked. Cut at spaces; dots stand where something is left out.
    """
    first = min((span.start for span in spans), default=0)
    near = [span.end for span in spans if span.start <= first + 2 * around]
    start = to_space(text, max(first - around, 0))
    end = min(max([*near, first]) + around * (1 if spans else 2), start + 8 * around)
    end = len(text) if end >= len(text) else max(text.rfind(" ", start, end), start + around)
    before, after = DOTS if start else "", DOTS if end < len(text) else ""
    shift = len(before) - start
    kept = [
        Span(span.start + shift, min(span.end, end) + shift, span.mark)
        for span in spans
        if start <= span.start < end
    ]
    return f"{before}{text[start:end]}{after}", kept


def to_space(text: str, at: int) -> int:
    """The beginning of the word after `at`, or `at` where none begins soon."""
    found = text.find(" ", at, at + 40) if at else -1
    return found + 1 if found >= 0 else at
