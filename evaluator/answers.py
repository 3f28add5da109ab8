"""From the text that a model gave to the letter that it settled on."""

import json
import re

STATED = re.compile(
    r"\b(?:answer|option|choice)\b(?:\s+(?:choice|option|letter))?\s*(?:is|:|=|would be|should be)"
    r"\s*[\"'*(\[]*\s*([A-J])\b(?![\w'’]|\s+[a-z])",
    re.IGNORECASE,
)
BOXED = re.compile(r"\\boxed\{\s*(?:\\text\{)?\s*\(?([A-J])\)?\s*\}", re.IGNORECASE)
LONE = re.compile(r"\s*[\"'*(\[]*([A-J])[\"'*)\].:]*\s*", re.IGNORECASE)
LED = re.compile(r"\s*[\"'*(\[]*([A-J])[\"'*)\]]*\s*[.:)]\s+\S.*", re.DOTALL)
JSON_FIELDS = ("answer_choice", "answer", "choice", "prediction")


def read_choice(response: str, letters: str) -> str | None:
    """Return the letter that `response` settles on, or None when it settles on none.

    The last "answer is X" wins: a model that reasons aloud weighs the others first. A letter
    elsewhere never counts: "A patient presents" is no answer. A letter outside `letters`
    (`"ABCD"`) is no answer either.
    """
    letter = read_json_answer(response) or read_plain_answer(response)
    return letter if letter in tuple(letters) else None


def read_json_answer(response: str) -> str | None:
    """Read `{"answer": "B"}` or `{"answer_choice": "B. Amoxicillin"}`, whole or nothing."""
    try:
        fields = json.loads(response)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    values = [fields[name] for name in JSON_FIELDS if isinstance(fields.get(name), str)]
    return read_plain_answer(values[0]) if values else None


def read_plain_answer(text: str) -> str | None:
    if match := LONE.fullmatch(text) or (LED.fullmatch(text) if len(text) < 300 else None):
        return match[1].upper()
    stated = [*STATED.finditer(text), *BOXED.finditer(text)]
    return max(stated, key=re.Match.start)[1].upper() if stated else None
