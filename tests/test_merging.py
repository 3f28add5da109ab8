"""Does a model with an adapter answer as its base does once somebody has merged it by hand?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from evaluator.adapters import CONFIG, require_settings
from evaluator.engines.loading import Base, LoadedModel, load_model
from evaluator.engines.loglikelihood import Scores
from evaluator.engines.merging import WEIGHTS
from evaluator.errors import (
    BrokenAdapter,
    BrokenConfig,
    DoesNotFit,
    ModelError,
    NoSafetensors,
    UnmergeableAdapter,
)
from tests import tiny
from tests.adapted import change_json, make_adapter, make_zero_adapter, merge_by_hand
from tests.tiny import Tiny, make_tiny, score_all

LETTERS = (" A", " B", " C", " D")
QUESTIONS = [
    *((f"Questions for physicians.\n{'Why? ' * number}\nAnswer:", LETTERS) for number in (1, 3)),
    ("Questions for physicians.\nDoes it help?", (" yes", " no", " maybe")),
    ("Longer than the window. " * 9, (" yes", " no")),
]
Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tiny.llama, tmp_path_factory.mktemp("llama"))


def score(model: LoadedModel) -> dict[int, Scores]:
    return score_all(model, QUESTIONS, 4096)


def load(base: Path, adapter: Path, precision: str = "float32") -> LoadedModel:
    settings = require_settings(adapter, "The adapter").for_peft()
    return load_model(adapter, precision, Base(base, settings))


KINDS: dict[str, tuple[tiny.Make, dict[str, Any]]] = {
    "a LoRA": (tiny.llama, {}),
    "a scaled LoRA": (tiny.llama, {"use_rslora": True, "alpha_pattern": {"q_proj": 32}}),
    "of several ranks": (tiny.llama, {"rank_pattern": {"v_proj": 2}, "layers_to_transform": [1]}),
    "a DoRA": (tiny.llama, {"use_dora": True}),
    "with a whole output": (tiny.llama, {"modules_to_save": ["lm_head"]}),
    "of the embeddings": (tiny.llama, {"targets": ["embed_tokens", "lm_head"]}),
    "of tied embeddings": (tiny.qwen3, {"targets": ["embed_tokens", "q_proj"]}),
    "of a tied output": (tiny.qwen3, {"targets": ["lm_head"]}),
    "of transposed matrices": (tiny.gpt2, {"targets": ["c_attn"], "fan_in_fan_out": True}),
    "with a bias": (tiny.gpt2, {"targets": ["c_attn"], "lora_bias": True, "fan_in_fan_out": True}),
    "of windows": (tiny.gemma3, {}),
    "of a network that runs padded": (tiny.mamba, {"targets": ["in_proj"]}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_answers_as_before_it_was_merged(kind: str, tmp_path: Path) -> None:
    make, settings = KINDS[kind]
    base = make_tiny(make, tmp_path / "base")
    adapted = make_adapter(base.folder, tmp_path / "adapter", **settings)
    adapted.eval()
    found = score(model := load(base.folder, tmp_path / "adapter"))
    slow = Tiny(adapted, base.tokenizer, base.window, base.folder)
    for place, (prompt, endings) in enumerate(QUESTIONS):
        expected = tiny.score_slowly(slow, prompt, endings)
        assert found[place].logprobs == pytest.approx(expected.logprobs, abs=2e-4, rel=0)
    alone = base.load()
    assert model.way == alone.way  # it is an ordinary network again
    assert [type(part) for part in model.network.modules()] == [
        type(part) for part in alone.network.modules()
    ]
    assert max(abs(a - b) for a, b in logprobs(found, score(alone))) > 0.01


def logprobs(some: dict[int, Scores], others: dict[int, Scores]) -> list[tuple[float, float]]:
    return [
        pair
        for place, scores in some.items()
        for pair in zip(scores.logprobs, others[place].logprobs, strict=True)
    ]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_an_adapter_answers_as_what_is_merged_by_hand(
    llama: Tiny, precision: str, tmp_path: Path
) -> None:
    """To the bit; in bfloat16 of a base that is published in it."""
    base = tmp_path / "base"
    shutil.copytree(llama.folder, base)
    tensors = load_file(base / "model.safetensors")
    exact = {name: tensor.to(getattr(torch, precision)).float() for name, tensor in tensors.items()}
    save_file(exact, base / "model.safetensors", {"format": "pt"})
    adapted = make_adapter(base, tmp_path / "adapter", use_dora=True)
    merged = merge_by_hand(base, adapted, tmp_path / "merged")
    found = score(load(base, tmp_path / "adapter", precision))
    assert found == score(load_model(merged, precision))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_an_adapter_of_zeros_changes_nothing(llama: Tiny, precision: str, tmp_path: Path) -> None:
    make_zero_adapter(llama.folder, tmp_path / "adapter")
    assert score(load(llama.folder, tmp_path / "adapter", precision)) == score(
        llama.load(precision)
    )


def test_the_tokenizer_of_an_adapter_goes_before_that_of_its_base(
    llama: Tiny, tmp_path: Path
) -> None:
    make_adapter(llama.folder, tmp_path / "adapter")
    assert load(llama.folder, tmp_path / "adapter").tokenizer.bos_token == "<s>"
    tiny.make_tokenizer([], "<t>").save_pretrained(tmp_path / "adapter")
    assert load(llama.folder, tmp_path / "adapter").tokenizer.bos_token == "<t>"


def test_an_adapter_beside_a_whole_model_is_not_added_unasked(llama: Tiny, tmp_path: Path) -> None:
    both = tmp_path / "both"
    shutil.copytree(llama.folder, both)
    make_adapter(llama.folder, tmp_path / "adapter")
    for name in (CONFIG, WEIGHTS):
        shutil.copy(tmp_path / "adapter" / name, both)
    assert score(load_model(both, "float32")) == score(llama.load())


def settings(**entries: Any) -> Change:
    return lambda folder: change_json(folder / CONFIG, **entries)


def widen(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    name = next(name for name in tensors if name.endswith("q_proj.lora_A.weight"))
    save_file(tensors | {name: torch.zeros(4, 48)}, folder / WEIGHTS)


def lengthen(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    name = "base_model.model.model.embed_tokens.weight"
    save_file(tensors | {name: torch.zeros(258, 32)}, folder / WEIGHTS)


def replace(old: str, new: str) -> Change:
    def rename(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        save_file(
            {name.replace(old, new): each for name, each in tensors.items()}, folder / WEIGHTS
        )

    return rename


def lose(part: str) -> Change:
    def leave_out(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        kept = {name: each for name, each in tensors.items() if part not in name}
        save_file(kept, folder / WEIGHTS)

    return leave_out


def spoil(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    save_file({name: each * torch.inf for name, each in tensors.items()}, folder / WEIGHTS)


def pickle(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS), folder / "adapter_model.bin")
    (folder / WEIGHTS).unlink()


FAULTS: dict[str, tuple[Change, type[ModelError], str]] = {
    "another kind": (settings(peft_type="IA3"), UnmergeableAdapter, "peft_type.*'IA3'"),
    "a classifier": (settings(task_type="SEQ_CLS"), UnmergeableAdapter, "task_type.*'SEQ_CLS'"),
    "a base that changes": (settings(init_lora_weights="pissa"), UnmergeableAdapter, "'pissa'"),
    "code": (
        settings(megatron_config={"a": 1}),
        UnmergeableAdapter,
        "'megatron_config', which a plain",
    ),
    "a later kind": (
        settings(use_newlora=True),
        UnmergeableAdapter,
        "'use_newlora', which a plain",
    ),
    "an alpha of words": (settings(lora_alpha="much"), UnmergeableAdapter, "lora_alpha.*'much'"),
    "a pattern": (settings(alpha_pattern={"(a+)+": 2}), UnmergeableAdapter, "alpha_pattern"),
    "no settings": (lambda at: (at / CONFIG).unlink(), BrokenAdapter, "_config.json is missing"),
    "no object": (lambda at: (at / CONFIG).write_text("[]"), BrokenAdapter, "is no JSON object"),
    "a pickle": (pickle, NoSafetensors, "has no adapter_model.safetensors; no other format"),
    "a cut file": (
        lambda at: (at / WEIGHTS).write_bytes((at / WEIGHTS).read_bytes()[:-9]),
        BrokenAdapter,
        "SafetensorError",
    ),
    "a wider base": (widen, DoesNotFit, r"of different shape: size mismatch for .*q_proj"),
    "more tokens": (lengthen, DoesNotFit, r"embed_tokens.*\[258, 32\].*vocabulary was extended"),
    "other modules": (replace("q_proj", "query"), DoesNotFit, "query', which a LlamaForCausalLM"),
    "half of it": (lose("q_proj.lora_B"), DoesNotFit, "there is no .*q_proj.lora_B"),
    "no end": (spoil, BrokenAdapter, "NaNs detected in the merged weights"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_adapter_that_cannot_be_merged_says_why(llama: Tiny, fault: str, tmp_path: Path) -> None:
    damage, error, text = FAULTS[fault]
    make_adapter(llama.folder, tmp_path / "adapter")
    damage(tmp_path / "adapter")
    with pytest.raises(ModelError, match=text) as raised:
        load(llama.folder, tmp_path / "adapter")
    assert type(raised.value) is error


def test_what_an_adapter_names_is_neither_loaded_nor_imported(llama: Tiny, tmp_path: Path) -> None:
    """A base, a module of code, and a pattern that is looked for without end."""
    adapter = tmp_path / "adapter"
    make_adapter(llama.folder, adapter)
    expected = score(load(llama.folder, adapter))
    change_json(
        adapter / CONFIG,
        base_model_name_or_path="/etc",
        auto_mapping={"base_model_class": "system", "parent_library": "os"},
        megatron_core="antigravity",
        target_modules="(.*.*)*.*x",
        rank_pattern={"(a+)+b": 9},
        r=10**9,
    )
    assert score(load(llama.folder, adapter)) == expected


def test_an_adapter_alone_says_that_it_is_one(llama: Tiny, tmp_path: Path) -> None:
    make_adapter(llama.folder, tmp_path / "adapter")
    with pytest.raises(BrokenConfig, match=r"It holds an adapter: run it with --weights adapter\."):
        load_model(tmp_path / "adapter", "float32")
