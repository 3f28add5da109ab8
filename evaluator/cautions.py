"""Where a text calls a choice contraindicated, unsafe or to be avoided."""

import re
from collections.abc import Iterator, Sequence

from evaluator.reasoning import Mention, Sentence, find_mentions

GIVEN = (
    r"(?:used|given|administered|prescribed|started|performed|initiated|attempted|done|taken"
    r"|offered|ordered)"
)
CAUTION = re.compile(
    r"\bcontra-?indicated\b|\b(?:unsafe|harmful|dangerous|hazardous|detrimental|inappropriate"
    r"|inadvisable|ill-advised)\b"
    rf"|\b(?:should|must) (?:not|never) be {GIVEN}\b"
    r"|\b(?:should|must|needs to|need to|has to|is to|are to) (?:\w+ ){0,2}?be avoided\b"
    r"|\b(?:not|n['’]t) (?:be )?(?:\w+ly )?(?:an? )?"
    r"(?:recommended|advised|advisable|appropriate|indicated|suitable|safe)\b"
)
ASKED = re.compile(  # the warning is what the question asks for, or it asks for no treatment
    r"contra|avoid|unsafe|harm|danger|except|\bnot\b|n['’]t\b|least|never|adverse|side.effect"
    r"|toxic|caus|complicat|risk|worsen|discontinu|withh|\bstop|incorrect|false|wrong"
    r"|responsible|precipitat|trigger|induce|interact|diagnos(?:is|es)\?"
)
UNWANTED = re.compile(  # a choice that itself is to leave something
    r"\b(?:avoid\w*|stop\w*|discontinu\w*|withh\w*|no|not|never|without|refus\w*|none|all|both)\b"
)
OPENS = re.compile(  # what may stand between the clause's beginning and the choice
    r"(?:^|[.;:,] |\b(?:and|but|however|so|because|since|as|that|therefore|thus) )"
    r"(?:(?:the|an?|this|option|choice|answer|[a-j]|\([a-j]\))[.:,)]* )*"
    r"(?:(?:use|administration|initiation|giving|using|starting|treatment|therapy|performing"
    r"|doing|prescribing|administering|routine|systemic|oral|intravenous|immediate) (?:of |with )?"
    r"(?:(?:the|an?) )?)*[\"'(]*$"
)
BETWEEN = re.compile(  # "(choice B) therapy, which", "and gentamicin", "would be"
    r"[\"')]*(?: \([^()]{1,30}\))?(?: (?:therapy|treatment|administration|use|alone|injection))?"
    r"(?:(?:,| and| or|,? and|,? or)(?: [\w-]+){1,3}){0,4}"
    r"(?:,? (?:which|that|but|however|and|but it|and it),?)?(?::| -| –| —|,)?"
    r"(?: (?:this|it|they|these))?(?: (?:is|are|was|would|will|should|be|may|can|could|might"
    r"|has been|been|also|generally|usually|typically|therefore|thus|absolutely|relatively|highly"
    r"|strongly|potentially|considered|both|an?|all|in this case|in this patient|in pregnancy"
    r"|during pregnancy|does|do))* ?"
)
AVOIDED = re.compile(
    r"(?:\b(?:should|must|need to|needs to|important to|is to|necessary to)(?: \w+ly)? avoid"
    r"|\b(?:should|must)(?: not|n['’]t| never) (?:be given|receive|get|take|use|undergo))"
    r"(?: (?:the|an?|any|use of|using|giving|taking))* $"
)
TAKEN_BACK = re.compile(
    r"\b(?:if|unless|although|though|while|whereas|despite|even|unlike|other than|rather than"
    r"|except|until|before|when|whether|no longer|not (?:absolutely |strictly )?contra\w+"
    r"|not (?:unsafe|harmful|dangerous)|less|nor|neither|alone|alternatives?|without|sole"
    r"|first.line|long.term|initial|routine(?:ly)?|overdose|excess\w*)\b"
)
BUT = re.compile(r"\b(?:but|however|although|though|yet|nevertheless|unless|if|so)\b")
YET = re.compile(r"(?:however|but|nevertheless|nonetheless|still|yet|in this (?:case|patient))\b")
HEDGED = re.compile(r"\b(?:may|might|can|could|potentially|sometimes|often|relatively)\b")
HERE = re.compile(
    r"\b(?:this|these|the|our|her|his|such a|their) (?:\w+ ){0,2}?"
    r"(?:patient|case|situation|scenario|woman|man|child|infant|setting|time|point|stage"
    r"|condition|age|pregnancy)\b"
)
LISTED = re.compile(r"(?:\w+, |\b(?:and|or) )$")
NEGATED = re.compile(r"\b(?:not|never|no|n['’]t)\b[^,]{0,20}$")
LACKED = re.compile(r"\b(?:not|no|absen\w+|lack\w*)\b|n['’]t\b")
REASON = re.compile(r"[,.;:(]|\b(?:because|due|as|since)\b")
FARTHEST = 120
"""Characters between a choice and its warning."""
CONDITION = re.compile(r"\b(?:in|for|with|during|by|who|to)\b (?P<rest>.*)")
# fmt: off
COMMON = frozenset((  # words that say nothing of whom a warning is for
    "patient", "patients", "people", "person", "persons", "women", "woman", "individual",
    "individuals", "cases", "setting", "presence", "case", "those", "with", "have", "has", "that",
    "this", "which", "there", "their", "using", "because", "treatment", "management", "disease",
    "severe", "acute", "chronic", "history", "where", "such", "cause", "could", "would", "should",
    "been",
))
# fmt: on


def find_caution(
    sentences: Sequence[Sentence],
    stem: str,
    ask: str,
    named: Sequence[tuple[str, str]],
    letter: str,
) -> tuple[int, int] | None:
    """Return where the text warns of the choice behind `letter`; None where nothing does.

    `stem` is the question and `ask` its last sentence, in lower case: a warning that holds only
    for other patients is none. Where warnings are what the question asks for, there is none either.
    """
    own = next((text for text, each in named if each == letter), "")
    if len(own) < 4 or ASKED.search(ask) or UNWANTED.search(own):
        return None
    for number, sentence in enumerate(sentences):
        if own in sentence.lower:
            after = sentences[number + 1].lower if number + 1 < len(sentences) else ""
            mentions = find_mentions(sentence.lower, named)
            clauses = [
                clause
                for mention in mentions
                if mention.letter == letter
                for clause in find_clauses(sentence.lower, mention)
            ]
            if not YET.match(after) and any(holds(*clause, stem) for clause in clauses):
                return sentence.start, sentence.start + len(sentence.text)
    return None


def find_clauses(lower: str, mention: Mention) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each warning whose clause is about the choice."""
    before, after = lower[: mention.start], lower[mention.end :]
    if avoided := AVOIDED.search(before):
        yield before[: avoided.start()], after
    if OPENS.search(before) or LISTED.search(before):
        for caution in CAUTION.finditer(lower, mention.end):
            between = lower[mention.end : caution.start()]
            if len(between) > FARTHEST:
                return
            if BETWEEN.fullmatch(between):
                yield lower[: caution.start()], lower[caution.end() :]


def holds(before: str, after: str, stem: str) -> bool:
    """Whether a warning is for the patient of the question and nothing takes it back."""
    if TAKEN_BACK.search(before) or TAKEN_BACK.search(after) or BUT.search(after):
        return False
    if NEGATED.search(before):
        return False
    if HERE.search(before + after):
        return True
    if HEDGED.search(before) or LACKED.search(after):
        return False
    where = CONDITION.match(after.lstrip())
    if where is None:
        return True
    about = REASON.split(where["rest"], maxsplit=1)[0]
    words = [word for word in re.findall(r"[a-z]{4,}", about) if word not in COMMON]
    return not words or any(word[:5] in stem for word in words)
