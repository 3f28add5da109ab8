"""Loads questions, and keeps them beside the runs so that a rebuild needs no network."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import polars as pl

from evaluator import rationales
from evaluator.questions import load_samples
from evaluator.samples import Sample, samples_hash
from evaluator.tasks import Task, all_tasks
from ingest import contraindications, safety
from warehouse import settings
from warehouse.drafts import Draft

MOST_IN_MEMORY = 32
"""Tasks whose questions are not read again from their kept files."""
SAMPLES = pl.Schema(
    {
        "task": pl.String(),
        "sample_id": pl.String(),
        "position": pl.Int32(),
        "question": pl.String(),
        "context": pl.String(),
        "choices": pl.List(pl.String()),
        "gold": pl.String(),
        "subject": pl.String(),
        "topic": pl.String(),
        "explanation": pl.String(),
        "reference": pl.String(),
        "safety_tags": pl.List(pl.String()),
        "safety_evidence": pl.List(
            pl.Struct({"tag": pl.String(), "words": pl.String(), "place": pl.String()})
        ),
        "content_hash": pl.String(),
        "cluster_id": pl.String(),  # its own until all questions are there to be compared
    }
)
CONTRAINDICATED = pl.Schema(
    {
        "task": pl.String(),
        "sample_id": pl.String(),
        "letter": pl.String(),
        "rule": pl.String(),
        "words": pl.String(),
        "context": pl.String(),
        "context_words": pl.List(pl.String()),
        "why": pl.String(),
        "source": pl.String(),
        "strength": pl.String(),
    }
)


def catalogue_frame() -> pl.DataFrame:
    """The catalogue and the tasks people added as rows of `tasks`, without questions yet."""
    return pl.DataFrame(
        [
            task.model_dump(include={"title", "short", "benchmark", "dataset", "revision", "split"})
            | task.model_dump(include={"size", "licence", "headline"})
            | task.model_dump(include={"language", "position"})
            | {"task": task.name, "samples_hash": ""}
            | {"safety_rules": safety.rules_hash()}
            | {"contraindications": contraindications.rules_hash()}
            | {"contradictions": rationales.rules_hash()}
            for task in all_tasks().values()
        ]
    )


def load_catalogue(draft: Draft) -> None:
    """Put every task that the draft lacks into it, questions or not."""
    known = draft.ask("tasks")["task"]
    draft.load("tasks", catalogue_frame().filter(~pl.col("task").is_in(known.implode())))


def load_questions(draft: Draft, task: Task, mirror: Path | None) -> str:
    """Load `task`'s questions unless they are there; returns their hash.

    Raises the evaluator's `TaskError` where they cannot be had.
    """
    tasks = draft.ask("tasks")
    loaded: str = tasks.row(by_predicate=pl.col("task") == task.name, named=True)["samples_hash"]
    if loaded:
        return loaded
    samples = keep_samples(task, mirror)
    hashed = samples_hash(samples)
    questions = as_frame(task, samples)
    draft.load("samples", questions)
    draft.load("contraindicated_choices", mark_choices(samples, questions))
    draft.load(
        "tasks",
        catalogue_frame()
        .filter(pl.col("task") == task.name)
        .with_columns(samples_hash=pl.lit(hashed)),
    )
    return hashed


def questions_of(task: Task, mirror: Path | None) -> list[Sample]:
    """Return `task`'s questions as they are kept, else from their source, and keep nothing."""
    return read_kept(kept_file(task)) or load_samples(task, mirror)


def keep_samples(task: Task, mirror: Path | None) -> list[Sample]:
    """Return `task`'s questions from the kept file, which is made where it is missing."""
    path = kept_file(task)
    if samples := read_kept(path):
        return samples
    samples = load_samples(task, mirror)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    pl.DataFrame(
        [sample.model_dump() for sample in samples], infer_schema_length=None
    ).write_parquet(unfinished)
    unfinished.replace(path)
    return samples


def read_kept(path: Path) -> list[Sample]:
    """Read a kept file; empty where it is missing or damaged, for it can be made again."""
    return read_kept_once(path, path.stat().st_mtime_ns) if path.exists() else []


@lru_cache(maxsize=MOST_IN_MEMORY)
def read_kept_once(path: Path, modified: int) -> list[Sample]:  # noqa: ARG001 - the cache's key
    """Read a kept file once for each time that it was written: a folder may hold many logs."""
    try:
        return [Sample.model_validate(row) for row in pl.read_parquet(path, glob=False).to_dicts()]
    except (pl.exceptions.PolarsError, OSError, ValueError):
        return []


def hash_kept(task: Task) -> str:
    """The hash of `task`'s kept questions."""
    path = kept_file(task)
    return hash_once(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=MOST_IN_MEMORY)
def hash_once(path: Path, modified: int) -> str:
    return samples_hash(read_kept_once(path, modified))


def kept_file(task: Task) -> Path:
    return settings.samples_folder() / f"{task.name}@{task.revision.replace(':', '-')}.parquet"


def kept_tasks() -> list[Task]:
    """The tasks whose questions were loaded before, at the catalogue's revision."""
    return [task for task in all_tasks().values() if kept_file(task).exists()]


def as_frame(task: Task, samples: Sequence[Sample]) -> pl.DataFrame:
    """A row per question, with its safety contexts.

    Where a person set contexts in a task of the catalogue, theirs stand for all of it: what they
    left out is meant. In a task of one's own they join what the rules find.
    """
    by_hand = task.folder is None and any(sample.safety_tags for sample in samples)
    rows = [
        sample.model_dump()
        | {"task": task.name, "position": position, "content_hash": sample.content_hash}
        | safety_columns(safety.set_by_hand(sample) if by_hand else safety.find_all(sample))
        | {"cluster_id": f"{task.name}/{sample.sample_id}"}
        for position, sample in enumerate(samples)
    ]
    return pl.DataFrame(rows, schema=SAMPLES)


def safety_columns(found: Sequence[safety.Evidence]) -> dict[str, object]:
    return {
        "safety_tags": list(dict.fromkeys(evidence.tag for evidence in found)),
        "safety_evidence": [evidence._asdict() for evidence in found],
    }


def mark_choices(samples: Sequence[Sample], questions: pl.DataFrame) -> pl.DataFrame:
    """A row per choice and rule that forbids it; `questions` are the rows of `samples`."""
    rows = [
        marked._asdict() | {"task": task, "sample_id": sample.sample_id}
        for sample, task, tags in zip(
            samples, questions["task"], questions["safety_tags"], strict=True
        )
        for marked in contraindications.find_marked(sample, tags)
    ]
    return pl.DataFrame(rows, schema=CONTRAINDICATED)
