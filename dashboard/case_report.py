"""One case as a page to print: an HTML file that needs nothing and runs nothing.

No Streamlit here. All text goes through `marked_text`, which escapes it.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dashboard import cases, flags, judged, reading, wording
from dashboard.case_data import Case, Row
from dashboard.marked_text import element

STYLE = Path(__file__).with_name("case_report.css").read_text(encoding="utf-8")
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; form-action 'none'"
AROUND = 400  # characters of a response on each side of the words behind a flag
HEAD = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
"""
SITE = "Open Medical-LLM Leaderboard"


class Written(NamedTuple):
    """What one run answered to the question."""

    text: str
    """Empty where it wrote nothing, or nothing is at hand."""
    given: Sequence[str]
    """Sentences on how it was given."""
    which: str = ""
    """`draw 2`, where it is one of the run's several answers."""


class Origin(NamedTuple):
    """Where a report is from."""

    link: str
    snapshot: int
    published_at: datetime
    """UTC."""


def make_report(case: Case, written: Sequence[Written], origin: Origin) -> str:
    """The page; `written` is of the run that is read, and of the one beside it if any."""
    title = cases.case_title(case.question)
    body = [
        element("header", f"{SITE} · Report of one case"),
        element("h1", title),
        element("p", cases.case_facts(case.question), css="facts"),
        element("p", wording.NOTICE, css="notice"),
        *question_parts(case),
        *answer_parts(case, written),
        *dispute_parts(case),
        element("footer", cite(case, origin)),
    ]
    head = f"{HEAD}{element('title', f'{title} · {SITE}')}\n<style>{STYLE}</style>\n"
    return head + "\n".join(body) + "\n</html>\n"


def question_parts(case: Case) -> Iterator[str]:
    """The question and its choices, each with who picked it and whether it is the key."""
    question = case.question
    found = [flag for pick in chosen(case) for flag in case.flags_of(pick)]
    words = [word for flag in found for word in flag["context_words"] or []]
    yield element("h2", "Question")
    for text in (question["context"], question["question"]):
        if text:
            spans = [*reading.find_values(text), *reading.find_words(text, words)]
            yield element("p", text, spans, css="text")
    yield "<table>"
    for number, text in enumerate(question["choices"]):
        letter = chr(ord("A") + number)
        cells = (element("th", letter), element("td", text), element("td", marks(letter, case)))
        yield element_of("tr", cells)
    yield "</table>"


def element_of(name: str, parts: Sequence[str]) -> str:
    """An element `name` around `parts`, which are elements already."""
    return f"<{name}>{''.join(parts)}</{name}>"


def chosen(case: Case) -> list[Row]:
    return [pick for pick in (case.own, case.beside) if pick]


def marks(letter: str, case: Case) -> str:
    """`Key · picked by gpt-4` of a choice."""
    gold = case.question["gold"]
    parts = ["Key"] if letter == gold else []
    if letter in (judged.reviewed_key(case.disputes) or "").replace(gold, ""):
        parts.append("Reviewed key")
    strengths = {flags.STRENGTHS[row["strength"]] for row in case.forbidden_to_pick(letter)}
    parts += [strength.capitalize() for strength in sorted(strengths)[:1]]
    parts += [f"picked by {pick['model']}" for pick in chosen(case) if pick["prediction"] == letter]
    return " · ".join(parts)


def answer_parts(case: Case, written: Sequence[Written]) -> Iterator[str]:
    """Each chosen model's pick, its flags, what clinicians say, and what it wrote there."""
    for pick, wrote in zip(chosen(case), written, strict=True):
        found = case.flags_of(pick)
        yield element("h2", cases.run_label(pick))
        yield element("p", cases.verdict(case.question, pick))
        if wrote.which:
            yield element("p", f"The pick and the text quoted below are those of {wrote.which}.")
        yield from (element("p", sentence) for sentence in wrote.given)
        for row in found:
            source = f" Source: {row['source']}" if row["source"] else ""
            said = f"{flags.name(row['flag'])}. {flags.say(row)}{source}"
            yield element("p", said, css="flag")
        reviews = case.reviews_of(pick)
        if reviews:
            yield element("p", f"Judged by clinicians. {judged.say_harm(reviews)}", css="judged")
        for review in reviews:
            comment = f" “{review['comment']}”" if review["comment"] else ""
            yield element("p", judged.say_review(review) + comment)
        yield from excerpts(wrote.text, found)


def excerpts(response: str, found: Sequence[Row]) -> Iterator[str]:
    """What was written near the words behind a flag; the longest piece where none is flagged."""
    if not response:
        return
    spans = reading.flag_spans(found)
    passages = reading.read_response(response)
    marked = [(each, reading.place_spans(each, spans)) for each in passages]
    shown = [pair for pair in marked if pair[1]] or [max(marked, key=lambda it: len(it[0].text))]
    for passage, places in shown:
        yield element("blockquote", *reading.cut(passage.text, places, AROUND), css="text")


def dispute_parts(case: Case) -> Iterator[str]:
    """What is said against the key."""
    if case.disputes:
        yield element("h2", "The key is disputed")
    for dispute in case.disputes:
        yield element("p", f"{judged.say_dispute(dispute)} {dispute['reason']}")
        if dispute["why"]:
            yield element("p", f"Ruling: {dispute['why']}")
    if differs := judged.say_reviewed(case.question["gold"], judged.reviewed_key(case.disputes)):
        yield element("p", differs)


def cite(case: Case, origin: Origin) -> str:
    """Where this stands and how to cite it."""
    place = f"{case.question['task_title']}, question {case.question['sample_id']}"
    return (
        f"To cite: {SITE}, snapshot {origin.snapshot}, published {origin.published_at:%Y-%m-%d}: "
        f"{place}. {origin.link}"
    )
