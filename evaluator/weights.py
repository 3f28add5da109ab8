"""Which files hold a model's weights, and what their headers alone tell of them."""

import math
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evaluator.errors import BrokenWeights, GatedModel
from evaluator.hub import Header
from evaluator.records import Precision
from evaluator.repositories import Findings, Repository, read_json
from evaluator.verdicts import WIDTHS, Rules

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PART = re.compile(r"model-\d+-of-\d+\.safetensors")
ADAPTER = "adapter_model.safetensors"
MOST_FILES = 500  # the largest open models have fewer than 200
MOST_PER_BYTE = 8  # parameters: no type is narrower than a bit
AT_ONCE = 8  # requests for headers

Shapes = dict[str, tuple[int, ...]]
"""Of tensors, by name."""


def check_weights(
    repository: Repository, folder: Path | None, found: Findings, *, adapter: bool = False
) -> Shapes:
    """Note what is wrong with the weights, and how many they are; returns what they consist of.

    `folder` has the index, if that could be had.
    """
    names = [ADAPTER] if adapter and ADAPTER in repository.sizes else []
    if not adapter:
        names = choose_files(repository, folder, found)
    if not names:
        found.add("no-safetensors", ADAPTER if adapter else f"{SINGLE}, or in parts with an index")
        return {}
    found.facts["weights_bytes"] = sum(repository.sizes[name] for name in names)
    try:
        headers = [] if repository.gated else read_headers(repository, names)
        shapes = {name: each.shape for header in headers for name, each in header.items()}
    except BrokenWeights as error:
        found.add("broken-weights", str(error))
        return {}
    except GatedModel:
        found.add("gated")
        shapes = {}
    counted = sum(math.prod(shape) for shape in shapes.values())
    found.facts["parameters"] = counted or repository.parameters
    return shapes


def choose_files(repository: Repository, folder: Path | None, found: Findings) -> list[str]:
    """The files that transformers would read: one, or the parts that the index names."""
    if SINGLE in repository.sizes:
        return [SINGLE]
    if INDEX not in repository.sizes:
        return []
    if folder is None:
        return [name for name in repository.sizes if PART.fullmatch(name)]
    places = (read_json(folder / INDEX) or {}).get("weight_map")
    if not isinstance(places, dict) or not places:
        found.add("broken-weights", f"{INDEX} is no index")
        return [name for name in repository.sizes if PART.fullmatch(name)]
    named = sorted({str(name) for name in places.values()})
    there = [name for name in named if name.endswith(".safetensors") and name in repository.sizes]
    if lost := [name for name in named if name not in there]:
        found.add(
            "broken-weights",
            f"{INDEX} names {len(lost)} files that are no safetensors "
            f"file in the repository, such as {lost[0]}",
        )
    return there


def read_headers(repository: Repository, names: Sequence[str]) -> list[Header]:
    """Raises `BrokenWeights` for a header that cannot be that of the file."""
    if len(names) > MOST_FILES:
        raise BrokenWeights(f"they are {len(names)} files, and at most {MOST_FILES} are read")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        headers = list(pool.map(repository.read_header, names))
    for name, header in zip(names, headers, strict=True):
        check_header(name, header, repository.sizes[name])
    return headers


def check_header(name: str, header: Header, size: int) -> None:
    for tensor in header.values():
        room = (tensor.end - tensor.begin) * MOST_PER_BYTE
        if min(tensor.begin, *tensor.shape, 0) < 0 or math.prod(tensor.shape) > room:
            raise BrokenWeights(f"{name} has a tensor of impossible size")
    if max((tensor.end for tensor in header.values()), default=0) >= size:
        raise BrokenWeights(f"{name} is shorter than its header says: {size:,} bytes")


def check_size(found: Findings, precision: Precision, rules: Rules) -> None:
    parameters = found.facts.get("parameters")
    taken = (parameters or 0) * WIDTHS[precision] / 1e9
    if taken > rules.most_gigabytes:
        found.add(
            "too-large",
            f"{taken:,.1f} GB in {precision}, and at most {rules.most_gigabytes:,g} GB are taken",
        )


def find_misfit(adapter: Shapes, base: Shapes, *, transposed: bool = False) -> str | None:
    """Say where an adapter and its base have matrices of different size, if anywhere.

    What it changes, or has in whole, is looked up by name; a name that the base lacks proves
    nothing, since transformers renames parts of some models as it loads them. The matrices of the
    base may be `transposed`.
    """
    for name, shape in adapter.items():
        stem, _, side = name.removeprefix("base_model.model.").rpartition(".lora_")
        if not stem and (whole := base.get(side, shape)) != shape:
            return f"{side} is {list(whole)} there, and {list(shape)} in the adapter"
        whole = base.get(f"{stem}.weight", ())
        if len(shape) != len(whole) or len(whole) != 2 or side not in ("A.weight", "B.weight"):
            continue
        outer, inner = whole[::-1] if transposed else whole
        mine, theirs = (shape[1], inner) if side[0] == "A" else (shape[0], outer)
        if mine != theirs:
            return f"{stem} is {theirs} wide there, and {mine} in the adapter"
    return None


def find_difference(delta: Shapes, base: Shapes) -> str | None:
    """Say which tensor of a delta is of another shape than its base's, if any is."""
    for name in sorted(delta.keys() & base.keys()):
        if delta[name] != base[name]:
            return f"{name} is {list(base[name])} there, and {list(delta[name])} in the delta"
    return None
