"""A submitted model's files, on the Hub or in a folder, and how to look at them with care."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from huggingface_hub.hf_api import ModelInfo

from evaluator import hub, models
from evaluator.errors import DownloadFailed, GatedModel, ModelError, ModelNotFound
from evaluator.text import one_line
from evaluator.verdicts import Problem, Rules, describe

TEXTS = hub.MODEL_FILES[1:]
TEMPLATES = "additional_chat_templates"
LARGEST_JSON = 16 * 2**20  # read whole, unlike a tokenizer's
CARD = "README.md"


@dataclass
class Findings:
    """What became known so far of a model, or of its base."""

    name: str
    is_base: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    """The entries of `Facts`."""
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, detail: str = "") -> None:
        self.problems.append(describe(code, self.name, detail, base=self.is_base))


@dataclass(frozen=True)
class Repository:
    """The files of a model at one revision."""

    name: str
    revision: str
    sizes: Mapping[str, int]
    """In bytes, by the path within the repository."""
    read_header: Callable[[str], hub.Header]
    bring: Callable[[Sequence[str], Path], None]
    """Puts some files into a folder."""
    gated: bool = False
    """Whether only the list of files can be read."""
    parameters: int | None = None
    """As the Hub has counted them."""

    @property
    def texts(self) -> list[str]:
        """The files that configuration and tokenizer may consist of: no weights and no code."""
        return [
            name
            for name in self.sizes
            if name.endswith(TEXTS) and PurePosixPath(name).parts[:-1] in ((), (TEMPLATES,))
        ]


def open_repository(
    name: str, revision: str | None, rules: Rules, found: Findings
) -> Repository | None:
    """Return the model's files, or None where there are none to be had; notes why, and its facts.

    Raises a `TransferError` where the Hub does not say.
    """
    if rules.local and Path(name).is_dir():
        return open_folder(Path(name), revision, found)
    try:
        info = hub.public_info(name, None)
    except GatedModel:
        found.add("gated")
        return None
    except ModelNotFound:
        found.add("not-found")
        return None
    found.name = found.facts["name"] = info.id
    if info.id != name and not found.is_base:  # an adapter may name its base as it was called then
        found.problems.append(describe("renamed", name, info.id))
    note_ban({name, info.id}, rules, found)
    if info.gated:
        found.add("gated")
    if revision:
        try:
            info = hub.public_info(info.id, revision)
        except ModelNotFound:
            found.add("no-revision", revision)
            return None
    note_card(info, found)
    return as_repository(info, found)


def note_ban(names: set[str], rules: Rules, found: Findings) -> None:
    for name in sorted(names):
        if reason := rules.do_not_evaluate.get(name.casefold()):
            found.add("do-not-evaluate", reason)


def note_card(info: ModelInfo, found: Findings) -> None:
    """Licence, card and age; a base model's are its own affair."""
    found.facts["released_at"] = info.created_at
    licence = models.name_licence(info.card_data.license if info.card_data else None)
    found.facts["licence"] = one_line(str(licence)) if licence else None
    if found.is_base:
        return
    if licence in (None, "", "unknown"):
        found.add("no-licence")
    if not any(file.rfilename == CARD and file.size != 0 for file in info.siblings or ()):
        found.add("no-model-card")


def as_repository(info: ModelInfo, found: Findings) -> Repository:
    if not re.fullmatch("[0-9a-f]{40}", info.sha or ""):
        raise DownloadFailed(f"The Hub names no commit of {info.id}. Try again later.")
    found.facts["revision"] = commit = str(info.sha)
    return Repository(
        name=info.id,
        revision=commit,
        sizes={file.rfilename: file.size or 0 for file in info.siblings or ()},
        read_header=partial(hub.read_header, info.id, commit),
        bring=partial(hub.download_public, info.id, commit),
        gated=bool(info.gated),
        parameters=info.safetensors.total if info.safetensors else None,
    )


def open_folder(folder: Path, revision: str | None, found: Findings) -> Repository:
    """A folder has neither licence nor card to be checked, and its files' hash as revision."""
    found.name = found.facts["name"] = folder.resolve().name
    if revision:
        found.add("no-revision", f"{revision}: it is a folder, known by the hash of its files")
    try:
        commit = models.describe_folder(folder).revision
    except ModelError:  # without safetensors, of which a problem of its own will tell
        commit = "unknown"
    found.facts["revision"] = commit
    paths = [path for path in folder.rglob("*") if path.is_file()]

    def bring(files: Sequence[str], to: Path) -> None:
        for file in files:
            (to / file).parent.mkdir(exist_ok=True)
            (to / file).symlink_to((folder / file).resolve())

    return Repository(
        name=found.name,
        revision=commit,
        sizes={path.relative_to(folder).as_posix(): path.stat().st_size for path in paths},
        read_header=lambda file: hub.read_local_header(folder / file),
        bring=bring,
    )


def bring_texts(repository: Repository, folder: Path, rules: Rules, found: Findings) -> bool:
    """Put what is neither weights nor code into `folder`; returns whether it is there."""
    if repository.gated:
        return False
    if (size := sum(repository.sizes[name] for name in repository.texts)) > rules.most_text:
        limit = f"{size / 2**20:,.0f} MB, and at most {rules.most_text / 2**20:,.0f} MB are taken"
        found.add("files-too-large", limit)
        return False
    try:
        if repository.texts:
            repository.bring(repository.texts, folder)
    except GatedModel:
        found.add("gated")
        return False
    return True


def read_json(path: Path) -> dict[str, Any] | None:
    """Return what a stranger's file says, or None where it is no JSON object of sensible size."""
    try:
        if path.stat().st_size > LARGEST_JSON:
            return None
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
