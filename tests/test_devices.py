"""On which devices does a model lie, and how much text does it hold?"""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from pytest import approx

from evaluator.engines import devices, loading
from evaluator.engines.network import Way
from tests import tiny
from tests.tiny import Tiny, make_tiny, score_all

GIB = 2**30
QUESTIONS = [
    ("Questions for physicians.\nWhy?\nAnswer:", (" A", " B")),
    ("Questions for physicians.\nDoes it help?", (" yes", " no", " maybe")),
    ("Longer than the window. " * 9, (" yes", " no")),
]


@pytest.fixture
def llama(tmp_path: Path) -> Tiny:
    return make_tiny(tiny.llama, tmp_path / "llama")


def set_gpus(monkeypatch: pytest.MonkeyPatch, *free: int) -> None:
    """Have torch say that there are GPUs, with so many bytes free on each."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(free))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(free))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda number: (free[number], 80 * GIB))


@pytest.mark.parametrize(
    ("free", "weight", "expected"),
    [
        ([], 1, {"": "cpu"}),
        ([80 * GIB], 68 * GIB, {"": 0}),
        ([80 * GIB], 69 * GIB, "balanced"),  # the rest is for activations
        ([20 * GIB, 60 * GIB], 50 * GIB, {"": 1}),
        ([60 * GIB, 60 * GIB], 50 * GIB, {"": 0}),
        ([60 * GIB, 60 * GIB], 90 * GIB, "balanced"),
    ],
)
def test_a_model_lies_on_one_device_where_one_holds_it(
    monkeypatch: pytest.MonkeyPatch,
    free: list[int],
    weight: int,
    expected: str | dict[str, int | str],
) -> None:
    set_gpus(monkeypatch, *free)
    assert devices.choose_devices(weight) == expected


def test_weights_take_at_most_twice_their_files_in_float32(tmp_path: Path) -> None:
    for name, size in {"a.safetensors": 30, "b.safetensors": 12, "tokenizer.json": 5}.items():
        (tmp_path / name).write_bytes(bytes(size))
    weights = {precision: devices.weigh(tmp_path, precision) for precision in loading.PRECISIONS}
    assert weights == {"float32": 84, "bfloat16": 42, "float16": 42}


def test_the_precision_unless_asked_for_is_that_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_gpus(monkeypatch)
    assert loading.default_precision() == "float32"
    set_gpus(monkeypatch, GIB)
    assert loading.default_precision() == "bfloat16"


def test_a_model_spread_over_devices_gives_the_same_scores(
    llama: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last layer is fetched from the disk whenever it runs, as from another GPU."""
    alone = llama.load()
    parts = {"model.embed_tokens": "cpu", "model.rotary_emb": "cpu", "model.layers.0": "cpu"}
    parts |= {"model.layers.1": "disk", "model.norm": "cpu", "lm_head": "disk"}
    monkeypatch.setattr(devices, "choose_devices", lambda _: parts)
    spread = llama.load()
    assert spread.network.hf_device_map == parts
    assert {parameter.device.type for parameter in spread.network.parameters()} == {"cpu", "meta"}
    assert (spread.way, alone.way) == (Way.NARROWED, Way.NARROWED)
    for size in (1, 4096):
        found, expected = (score_all(model, QUESTIONS, size) for model in (spread, alone))
        assert found.keys() == expected.keys()
        for index, scores in found.items():  # layers that are fetched are not fused: they round
            alike = expected[index]
            assert scores.logprobs == approx(alike.logprobs, abs=2e-5, rel=0)
            assert replace(scores, logprobs=alike.logprobs) == alike


@pytest.mark.parametrize(
    ("make", "limit", "expected"),
    [
        (tiny.llama, 50, 96),  # the configuration's goes first
        (tiny.gpt2, 50, 64),
        (tiny.mamba, 50, 50),
        (tiny.mamba, 10**30, 2048),  # what tokenizers without a limit say
        (tiny.mamba, math.inf, 2048),
    ],
)
def test_the_window_is_found_where_lm_eval_finds_it(
    make: tiny.Make, limit: float, expected: int
) -> None:
    network, tokenizer, _ = make()
    tokenizer.model_max_length = limit
    assert loading.max_length(network.config, tokenizer) == expected
