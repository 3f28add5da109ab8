"""Has each thing that can go wrong a name that a person and a program can go by?"""

import errno
import inspect
import re

import httpx2
import pytest
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from evaluator import errors, hub
from evaluator.errors import (
    DiskFull,
    DownloadFailed,
    EvaluatorError,
    GatedModel,
    ModelNotFound,
    TimedOut,
)

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, EvaluatorError)
]
ANSWER = httpx2.Response(404, request=httpx2.Request("GET", "https://hub/clinic/answers"))
TRANSLATED = [
    (GatedRepoError("no access", response=ANSWER), GatedModel),
    (RepositoryNotFoundError("no such", response=ANSWER), ModelNotFound),
    (RevisionNotFoundError("no such", response=ANSWER), ModelNotFound),
    (HFValidationError("no name"), ModelNotFound),
    (httpx2.ConnectTimeout("timed out"), TimedOut),
    (httpx2.ReadTimeout("timed out"), TimedOut),
    (TimeoutError("timed out"), TimedOut),
    (OSError(errno.ENOSPC, "No space left on device"), DiskFull),
    (httpx2.ConnectError("no route"), DownloadFailed),
    (OfflineModeIsEnabled("offline"), DownloadFailed),
    (LocalEntryNotFoundError("not cached"), DownloadFailed),
    (PermissionError(errno.EACCES, "Permission denied"), DownloadFailed),
]


def test_each_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)
    assert [errors.NanLogits.code, errors.GatedModel.code, errors.EvaluatorError.code] == [
        "nan-logits",
        "gated-model",
        "evaluator-error",
    ]


def test_the_tree_at_the_top_of_the_file_is_that_of_the_classes() -> None:
    drawn: list[tuple[int, str]] = []
    parents = {}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"(?P<depth>[ │├└─]*)(?P<name>[A-Z]\w+)(  |$)", line):
            depth = len(found["depth"])
            while drawn and drawn[-1][0] >= depth:
                drawn.pop()
            parents[found["name"]] = drawn[-1][1] if drawn else "Exception"
            drawn.append((depth, found["name"]))
    assert parents == {kind.__name__: kind.__base__.__name__ for kind in KINDS if kind.__base__}


@pytest.mark.parametrize(("cause", "kind"), TRANSLATED, ids=lambda it: getattr(it, "__name__", ""))
def test_what_the_hub_library_raises_has_our_name(
    cause: Exception, kind: type[EvaluatorError]
) -> None:
    with pytest.raises(EvaluatorError) as error, hub.plain_errors("clinic/answers", "main"):
        raise cause
    assert (type(error.value), error.value.__cause__) == (kind, cause)
    assert "clinic/answers at main" in str(error.value)


@pytest.mark.parametrize(("cause", "kind"), TRANSLATED, ids=lambda it: getattr(it, "__name__", ""))
def test_a_cause_with_a_name_counts_for_more_than_a_file_that_is_not_here(
    cause: Exception, kind: type[EvaluatorError]
) -> None:
    error = LocalEntryNotFoundError("cannot find the requested files")
    error.__cause__ = cause
    assert type(hub.translate(error, "clinic/answers")) is kind


def test_causes_that_lead_to_each_other_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert hub.causes(first) == [first, second]
