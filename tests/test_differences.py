"""Does a delta on its base answer as the model that it was made from?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from evaluator.engines import differences
from evaluator.engines.loading import Base, LoadedModel, load_model
from evaluator.errors import BrokenConfig, BrokenWeights, DoesNotFit, ModelError
from tests import tiny
from tests.adapted import WHOLE, make_adapter, make_delta, merge_by_hand
from tests.test_merging import load as load_adapted
from tests.test_merging import score
from tests.tiny import Tiny, make_tiny

Change = Callable[[Path], object]
INDEX = "model.safetensors.index.json"


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tiny.llama, tmp_path_factory.mktemp("llama"))


@pytest.fixture
def tuned(llama: Tiny, tmp_path: Path) -> Path:
    """The base after some training."""
    adapted = make_adapter(llama.folder, tmp_path / "adapter")
    return merge_by_hand(llama.folder, adapted, tmp_path / "tuned")


def load(base: Path, delta: Path, precision: str = "float32") -> LoadedModel:
    return load_model(delta, precision, Base(base))


@pytest.mark.parametrize("make", [tiny.llama, tiny.qwen3, tiny.gpt2, tiny.gemma3, tiny.mamba])
def test_a_delta_answers_as_the_model_that_it_is_of(make: tiny.Make, tmp_path: Path) -> None:
    base = make_tiny(make, tmp_path / "base")
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(tiny.SEED)
        for weight in base.network.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)
    tuned = tmp_path / "tuned"
    base.network.save_pretrained(tuned)
    base.tokenizer.save_pretrained(tuned)
    delta = make_delta(base.folder, tuned, tmp_path / "delta")
    found, expected = load(base.folder, delta), load_model(tuned, "float32")
    assert (found.way, type(found.network)) == (expected.way, type(expected.network))
    for name, weight in expected.network.state_dict().items():
        assert torch.allclose(found.network.state_dict()[name], weight, atol=1e-6)
    alike = score(found)
    for place, scores in score(expected).items():
        assert alike[place].logprobs == pytest.approx(scores.logprobs, abs=2e-4, rel=0)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_delta_of_zeros_changes_nothing(llama: Tiny, precision: str, tmp_path: Path) -> None:
    delta = make_delta(llama.folder, llama.folder, tmp_path / "delta")
    assert score(load(llama.folder, delta, precision)) == score(llama.load(precision))


def test_a_sum_is_rounded_once(llama: Tiny, tmp_path: Path) -> None:
    """Half a step of bfloat16 in each of the two is a whole one in both together."""
    base = tmp_path / "base"
    shutil.copytree(llama.folder, base)
    delta = make_delta(base, base, tmp_path / "delta")
    put("model.norm.weight", torch.full((32,), 1 + 2**-8))(base)
    put("model.norm.weight", torch.full((32,), 2**-8))(delta)
    weight = load(base, delta, "bfloat16").network.get_parameter("model.norm.weight")
    assert weight.tolist() == [1 + 2**-7] * 32


def test_a_sum_leaves_the_files_alone(llama: Tiny, tmp_path: Path) -> None:
    """They are mapped into memory: what is written there stays in it until the run ends."""
    delta = make_delta(llama.folder, llama.folder, tmp_path / "delta")
    put("model.norm.weight", torch.ones(32))(delta)
    base, own = differences.open_tensors(llama.folder), differences.open_tensors(delta)
    before = {name: each[...].clone() for name, each in base.items()}
    sums = {name: each[...] for name, each in differences.add(base, own).items()}
    assert sums["model.norm.weight"].tolist() == [2.0] * 32
    assert all(torch.equal(each[...], before[name]) for name, each in base.items())


def put(name: str, tensor: torch.Tensor | None) -> Change:
    def rewrite(folder: Path) -> None:
        tensors = load_file(folder / WHOLE)
        del tensors[name]
        new = {} if tensor is None else {name: tensor}
        save_file(tensors | new, folder / WHOLE, {"format": "pt"})

    return rewrite


def test_the_tokenizer_is_that_of_the_delta(llama: Tiny, tuned: Path, tmp_path: Path) -> None:
    delta = make_delta(llama.folder, tuned, tmp_path / "delta")
    tiny.make_tokenizer([], "<t>").save_pretrained(delta)
    assert load(llama.folder, delta).tokenizer.bos_token == "<t>"


def test_weights_in_parts_are_found_by_their_index(
    llama: Tiny, tuned: Path, tmp_path: Path
) -> None:
    delta = make_delta(llama.folder, tuned, tmp_path / "delta")
    expected = score(load(llama.folder, delta))
    split(delta)
    assert score(load(llama.folder, delta)) == expected


def split(folder: Path) -> None:
    tensors = load_file(folder / WHOLE)
    (folder / WHOLE).unlink()
    places = {}
    for number, name in enumerate(tensors):
        file = f"model-0000{number % 2 + 1}-of-00002.safetensors"
        places[name] = file
    for file in set(places.values()):
        part = {name: tensor for name, tensor in tensors.items() if places[name] == file}
        save_file(part, folder / file)
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))


def point(file: str) -> Change:
    def rewrite(folder: Path) -> None:
        (folder / WHOLE).rename(folder / "other.safetensors")
        (folder / INDEX).write_text(json.dumps({"weight_map": {"a": file}}))

    return rewrite


FAULTS: dict[str, tuple[Change, type[ModelError], str]] = {
    "more tokens": (
        put("model.embed_tokens.weight", torch.zeros(258, 32)),
        DoesNotFit,
        r"embed_tokens.weight is \[258, 32\] in the delta and",
    ),
    "a tensor less": (
        put("model.layers.1.mlp.up_proj.weight", None),
        BrokenWeights,
        "no weights for model.layers.1.mlp.up_proj.weight",
    ),
    "no index": (
        lambda folder: (folder / WHOLE).rename(folder / "other.safetensors"),
        BrokenWeights,
        "has neither model.safetensors nor a model.safetensors.index.json",
    ),
    "a lost part": (point("lost.safetensors"), BrokenWeights, "No such file.*lost.safetensors"),
    "a file elsewhere": (
        point("../other.safetensors"),
        BrokenWeights,
        "which is no safetensors file beside",
    ),
    "a pickle": (
        point("pytorch_model.bin"),
        BrokenWeights,
        "which is no safetensors file beside it",
    ),
    "no config": (lambda folder: (folder / "config.json").unlink(), BrokenConfig, "has no config"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_delta_that_cannot_be_added_says_why(
    llama: Tiny, tuned: Path, fault: str, tmp_path: Path
) -> None:
    damage, error, text = FAULTS[fault]
    delta = make_delta(llama.folder, tuned, tmp_path / "delta")
    damage(delta)
    with pytest.raises(ModelError, match=text) as raised:
        load(llama.folder, delta)
    assert type(raised.value) is error


def test_an_adapter_and_a_delta_of_the_same_training_agree(
    llama: Tiny, tuned: Path, tmp_path: Path
) -> None:
    delta = make_delta(llama.folder, tuned, tmp_path / "delta")
    added, merged = (
        score(load(llama.folder, delta)),
        load_adapted(llama.folder, tmp_path / "adapter"),
    )
    for place, scores in score(merged).items():
        assert added[place].logprobs == pytest.approx(scores.logprobs, abs=2e-4, rel=0)
