"""A server on loopback that speaks OpenAI's API: a tiny real model answers, or a scripted fault."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from transformers import AutoModelForCausalLM, AutoTokenizer

from evaluator.engines import toy

NAME = "tiny"
TEMPLATE = (
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
Body = dict[str, Any]


def make_chatting(folder: Path) -> Path:
    """A byte-level model with random weights and a chat template."""
    toy.make_toy_llama(folder, 3)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    return folder


class Tiny:
    """Answers in transformers' own way, one text at a time."""

    def __init__(self, folder: Path) -> None:
        self.network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.lock = threading.Lock()

    def answer(self, path: str, body: Body) -> Body:
        with self.lock, torch.inference_mode():
            return self.chat(body) if path.endswith("/chat/completions") else self.complete(body)

    def write(self, text: str, body: Body) -> tuple[list[int], list[int]]:
        read = self.tokenizer(text)["input_ids"]
        torch.manual_seed(body.get("seed", 0))
        warm = {"do_sample": True, "temperature": body["temperature"], "top_k": 0}
        row = self.network.generate(
            torch.tensor([read]),
            attention_mask=torch.ones(1, len(read), dtype=torch.long),
            max_new_tokens=body["max_tokens"],
            pad_token_id=1,
            **(warm if body["temperature"] else {"do_sample": False}),
        )[0].tolist()
        return read, row[len(read) :]

    def chat(self, body: Body) -> Body:
        prompt = self.tokenizer.apply_chat_template(
            body["messages"], tokenize=False, add_generation_prompt=True
        )
        read, written = self.write(prompt, body)
        ended = written[-1] == self.tokenizer.eos_token_id
        said = self.tokenizer.decode(written[:-1] if ended else written)
        return reply(said, "stop" if ended else "length", len(read), len(written))

    def complete(self, body: Body) -> Body:
        read = self.tokenizer(body["prompt"])["input_ids"]
        steps = self.network(torch.tensor([read])).logits[0].log_softmax(-1)
        row = [*read, int(steps[-1].argmax())]
        texts = [self.tokenizer.decode([token]) for token in row]
        values = [float(steps[place, token]) for place, token in enumerate(row[1:])]
        said = {
            "index": 0,
            "text": "".join(texts),
            "finish_reason": "length",
            "logprobs": {
                "tokens": texts,
                "token_logprobs": [None, *values],
                "text_offset": [len("".join(texts[:place])) for place in range(len(row))],
            },
        }
        return reply("", "", len(read), 1) | {"choices": [said]}


def reply(said: str | None, finish: str, read: int = 7, written: int = 5, **message: Any) -> Body:
    """A conversation's answer."""
    return {
        "id": "1",
        "object": "chat.completion",
        "model": f"{NAME}-2026",
        "system_fingerprint": "fp_1",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": said, **message},
            }
        ],
        "usage": {"prompt_tokens": read, "completion_tokens": written},
    }


Act = Callable[[Body], "Body | Response | None"]
"""What a server answers to a request; None for the model's own answer."""


@dataclass
class ModelServer:
    """What was asked, and what is answered instead of the model."""

    model: Tiny | None = None
    url: str = ""
    asked: list[Body] = field(default_factory=list)
    """Bodies, each with its path, and the key that came with it."""
    faults: list[Act] = field(default_factory=list)
    """One is taken for each request, from the front; afterwards `act` answers."""
    act: Act = lambda _: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.json()
        key = request.headers.get("authorization", "")
        self.asked.append(body | {"path": scope["path"], "key": key})
        act = self.faults.pop(0) if self.faults else self.act
        answer = act(body)
        if answer is None and self.model:
            answer = self.model.answer(scope["path"], body)
        response = answer if isinstance(answer, Response) else JSONResponse(answer)
        await response(scope, receive, send)


@contextmanager
def serve(server: ModelServer) -> Iterator[ModelServer]:
    """Serve on a port of loopback, which is open from the first moment."""
    listening = socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    settings = uvicorn.Config(
        server, log_level="critical", lifespan="off", timeout_graceful_shutdown=0
    )
    running = uvicorn.Server(settings)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield server
    finally:
        running.should_exit = True
        thread.join()
        listening.close()


class Stall(Response):
    """Nothing comes until the client has gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        while (await receive())["type"] != "http.disconnect":
            pass


class Dropped(Response):
    """The connection ends within the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"choices": [', "more_body": True})


def say(answer: object, status: int = 200, **headers: str) -> Act:
    """An answer that does not depend on the question."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: JSONResponse(answer, status, named)


async def endless() -> AsyncIterator[bytes]:
    """More than a test lets pass."""
    for _ in range(64):
        yield b" " * 2**16


whole = json.dumps(reply("Answer: A", "stop")).encode()
FAULTS: dict[str, Act] = {
    "stall": lambda _: Stall(),
    "internal error": say({"error": {"message": "CUDA error"}}, 500),
    "bad gateway": lambda _: Response("<html>bad gateway</html>", 502, media_type="text/html"),
    "too many requests": say({"error": {"message": "slow down"}}, 429, Retry_After="0"),
    "truncated": lambda _: Response(whole[:-9], media_type="application/json"),
    "garbage": lambda _: Response(b"\xff\x00\x1b[31m", media_type="application/json"),
    "a page": lambda _: Response("<html>Sign in</html>", media_type="text/html"),
    "an array": say([]),
    "dropped": lambda _: Dropped(),
    "no choices": say({"choices": []}),
    "numbers for texts": say({"choices": [{"message": {"content": 7}}]}),
    "half a character": lambda _: Response(whole.replace(b"Answer", b"\\ud83d")),
    "endless": lambda _: StreamingResponse(endless(), media_type="application/json"),
    "endless error": lambda _: StreamingResponse(endless(), 500, media_type="application/json"),
    "packed": lambda _: Response(b"\x1f\x8b", headers={"content-encoding": "gzip"}),
}
