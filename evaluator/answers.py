"""From the text that a model gave to the letter that it settled on."""

import json
import re
from collections.abc import Sequence

OPENING = r"[\s\"'*`(\[:]*"
CLOSING = r"[\"'*`)\]]*"
BEFORE_WORD = r"(?:because|since|as|due|for|with|which|but|given|based|rather)\b"
STATED = re.compile(
    r"(?i:\b(?:answer|option|choice)\b[*\"'`]*(?:\s+(?:choice|option|letter)\b)?\s*"
    r"(?::|=|is\b|would be\b|should be\b)"
    rf"{OPENING}(?:(?:option|choice|letter)\b{OPENING})?([A-J]))\b(?![\w'’])"
    rf"(?![ \t]+(?!{BEFORE_WORD})[a-z])"  # "is a diuretic", "is B cells", "is A or C"
    rf"(?!{CLOSING}\s*(?:[,/&]|or\b|and\b)\s*[\"'*`(\[]*[A-J]\b)"  # several letters
)
BOXED = re.compile(r"\\boxed\{[\s(]*(?:\\(?:text|mathrm|textbf)\{[\s(]*)?([A-J])[\s)]*\}", re.I)
LONE = re.compile(r"\s*[\"'*`(\[]*([A-J])[\"'*`)\].:]*\s*", re.IGNORECASE)
LED = re.compile(r"^\s*[\"'*`(\[]*([A-J])[\"'*`)\]]*[ \t]*[.:)][\"'*`]*[ \t]+\S", re.I | re.M)
JSON_FIELDS = ("answer_choice", "answer", "choice", "prediction")


def read_choice(response: str, letters: str) -> str | None:
    """Return the letter that `response` settles on, or None when it settles on none.

    The last "answer is X" wins: a model that reasons aloud weighs the others first. A letter
    elsewhere never counts: "A patient presents" is no answer. A letter outside `letters`
    (`"ABCD"`) is no answer either. Of a JSON object only the answer's field counts.
    """
    fields = read_json_object(response)
    named = [fields[name] for name in JSON_FIELDS if name in fields]
    text = str(named[0]) if named else response
    letter = read_plain_answer(text)
    return letter if letter in tuple(letters) else None


def read_json_object(response: str) -> dict[str, object]:
    """Read a JSON object; empty for any other text."""
    try:
        fields = json.loads(response)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def read_plain_answer(text: str) -> str | None:
    if match := LONE.fullmatch(text):
        return match[1].upper()
    if stated := [*STATED.finditer(text), *BOXED.finditer(text)]:
        return max(stated, key=re.Match.start)[1].upper()
    led = LED.findall(text) if len(text) < 300 else []
    return led[0].upper() if len(led) == 1 and LED.match(text) else None


def match_choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the letter of the choice whose whole text `text` is, in any case, or None."""
    wanted = plain(text)
    found = [number for number, choice in enumerate(choices) if plain(choice) == wanted]
    return chr(ord("A") + found[0]) if len(found) == 1 else None


def plain(text: str) -> str:
    return text.strip().rstrip(".").casefold()
