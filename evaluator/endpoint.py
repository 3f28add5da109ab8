"""Asks a model that a server runs, over OpenAI's API: vLLM, SGLang, llama.cpp, commercial ones.

Questions that are answered in words go to `chat/completions`; where choices are scored, they go
to `completions`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

from evaluator import answering
from evaluator.answers import CLOSE, OPEN, part_thinking
from evaluator.asking import Answer, Ask, OpenModel, Recall, check_deadline
from evaluator.endpoint_choices import Scorer
from evaluator.endpoint_client import Connection, Filtered, Pace
from evaluator.endpoint_options import Server
from evaluator.endpoint_replies import Choice, Message, Reply, Spent, name_finish
from evaluator.errors import NoLogprobs, ServerRefused, UnknownProtocol
from evaluator.papers import Key, Paper, Turn
from evaluator.prompts import ANSWER, Request
from evaluator.protocols import Decoding, Protocol
from evaluator.records import Model
from evaluator.text import one_line

DISPENSABLE = ("chat_template_kwargs", "seed")
"""What is left out where a server does not take it: the first tells a template to leave thoughts
out, the second makes drawn answers come out the same again, where a server can do that."""
LIMIT, NEWER_LIMIT = "max_tokens", "max_completion_tokens"
MOST_NAMES = 8  # of models that a server says it is


@dataclass
class Asker:
    """Asks one model by a protocol, and learns what its server takes."""

    model: Model
    server: Server
    protocol: Protocol
    deadline: float | None
    pace: Pace
    versions: dict[str, str]
    """What the server says of itself, as far as it has."""
    names: dict[str, set[str]] = field(default_factory=dict)
    thinks: bool = False
    """Whether the model was seen to think, so that it may write more."""
    opened: bool = False
    """Whether thoughts were seen to end that did not begin: the server's template begins them."""
    scorer: Scorer = field(default_factory=Scorer)
    limit: str = LIMIT
    left_out: set[str] = field(default_factory=set)

    def prepare(self, paper: Paper, turns: Sequence[Turn]) -> Ask:
        requests = [paper.render(turn.sample, self.protocol, turn.repeat) for turn in turns]

        def ask(answered: Collection[Key], _: Recall) -> Iterator[Answer]:
            asked = zip(turns, requests, strict=True)
            yield from self.ask_all([each for each in asked if each[0].key not in answered])

        return ask

    def ask_all(self, asked: Sequence[tuple[Turn, Request]]) -> Iterator[Answer]:
        """Yield answers as they arrive, some questions at once.

        Where one fails for good, no other is begun, and those under way are yielded before it is
        raised; on Ctrl-C those that are there.
        """
        left, running, faults = deque(asked), set["asyncio.Task[Answer]"](), list[BaseException]()
        with asyncio.Runner() as runner:
            connection = runner.run(self.connect())
            try:
                while left or running:
                    for task in runner.run(self.step(connection, left, running)):
                        if fault := task.exception():
                            faults.append(fault)
                            left.clear()
                            connection.ending.set()
                        else:
                            yield task.result()
                        running.discard(task)
            except KeyboardInterrupt:
                there = [task for task in running if task.done() and not task.exception()]
                yield from (task.result() for task in there)
                raise
            finally:
                runner.run(self.leave(connection, running))
        if faults:
            raise faults[0]

    async def connect(self) -> Connection:
        return Connection(self.server, self.pace)

    async def leave(self, connection: Connection, running: "set[asyncio.Task[Answer]]") -> None:
        """Give up what is under way, each task before the client that it would fail without."""
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await connection.client.close()

    async def step(
        self,
        connection: Connection,
        left: "deque[tuple[Turn, Request]]",
        running: "set[asyncio.Task[Answer]]",
    ) -> "set[asyncio.Task[Answer]]":
        """Begin as many as may be under way, and return those that have ended, at least one."""
        while left and len(running) < self.server.at_once:
            running.add(asyncio.create_task(self.answer(connection, *left.popleft())))
        patience = None if self.deadline is None else max(self.deadline - time.monotonic(), 0)
        ended, _ = await asyncio.wait(
            running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
        )
        if not ended:
            check_deadline(self.deadline)
        return ended

    def answer(
        self, connection: Connection, turn: Turn, request: Request
    ) -> Coroutine[Any, Any, Answer]:
        way = self.write if self.protocol.decoding else self.choose
        return way(connection, turn, request)

    async def post(
        self, connection: Connection, path: str, body: dict[str, Any], spent: Spent
    ) -> Reply:
        begun = time.perf_counter()
        reply = await connection.post(path, {"model": self.model.name} | body)
        spent.add(reply, time.perf_counter() - begun)
        for name, said in (
            ("served model", reply.model),
            ("system fingerprint", reply.system_fingerprint),
        ):
            known = self.names.setdefault(name, set())
            if said and len(known) < MOST_NAMES:
                known.add(one_line(said))
                self.versions[name] = ", ".join(sorted(known))
        return reply

    async def write(self, connection: Connection, turn: Turn, request: Request) -> Answer:
        """Have the model answer in words.

        A model that the limit cuts in its thoughts is known to think: it is asked again, and may
        write as much as one that is loaded here.
        """
        prompt, spent = request.prompt.removesuffix(f"\n{ANSWER}"), Spent(self.server)
        while True:
            most = answering.most_tokens(self.protocol, thinks=self.thinks)
            try:
                reply = await self.chat(connection, turn, request, most, spent)
            except Filtered:
                empty = answering.read(turn, prompt, None, "")
                return replace(spent.put_into(empty), finish="filter")
            choice, usage = reply.choices[0], reply.usage
            thinking, response = self.part(choice)
            finish = name_finish(choice, self.protocol.decoding or Decoding())
            details = usage.completion_tokens_details if usage else None
            if thinking is not None or (details and details.reasoning_tokens):
                self.thinks = True
            if finish == "limit" and most < answering.most_tokens(
                self.protocol, thinks=self.thinks
            ):
                continue
            answer = spent.put_into(answering.read(turn, prompt, thinking, response))
            written = usage.completion_tokens if usage else None
            prediction = None if finish == "filter" else answer.prediction
            return replace(answer, prediction=prediction, written_tokens=written, finish=finish)

    def part(self, choice: Choice) -> tuple[str | None, str]:
        """Return what the model thought, and what it said."""
        message = choice.message or Message()
        said = message.content or message.refusal or ""
        apart = message.reasoning_content or message.reasoning
        if CLOSE in said and OPEN not in said:
            self.opened = True
        cut = choice.finish_reason == "length"  # else it is whole, and thought nothing
        thinking, response = part_thinking(said, opened=self.opened and cut and not apart)
        return apart or thinking, response

    async def chat(
        self, connection: Connection, turn: Turn, request: Request, most: int, spent: Spent
    ) -> Reply:
        """Send a conversation, without what the server turns out not to take."""
        decoding = self.protocol.decoding or Decoding()
        body: dict[str, Any] = {
            "messages": [message.model_dump() for message in request.messages],
            "temperature": decoding.temperature,
        }
        if decoding.temperature:
            body["seed"] = answering.draw_seed(self.protocol, turn) >> 32  # some take 31 bits
        if decoding.stop:
            body["stop"] = list(decoding.stop)
        if self.protocol.method == "generate":
            body["chat_template_kwargs"] = {"enable_thinking": False}
        while True:
            taken = {name: value for name, value in body.items() if name not in self.left_out}
            limit = self.limit
            try:
                return await self.post(
                    connection, "/chat/completions", taken | {limit: most}, spent
                )
            except ServerRefused as refusal:
                unwanted = {one for one in DISPENSABLE if one in taken and one in refusal.said}
                if limit == LIMIT and NEWER_LIMIT in refusal.said:
                    self.limit = NEWER_LIMIT
                elif unwanted:
                    self.left_out |= unwanted
                else:
                    raise

    async def choose(self, connection: Connection, turn: Turn, request: Request) -> Answer:
        """Have each choice scored."""
        spent = Spent(self.server)

        def post(body: dict[str, Any]) -> Coroutine[Any, Any, Reply]:
            return self.post(connection, "/completions", body, spent)

        try:
            logprobs = await self.scorer.score(post, request, spent)
        except Filtered as filtered:
            raise NoLogprobs(f"{self.server.host} filters a question: {filtered}") from None
        except ValueError as error:
            raise NoLogprobs(
                f"{self.server.host} does not tell how likely a choice is: {error}. Ask by "
                "--protocol generate-0shot, which needs no probabilities."
            ) from None
        self.versions["choices scored by"] = str(self.scorer.way)
        question = request.prompt, request.continuations
        return spent.put_into(answering.pick(turn, self.protocol, question, logprobs))


def open_server(
    model: Model, server: Server, protocol: Protocol, deadline: float | None = None
) -> OpenModel:
    """Return how `model` is asked at `server`; raises `UnknownProtocol`, `NoKey`.

    From `deadline` on, by `time.monotonic()`, an answer is waited for no longer.
    """
    if protocol.chat:
        raise UnknownProtocol(
            f"{protocol.slug} scores choices behind a chat template, which is the server's. Leave "
            "-chat out, or ask by generate-0shot."
        )
    _ = server.key
    versions = {"openai": version("openai")}
    asker = Asker(model, server, protocol, deadline, Pace(server.per_minute), versions)
    return OpenModel(model, asker.prepare, versions, {"server": server.host})
