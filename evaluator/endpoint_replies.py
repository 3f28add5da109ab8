"""What is read of a server's answers, and what they took."""

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat, JsonValue

from evaluator.asking import Answer
from evaluator.endpoint_options import Server
from evaluator.protocols import Decoding

FINISHES = {"stop": "end", "length": "limit", "content_filter": "filter"}
Count = Annotated[int, Field(ge=0, lt=2**31)]


class Details(BaseModel):
    reasoning_tokens: Count | None = None


class Usage(BaseModel):
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    completion_tokens_details: Details | None = None


class Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class Likely(BaseModel):
    token: str
    logprob: FiniteFloat


class Place(BaseModel):
    top_logprobs: list[Likely] = []


class Logprobs(BaseModel):
    """Of the tokens of a text: as OpenAI's completions give them, or, in `content`, llama.cpp's."""

    tokens: list[str] = []
    token_logprobs: list[FiniteFloat | None] = []
    top_logprobs: list[dict[str, FiniteFloat] | None] | None = None
    content: list[Place] = []


class Choice(BaseModel):
    """A conversation's has a `message`, a text's a `text` and perhaps `logprobs`."""

    message: Message | None = None
    text: str | None = None
    logprobs: Logprobs | None = None
    finish_reason: str | None = None
    stop_reason: JsonValue = None


class Reply(BaseModel):
    """What is read of an answer; the rest is the server's own affair."""

    choices: list[Choice] = Field(min_length=1)
    usage: Usage | None = None
    model: str | None = None
    system_fingerprint: str | None = None


@dataclass
class Spent:
    """What the requests for one answer took."""

    server: Server
    seconds: float = 0
    tokens: int | None = None
    """The longest prompt's."""
    cost: float | None = None

    def add(self, reply: Reply, seconds: float) -> None:
        self.seconds += seconds
        read = reply.usage.prompt_tokens if reply.usage else None
        written = reply.usage.completion_tokens if reply.usage else None
        if read is not None:
            self.tokens = max(self.tokens or 0, read)
        if self.server.prices and read is not None and written is not None:
            price_in, price_out = self.server.prices
            self.cost = (self.cost or 0) + (read * price_in + written * price_out) / 1e6

    def put_into(self, answer: Answer) -> Answer:
        return replace(answer, tokens=self.tokens, cost=self.cost, seconds=self.seconds)


def name_finish(choice: Choice, decoding: Decoding) -> str | None:
    """Why an answer ended, where the server says so."""
    if choice.message and choice.message.refusal:
        return "filter"
    if choice.stop_reason in decoding.stop:
        return "stop string"
    return FINISHES.get(choice.finish_reason or "")
