"""Brings files from the Hugging Face Hub, and says in our words why it could not."""

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import Any

import huggingface_hub
from httpx2 import HTTPError, TimeoutException  # what huggingface_hub speaks HTTP with
from huggingface_hub.constants import HF_HUB_DOWNLOAD_TIMEOUT
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    SafetensorsParsingError,
)
from huggingface_hub.hf_api import ModelInfo

from evaluator.errors import (
    BrokenWeights,
    DiskFull,
    DownloadFailed,
    EvaluatorError,
    GatedModel,
    ModelNotFound,
    TimedOut,
)

MODEL_FILES = (".safetensors", ".json", ".model", ".txt", ".jinja")
NEVER = ("original/*", "consolidated*", "*/*.safetensors", "*.py")
"""Second copies of the weights, and code."""


def model_info(name: str, revision: str | None) -> ModelInfo:
    with plain_errors(name, revision):
        return huggingface_hub.HfApi().model_info(
            name, revision=revision, timeout=HF_HUB_DOWNLOAD_TIMEOUT
        )


def download_model(name: str, revision: str, *, weights: bool = True) -> Path:
    """Return a folder with the model's weights, configuration and tokenizer; never its code.

    Without `weights`, only what parts texts into tokens.
    """
    wanted = MODEL_FILES if weights else MODEL_FILES[1:]
    with plain_errors(name, revision):
        return Path(
            huggingface_hub.snapshot_download(
                name,
                revision=revision,
                allow_patterns=[f"*{ending}" for ending in wanted],
                ignore_patterns=list(NEVER),
            )
        )


def public_info(name: str, revision: str | None) -> ModelInfo:
    """Return what the Hub shows of a model to everyone, whoever asks here, with its files' sizes.

    Raises `ModelNotFound`, `GatedModel`, or a `TransferError` that says nothing of the model.
    """
    with plain_errors(name, revision):
        try:
            return huggingface_hub.HfApi(token=False).model_info(
                name, revision=revision, timeout=HF_HUB_DOWNLOAD_TIMEOUT, files_metadata=True
            )
        except HFValidationError:
            raise
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise DownloadFailed(
                f"What came of {name} is no answer of the Hub's ({type(error).__name__}). Check "
                "the network, then run the same command again."
            ) from error


def download_public(name: str, revision: str, files: Sequence[str], folder: Path) -> None:
    """Bring some of a model's files into `folder`; raises as `public_info` does.

    Not by snapshot_download, which lists the files again and waits for that without end.
    """
    with plain_errors(name, revision):
        for file in files:
            huggingface_hub.hf_hub_download(
                name,
                file,
                revision=revision,
                local_dir=folder,
                token=False,
                etag_timeout=HF_HUB_DOWNLOAD_TIMEOUT,
            )


@dataclass(frozen=True)
class Tensor:
    """What a safetensors file says of one tensor; the numbers may be a liar's, but are numbers."""

    shape: tuple[int, ...]
    begin: int
    end: int
    """Bytes after the header."""


Header = dict[str, Tensor]
"""By name."""


def read_header(name: str, revision: str, file: str) -> Header:
    """Return which tensors a model's file has, from its first bytes alone.

    Raises `BrokenWeights`, or as `public_info` does.
    """
    api = huggingface_hub.HfApi(token=False)
    with plain_errors(f"{file} of {name}", revision):
        return as_header(
            file,
            lambda: api.parse_safetensors_file_metadata(
                name, file, revision=revision, timeout=HF_HUB_DOWNLOAD_TIMEOUT
            ),
        )


def read_local_header(path: Path) -> Header:
    """The same of a file that is here; raises `BrokenWeights`."""
    return as_header(path.name, lambda: huggingface_hub.parse_local_safetensors_file_metadata(path))


def as_header(file: str, read: Callable[[], Any]) -> Header:
    """A header is a stranger's JSON, and huggingface_hub trusts that it is a table of tensors."""
    try:
        return {
            str(name): Tensor(tuple(map(index, tensor.shape)), *map(index, tensor.data_offsets))
            for name, tensor in read().tensors.items()
        }
    except (
        SafetensorsParsingError,
        RecursionError,
        ValueError,
        AttributeError,
        TypeError,
    ) as error:
        raise BrokenWeights(f"{file} has no header of a safetensors file") from error


def download_file(dataset: str, file: str, revision: str) -> Path:
    """Return where a data set's file lies, cached."""
    with plain_errors(f"{file} of {dataset}", revision):
        return Path(
            huggingface_hub.hf_hub_download(dataset, file, revision=revision, repo_type="dataset")
        )


def download_dataset(name: str, pattern: str) -> Path:
    """Return a folder, named for the commit, with the newest files of a data set that fit."""
    with plain_errors(name, None):
        return Path(
            huggingface_hub.snapshot_download(name, repo_type="dataset", allow_patterns=[pattern])
        )


@contextmanager
def plain_errors(what: str, revision: str | None) -> Iterator[None]:
    """Turn what huggingface_hub raises into errors that say what to do."""
    try:
        yield
    except (HTTPError, HFValidationError, OfflineModeIsEnabled, OSError) as error:
        raise translate(error, f"{what}{f' at {revision}' if revision else ''}") from error


def translate(error: Exception, what: str) -> EvaluatorError:
    """Return our error for the Hub's; the first cause that has a name of its own decides."""
    name = type(error).__name__
    for cause in causes(error):
        if isinstance(cause, GatedRepoError):
            return GatedModel(
                f"{what} is gated: its owner admits people one by one. Ask for access on its page "
                "on the Hub, then `hf auth login` here."
            )
        if isinstance(cause, RevisionNotFoundError):
            return ModelNotFound(f"The Hub has no {what}: check the branch, tag or commit.")
        if isinstance(cause, EntryNotFoundError) and not isinstance(cause, LocalEntryNotFoundError):
            return DownloadFailed(f"The Hub has no {what}: there is no such file.")
        if isinstance(cause, RepositoryNotFoundError | HFValidationError):
            return ModelNotFound(
                f"The Hub has no {what}. Check the spelling; a private one needs `hf auth login`."
            )
        if isinstance(cause, DisabledRepoError):
            return ModelNotFound(f"The Hub has disabled {what}. Its page there may say why.")
        if isinstance(cause, TimeoutException | TimeoutError):
            return TimedOut(f"The Hub did not give {what} in time. Run the same command again.")
        if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
            return disk_full(what, cause)
        if isinstance(cause, OfflineModeIsEnabled | LocalEntryNotFoundError):
            name = type(cause).__name__
    return DownloadFailed(
        f"The Hub did not give {what} ({name}). Check the network, then run the same command "
        "again: what is downloaded is kept."
    )


def causes(error: BaseException) -> Sequence[BaseException]:
    """An error and what led to it, the newest first."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def disk_full(what: str, error: OSError) -> DiskFull:
    where = f" ({error.filename})" if error.filename else ""
    return DiskFull(
        f"No space is left on the disk to write {what}{where}. Make room and run the same command "
        "again: what is done is kept."
    )
