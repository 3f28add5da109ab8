"""What a response says besides its answer, sentence by sentence, and where it names a choice."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evaluator.answers import JSON_FIELDS, MARKUP, plain
from evaluator.samples import LETTERS

LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}  # keeps places
FIELD = re.compile(  # the answer's field; a broken value may lack its last quote
    rf"([\"'])(?:{'|'.join(JSON_FIELDS)})\1\s{{0,9}}:\s{{0,9}}"
    r"(?:([\"'])(?:\\.|(?!\2)[^\\\n]){0,500}\2?|[^\"'\n]{0,20})"
)
LEFT_OUT = re.compile(rf"\\(?:u([0-9a-fA-F]{{4}})|([\"/nrt\\]))|{MARKUP.pattern}", re.MULTILINE)
ESCAPES = {"n": "\n", "r": "\n", "t": " "}
KEY = re.compile(r"[\s{,]*[\"']\w{1,40}[\"']\s{0,9}:\s{0,9}")  # of JSON, before a text
WORD = re.compile(r"\w")
BEFORE, AFTER = re.compile(r"\w-?$"), re.compile(r"-?\w")
END = re.compile(r"[.!?](?=[\s\"']|$)|\n\s*")
ABBREVIATED = re.compile(r"(?:\b(?:[A-Z]|[Dd]r|vs|St|e\.g|i\.e|spp?)|^\W*[A-Ja-j1-9])\.$")
ARTICLE = re.compile(r"(?:the|an?) ")
AROUND = " \t\r\n\"',{}"
"""Blanks, and what is left of JSON."""
LONGEST = 600
"""Characters of a sentence; a longer one is not read."""


class Reasoning(NamedTuple):
    """A response's text without its answer's field, escapes and markup."""

    text: str
    places: Sequence[int]
    """Where its pieces begin."""
    origins: Sequence[int]
    """Where these pieces begin in the response."""
    ends: Sequence[int]
    """Where they end there: an escape is longer than its character."""
    has_field: bool
    """Whether the answer stood in a field of its own."""

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """The places in the response of the characters from `start` to before `end`."""
        first, last = bisect_right(self.places, start) - 1, bisect_right(self.places, end - 1) - 1
        following = self.places[last + 1] if last + 1 < len(self.places) else len(self.text)
        closing = (
            self.ends[last] if end == following else self.origins[last] + end - self.places[last]
        )
        return self.origins[first] + start - self.places[first], closing


class Sentence(NamedTuple):
    """A sentence with its place in the reasoning."""

    text: str
    lower: str
    """Of the same length."""
    start: int


class Mention(NamedTuple):
    """Where a sentence names a choice."""

    start: int
    end: int
    letter: str


def read_reasoning(response: str) -> Reasoning:
    rest = FIELD.sub(lambda field: "\n" * len(field[0]), response)
    pieces: list[str] = []
    spans: list[tuple[int, int, int]] = []  # place, origin and end
    length = end = 0
    for match in [*LEFT_OUT.finditer(rest), None]:
        begins, ends = match.span() if match else (len(rest), len(rest))
        letter = read_escape(match) if match else ""
        for piece, origin, stop in ((rest[end:begins], end, begins), (letter, begins, ends)):
            if piece:
                pieces.append(piece)
                spans.append((length, origin, stop))
                length += len(piece)
        end = ends
    places, origins, stops = zip(*spans, strict=True) if spans else ((), (), ())
    return Reasoning("".join(pieces), places, origins, stops, rest != response)


def read_escape(match: re.Match[str]) -> str:
    """The character behind an escape of JSON; empty for markup."""
    if match[1]:
        return chr(int(match[1], 16))
    return ESCAPES.get(match[2], match[2]) if match[2] else ""


def split_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of `text` in order; neither "B." of a list nor "E." of E. coli is one."""
    lower = text.translate(LOWER)
    key = KEY.match(text)
    start = key.end() if key else 0
    for match in [*END.finditer(text, start), None]:
        end = match.end() if match else len(text)
        if match and match[0] == "." and ABBREVIATED.search(text[max(start, end - 6) : end]):
            continue
        said = text[start:end].rstrip(AROUND)
        first = start + len(said) - len(said.lstrip(AROUND))
        words = text[first : start + len(said)]
        if len(words) <= LONGEST and WORD.search(words):
            yield Sentence(words, lower[first : first + len(words)], first)
        start = end


def name_choices(choices: Sequence[str]) -> list[tuple[str, str]]:
    """The choices' texts in lower case with their letters, longest first.

    Left out are those that several letters share, and those too short to be known in a text.
    """
    texts = [ARTICLE.sub("", plain(choice).translate(LOWER), count=1) for choice in choices]
    named = [
        (text, letter)
        for text, letter in zip(texts, LETTERS, strict=False)
        if texts.count(text) == 1 and any(map(str.isalnum, text))
    ]
    return sorted(named, key=lambda each: -len(each[0]))


def find_mentions(lower: str, named: Sequence[tuple[str, str]]) -> list[Mention]:
    """Where a sentence names choices, in order; of two that overlap, the longer."""
    found: list[Mention] = []
    for name, letter in named:
        at = lower.find(name)
        while at >= 0:
            end = at + len(name)
            apart = not any(other.start < end and at < other.end for other in found)
            if apart and is_bounded(lower, at, end):
                found.append(Mention(at, end, letter))
            at = lower.find(name, end)
    return sorted(found)


def is_bounded(lower: str, start: int, end: int) -> bool:
    """Whether no word goes on at either side; a plural may."""
    after = lower[end + (lower[end : end + 1] == "s") : end + 3]
    return not (AFTER.match(after) or BEFORE.search(lower[max(0, start - 2) : start]))
