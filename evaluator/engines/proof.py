"""Has a network prove what it allows, before any question is asked of it."""

from array import array
from collections.abc import Sequence

import torch
from transformers import PreTrainedModel

from evaluator.engines import attention
from evaluator.engines.attention import NotPackable
from evaluator.engines.encoding import Choice, Encoded
from evaluator.engines.layout import Packing
from evaluator.engines.network import Way, run, run_packed
from evaluator.engines.packing import lay_prefix
from evaluator.errors import NotCausal

TEXT = (
    "A 58-year-old woman has had a cough for three weeks. Her temperature is 37.9 °C and her "
    "pulse 96. Which of the following is the most likely cause?\nA. Asthma\nB. Pneumonia\nAnswer:"
)
CLOSE = {torch.float32: 5e-4}
CLOSE_IN_HALF = 0.25  # natural log: bfloat16 has three digits
REFUSALS = (NotPackable, TypeError, ValueError, RuntimeError, IndexError, AttributeError)
"""What an architecture may answer when it is run in a way that it was not made for."""


@torch.inference_mode()
def choose_way(network: PreTrainedModel, tokens: Sequence[int]) -> Way:
    """Return the fastest way whose scores of `tokens`, a text, are those of the plain network.

    The network is left ready for it. Raises `NotCausal` for one that sees what comes after.
    """
    check_causal(network, tokens)
    questions, prefix = make_questions(tokens)
    expected = flat(run(network, Way.PADDED, questions))
    plain = network.config._attn_implementation
    for way in (Way.NARROWED, Way.PACKED):
        network.set_attn_implementation(attention.WATCHED)
        try:
            found = flat(run_all(network, way, questions, prefix))
        except torch.OutOfMemoryError:
            raise
        except REFUSALS:
            found = expected + torch.inf
        if torch.allclose(found, expected, atol=CLOSE.get(network.dtype, CLOSE_IN_HALF), rtol=0):
            network.set_attn_implementation(attention.NAME)
            return way
        network.set_attn_implementation(plain)
    return Way.PADDED


def flat(scores: Sequence[Sequence[float]]) -> torch.Tensor:
    return torch.tensor([logprob for question in scores for logprob in question])


def run_all(
    network: PreTrainedModel, way: Way, questions: Sequence[Encoded], prefix: int
) -> list[list[float]]:
    """Ask all `questions` in one row, after the `prefix` tokens that they share."""
    row = lay_prefix(questions[0].context[:prefix])
    packing = Packing(row.segments, row.final, record=[])
    run_packed(network, way, row, packing)
    check_windows(network, packing)
    return run(network, way, questions, packing.record or ())


def check_windows(network: PreTrainedModel, packing: Packing) -> None:
    """Raise `NotPackable` where a window, which no short text shows, lives in a mask alone."""
    kinds = getattr(network.config.get_text_config(), "layer_types", None) or ()
    told = [window for window in packing.windows if window is not None]
    if not packing.masks <= set(told) or len(told) < kinds.count("sliding_attention"):
        raise NotPackable(f"masks of {packing.masks} tokens, of which layers said {told}")


def make_questions(tokens: Sequence[int]) -> tuple[list[Encoded], int]:
    """Questions of several lengths and kinds out of one text, and how much of it they share."""
    prefix, middle = len(tokens) // 3, len(tokens) // 2
    tokens = array("i", tokens)
    one, two, three = tokens[0:1], tokens[1:3], tokens[2:5]
    letters = [Choice(None, one), Choice(None, tokens[1:2])]
    words = [Choice(None, one), Choice(0, two), Choice(1, three)]
    return [
        Encoded(tokens[:-1], [], letters, len(tokens), truncated=False),
        Encoded(tokens[:middle], [two[:-1], three[:-1]], words, middle + 3, truncated=False),
        Encoded(tokens[: middle + 1], [], letters, middle + 2, truncated=False),
    ], prefix


def check_causal(network: PreTrainedModel, tokens: Sequence[int]) -> None:
    """Compare what a network says after half of a text, with and without the rest behind it."""

    def say(text: Sequence[int]) -> torch.Tensor:
        inputs = torch.tensor([list(text)], device=network.device)
        logits: torch.Tensor = network(inputs, use_cache=False).logits
        return logits[0, half - 1].float().log_softmax(-1)

    half = len(tokens) // 2
    close = CLOSE.get(network.dtype, CLOSE_IN_HALF)
    if not torch.allclose(say(tokens), say(tokens[:half]), atol=close, rtol=0, equal_nan=True):
        raise NotCausal(
            f"{type(network).__name__} lets a token see what comes after it, as encoders do, so "
            "its probability of a continuation means nothing. Only causal models can be asked."
        )
