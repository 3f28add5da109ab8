"""How likely each choice is, as a server tells it: behind its prompt, or as the token that follows.

Servers differ: vLLM and SGLang give a prompt back with the log-probabilities of its tokens
(`echo`), llama.cpp gives those of the tokens that may follow it, which is as good where a choice
is one token.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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

    async def score(self, post: Post, request: Request, spent: Spent) -> list[float]:
        """Return the log-probability of each choice, in nats; raises `ValueError`."""
        # one token is written, since some servers take 0 to mean without a limit
        body = {"prompt": request.prompt, "max_tokens": 1, "temperature": 0}
        untold = ""
        if self.way != "next token":
            try:
                logprobs = await echo(post, body, request)
                self.way = "echo"
                return logprobs
            except (ServerRefused, ValueError) as error:
                if self.way == "echo" or (
                    isinstance(error, ServerRefused) and "echo" not in error.said
                ):
                    raise
                untold = "" if isinstance(error, ServerRefused) else f"{error}, and "
        try:
            # llama.cpp tells nothing of a place where it writes the end or half a character; what a
            # grammar has it write there leaves the log-probabilities as they are
            grammar = f"root ::= {' | '.join(map(json.dumps, request.continuations))}"
            reply = await post(body | {"logprobs": MOST, "grammar": grammar})
            logprobs = read_next(reply.choices[0], request.continuations)
            if reply.usage and reply.usage.prompt_tokens is not None:
                spent.tokens = reply.usage.prompt_tokens + 1  # the choice's one, as with echo
        except ValueError as error:
            raise ValueError(f"{untold}{error}") from None
        self.way = "next token"
        return logprobs


async def echo(post: Post, body: dict[str, Any], request: Request) -> list[float]:
    """Have each choice given back behind the prompt."""
    logprobs = []
    for ending in request.continuations:
        text = {"prompt": request.prompt + ending, "echo": True, "logprobs": 1}
        reply = await post(body | text)
        logprobs.append(sum_logprobs(reply.choices[0], request.prompt, ending))
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
