"""Loads a model that is published as its difference to another one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM, PretrainedConfig, PreTrainedModel

from evaluator.errors import BrokenWeights, DoesNotFit

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"


class Sum:
    """A tensor of the base and one of the delta, read and added when transformers asks for it.

    As a slice of a safetensors file it is indexed by `...`. The sum is float32, whatever the two
    are, and rounded once to the precision of the run.
    """

    def __init__(self, base: Any, delta: Any) -> None:
        self.base, self.delta = base, delta

    def __getitem__(self, index: Any) -> torch.Tensor:
        base: torch.Tensor = self.base[index]  # the file itself: adding in place would keep it all
        delta: torch.Tensor = self.delta[index]
        return base.float() + delta.float()


def load_sum(
    config: PretrainedConfig, delta: Path, base: Path, options: Mapping[str, Any]
) -> tuple[PreTrainedModel, dict[str, Any]]:
    """Return the network of `config` whose weights are those in two folders together, and a report.

    FastChat's `apply_delta`, a tensor at a time: memory holds the sums, and of what they are made
    of only what is being added. Raises `DoesNotFit`, `BrokenWeights`, or what transformers raises.
    """
    with torch.device("meta"):
        empty = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    sums = add(open_tensors(base), open_tensors(delta))
    loaded: tuple[PreTrainedModel, dict[str, Any]] = type(empty).from_pretrained(
        None, config=empty.config, state_dict=sums, **options
    )
    return loaded


def add(base: Mapping[str, Any], delta: Mapping[str, Any]) -> dict[str, Sum]:
    """Pair the tensors by name; what one of the two lacks is left out.

    That may be an output that is tied to the embeddings, or a table that transformers computes.
    What the model needs beside is missed when it is loaded.
    """
    for name in base.keys() & delta.keys():
        theirs, own = tuple(base[name].get_shape()), tuple(delta[name].get_shape())
        if theirs != own:
            raise DoesNotFit(
                f"{name} is {list(own)} in the delta and {list(theirs)} in its base. Name the "
                "base that the delta was made from (--base, --base-revision). If its vocabulary "
                "was extended, nothing says what was subtracted from the new rows: apply the delta "
                "as its authors did, and submit the whole model."
            )
    return {name: Sum(base[name], delta[name]) for name in base.keys() & delta.keys()}


def open_tensors(folder: Path) -> dict[str, Any]:
    """The tensors in a folder's safetensors files by name, none of them read yet."""
    files = [SINGLE] if (folder / SINGLE).is_file() else read_index(folder)
    opened = [safe_open(folder / name, framework="pt") for name in files]
    return {name: file.get_slice(name) for file in opened for name in file.keys()}  # type: ignore[no-untyped-call]  # noqa: SIM118


def read_index(folder: Path) -> list[str]:
    """The files beside the index in which the parts are; raises `BrokenWeights`."""
    try:
        places = json.loads((folder / INDEX).read_bytes())["weight_map"]
        files = sorted({str(name) for name in places.values()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenWeights(
            f"{folder} has neither {SINGLE} nor a {INDEX} that names its parts. Save it with "
            "save_pretrained."
        ) from error
    for name in files:
        if Path(name).name != name or Path(name).suffix != ".safetensors":
            raise BrokenWeights(
                f"{folder / INDEX} names {name[:80]!r}, which is no safetensors file beside it."
            )
    return files
