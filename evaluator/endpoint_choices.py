"""How likely each choice is, as a server tells it: behind its prompt, or as the token that follows.

Servers differ: vLLM and SGLang give a prompt back with the log-probabilities of its tokens
(`echo`), llama.cpp gives those of the tokens that may follow it, which is as good where a choice
is one token.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from evaluator.endpoint_replies import Choice, Reply, Spent
from evaluator.errors import ServerRefused
from evaluator.prompts import ANSWER, Request

MOST = 1000
"""Tokens that may follow a prompt, of which a server is asked how likely each is."""
Post = Callable[[dict[str, Any]], Awaitable[Reply]]


@dataclass
class Scorer:
    """Scores choices in the one way that its server knows."""

    way: Literal["echo", "next token"] | None = None
    """None until the first choices are scored; never another after that."""
    finding: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def score(self, post: Post, request: Request, spent: Spent) -> list[float]:
        """Return the log-probability of each choice, in nats; raises `ValueError`."""
        if self.way is None:
            async with self.finding:
                if self.way is None:
                    return await self.find_way(post, request, spent)
        ask = echo if self.way == "echo" else follow
        return await ask(post, request, spent)

    async def find_way(self, post: Post, request: Request, spent: Spent) -> list[float]:
        """Score the first choices in the first way that the server knows."""
        try:
            logprobs = await echo(post, request, spent)
            self.way = "echo"
            return logprobs
        except ServerRefused as refusal:
            if "echo" not in refusal.said:
                raise
            untold = ""
        except ValueError as error:
            untold = f"{error}, and "
        try:
            logprobs = await follow(post, request, spent)
        except ValueError as error:
            raise ValueError(f"{untold}{error}") from None
        self.way = "next token"
        return logprobs


def complete(prompt: str) -> dict[str, Any]:
    # one token is written, since some servers take 0 to mean without a limit
    return {"prompt": prompt, "max_tokens": 1, "temperature": 0}


async def echo(post: Post, request: Request, _: Spent) -> list[float]:
    """Have each choice given back behind the prompt."""
    logprobs = []
    for ending in request.continuations:
        reply = await post(complete(request.prompt + ending) | {"echo": True, "logprobs": 1})
        logprobs.append(sum_logprobs(reply.choices[0], request.prompt, ending))
    return logprobs


async def follow(post: Post, request: Request, spent: Spent) -> list[float]:
    """Ask how likely each choice is to be what follows the prompt."""
    # llama.cpp tells nothing of a place where it writes the end or half a character; what a
    # grammar has it write there leaves the log-probabilities as they are
    grammar = f"root ::= {' | '.join(map(json.dumps, request.continuations))}"
    reply = await post(complete(request.prompt) | {"logprobs": MOST, "grammar": grammar})
    logprobs = read_next(reply.choices[0], request.continuations)
    if reply.usage and reply.usage.prompt_tokens is not None:
        spent.tokens = reply.usage.prompt_tokens + 1  # the choice's one, as with echo
    return logprobs


def read_next(choice: Choice, endings: tuple[str, ...]) -> list[float]:
    """Return the log-probability, in nats, of each ending as the next token."""
    found = choice.logprobs
    likely: dict[str, float] = {}
    if found and found.content:
        for one in found.content[0].top_logprobs:
            likely.setdefault(one.token, one.logprob)  # the likeliest comes first
    elif found and found.top_logprobs:
        likely = dict(found.top_logprobs[0] or {})
    if not likely:
        raise ValueError("it gives no log-probabilities of what may follow a prompt")
    for ending in endings:
        if ending not in likely:
            raise ValueError(
                f"{ending!r} is none of the {len(likely):,} tokens that it says may follow a prompt"
            )
    return [likely[ending] for ending in endings]


def sum_logprobs(choice: Choice, prompt: str, ending: str) -> float:
    """Return the log-probability, in nats, of a text's last words; raises `ValueError`.

    As lm_eval's local-completions does, this leaves out the one token that was written. Tokens
    are told by their texts, which have to be the ending's just so: offsets are -1 with SGLang, and
    vLLM counts `<s>` in them.
    """
    found = choice.logprobs
    if found is None or len(found.tokens) != len(found.token_logprobs) or not found.tokens:
        raise ValueError("it gives no log-probabilities of a prompt")
    tail = prompt[-len(ANSWER) :] + ending
    read = next(
        (
            number
            for number in (len(found.tokens) - 1, len(found.tokens))  # an end may be no token
            if "".join(found.tokens[max(number - len(tail), 0) : number]).endswith(tail)
        ),
        None,
    )
    if read is None:
        raise ValueError("it gives other tokens than the prompt's")
    text, first = "", read
    while len(text) < len(ending):
        first -= 1
        text = found.tokens[first] + text
    values = found.token_logprobs[first:read]
    if text != ending:
        raise ValueError(f"a token, {text[: -len(ending)]!r}, is of the prompt and of the choice")
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        raise ValueError("a token has no log-probability")
    return sum(known)
