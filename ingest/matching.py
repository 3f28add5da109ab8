"""Finds the question that each answer of a foreign log is to, and reads the answer's letter."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from math import inf
from typing import Any

import polars as pl
import pyarrow as pa

from evaluator.samples import Sample
from evaluator.tables import PREDICTIONS, QUARANTINE
from ingest.errors import UnreadableFile
from ingest.foreign import Answer, Log, Refusal
from ingest.letters import put_back, read_letter, same_choices
from ingest.quarantine import CONTENT_LENGTH

UNMATCHED = "no such question"
FILLED = (
    "sample_id",
    "repeat",
    "prediction",
    "logprobs",
    "prompt",
    "response",
    "tokens",
    "seconds",
    "source_line",
)
"""The columns of a run folder that an import has something for."""


@dataclass(frozen=True)
class Matched:
    """What a log holds for us."""

    log: Log
    table: pl.DataFrame
    """As `evaluator.tables.PREDICTIONS`, in the log's order."""
    refused: pl.DataFrame
    """As `evaluator.tables.QUARANTINE`."""
    by_id: int
    """How many rows of `table` were matched by the source's own id."""

    @property
    def doubt(self) -> str | None:
        """Why the log is to be doubted: it states no answer at all."""
        count = self.table.height
        if count and self.table["prediction"].null_count() == count:
            return f"none of the {count} answers to {self.log.task.name} could be read"
        return None

    def describe(self) -> str:
        """What would be loaded, what not, and the commonest reasons, a line each."""
        reasons = Counter(reason.partition(":")[0] for reason in self.refused["reason"])
        unmatched = reasons[UNMATCHED]
        count, unreadable = self.table.height, self.table["prediction"].null_count()
        head = (
            f"{self.log.task.name} from {self.log.path.name}: {count} to load "
            f"({self.by_id} matched by id, {count - self.by_id} by content; {unreadable} "
            f"unreadable), {unmatched} unmatched, {reasons.total() - unmatched} rejected"
        )
        return "\n".join([head, *(f"  {n} × {reason}" for reason, n in reasons.most_common(5))])


@dataclass
class Questions:
    """A task's questions, and which of them were answered on which line."""

    samples: Sequence[Sample]
    answered: dict[tuple[str, int], int] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[str, Sample]:
        return {sample.sample_id: sample for sample in self.samples}

    @cached_property
    def by_content(self) -> dict[str, list[Sample]]:
        found = defaultdict(list)
        for sample in self.samples:
            found[sample.content_hash].append(sample)
        return found

    def find(self, answer: Answer) -> Sample | None:
        """The question by its id, else by its content.

        Duplicates pair in order: the first answer belongs to the first that has none.
        """
        if answer.sample_id is not None and (sample := self.by_id.get(answer.sample_id)):
            return sample
        same = self.by_content.get(answer.content_hash, []) if answer.content_hash else []
        open_ones = (each for each in same if (each.sample_id, answer.repeat) not in self.answered)
        return next(open_ones, same[-1] if same else None)


def match_log(log: Log, samples: Sequence[Sample]) -> Matched:
    """Read `log` from top to bottom; a row that answers no question is refused with its reason.

    So is a log that cannot be read to its end: what stands before may be damaged too.
    """
    try:
        return match_rows(log, samples)
    except UnreadableFile as error:
        nothing = as_table({name: [] for name in FILLED})
        return Matched(log, nothing, refusals(log, [Refusal(None, str(error), "")]), 0)


def match_rows(log: Log, samples: Sequence[Sample]) -> Matched:
    questions = Questions(samples)
    columns: dict[str, list[Any]] = {name: [] for name in FILLED}
    fill = [columns[name].append for name in FILLED]
    refused: list[Refusal] = []
    by_id = 0
    for row in log.rows:
        if isinstance(row, Refusal):
            refused.append(row)
            continue
        sample = questions.find(row)
        if sample is not None and (row.choices is not None or len(row.gold or "A") > 1):
            row = put_back(row, sample)  # noqa: PLW2901 - the same row, in our letters
        fault = find_fault(row, sample, questions)
        if sample is None or fault:
            refused.append(Refusal(row.line, fault or "", describe(row)))
            continue
        questions.answered[sample.sample_id, row.repeat] = row.line
        by_id += sample.sample_id == row.sample_id
        for put, value in zip(fill, as_prediction(row, sample), strict=True):
            put(value)
    return Matched(log, as_table(columns), refusals(log, refused), by_id)


def as_table(columns: dict[str, list[Any]]) -> pl.DataFrame:
    """Return `columns`, named as `FILLED`, as rows of a run folder."""
    logprobs = as_lists(columns.pop("logprobs"))
    filled = pl.DataFrame(columns, schema={name: PREDICTIONS[name] for name in columns})
    rows = filled.with_columns(logprobs)
    return rows.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in PREDICTIONS.items() if name not in FILLED
    ).select(PREDICTIONS.names())


def as_lists(rows: Sequence[tuple[float, ...] | None]) -> pl.Series:
    """The log-probabilities as a column; ten times as fast as polars reads nested sequences."""
    offsets = list(accumulate((len(row or ()) for row in rows), initial=0))
    values = list(chain.from_iterable(row for row in rows if row))
    missing = pa.array([row is None for row in rows], pa.bool_())
    lists = pa.LargeListArray.from_arrays(
        pa.array(offsets, pa.int64()), pa.array(values, pa.float64()), mask=missing
    )
    return pl.Series("logprobs", lists)


def find_fault(answer: Answer, sample: Sample | None, questions: Questions) -> str | None:
    """Say why `answer` cannot be one to `sample`, or None."""
    if sample is None:
        return f"{UNMATCHED}: {(answer.sample_id or 'no id')[:80]}"
    if answer.choices is not None and not same_choices(answer.choices, sample):
        return f"other choices than ours: {'; '.join(answer.choices)[:200]}"
    before = questions.answered.get((sample.sample_id, answer.repeat))
    if before is not None:
        return f"the question was answered before: on line {before}"
    if answer.gold is not None and answer.gold != sample.gold:
        return f"another key than ours: {answer.gold[:80]}, not {sample.gold}"
    if answer.logprobs is not None:
        if len(answer.logprobs) != len(sample.choices):
            count = f"{len(answer.logprobs)} for {len(sample.choices)} choices"
            return f"not one log-probability a choice: {count}"
        if not all(-inf < value <= 0 for value in answer.logprobs):
            return f"a log-probability is positive, infinite or not a number: {answer.logprobs}"
    return None


def as_prediction(answer: Answer, sample: Sample) -> tuple[object, ...]:
    """The values of `FILLED`. A stated prediction is final: only where none is, text is read."""
    response = utf8(answer.response)
    prediction: str | None
    if answer.logprobs is not None:
        prediction = sample.letters[answer.logprobs.index(max(answer.logprobs))]
    elif answer.prediction is None:
        prediction = read_letter(response, sample)
    else:
        prediction = read_letter(answer.prediction, sample)
        if response is None and answer.prediction.strip().upper() != prediction:
            response = utf8(answer.prediction)
    return (
        sample.sample_id,
        answer.repeat,
        prediction,
        answer.logprobs,
        utf8(answer.prompt),
        response,
        answer.tokens if answer.tokens is not None and 0 <= answer.tokens < 2**31 else None,
        answer.seconds if answer.seconds is not None and 0 <= answer.seconds < inf else None,
        answer.line,
    )


def utf8(text: str | None) -> str | None:
    """Text as UTF-8 can hold it; half a surrogate pair, which JSON can spell, becomes `?`."""
    if text is None or text.isascii():
        return text
    return text.encode(errors="replace").decode()


def describe(answer: Answer) -> str:
    """What the log says, for the quarantine."""
    said = {name: value for name, value in answer._asdict().items() if value is not None}
    said.pop("line")
    said.pop("repeat")
    return json.dumps(said, ensure_ascii=False)


def refusals(log: Log, refused: Sequence[Refusal]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "source": utf8(log.path.name),
                "line": row.line,
                "reason": utf8(row.reason),
                "content": utf8(row.content[:CONTENT_LENGTH]),
            }
            for row in refused
        ],
        schema=QUARANTINE,
    )
