"""Runs a network over laid out questions, with logits only where a token is scored."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from enum import StrEnum
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from evaluator.engines import attention
from evaluator.engines.attention import NotPackable
from evaluator.engines.encoding import Encoded
from evaluator.engines.fused import fused
from evaluator.engines.layout import Captured, KeysValues, Packing
from evaluator.engines.packing import Padded, Row, lay, pad
from evaluator.engines.slots import Step


class Way(StrEnum):
    """How a network is run; the first that it allows is the fastest."""

    NARROWED = "narrowed"
    """Packed, and the last layer only for the tokens that are scored."""
    PACKED = "packed"
    PADDED = "padded"
    """As transformers alone would: for architectures whose attention is their own."""


def run(
    network: PreTrainedModel,
    way: Way,
    questions: Sequence[Encoded],
    prefix: Sequence[KeysValues] = (),
) -> list[list[float]]:
    """Return the log-probability of each choice of each question, summed over its tokens."""
    if way is Way.PADDED:
        padded = pad(questions)
        return read_scores(run_padded(network, padded), padded, len(questions))
    row = lay(questions, prefix[0][0].shape[2] if prefix else 0)
    logits = run_packed(network, way, row, Packing(row.segments, row.final, prefix))
    return read_scores(logits, row, len(questions))


def read_scores(logits: torch.Tensor, laid: Row | Padded, questions: int) -> list[list[float]]:
    """From logits at the scored places, (places, vocabulary), to a sum a choice.

    The softmax's denominator is computed here alone; no other token's probability is.
    """
    column = {at: number for number, at in enumerate(laid.scored)}
    rows = [column[at] for at, _ in laid.steps]
    chosen = logits[rows, [token for _, token in laid.steps]]
    steps = (chosen - logits.logsumexp(dim=-1)[rows]).tolist()
    found: list[list[float]] = [[] for _ in range(questions)]
    for place, start, stop in laid.ends:
        found[place].append(sum(steps[start:stop]))
    return found


def run_packed(network: PreTrainedModel, way: Way, row: Row, packing: Packing) -> torch.Tensor:
    """Return the logits of the row's scored places: (places, vocabulary), float32."""
    only = narrowed(network, packing, row.scored) if way is Way.NARROWED else nullcontext()
    head = nullcontext() if way is Way.NARROWED else picked(network, [0], row.scored)
    on_cpu = fused(network) if network.device.type == "cpu" else nullcontext()
    with attention.packed(packing), only, head, on_cpu:
        logits: torch.Tensor = network(
            torch.tensor([row.tokens], device=network.device),
            position_ids=torch.tensor([row.positions], device=network.device),
            use_cache=False,
        ).logits
    return logits[0].float()


def run_step(
    network: PreTrainedModel, tokens: Sequence[int], positions: Sequence[int], step: Step
) -> torch.Tensor:
    """Return what follows the newest token of each text: (texts, vocabulary), float32."""
    on_cpu = fused(network) if network.device.type == "cpu" else nullcontext()
    with attention.packed(step), on_cpu:
        logits: torch.Tensor = network(
            torch.tensor([tokens], device=network.device),
            position_ids=torch.tensor([positions], device=network.device),
            use_cache=False,
        ).logits
    return logits[0].float()


def run_padded(network: PreTrainedModel, padded: Padded) -> torch.Tensor:
    """Return the logits of the scored places: (places, vocabulary), float32."""
    rows, columns = zip(*(divmod(at, padded.width) for at in padded.scored), strict=True)
    with picked(network, rows, columns):
        logits: torch.Tensor = network(
            torch.tensor(padded.tokens, device=network.device), use_cache=False
        ).logits
    return logits[0].float()


@contextmanager
def picked(network: PreTrainedModel, rows: Sequence[int], columns: Sequence[int]) -> Iterator[None]:
    """Let the head see only the hidden states at (row, column): logits are most of the memory."""

    def pick(_: nn.Module, args: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        return (args[0][list(rows), list(columns)][None],)

    handle = network.get_output_embeddings().register_forward_pre_hook(pick)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def narrowed(network: PreTrainedModel, packing: Packing, places: Sequence[int]) -> Iterator[None]:
    """Run the last layer for the tokens at `places` only, which see the keys of all.

    A first pass through it stops as soon as the keys and values of all tokens are there.
    """

    def cut(
        layer: nn.Module, args: tuple[Any, ...], options: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        packing.capturing = True
        with suppress(Captured), one_query(layer, args[0].shape[1]):
            layer.forward(*args, **options)
        return (args[0][:, places], *args[1:]), {
            name: choose(value, places) if name.startswith("position_") else value
            for name, value in options.items()
        }

    handle = last_layer(network).register_forward_pre_hook(cut, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def one_query(layer: nn.Module, tokens: int) -> Iterator[None]:
    """Let `layer` compute one query for all `tokens`, where only keys and values are wanted."""

    def cut(_: nn.Module, args: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        return (args[0][:, :1],)

    def repeat(_: nn.Module, __: Any, query: torch.Tensor) -> torch.Tensor:
        return query.expand(-1, tokens, -1)

    with ExitStack() as hooks:
        for name, module in layer.named_modules():
            if name.endswith("q_proj"):  # elsewhere queries are computed in vain
                hooks.callback(module.register_forward_pre_hook(cut).remove)
                hooks.callback(module.register_forward_hook(repeat).remove)
        yield


def choose(value: Any, places: Sequence[int]) -> Any:
    """Cut tensors of (1, T, …) to `places`, also inside a tuple."""
    if isinstance(value, torch.Tensor):
        return value[:, places]
    if isinstance(value, tuple):
        return tuple(choose(part, places) for part in value)
    return value


def last_layer(network: PreTrainedModel) -> nn.Module:
    """The last of the network's decoder layers; raises `NotPackable` where they are not found."""
    number = network.config.get_text_config().num_hidden_layers
    lists = [module for module in network.modules() if isinstance(module, nn.ModuleList)]
    stacks = [layers for layers in lists if len(layers) == number]
    if len(stacks) != 1:
        raise NotPackable(f"{len(stacks)} stacks of {number} layers")
    return stacks[0][-1]
