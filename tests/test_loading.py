"""What does a model say that does not load, and on which devices does one that does lie?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, BertConfig, BertForMaskedLM, T5Config, ViTConfig

from evaluator.engines import loading
from evaluator.engines.network import Way
from evaluator.errors import (
    BrokenConfig,
    BrokenTokenizer,
    BrokenWeights,
    ModelError,
    NeedsRemoteCode,
    NoSafetensors,
    NotCausal,
    OutOfMemory,
    UnknownArchitecture,
    UnknownPrecision,
)
from tests import tiny
from tests.tiny import Tiny, make_tiny

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tiny.llama, tmp_path_factory.mktemp("llama"))


@pytest.fixture
def folder(llama: Tiny, tmp_path: Path) -> Path:
    """A model's folder to be damaged."""
    return Path(shutil.copytree(llama.folder, tmp_path / "model"))


def remove(*names: str) -> Change:
    def unlink(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return unlink


def write(name: str, text: str) -> Change:
    return lambda folder: (folder / name).write_text(text)


def change(name: str, **entries: Any) -> Change:
    def rewrite(folder: Path) -> None:
        kept = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(kept | entries))

    return rewrite


def cut(size: int) -> Change:
    """The first `size` bytes of the weights, or all but the last where it is below 0."""

    def truncate(folder: Path) -> None:
        path = folder / "model.safetensors"
        path.write_bytes(path.read_bytes()[:size])

    return truncate


def change_weights(name: str, weights: torch.Tensor | None) -> Change:
    def rewrite(folder: Path) -> None:
        kept = load_file(folder / "model.safetensors")
        del kept[name]
        if weights is not None:
            kept[name] = weights
        save_file(kept, folder / "model.safetensors", {"format": "pt"})

    return rewrite


def pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def forget_a_shard(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    names = {"lm_head.weight": "model-00002-of-00002.safetensors"}
    names["model.norm.weight"] = "model-00001-of-00002.safetensors"
    index = json.dumps({"metadata": {}, "weight_map": names})
    (folder / "model.safetensors.index.json").write_text(index)


def make_bert(folder: Path) -> None:
    config = BertConfig(
        vocab_size=257,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        initializer_range=0.3,  # with the usual 0.02, what comes after hardly matters
    )
    with torch.random.fork_rng():
        torch.manual_seed(tiny.SEED)
        BertForMaskedLM(config).save_pretrained(folder)


CONFIG, TOKENIZER = "config.json", "tokenizer.json"
FAULTS: dict[str, tuple[Change, type[ModelError], str]] = {
    "a config that is no JSON": (write(CONFIG, "{no"), BrokenConfig, "is not a valid JSON file"),
    "a size that is a word": (change(CONFIG, hidden_size="many"), BrokenConfig, "expected int"),
    "heads that do not divide": (change(CONFIG, num_attention_heads=5), BrokenConfig, "multiple"),
    "no config": (remove(CONFIG), BrokenConfig, "has no config.json: it is not a model's folder"),
    "a new architecture": (
        change(CONFIG, model_type="brand_new"),
        UnknownArchitecture,
        "has model type `brand_new`",
    ),
    "an image model": (ViTConfig().save_pretrained, UnknownArchitecture, "ViTConfig"),
    "an encoder and decoder": (T5Config().save_pretrained, UnknownArchitecture, "t5 is an encoder"),
    "an encoder": (make_bert, NotCausal, "^BertLMHeadModel lets a token see what comes after it"),
    "no tokenizer": (
        remove(TOKENIZER, "tokenizer_config.json"),
        BrokenTokenizer,
        "instantiate the backend tokenizer",
    ),
    "a cut tokenizer": (write(TOKENIZER, '{"model": {"ty'), BrokenTokenizer, "JSONDecodeError"),
    "a tokenizer of no known kind": (
        write(TOKENIZER, '{"version": "1.0", "added_tokens": [], "model": {"type": "Nope"}}'),
        BrokenTokenizer,
        "does not load",
    ),
    "a tokenizer that is a list": (write(TOKENIZER, "[]"), BrokenTokenizer, "TypeError"),
    "cut tokenizer settings": (write("tokenizer_config.json", "{"), BrokenTokenizer, "JSONDecode"),
    "cut weights": (cut(-100), BrokenWeights, "SafetensorError.*not fully covered"),
    "weights of no bytes": (cut(0), BrokenWeights, "SafetensorError.*header too small"),
    "a page in place of weights": (
        write("model.safetensors", "<html>Not found</html>"),
        BrokenWeights,
        "SafetensorError.*header too large",
    ),
    "no weights": (remove("model.safetensors"), NoSafetensors, "has no .safetensors file"),
    "weights in a pickle": (pickle, NoSafetensors, "has no .safetensors file"),
    "a missing tensor": (
        change_weights("model.layers.1.mlp.up_proj.weight", None),
        BrokenWeights,
        "ValueError: no weights for model.layers.1.mlp.up_proj.weight",
    ),
    "a tensor of another shape": (
        change_weights("model.norm.weight", torch.zeros(3)),
        BrokenWeights,
        "RuntimeError",
    ),
    "a missing shard": (forget_a_shard, BrokenWeights, "No such file.*00002-of-00002"),
    "fewer embeddings than tokens": (
        lambda folder: tiny.make_tokenizer(["Ġ w", "t h"], "<s>").save_pretrained(folder),
        BrokenWeights,
        "IndexError: index out of range",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_model_that_does_not_load_says_which_part(folder: Path, fault: str) -> None:
    damage, error, text = FAULTS[fault]
    damage(folder)
    with pytest.raises(ModelError, match=text) as raised:
        loading.load_model(folder, "float32")
    assert type(raised.value) is error


CODE = "import pathlib\npathlib.Path({ran!r}).touch()\n"
CLASSES = {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}


@pytest.mark.parametrize(
    ("asks", "error"),
    [
        (change(CONFIG, model_type="brand_new", auto_map=CLASSES), NeedsRemoteCode),
        (
            change(
                "tokenizer_config.json",
                tokenizer_class="New",
                auto_map={"AutoTokenizer": ["code.New", None]},
            ),
            NeedsRemoteCode,
        ),
        (change(CONFIG, auto_map=CLASSES), None),  # transformers has a Llama of its own
    ],
    ids=["model", "tokenizer", "needless"],
)
def test_code_of_a_repository_is_never_run(
    folder: Path, asks: Change, error: type[ModelError] | None
) -> None:
    asks(folder)
    (folder / "code.py").write_text(CODE.format(ran=str(folder / "ran")))
    if error:
        with pytest.raises(error, match="needs code of its own repository, which is never run"):
            loading.load_model(folder, "float32")
    else:
        assert loading.load_model(folder, "float32").way is Way.NARROWED
    assert not (folder / "ran").exists()


def test_an_unknown_precision_is_refused_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(UnknownPrecision, match="'int4'; there are float32, bfloat16, float16"):
        loading.load_model(folder, "int4")


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory."), RuntimeError("can't allocate memory: 9 bytes")],
)
def test_weights_that_memory_does_not_hold_are_not_called_broken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    def from_pretrained(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", from_pretrained)
    with pytest.raises(OutOfMemory, match="do not fit the memory of this machine's devices"):
        loading.load_model(folder, "float32")


def test_what_only_loading_tells(llama: Tiny) -> None:
    model = llama.load("bfloat16")
    assert loading.facts(model) == {
        "parameters": sum(each.numel() for each in llama.network.parameters()),
        "architecture": "LlamaForCausalLM",
    }
    assert (model.network.dtype, model.max_length) == (torch.bfloat16, llama.window)
    assert (model.way, model.network.training) == (Way.NARROWED, False)
    assert loading.hardware(model) == {"device": "cpu", "threads": "1"}
