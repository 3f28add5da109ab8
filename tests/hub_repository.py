"""A folder as the Hub describes it to those who ask."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub.errors import SafetensorsParsingError
from huggingface_hub.repocard import metadata_load

CREATED = "2024-04-20T15:17:52.000Z"


@dataclass
class Repository:
    """A folder as the Hub shows it, at its only commit."""

    name: str
    folder: Path
    gated: str | bool = False
    """`auto` or `manual`: the list of files is public, the files are not."""

    @property
    def sizes(self) -> dict[str, int]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in paths}

    @property
    def commit(self) -> str:
        """Changes with any file."""
        return hash_text(f"{self.name} {[self.etag(file) for file in self.sizes]}")

    def etag(self, file: str) -> str:
        status = (self.folder / file).stat()
        return hash_text(f"{file} {status.st_size} {status.st_mtime_ns}")

    def has(self, revision: str) -> bool:
        return revision in ("main", self.commit)

    def describe(self, *, sizes: bool) -> dict[str, Any]:
        """What `model_info` gets."""
        files: list[dict[str, Any]] = [{"rfilename": file} for file in self.sizes]
        if sizes:
            files = [{"rfilename": file, "size": size} for file, size in self.sizes.items()]
        card = self.folder / "README.md"
        facts: dict[str, Any] = {
            "id": self.name,
            "sha": self.commit,
            "gated": self.gated,
            "siblings": files,
        }
        facts |= {"createdAt": CREATED, "private": False, "tags": []}
        facts["cardData"] = (metadata_load(card) or {}) if card.is_file() else {}
        return facts | self.count_parameters()

    def count_parameters(self) -> dict[str, Any]:
        path = self.folder / "model.safetensors"
        try:
            counts = huggingface_hub.parse_local_safetensors_file_metadata(path).parameter_count
        except (SafetensorsParsingError, AttributeError, FileNotFoundError):
            return {}  # as the Hub does for what it cannot read
        return {"safetensors": {"parameters": counts, "total": sum(counts.values())}}

    def tree(self) -> list[dict[str, Any]]:
        return [
            {"type": "file", "path": file, "size": size, "oid": self.etag(file)}
            for file, size in self.sizes.items()
        ]


def hash_text(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
