"""What is done when memory ends, and how large is a batch?"""

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from evaluator.engines import loglikelihood, network
from evaluator.engines.encoding import Encoded
from evaluator.engines.loading import LoadedModel
from evaluator.engines.loglikelihood import find_batch_tokens, score
from evaluator.errors import OutOfMemory
from tests import tiny
from tests.tiny import encode_all, make_tiny, score_all

LETTERS = (" A", " B", " C", " D")
SHARED = "Questions for physicians.\n"
QUESTIONS = [
    *((f"{SHARED}{'Why? ' * number}\nAnswer:", LETTERS) for number in range(1, 7)),
    *((f"{SHARED}{'Longer than the window. ' * 9}{number}", LETTERS) for number in range(5)),
]
NO_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory."),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
]


@pytest.fixture(
    scope="module", params=[tiny.llama, tiny.gpt2, tiny.falcon], ids=lambda make: make.__name__
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """One of each way to run it."""
    return make_tiny(request.param, tmp_path_factory.mktemp(request.param.__name__)).load()


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return make_tiny(tiny.llama, tmp_path_factory.mktemp("llama")).load()


@pytest.fixture(params=NO_MEMORY, ids=["gpu", "cpu"])
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches, of which memory holds those of up to two questions."""
    sizes: list[int] = []
    plain = loglikelihood.score_batch

    def score_batch(model: LoadedModel, questions: Sequence[Encoded], kept: Any) -> Any:
        sizes.append(len(questions))
        if len(questions) > 2:
            raise request.param
        return plain(model, questions, kept)

    monkeypatch.setattr(loglikelihood, "score_batch", score_batch)
    return sizes


def test_a_batch_that_memory_does_not_hold_is_halved(model: LoadedModel, asked: list[int]) -> None:
    found = score_all(model, QUESTIONS, 4096)
    assert asked == [5, 2, 3, 1, 2, 6, 3, 1, 2, 3, 1, 2]
    alone = score_all(model, QUESTIONS, 1)
    assert sorted(found) == sorted(alone) == list(range(len(QUESTIONS)))
    for index, scores in found.items():
        assert scores.logprobs == pytest.approx(alone[index].logprobs, abs=1e-4, rel=0)


def test_halves_are_asked_in_the_order_of_the_batch(llama: LoadedModel, asked: list[int]) -> None:
    encoded = encode_all(llama, [("Why?", LETTERS)] * 7)
    found = [index for index, _ in score(llama, encoded, [[0, 1, 2, 3, 4], [6, 5]])]
    assert asked == [5, 2, 3, 1, 2, 2]
    assert found == [0, 1, 2, 3, 4, 6, 5]


def fail_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def score_batch(*_: Any) -> None:
        raise error

    monkeypatch.setattr(loglikelihood, "score_batch", score_batch)


@pytest.mark.parametrize("error", NO_MEMORY, ids=["gpu", "cpu"])
def test_a_question_that_memory_does_not_hold_alone_is_an_error(
    llama: LoadedModel, monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    fail_with(error, monkeypatch)
    with pytest.raises(OutOfMemory, match=r"^A text of 6 tokens does not fit the memory"):
        score_all(llama, [("Why?", (" A", " B"))] * 2, 4096)


@pytest.mark.parametrize("error", NO_MEMORY, ids=["gpu", "cpu"])
def test_a_prefix_that_memory_does_not_hold_is_an_error(
    llama: LoadedModel, monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    def run_packed(*_: Any) -> None:
        raise error

    monkeypatch.setattr(network, "run_packed", run_packed)
    shared = "What all of these questions begin with. "
    with pytest.raises(OutOfMemory, match=r"^A text of \d\d tokens does not fit the memory"):
        score_all(llama, [(shared + "Why?", LETTERS), (shared + "How?", LETTERS)], 4096)


def test_an_error_other_than_memory_is_not_taken_for_it(
    llama: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(RuntimeError("CUDA error: an illegal memory access"), monkeypatch)
    with pytest.raises(RuntimeError, match=r"^CUDA error: an illegal memory access$"):
        score_all(llama, QUESTIONS, 4096)
    with pytest.raises(RuntimeError, match=r"^CUDA error: an illegal memory access$"):
        try_sizes(llama, monkeypatch)


def try_sizes(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch, largest: int = 128, times: int = 100
) -> int:
    monkeypatch.setattr(loglikelihood, "FIRST_BATCH", {"cpu": 32})
    monkeypatch.setattr(loglikelihood, "LARGEST_BATCH", {"cpu": largest})
    return find_batch_tokens(model, encode_all(model, QUESTIONS * times))


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([100, 104, 108.2], 128),  # each is worth it, and none is larger
        ([100, 104, 107], 64),  # the last is 3% short of it
        ([100, 102], 32),
        ([100, 90], 32),
        ([100, 104, NO_MEMORY[0]], 64),
        ([100, NO_MEMORY[1]], 32),
        ([NO_MEMORY[0]], 32),
    ],
)
def test_the_batch_grows_while_that_is_faster_and_memory_holds_it(
    llama: LoadedModel,
    monkeypatch: pytest.MonkeyPatch,
    rates: list[float | RuntimeError],
    expected: int,
) -> None:
    left = iter(rates)

    def measure(*_: Any) -> float:
        rate = next(left)
        if isinstance(rate, RuntimeError):
            raise rate
        return rate

    monkeypatch.setattr(loglikelihood, "measure", measure)
    assert try_sizes(llama, monkeypatch) == expected
    assert list(left) == []


def test_batches_of_each_size_are_really_asked(
    model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert try_sizes(model, monkeypatch, largest=64) in {32, 64}


def test_small_work_is_worth_no_trial(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(AssertionError("asked"), monkeypatch)
    assert find_batch_tokens(model, encode_all(model, QUESTIONS)) == 2048
    assert find_batch_tokens(model, []) == 2048
    monkeypatch.setattr(loglikelihood, "SHARE_OF_TRIALS", 10**6)
    assert try_sizes(model, monkeypatch) == 32
