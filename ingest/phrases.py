"""The small language in which rules name words, and how a text is searched for them.

The head of `safety_rules.toml` explains it. Gaps are bounded, and no part of a phrase can match in
two ways, so a search takes time that grows only with the text, whatever the text.
"""

import re
import string
from collections.abc import Sequence
from functools import cache
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}  # keeps places
PIECE = re.compile(r"#(?:(?P<sign><|>=)(?P<limit>\d+(?:\.\d+)?))?|\*|[a-z0-9/%&+']+")
NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
BREAK = r"[^\w.?!;]"  # a space, a hyphen, a comma; never the end of a sentence
GAP = rf"(?:{BREAK}{{1,4}}\w+){{0,6}}?"


def check_phrase(phrase: str) -> str:
    words = phrase.split(" ")
    plain = [each for word in words if word != "..." for each in word.split("|")]
    spelled = all(PIECE.sub("", each) == "" != each and each[0] != "*" for each in plain)
    compared = [word for word in words for piece in PIECE.finditer(word) if piece["sign"]]
    chosen = any("|" in word for word in compared)  # #<45|bpm: a word without a number to compare
    if not spelled or "..." in (words[0], words[-1]) or len(compared) > 1 or chosen:
        raise ValueError(f"{phrase!r} is no phrase: the head of the file says what one is")
    return phrase


Phrases = Annotated[tuple[Annotated[str, AfterValidator(check_phrase)], ...], Field(min_length=1)]


class Finder(NamedTuple):
    """Phrases as one pattern: at each word the longest phrase is tried first."""

    pattern: re.Pattern[str]
    phrases: Sequence[str]
    """By the number of their group in the pattern."""
    vetoes: frozenset[str]

    def find(self, text: str) -> list[re.Match[str]]:
        """Where phrases stand in `text`, vetoes left out."""
        found = []
        for match in self.pattern.finditer(text.translate(LOWER)):
            phrase = self.phrases[int((match.lastgroup or "")[1:])]
            if phrase not in self.vetoes and is_within_limit(phrase, match):
                found.append(match)
        return found


def is_within_limit(phrase: str, match: re.Match[str]) -> bool:
    """Whether the number in the text is as the phrase wants it: `#<18`, `#>=65`."""
    wanted = next((piece for piece in PIECE.finditer(phrase) if piece["sign"]), None)
    if wanted is None:
        return True
    found = float(match[f"number_{match.lastgroup}"])
    limit = float(wanted["limit"])
    return found < limit if wanted["sign"] == "<" else found >= limit


@cache
def make_finder(phrases: Sequence[str], vetoes: Sequence[str]) -> Finder:
    ordered = sorted({*phrases, *vetoes}, key=lambda text: (-text.count(" "), -len(text), text))
    by_first: dict[str, list[str]] = {}  # so that at most words most phrases need no look
    spelled: list[str] = []
    for phrase in ordered:
        first, _, rest = phrase.partition(" ")
        for each in first.split("|"):
            name = f"p{len(spelled)}"
            spelled.append(phrase)
            pattern = phrase_pattern(f"{each} {rest}".strip(), f"number_{name}")
            first_letter = r"\d" if each[0] == "#" else re.escape(each[0])
            by_first.setdefault(first_letter, []).append(f"(?P<{name}>{pattern})")
    pattern = "|".join(
        f"(?={first_letter})(?:{'|'.join(patterns)})" for first_letter, patterns in by_first.items()
    )
    return Finder(re.compile(rf"(?<![\w.])(?:{pattern})(?!\w)"), spelled, frozenset(vetoes))


def phrase_pattern(phrase: str, number_group: str) -> str:
    """A phrase as a regular expression."""
    pattern, between = "", ""
    for word in phrase.split(" "):
        if word == "...":
            pattern += GAP
            continue
        alternatives = [
            "".join(piece_pattern(piece, number_group) for piece in PIECE.finditer(each))
            for each in word.split("|")
        ]
        pattern += f"{between}(?:{'|'.join(alternatives)})"
        last = [*PIECE.finditer(word)][-1].group()
        between = BREAK + ("{0,4}" if last.startswith("#") else "{1,4}")  # 5mg, 80-year-old
    return pattern


def piece_pattern(piece: re.Match[str], number_group: str) -> str:
    if piece["sign"]:
        return f"(?P<{number_group}>{NUMBER})"
    return {"#": NUMBER, "*": r"\w*"}.get(piece.group(), re.escape(piece.group()))
