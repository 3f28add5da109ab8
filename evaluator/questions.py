"""Reads a task's questions and worked examples from its source; what is not as told is refused."""

from pathlib import Path

from pydantic import ValidationError

from evaluator import own_rows, own_tasks, sources
from evaluator.errors import BadSample, MissingColumns, MissingSource, WrongCount
from evaluator.papers import Paper
from evaluator.protocols import Protocol
from evaluator.rows import Row
from evaluator.samples import Sample, check_sample
from evaluator.tasks import DATA, Task


def load_paper(task: Task, protocol: Protocol, mirror: Path | None = None) -> Paper:
    """Read what `task` asks by `protocol`; raises a `TaskError` as below."""
    shots = load_shots(task, protocol.shots or 0, mirror)
    return Paper(task, load_samples(task, mirror), shots)


def load_samples(task: Task, mirror: Path | None = None) -> list[Sample]:
    """Read `task`'s questions from the Hub at its pinned revision, or from a `mirror` folder.

    A mirror has the Hub's layout, `<mirror>/<dataset>/<file>`. Raises a `TaskError` when the
    source is missing, or is not what the catalogue says.
    """
    path, rows = read_source(task, task.file, mirror)
    samples = [
        read_sample(task, row, number, path)
        for number, row in enumerate(rows)
        if belongs(task, row)
    ]
    if task.only is not None:
        samples = [sample for sample in samples if sample.sample_id in task.only]
    if len({sample.sample_id for sample in samples}) != task.size or len(samples) != task.size:
        raise WrongCount(
            f"{path} has {len(samples)} questions of {task.name} "
            f"({len({sample.sample_id for sample in samples})} different ids), expected "
            f"{task.size}. Take the file {task.file} of {task.dataset} at revision {task.revision}."
        )
    return samples


def load_shots(task: Task, number: int, mirror: Path | None = None) -> list[Sample]:
    """Read the first `number` worked examples of `task`; raises a `TaskError` as above.

    They are MMLU's and MedQA's dev set, MedMCQA's training set, and those labelled questions of
    PubMedQA that are not in its test.
    """
    if number == 0:
        return []
    if task.shots_file is None:
        raise MissingSource(f"{task.name} has no worked examples. Ask it by loglikelihood-0shot.")
    limit = None if task.only or task.where else number
    path, rows = read_source(task, task.shots_file, mirror, limit)
    shots = [
        read_sample(task, row, place, path) for place, row in enumerate(rows) if belongs(task, row)
    ]
    shots = [shot for shot in shots if task.only is None or shot.sample_id not in task.only]
    if len(shots) < number:
        raise MissingSource(f"{path} has {len(shots)} examples of {task.name}, not {number}.")
    return shots[:number]


def read_source(
    task: Task, file: str, mirror: Path | None, limit: int | None = None
) -> tuple[Path, list[Row]]:
    """Return where a file of `task` lies and its first `limit` rows, or all of them."""
    if task.folder is not None:
        own_tasks.check_kept(task.folder)
        path = own_rows.find_file(task.folder, file)
        return path, own_rows.read_rows(path, task.columns)[:limit]
    folder = DATA if task.dataset == sources.EMBEDDED else None
    path = sources.find(task.dataset, task.revision, file, folder=folder, mirror=mirror)
    rows = sources.read_rows(path, limit)
    missing = sorted(set(task.columns) - set(rows[0] if rows else ()))
    if missing:
        raise MissingColumns(
            f"{path} has no column {', '.join(missing)}, which {task.name} reads. "
            f"Expected the file {file} of {task.dataset} at revision {task.revision}."
        )
    return path, rows


def belongs(task: Task, row: Row) -> bool:
    """Whether a row of the source is of the task."""
    return task.where is None or row[task.where[0]] == task.where[1]


def read_sample(task: Task, row: Row, number: int, path: Path) -> Sample:
    try:
        sample = task.read(row, f"{task.split}-{number}")
        check_sample(sample)
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise BadSample(f"{path}, question {number + 1} of {task.name}: {faults}") from error
    except (BadSample, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadSample(f"{path}, question {number + 1} of {task.name}: {error}") from error
    return sample
