"""Models as strangers submit them: a good one, the ways to spoil it, and how to check it fast."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from evaluator import checking
from evaluator.engines import tryout
from evaluator.protocols import parse_protocol
from evaluator.verdicts import Asked, Checked, Rules
from tests import tiny

Change = Callable[[Path], object]
Check = Callable[..., Checked]
NAME = "clinic/answers"
CHAT = parse_protocol("loglikelihood-0shot-chat")
CARD = "---\nlicense: apache-2.0\n---\n# Answers\n\nA tiny Llama with random weights.\n"
CODE = {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}
CONFIG, TOKENIZER, WEIGHTS = "config.json", "tokenizer_config.json", "model.safetensors"
INDEX = "model.safetensors.index.json"
ADAPTER = {"peft_type": "LORA", "base_model_name_or_path": NAME}


def make_good(folder: Path) -> Path:
    tiny.make_tiny(tiny.llama, folder)
    (folder / "README.md").write_text(CARD)
    return folder


def make_adapter(folder: Path, wide: int = 32, **settings: object) -> Path:
    folder.mkdir()
    stem = "base_model.model.model.layers.0.self_attn.q_proj"
    matrices = {"lora_A": torch.zeros(4, wide), "lora_B": torch.zeros(32, 4)}
    tensors = {f"{stem}.{name}.weight": matrix for name, matrix in matrices.items()}
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps(ADAPTER | settings))
    (folder / "README.md").write_text(CARD)
    return folder


def copy(folder: Path, to: Path, *changes: Change) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    for change in changes:
        change(to)
    return to


def remove(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Change:
    def create(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return create


def change(name: str, **entries: Any) -> Change:
    def rewrite(folder: Path) -> None:
        kept = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(kept | entries))

    return rewrite


def pickle(folder: Path) -> None:
    """In place of safetensors, files that would run code if they were opened."""
    (folder / WEIGHTS).unlink()
    for name in ("pytorch_model.bin", "model.pt", "model.ckpt", "tokenizer.pkl"):
        (folder / name).write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")


def part(*, lost: str | None = None, stranger: str | None = None) -> Change:
    """Two weight files and an index, which may name one that is not there or another kind."""

    def rewrite(folder: Path) -> None:
        first, second = (f"model-0000{number}-of-00002.safetensors" for number in (1, 2))
        (folder / WEIGHTS).rename(folder / first)
        save_file({"lm_head.bias": torch.zeros(5)}, folder / second)
        places = {"model.norm.weight": first, "lm_head.bias": stranger or second}
        (folder / INDEX).write_text(json.dumps({"weight_map": places}))
        if lost:
            (folder / second).unlink()

    return rewrite


def claim(parameters: int, *, shape: int | None = None) -> Change:
    """Weights of so many parameters, as the header says: the file has a hole and no data.

    A `shape` contradicts that.
    """

    def rewrite(folder: Path) -> None:
        size = 2 * parameters
        tensor = {"dtype": "BF16", "shape": [shape or parameters], "data_offsets": [0, size]}
        header = json.dumps({"lm_head.weight": tensor}).encode()
        with (folder / WEIGHTS).open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + size)

    return rewrite


def try_here(folder: Path, parts: Sequence[str], rules: Rules) -> list[Mapping[str, Any]]:  # noqa: ARG001
    """What `trial.try_loading` does, in this process, which has imported transformers."""
    return [tryout.try_part(folder, part) for part in parts]


def check_fast(
    monkeypatch: pytest.MonkeyPatch, model: str, rules: Rules | None = None, **asked: Any
) -> Checked:
    monkeypatch.setattr(checking, "try_loading", try_here)
    return checking.check_model(Asked(model=model, **asked), rules)


def codes(checked: Checked) -> list[str]:
    return [problem.code for problem in checked.problems]
