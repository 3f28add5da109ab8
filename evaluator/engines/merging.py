"""Makes an adapter part of the network that it was trained on."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel
from peft.tuners.lora import LoraLayer
from peft.utils import set_peft_model_state_dict
from safetensors.torch import load_file
from torch import nn
from transformers import PreTrainedModel

from evaluator.errors import DoesNotFit, NoSafetensors, OutOfMemory

WEIGHTS = "adapter_model.safetensors"
PREFIX = "base_model.model."  # before the name of each tensor

Tensors = Mapping[str, torch.Tensor]
"""By the name that peft gives them."""
FACTORS = (".lora_A.weight", ".lora_embedding_A")
OWN = (".lora_", ".modules_to_save.")
"""In the names of what is an adapter's."""
MERGE = "Merge it into its base model yourself (merge_and_unload), and take what comes of that."


def merge_adapter(
    network: PreTrainedModel, folder: Path, settings: Mapping[str, Any]
) -> PreTrainedModel:
    """Return `network` with the adapter in `folder` in its weights, an ordinary network again.

    The base is loaded in the precision of the run, as it would be alone; each changed matrix is
    computed from it in float32 and rounded once. In bfloat16 a weight in sixteen would come out a
    step off, since peft rounds what is added before the sum. An adapter of zeros changes nothing,
    to the bit, and memory holds but one matrix more than the model.

    `settings` are those of peft's LoraConfig that its weights do not tell. Raises `NoSafetensors`,
    `DoesNotFit`, or what peft raises for weights that are not what they should be.
    """
    if not (folder / WEIGHTS).is_file():
        raise NoSafetensors(f"{folder} has no {WEIGHTS}; no other format is opened.")
    if any(weight.is_meta for weight in network.parameters()):
        raise OutOfMemory(
            f"The base model of {folder} does not fit the memory of the GPUs, where its adapter is "
            "to be merged. Take more of them, or --precision bfloat16."
        )
    tensors = load_file(folder / WEIGHTS)
    config = configure(settings, tensors, network)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # of matters seen to here
        wrapped = PeftModel(network, config)  # which keeps an adapter in float32
        fill(wrapped, tensors)
        for layer in [part for part in wrapped.modules() if isinstance(part, LoraLayer)]:
            merge_layer(layer)
        merged: PreTrainedModel = wrapped.merge_and_unload()
    return merged.requires_grad_(requires_grad=False)


def configure(
    settings: Mapping[str, Any], tensors: Tensors, network: PreTrainedModel
) -> LoraConfig:
    """Have peft change just the modules that the adapter has weights for, each in its width."""
    widths = {
        name.removeprefix(PREFIX).removesuffix(ending): tensor.shape[0]
        for name, tensor in tensors.items()
        for ending in FACTORS
        if name.endswith(ending) and tensor.dim()
    }
    whole = {
        name.removeprefix(PREFIX).rpartition(".")[0]
        for name in tensors
        if ".lora_" not in name and ".base_layer." not in name
    }
    require_modules({*widths, *whole}, network)
    return LoraConfig(
        r=1,
        rank_pattern={f"^{name}": width for name, width in widths.items()},
        target_modules=sorted(widths),
        modules_to_save=sorted(whole) or None,
        init_lora_weights=False,
        inference_mode=True,
        **settings,
    )


def require_modules(names: Iterable[str], network: PreTrainedModel) -> None:
    known = dict(network.named_modules())
    if strange := sorted(name for name in names if name not in known):
        raise DoesNotFit(
            f"The adapter changes {strange[0]!r}, which a {type(network).__name__}, as its base "
            "is, does not have. Name the base that it was trained on (--base, --base-revision)."
        )


def fill(wrapped: PeftModel, tensors: Tensors) -> None:
    """Put the adapter's weights where they belong; each has its place, and each place its weights.

    Raises `DoesNotFit`.
    """
    try:
        report: Any = set_peft_model_state_dict(wrapped, dict(tensors))
    except RuntimeError as error:
        if "size mismatch" not in str(error):
            raise
        where = next(line.strip() for line in str(error).split("\n") if "size mismatch" in line)
        raise DoesNotFit(
            f"The adapter and its base are of different shape: {where} Name the base that it was "
            f"trained on (--base, --base-revision). If its vocabulary was extended: {MERGE}"
        ) from error
    strays = report.unexpected_keys
    lost = [name for name in report.missing_keys if any(part in name for part in OWN)]
    if strays or lost:
        wrong = f"there is no place for {strays[0]}" if strays else f"there is no {lost[0]}"
        raise DoesNotFit(
            "The weights of the adapter are not those that its adapter_config.json speaks of: "
            f"{wrong}. {MERGE}"
        )


def merge_layer(layer: LoraLayer) -> None:
    """Merge one layer in float32; raises `ValueError` for what is not finite.

    The weights are its own from then on: those that were tied to them stay what they were, as they
    do while an adapter is trained.
    """
    base: nn.Module = layer.get_base_layer()
    kept = {name: weight.dtype for name, weight in base.named_parameters(recurse=False)}
    for name, weight in list(base.named_parameters(recurse=False)):
        setattr(base, name, nn.Parameter(weight.float(), requires_grad=False))
    layer.merge(safe_merge=True)
    for name, weight in base.named_parameters(recurse=False):
        weight.data = weight.data.to(kept[name])
