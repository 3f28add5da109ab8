"""Sends requests to a server that speaks OpenAI's API, and insists until each is answered."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import openai
from pydantic import ValidationError

from evaluator.endpoint_options import Server
from evaluator.endpoint_replies import Reply
from evaluator.errors import EvaluatorError, ServerFailed, ServerRefused
from evaluator.text import one_line

FIRST_WAIT = 1.0  # seconds before a request is sent once more; then twice as long each time
LONGEST_WAIT = 60.0
PATIENCE = 900.0  # seconds that a server may ask to be left alone
MOST_BYTES = 2**25  # of an answer
PASSING = frozenset({408, 409, 425, 429})
"""Failures that pass, as do all from 500 on."""
NO_KEY = "none"  # the client wants one; servers of one's own take any


class Trouble(Exception):
    """One request failed in a way that passes."""

    def __init__(self, words: str, wait: float = 0) -> None:
        super().__init__(words)
        self.wait = wait


class Filtered(Exception):
    """The server does not let the question pass."""


class TooLong(httpx2.TransportError):
    """An answer without an end."""


async def bound(response: httpx2.Response) -> None:
    """Have no more of an answer read than fits the memory."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise TooLong("it is packed, which it was asked not to be")
    response.stream = BoundedStream(response.stream)


class BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self.stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self.stream:
            size += len(part)
            if size > MOST_BYTES:
                raise TooLong(f"it is longer than {MOST_BYTES / 2**20:.0f} MB")
            yield part

    async def aclose(self) -> None:
        await self.stream.aclose()


class Pace:
    """When the next request may be sent, of all that share a server."""

    def __init__(self, per_minute: float | None) -> None:
        self.apart = 60 / per_minute if per_minute else 0.0
        self.free = 0.0

    def take(self, now: float) -> float:
        """Return the seconds until a request may be sent, whose place is taken by that."""
        at = max(now, self.free)
        self.free = at + self.apart
        return at - now

    def hold(self, until: float) -> None:
        self.free = max(self.free, until)


class Connection:
    """A server that is asked by many at once, within one event loop."""

    def __init__(self, server: Server, pace: Pace) -> None:
        self.server = server
        self.pace = pace
        self.ending = asyncio.Event()
        """Set once nothing is insisted on any more."""
        self.client = openai.AsyncOpenAI(
            api_key=server.key or NO_KEY,
            base_url=server.base_url,
            timeout=server.timeout,
            max_retries=0,  # ours know an answer that cannot be read, and stop with the run
            default_headers={"accept-encoding": "identity"},  # a little may unpack to very much
            http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [bound]}),
        )

    async def post(self, path: str, body: dict[str, Any]) -> Reply:
        """Return the answer to a request, sent as often as it takes.

        Raises `Filtered`, `ServerRefused`, and `ServerFailed` where no try is left.
        """
        wait, left = FIRST_WAIT, self.server.retries
        while True:
            try:
                await self.rest(self.pace.take(time.monotonic()))
                return await self.send(path, body)
            except Trouble as trouble:
                if not left or self.ending.is_set() or trouble.wait > PATIENCE:
                    raise self.give_up(trouble) from None
                self.pace.hold(time.monotonic() + trouble.wait)
                await self.rest(max(wait, trouble.wait))
            wait, left = min(2 * wait, LONGEST_WAIT), left - 1

    async def rest(self, seconds: float) -> None:
        """Wait; raises `Trouble` where the run ends meanwhile."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.ending.wait(), seconds)
        except TimeoutError:
            return
        raise Trouble("the run ends")

    async def send(self, path: str, body: dict[str, Any]) -> Reply:
        """Send a request once."""
        try:
            async with asyncio.timeout(self.server.timeout):  # the client's is for each part of it
                response = await self.client.post(path, cast_to=httpx2.Response, body=body)
        except openai.APIStatusError as error:
            raise self.judge(error) from None
        except TimeoutError:
            raise Trouble(f"no answer within {self.server.timeout:g} seconds") from None
        except openai.APITimeoutError:
            raise Trouble("the connection timed out") from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            raise Trouble(str(error.__cause__ or error) or "the connection broke") from None
        return self.read(response.content)

    def read(self, content: bytes) -> Reply:
        """Take the answer out of what came, without the key, which a server may repeat."""
        try:
            reply = Reply.model_validate_json(content)
            return Reply.model_validate(self.hide_within(reply.model_dump()))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, fault["loc"]))
            raise Trouble(f"not an answer of that API ({where} {fault['msg']})") from None

    def hide_within(self, value: Any) -> Any:
        """The same with the key taken out of each text."""
        if isinstance(value, str):
            return self.server.hide(value)
        if isinstance(value, dict):
            return {name: self.hide_within(inner) for name, inner in value.items()}
        return [self.hide_within(inner) for inner in value] if isinstance(value, list) else value

    def judge(self, error: openai.APIStatusError) -> Exception:
        """What a status means for the request: once more, never, or for this question alone."""
        said, status = f"{error.body} {error.message}", error.status_code
        words = f"{status}, {one_line(self.server.hide(error.message))}"
        if status in (400, 403) and ("content_filter" in said or "content_policy" in said):
            return Filtered(words)
        if error.code == "insufficient_quota":
            return self.refuse(f"{words} What the account may spend is spent.")
        if status in PASSING or status >= 500:
            return Trouble(words, read_wait(error.response.headers))
        return self.refuse(words, said)

    def refuse(self, words: str, said: str = "") -> ServerRefused:
        return ServerRefused(
            f"{self.server.host} refuses what it is asked: {words} See to the key, the model's "
            "name and the protocol; then the same command resumes.",
            said,
        )

    def give_up(self, trouble: Trouble) -> EvaluatorError:
        asked = f" and asks to be left alone for {trouble.wait:,.0f} s" if trouble.wait else ""
        words = one_line(self.server.hide(str(trouble)))
        return ServerFailed(
            f"{self.server.host} gave no answer to a request, sent {self.server.retries + 1} times "
            f"at most: {words}{asked}. What is answered is kept: the same command resumes."
        )


def read_wait(headers: httpx2.Headers) -> float:
    """The seconds for which a server asks to be left alone; 0 where it says nothing clear."""
    said = headers.get("retry-after", "").strip()
    try:
        if re.fullmatch(r"[0-9.]+", said):
            return float(said)
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0) if said else 0
    except (ValueError, OverflowError):
        return 0
