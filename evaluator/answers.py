"""From the text that a model gave to the letter that it settled on."""

import json
import re
from collections.abc import Sequence

FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # "Ａ：" is "A:"
MARKUP = re.compile(r"[*`$]|__|\\[()\[\]]|\\(?:text|textbf|mathrm)(?=\{)|^[ \t]*[>#]+", re.M)
JSON_FIELDS = ("answer_choice", "answer", "choice", "prediction")
BROKEN_JSON = re.compile(  # the answer's field where quotes within or a lost comma break the rest
    rf"([\"'])({'|'.join(JSON_FIELDS)})\1\s*:\s*([\"'])(.{{0,500}}?)\3\s*(?:[,}}\]]|$)"
)
STATED = re.compile(
    r"\b(?:answer|option|choice)\b[\"']*(?:\s+(?:choice|option|letter)\b)?\s*"
    r"(?::|=|is\b|would be\b|should be\b)|\\boxed(?=\{)",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"\n|[.!?][\"')\]*]*\s")
DOUBT = re.compile(  # "if …, the answer is", "I don't think the answer is", "each option:"
    r"\b(?:if|whether)\b[^.;!?\n]*$"
    r"|(?:\b(?:not|never|unlikely|wrong|incorrect|each|every)\b|n['’]t\b|\b[A-J]\W*\b(?:or|and)\b)"
    r"[^.,;:!?\n]*$",
    re.IGNORECASE,
)
OPENING = r"[\s\"'(\[{:]*(?:(?:option|choice|letter)\b[\s\"'(\[{:]*)?"
LONE = re.compile(r"[\s\"'(\[{]*([A-J])[\"')\]}.:\s]*", re.IGNORECASE)
LETTER = re.compile(rf"{OPENING}([A-J])(?!\w)", re.IGNORECASE)
REFUSED = re.compile(rf"{OPENING}(?:not|either|neither|both)\s+{OPENING}[A-J]\b", re.IGNORECASE)
LED = re.compile(r"^\s*[\"'(\[]*([A-J])[\"')\]]*[ \t]*[.:)]", re.IGNORECASE | re.MULTILINE)
NO_ANSWER = re.compile(  # after a letter that is a word or a part of one, or is denied
    r"[\"']*(?:[\w’/&+-]"  # "B-cell", "A's"
    r"|[ \t]+(?!(?:because|since|as|due|for|with|which|but|given|based|rather)\b)\w"  # "A patient"
    r"|\.[ \t]*(?:[a-z]|[A-J][.)])|\.[A-Z][.)]"  # "C. difficile", "D.I.C."
    r"|[)\]}:]+\s*(?:is|are|was|would|can|could|may|might|not)\b"
    r"|[)\]}.]*\s*\?)"
)
SEVERAL = re.compile(
    r"^\W*?(?:[,;/&+|]|\b(?:or|and)\b)\W*(?:option |choice |boxed\{+)?"
    r"(?:[A-J]\b(?!['’-])|[a-j]\W*$)"  # "A or B", "a, b"
    r"|(?<![\w.])[A-J][.):][ \t]+\S"  # "A. Iron, B. Zinc"
)
WORD = re.compile(r"\w")
LABEL = re.compile(r"^[\"')\]}.:\s]*(?:[–—-]\s+)?")
LINE, SENTENCE = 500, 120
OPEN, CLOSE = "<think>", "</think>"
NEXT_QUESTION = re.compile(
    r"\n\s*(?:Question:|Abstract:|The following are multiple choice questions)"
)


def read_choice(response: str, letters: str, choices: Sequence[str] = ()) -> str | None:
    """Return the letter that `response` settles on, or None when it settles on none.

    The last "answer is X" wins: a model that reasons aloud weighs the others first. A letter
    elsewhere never counts: "A patient presents" is no answer. A letter outside `letters`
    (`"ABCD"`) is no answer either. Of a JSON object only the answer's field counts. `choices`
    are the texts behind the letters, where known: one spelled out counts as its letter, and only
    they tell "C. lungs" from "C. difficile".
    """
    text = MARKUP.sub("", read_field(response).translate(FULLWIDTH))
    letter = read_plain_answer(text, choices)
    return letter if letter in tuple(letters) else None


def read_field(response: str) -> str:
    """Return the answer's field of a JSON object, broken or within text; else all of it."""
    try:
        fields = json.loads(response)
    except (ValueError, RecursionError):
        fields = {field[1]: field[3] for field in BROKEN_JSON.findall(response)}
    named = [name for name in JSON_FIELDS if isinstance(fields, dict) and name in fields]
    return str(fields[named[0]]) if named else response


def read_plain_answer(text: str, choices: Sequence[str]) -> str | None:
    if match := LONE.fullmatch(text):
        return match[1].upper()
    if spelled := match_choice(text, choices):
        return spelled
    for stated in reversed([*STATED.finditer(text)]):
        said = text[stated.end() : stated.end() + LINE]
        doubted = DOUBT.search(text[max(0, stated.start() - SENTENCE) : stated.start()])
        if not doubted and (letter := read_said(said, choices)) is not None:
            return letter
    led = len(text) < LINE and LED.match(text) and len(LED.findall(text)) == 1
    return read_said(text, choices) if led else None


def read_said(said: str, choices: Sequence[str]) -> str | None:
    """Return the letter that the first line of `said` opens with, empty for several, or None."""
    said, _, below = said.lstrip(" \t\r\n:").partition("\n")
    match = LETTER.match(said)
    if not LONE.fullmatch(said) and (spelled := match_choice(said, choices)):
        return spelled
    if match is None:
        return "" if REFUSED.match(said) else None
    letter, rest = match[1].upper(), said[match.end() :]
    text = LABEL.sub("", rest)
    if text and LED.findall(below)[:1] == [chr(ord(letter) + 1)]:  # a list of the choices
        return None
    number = ord(letter) - ord("A")
    own = plain(choices[number]) if number < len(choices) else ""
    folded = text.casefold()
    if own and folded.startswith(own) and not WORD.match(folded, len(own)):
        return "" if SEVERAL.search(text[len(own) :]) else letter
    if SEVERAL.search(rest) or match_choice(text, choices):
        return ""
    known = (word := re.match(r"\w+", folded)) and word[0] in re.findall(r"\w+", own)
    return None if NO_ANSWER.match(rest) and not (known and rest.startswith(".")) else letter


def match_choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the letter of the choice whose whole text `text` is, in any case, or None."""
    wanted = plain(text)
    found = [number for number, choice in enumerate(choices) if plain(choice) == wanted]
    return chr(ord("A") + found[0]) if len(found) == 1 else None


def plain(text: str) -> str:
    return text.strip().rstrip(".").casefold()


def part_thinking(text: str, *, opened: bool = False) -> tuple[str | None, str]:
    """Return what a model thought in `<think>…</think>`, None without any, and its response.

    `opened` says that its prompt ends in `<think>`, as some chat templates have it. A thought that
    is cut off leaves no response.
    """
    if not opened and not text.lstrip().startswith(OPEN) and CLOSE not in text:
        return None, text
    thinking, _, response = text.partition(CLOSE)
    return thinking.strip().removeprefix(OPEN).strip(), response.lstrip("\n")


def before_next_question(text: str) -> str:
    """What a model wrote until it began to ask itself the next question, as base models do."""
    return NEXT_QUESTION.split(text, maxsplit=1)[0]


def before_conclusion(text: str) -> str:
    """What a model wrote up to the sentence that last states an answer; all, without one."""
    stated = [*STATED.finditer(text)]
    if not stated:
        return text
    ends = [end.end() for end in SENTENCE_END.finditer(text, 0, stated[-1].start())]
    return text[: ends[-1] if ends else 0]
