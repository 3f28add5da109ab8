"""What a task of one's own is in the words of the catalogue."""

from functools import partial
from typing import Any

from evaluator import own_rows, sources
from evaluator.own_tasks import Added


def as_fields(added: Added) -> dict[str, Any]:
    """The fields of `tasks.Task` for a task of the data folder."""
    described, current = added.description, added.current
    prompt = described.prompt
    said = f"{prompt.description.rstrip()}\n\n" if prompt.description else ""
    if not said and prompt.form == "mmlu":
        said = (
            "The following are multiple choice questions (with answers) about "
            f"{described.title}.\n\n"
        )
    copied = {"name", "title", "benchmark", "file", "split", "licence", "language"}
    return described.model_dump(include=copied) | {
        "short": described.short or described.title[:20].rstrip(),
        "prompt": prompt.form,
        "dataset": sources.OWN,
        "revision": current.revision,
        "size": current.size,
        "columns": described.columns.named,
        "read": partial(own_rows.read_sample, described.columns),
        "headline": False,
        "description": said,
        "position": current.position,
        "folder": added.folder,
        "shots_file": described.examples.file if described.examples else None,
    }
