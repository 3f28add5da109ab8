"""From what a model gave to its answer, wherever the model ran."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from evaluator.answers import read_choice
from evaluator.asking import Answer
from evaluator.papers import Turn, rotate_back
from evaluator.prompts import prompt_hash
from evaluator.protocols import Decoding, Protocol

MOST_TOKENS = {"generate": 32, "generate-cot": 1024}
MOST_THOUGHTS = 8192  # new tokens of a model that reasons in <think>
Value = TypeVar("Value")


def pick(
    turn: Turn, protocol: Protocol, question: tuple[str, Sequence[str]], logprobs: Sequence[float]
) -> Answer:
    """What a model picked of a prompt's continuations, with the choices in the source's order."""
    places = turn.repeat if protocol.method == "rotate" else 0
    picked = turn.sample.letters[argmax(logprobs)]
    return Answer(
        turn,
        prediction=rotate_back(turn.sample, places, picked),
        prompt=question[0],
        prompt_hash=prompt_hash(*question),
        logprobs=order_back(turn, protocol, logprobs),
    )


def order_back(turn: Turn, protocol: Protocol, values: Sequence[Value]) -> tuple[Value, ...]:
    """Bring what there is of each choice, as they were shown, into the order of the source."""
    places = turn.repeat if protocol.method == "rotate" else 0
    number = len(values)
    return tuple(values[(place - places) % number] for place in range(number))


def argmax(logprobs: Sequence[float]) -> int:
    """The first of the greatest, as numpy and lm_eval have it."""
    return max(range(len(logprobs)), key=logprobs.__getitem__)


def read(
    turn: Turn, prompt: str, thinking: str | None, response: str, said: str | None = None
) -> Answer:
    """What a model wrote, and the letter in it, or in `said` where that is read in its stead."""
    letters, choices = turn.sample.letters, turn.sample.choices
    return Answer(
        turn,
        prediction=read_choice(response if said is None else said, letters, choices),
        prompt=prompt,
        prompt_hash=prompt_hash(prompt, ()),
        response=response,
        thinking=thinking,
    )


def most_tokens(protocol: Protocol, *, thinks: bool) -> int:
    """New tokens that an answer may have: more for a model that thinks before its rationale."""
    decoding, method = protocol.decoding or Decoding(), protocol.method or "generate"
    if decoding.most_tokens:
        return decoding.most_tokens
    return MOST_THOUGHTS if thinks and method == "generate-cot" else MOST_TOKENS[method]


def draw_seed(protocol: Protocol, turn: Turn) -> int:
    """What the draws of one answer begin from, of 63 bits."""
    seed = protocol.decoding.seed if protocol.decoding else 0
    text = f"{seed} {turn.sample.sample_id} {turn.repeat}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
