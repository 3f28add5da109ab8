"""Whether the reasoning in a response contradicts the answer that the response gives."""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from evaluator.answers import DOUBT, SENTENCE, STATED, read_said
from evaluator.cautions import find_caution
from evaluator.reasoning import (
    LONGEST,
    Mention,
    Reasoning,
    Sentence,
    find_mentions,
    name_choices,
    read_reasoning,
    split_sentences,
)
from evaluator.samples import LETTERS

MOST = 100_000
"""Characters of a response that are read: its end."""
SUPERLATIVE = (
    r"(?:best|correct|right|ideal|preferred|final"
    r"|most (?:likely|appropriate|probable|suitable|effective|accurate|correct))"
)
PRAISE = frozenset(re.findall(r"[a-z]{5,}", SUPERLATIVE)) | {"would", "should", "therefore"}
HEAD = re.compile(  # "the most appropriate next step in management would be "
    rf"\b(?:{SUPERLATIVE}\s(?:[\w'-]+\s){{0,8}}?|answer\s)(?:is|would be|should be|will be)"
    r"(?: therefore| thus| most likely| likely)?(?:\sto)?\s*:?\s+(?:(?:the|an?)\s)?[\"']?$"
)
TAIL = re.compile(  # "(B) is the most appropriate choice"
    r"[\"']?(?: \([a-j]\))?,? (?:is|are|would be|should be|seems to be|appears to be|remains)"
    rf"(?: therefore| thus| most likely| likely)? the (?:{SUPERLATIVE}\b|answer\b)"
    r"(?P<noun>[^.,;]{0,80})"
)
GOES_ON = re.compile(  # what may follow the choice where it is all of what is named
    r"[\"')]*(?: \([a-j]\)| \(option [a-j]\))?(?:[.!]?[\"'}\s]*$|[,;] (?!and |or |with |plus )"
    r"|\s(?:because|since|as|due|for|in|to|given|which|based|at|on)\b)"
)
STATING = ("answer", "option", "choice", "boxed")
"""One of these is in whatever `STATED` finds; looking for them first halves the time."""
LABELLED = re.compile(r"(?:the )?(?:final )?answer\s*:", re.IGNORECASE)
"""Where a model goes on after its answer, it asks and answers questions of its own."""
CONCLUDED = re.compile(r"(?:therefore|thus|hence|in conclusion|consequently|in summary)\b")
DENIED = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|unlikely|less|least|false|incorrect|wrong|except|unlike"
    r"|rather|instead|other|others|another|both|also|only|however|but|although|though|while"
    r"|whereas|if|unless|whether|rules?|ruled|exclude[sd]?|eliminate[sd]?|can|may|might|could"
    r"|than)\b|n['’]t\b|\?"
)
REVISED = re.compile(
    r"\b(?:however|but|wait|actually|although|though|instead|reconsider\w*|let me|on second"
    r"|on the other hand|alternatively|nevertheless|still)\b"
)
EXCEPTED = re.compile(
    r"\b(?:except|excluding|not|false|incorrect|wrong|untrue|least|neither|nor|cannot|contra\w+)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(r"\b(?:all|none|both|any|neither|either)\b")
ANSWER = re.compile(r"\b(?:answer|option|choice|alternative)\b")


class Contradiction(NamedTuple):
    """Where the reasoning in a response contradicts its answer."""

    kind: str
    """`warns`: the text calls the choice that it picks contraindicated, unsafe, to be avoided;
    `other`: the text names another choice as its answer."""
    words: str
    """`response[start:end]`."""
    start: int
    end: int


class Asked(NamedTuple):
    """What is needed of a question to read the reasoning about it."""

    ask: str
    """The last sentence of the question, in lower case."""
    stem: str
    choices: Sequence[str]
    named: Sequence[tuple[str, str]]
    prediction: str


def find_contradiction(
    response: str, question: str, choices: Sequence[str], prediction: str
) -> Contradiction | None:
    """Return where `response` contradicts `prediction`, the letter that was read from it.

    A warning goes before another choice's name: it is the graver. Only what is bound to the choice
    by its clause counts, and of several conclusions the last.
    """
    if prediction not in tuple(LETTERS[: len(choices)]) or min(map(len, choices)) < 2:
        return None  # "C" may be a letter or a choice's whole text
    asked = Asked(last_sentence(question), question, choices, name_choices(choices), prediction)
    beginning = max(0, len(response) - MOST)
    reasoning = read_reasoning(response[beginning:])
    sentences = [*split_sentences(reasoning.text)]
    found = find_caution(sentences, asked.stem.lower(), asked.ask, asked.named, prediction)
    kind = "warns"
    if found is None:
        kind, found = "other", find_conclusion(reasoning, sentences, asked)
    if found is None:
        return None
    start, end = (beginning + place for place in reasoning.locate(*found))
    return Contradiction(kind, response[start:end], start, end)


@cache
def rules_hash() -> str:
    """SHA-256 (12 hex digits) of the code that finds contradictions."""
    files = ("answers.py", "cautions.py", "rationales.py", "reasoning.py")
    content = b"".join(Path(__file__).with_name(name).read_bytes() for name in files)
    return hashlib.sha256(content).hexdigest()[:12]


def last_sentence(text: str) -> str:
    asked = [sentence.lower for sentence in split_sentences(text[-LONGEST:])]
    return asked[-1] if asked else ""


def find_conclusion(
    reasoning: Reasoning, sentences: Sequence[Sentence], asked: Asked
) -> tuple[int, int] | None:
    """Return where the last conclusion of the text stands, if it is another choice's."""
    if not reasoning.has_field:
        sentences = before_answer(sentences, asked)
    for number in range(len(sentences) - 1, -1, -1):
        sentence = sentences[number]
        letter = read_conclusion(sentence, asked, is_last=number == len(sentences) - 1)
        if letter is None:
            continue
        picked = [name for name in asked.named if name[1] == asked.prediction]
        after = sentences[number + 1 :]
        taken_back = any(REVISED.search(each.lower) for each in sentences[number:]) or any(
            find_mentions(each.lower, picked) for each in after
        )
        if letter in ("", asked.prediction) or taken_back:
            return None
        return sentence.start, sentence.start + len(sentence.text)
    return None


def before_answer(sentences: Sequence[Sentence], asked: Asked) -> Sequence[Sentence]:
    """The sentences before the last that states the answer, where the text states it."""
    sentences = [each for each in sentences if not LABELLED.match(each.text)]
    for number in range(len(sentences) - 1, -1, -1):
        if read_stated(sentences[number], asked) == asked.prediction:
            return sentences[:number]
    return sentences


def read_conclusion(sentence: Sentence, asked: Asked, *, is_last: bool) -> str | None:
    """Return the letter that a sentence concludes on, empty for the pick among others, or None."""
    stated = read_stated(sentence, asked)
    if stated is not None:
        return stated
    mentions = find_mentions(sentence.lower, asked.named)
    letters = {mention.letter for mention in mentions}
    if not mentions:
        return None
    if asked.prediction in letters:
        return "" if ANSWER.search(sentence.lower) or CONCLUDED.match(sentence.lower) else None
    concluding = [each for each in mentions[-4:] if is_concluded(sentence, each, asked)]
    if not concluding and is_last and CONCLUDED.match(sentence.lower) and len(letters) == 1:
        concluding = [mention for mention in mentions[-1:] if ends_with(sentence, mention, asked)]
    return concluding[-1].letter if concluding and not is_part(concluding[-1], asked) else None


def read_stated(sentence: Sentence, asked: Asked) -> str | None:
    """Return the letter in "the answer is C", empty for several or one that no choice has."""
    hinted = any(word in sentence.lower for word in STATING)
    for match in [*STATED.finditer(sentence.text)][-1:] if hinted else ():
        before = sentence.text[max(0, match.start() - SENTENCE) : match.start()]
        if not DOUBT.search(before):
            letter = read_said(sentence.text[match.end() :], asked.choices)
            return letter if letter is None or letter in LETTERS[: len(asked.choices)] else ""
    return None


def is_concluded(sentence: Sentence, mention: Mention, asked: Asked) -> bool:
    """Whether the sentence says that the choice is the best, or that the best is the choice."""
    before, after = sentence.lower[: mention.start], sentence.lower[mention.end :]
    head, tail = HEAD.search(before), TAIL.match(after)
    if head and GOES_ON.match(after):
        noun, rest = head[0], before
    elif tail and not re.search(r"\w[^.,;]{0,40}$", CONCLUDED.sub("", before)):
        noun, rest = tail["noun"], before + tail[0]
    else:
        return False
    if DENIED.search(rest):
        return False
    excepted = EXCEPTED.search(asked.ask)
    return bool(re.search(r"\banswer\b", noun) if excepted else is_asked(noun, asked))


def is_asked(noun: str, asked: Asked) -> bool:
    """Whether `noun` is of what the question asks for: a diagnosis on the way is no answer."""
    words = [word for word in re.findall(r"[a-z]{5,}", noun) if word not in PRAISE]
    return bool(ANSWER.search(noun)) or any(word[:6] in asked.ask for word in words[-3:])


def ends_with(sentence: Sentence, mention: Mention, asked: Asked) -> bool:
    """Whether a conclusion without hedges ends with the choice."""
    rest = sentence.lower[mention.end :]
    whole = re.fullmatch(r"[\"')]*(?: \([a-j]\))?[.!]?[\"'}\s]*", rest)
    denied = DENIED.search(sentence.lower) or EXCEPTED.search(asked.ask)
    return bool(whole and not denied)


def is_part(mention: Mention, asked: Asked) -> bool:
    """Whether the words of the choice are all in the picked one, or that one stands for several."""
    texts = {letter: set(re.findall(r"\w+", text)) for text, letter in asked.named}
    picked = texts.get(asked.prediction, set())
    return not picked or texts[mention.letter] <= picked or bool(SEVERAL.search(" ".join(picked)))
