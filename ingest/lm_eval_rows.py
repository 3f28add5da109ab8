"""Reads one `samples_*.jsonl` of lm-evaluation-harness, a line an answer.

The layout is that of `EvaluationTracker.save_results_samples` (lm_eval 0.4.13), and of versions
before it, whose `arguments` are lists.
"""

import hashlib
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from evaluator.answers import match_choice
from evaluator.errors import BadSample
from evaluator.questions import read_sample
from evaluator.samples import LETTERS, Sample
from evaluator.tasks import Task
from ingest.foreign import Answer, Refusal
from ingest.lines import Row, as_text, read_objects

CHOICES: Mapping[str, Callable[[Row], tuple[str, ...]]] = {
    "medqa_4options": itemgetter("sent1", "ending0", "ending1", "ending2", "ending3"),
    "medmcqa": itemgetter("question", "opa", "opb", "opc", "opd"),
}
"""Question and choices in a source's row, of the sources whose rows have an id."""
ANSWERS = {letter.lower(): letter for letter in LETTERS}
WORDS = {"yes": "A", "no": "B", "maybe": "C"}  # PubMedQA's
LETTERED = {
    number: {tuple(LETTERS[:number]), tuple(f" {letter}" for letter in LETTERS[:number])}
    for number in range(2, len(LETTERS) + 1)
}
"""What is scored where letters are the answers, by the number of choices."""
INDEXES = {str(number): letter for number, letter in enumerate(LETTERS)}
ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading raises where a row is not as the harness writes it."""


@dataclass
class LogRead:
    """What a samples file holds, of one of its filters."""

    path: Path
    task: Task
    variant: str
    """What the log's name for the task has beside ours: `generation-level1`, mostly nothing."""
    filter: str | None
    """The name of the reading that was taken; the harness writes a row for each of them."""
    rows: list[Answer | Refusal] = field(default_factory=list)
    continuations: dict[tuple[str, ...], None] = field(default_factory=dict)
    """Every series of texts that was scored after a prompt, one a choice."""
    filters: dict[str, None] = field(default_factory=dict)
    task_hash: str = ""
    """As the harness's own `task_hashes`: of all documents, prompts and targets."""
    counted: int = 0
    correct: int = 0
    otherwise: int = 0
    """Rows that the log itself scores otherwise than its own answer and key say."""

    @property
    def accuracy(self) -> float | None:
        return self.correct / self.counted if self.counted else None


def read_log(log: LogRead, samples: Sequence[Sample]) -> LogRead:
    """Fill `log` from its file. `samples` are our questions of its task.

    Its filter, where None, becomes the first in the file, which is the first that the task lists.
    """
    ours = {sample.sample_id: sample for sample in samples}
    digest = hashlib.sha256()
    for line, row in read_objects(log.path):
        if isinstance(row, Refusal):
            log.rows.append(row)
            continue
        hashes = f"{row.get('doc_hash')}{row.get('prompt_hash')}{row.get('target_hash')}"
        digest.update(hashes.encode(errors="replace"))
        name = str(row.get("filter", "none"))
        log.filters[name] = None
        log.filter = log.filter or name
        if name == log.filter:
            try:
                log.rows.append(read_row(log, line, row, ours))
            except ODD as error:
                reason = f"not a row of lm_eval: {type(error).__name__} {error}"[:200]
                log.rows.append(Refusal(line, reason, as_text(row)))
    log.task_hash = digest.hexdigest()
    return log


def read_row(log: LogRead, line: int, row: Row, ours: Mapping[str, Sample]) -> Answer | Refusal:
    """Read an answer, and count whether the log's own key has it right."""
    sample_id, content_hash, choices = identify(log, row["doc"], ours)
    gold = read_key(row["target"], choices)
    prompts, continuations = zip(*read_arguments(row["arguments"]), strict=True)
    logprobs = response = scored = None
    if isinstance(continuations[0], str):
        if not are_choices(continuations, choices):
            asked = ", ".join(map(str, continuations))[:200]
            return Refusal(
                line, f"other choices than the question's were scored: {asked}", as_text(row["doc"])
            )
        if prompts.count(prompts[0]) < len(prompts):
            return Refusal(line, "each choice was scored after another prompt", as_text(row["doc"]))
        log.continuations[continuations] = None
        scored = continuations if isinstance(prompts[0], str) else None
        logprobs = tuple([float(score[0]) for score in row["filtered_resps"]])
        prediction = LETTERS[logprobs.index(max(logprobs))]
    else:
        prediction = read_answer(first_text(row["filtered_resps"]), choices) or ""
        response = first_text(row["resps"])
    right = prediction == gold
    logged = row.get("acc", row.get("exact_match"))
    log.counted += 1
    log.correct += right
    log.otherwise += isinstance(logged, int | float) and logged in {0, 1} and logged != right
    return Answer(
        line=line,
        sample_id=sample_id,
        content_hash=content_hash,
        gold=gold,
        prediction=prediction,
        response=response,
        logprobs=logprobs,
        prompt=prompts[0] if isinstance(prompts[0], str) else as_text(prompts[0]),
        continuations=scored,
    )


def identify(
    log: LogRead, doc: Row, ours: Mapping[str, Sample]
) -> tuple[str | None, str | None, Sequence[str]]:
    """Return the id, or else the content hash, and the choices of the question in `doc`.

    An id counts only where the question under it is ours to the letter: ids are reused for
    shuffled choices and other editions.
    """
    if content := CHOICES.get(log.task.name):
        sample_id, texts = doc.get("id"), content(doc)
        own = ours.get(sample_id) if isinstance(sample_id, str) else None
        if own and (own.question, *own.choices) == texts:
            return own.sample_id, None, own.choices
    if "QUESTION" in doc:  # PubMedQA as its makers publish it, without the ids
        doc = {
            "pubid": "",
            "question": doc["QUESTION"],
            "context": {"contexts": doc["CONTEXTS"]},
            "final_decision": doc["final_decision"],
            "long_answer": None,
        }
    try:
        sample = read_sample(log.task, doc, 0, log.path)
    except BadSample as error:
        raise ValueError(f"the document is no question of {log.task.name}: {error}") from error
    own = ours.get(sample.sample_id)
    if own and own.content_hash == sample.content_hash and log.task.prompt != "mmlu":
        return sample.sample_id, sample.content_hash, sample.choices
    return None, sample.content_hash, sample.choices


def read_arguments(arguments: object) -> list[tuple[object, object]]:
    """Return what the model was given, a prompt and what follows it for each request."""
    if isinstance(arguments, dict):
        return [(given["arg_0"], given["arg_1"]) for given in arguments.values()]
    if isinstance(arguments, list):
        return [(given[0], given[1]) for given in arguments]
    raise TypeError("arguments are neither an object nor a list")


def are_choices(continuations: tuple[object, ...], choices: Sequence[str]) -> bool:
    """Whether the texts that were scored are the letters or the choices, in our order."""
    if continuations in LETTERED.get(len(choices), ()):
        return True
    return [str(text).strip() for text in continuations] == [each.strip() for each in choices]


def read_key(target: object, choices: Sequence[str]) -> str | None:
    """The letter of the log's `target`: an index, a letter, or a choice's text."""
    return INDEXES.get(str(target)) or read_answer(str(target), choices)


def read_answer(text: str, choices: Sequence[str]) -> str | None:
    """The letter of an extracted answer that is a letter or a choice's whole text, else None.

    No more is read into it: what the harness did not extract, it counted as wrong.
    """
    plain = text.strip(string.whitespace + string.punctuation).lower()
    letter = WORDS.get(plain) if choices == ("yes", "no", "maybe") else None
    letter = letter or ANSWERS.get(plain) or match_choice(text, choices)
    return letter if letter and letter in LETTERS[: len(choices)] else None


def first_text(responses: object) -> str:
    """The first text in what may be lists of lists of texts."""
    while isinstance(responses, list):
        responses = responses[0]
    if not isinstance(responses, str):
        raise TypeError(f"a response is {type(responses).__name__}, expected text")
    return responses
