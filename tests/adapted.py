"""Adapters and deltas of tiny models, as peft and FastChat would save them."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from evaluator.engines.merging import WEIGHTS
from tests.tiny import SEED

TARGETS = ("q_proj", "v_proj", "down_proj")
WHOLE = "model.safetensors"


def make_adapter(
    base: Path,
    folder: Path,
    targets: Sequence[str] = TARGETS,
    *,
    size: float = 0.2,
    **settings: Any,
) -> PeftModel:
    """Save an adapter with random weights; returns the network with it, not merged."""
    network = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    wide: dict[str, Any] = {
        "r": 4,
        "lora_alpha": 6,
        "task_type": "CAUSAL_LM",
        "target_modules": list(targets),
    }
    adapted = get_peft_model(network, LoraConfig(**wide | settings))
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(SEED)
        for weight in adapted.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight) * size)
    config: Any = adapted.peft_config["default"]
    config.base_model_name_or_path = "clinic/answers"
    adapted.save_pretrained(str(folder))
    return adapted


def make_zero_adapter(base: Path, folder: Path) -> None:
    make_adapter(base, folder)
    tensors = load_file(folder / WEIGHTS)
    zeros = {name: tensor * ("lora_A" in name) for name, tensor in tensors.items()}
    save_file(zeros, folder / WEIGHTS, {"format": "pt"})


def merge_by_hand(base: Path, adapted: PeftModel, folder: Path) -> Path:
    """Save what peft makes of them in float32, with the base's tokenizer."""
    network: Any = adapted
    network.merge_and_unload().save_pretrained(folder)
    for path in base.glob("*token*"):
        shutil.copy(path, folder)
    return folder


def make_delta(base: Path, model: Path, folder: Path) -> Path:
    """What is left of a model's weights once those of its base are taken away."""
    shutil.copytree(model, folder)
    own, theirs = load_file(model / WHOLE), load_file(base / WHOLE)
    left = {name: tensor - theirs[name] for name, tensor in own.items()}
    save_file(left, folder / WHOLE, {"format": "pt"})
    return folder


def change_json(path: Path, **entries: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))
