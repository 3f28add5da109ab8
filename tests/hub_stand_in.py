"""A Hub on this machine, for the real huggingface_hub client: repositories are folders.

    with serve() as hub:
        hub.add("clinic/answers", folder)     # a model; kind="datasets" makes it a data set
        hub.fail("/resolve/", status=500)     # from now on, for paths with this in them
        subprocess.run(…, env=os.environ | hub.environment)
        hub.requests                          # what was asked

In a test's own process `hub.use(monkeypatch)` turns huggingface_hub to it.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import huggingface_hub
import pytest

from tests.hub_repository import Repository

API = re.compile(
    r"/api/(?P<kind>models|datasets)/(?P<name>[^/]+/[^/]+)"
    r"(?:/(?P<verb>revision|tree|paths-info)/(?P<revision>[^/]+))?"
)
RESOLVE = re.compile(
    r"/(?P<kind>datasets/)?(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)"
)


@dataclass(frozen=True)
class Request:
    """What was asked of the stand-in."""

    method: str
    path: str
    bytes: str | None
    """The header `Range`."""
    token: str | None
    """The header `Authorization`."""


@dataclass
class Fault:
    """What goes wrong with a path that has `part` in it."""

    part: str
    status: int | None = None
    """Answered in place of what was asked for."""
    code: str | None = None
    """The header `X-Error-Code` of that answer."""
    message: str | None = None
    """The header `X-Error-Message` of that answer."""
    seconds: float = 0
    """Waited before the answer."""
    cut: bool = False
    """The connection breaks in the middle of the answer."""
    times: int = 10**9
    """How often, of GET requests, before all is well."""


@dataclass
class StandIn:
    """The Hub; its fields may be read and changed while it serves."""

    url: str = ""
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    """By kind, `models` or `datasets`, and name."""
    moved: dict[str, str] = field(default_factory=dict)
    """From an old name to the new one."""
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def add(
        self, name: str, folder: Path, *, kind: str = "models", gated: str | bool = False
    ) -> Repository:
        added = self.repositories[kind, name] = Repository(name, folder, gated)
        return added

    def fail(self, part: str, **how: Any) -> None:
        self.faults.append(Fault(part, **how))

    @property
    def environment(self) -> dict[str, str]:
        """What turns a process of its own to this Hub."""
        return {"HF_ENDPOINT": self.url, "HF_HUB_OFFLINE": "0", "NO_PROXY": "127.0.0.1"}

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Turn huggingface_hub, which read its environment when it was imported, to this Hub."""
        constants = huggingface_hub.constants
        template = f"{self.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "ENDPOINT", self.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: StandIn, *given: Any) -> None:
        self.hub = hub
        self.cut = False
        super().__init__(*given)

    def do_GET(self) -> None:
        self.hub.requests.append(
            Request(
                self.command,
                self.path,
                self.headers.get("Range"),
                self.headers.get("Authorization"),
            )
        )
        self.cut = False
        for fault in self.hub.faults:
            if fault.part in self.path and fault.times:
                fault.times -= self.command == "GET"
                time.sleep(fault.seconds)
                self.cut = fault.cut
                if fault.status:
                    return self.refuse(fault.status, fault.code, fault.message)
        path = urlsplit(self.path).path
        if found := API.fullmatch(path):
            return self.answer_api(**found.groupdict())
        if found := RESOLVE.fullmatch(path):
            return self.answer_file(**found.groupdict())
        return self.refuse(404)

    do_HEAD = do_POST = do_GET  # noqa: N815 - http.server looks them up by these names

    def find(self, kind: str, name: str) -> Repository | None:
        """The repository; or None, and it is answered that there is none or where it is."""
        if name in self.hub.moved:
            self.send_response(307)
            self.send_header("Location", self.path.replace(name, self.hub.moved[name], 1))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        found = self.hub.repositories.get((kind, name))
        if found is None:
            self.refuse(401, "RepoNotFound")  # a stranger may not know whether it is private
        return found

    def answer_api(self, kind: str, name: str, verb: str | None, revision: str | None) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if (found := self.find(kind, name)) is None:
            return None
        if revision is not None and not found.has(unquote(revision)):
            return self.refuse(404, "RevisionNotFound")
        if verb == "tree":
            return self.send(json.dumps(found.tree()).encode())
        if verb == "paths-info":
            wanted = parse_qs(body.decode()).get("paths", [])
            return self.send(json.dumps([x for x in found.tree() if x["path"] in wanted]).encode())
        sizes = "blobs" in parse_qs(urlsplit(self.path).query)
        return self.send(json.dumps(found.describe(sizes=sizes)).encode())

    def answer_file(self, kind: str | None, name: str, revision: str, file: str) -> None:
        if (found := self.find("datasets" if kind else "models", name)) is None:
            return None
        if not found.has(unquote(revision)):
            return self.refuse(404, "RevisionNotFound")
        if found.gated:
            return self.refuse(401, "GatedRepo")
        if (file := unquote(file)) not in found.sizes:
            return self.refuse(404, "EntryNotFound")
        return self.send_file(found, file)

    def send_file(self, found: Repository, file: str) -> None:
        size = found.sizes[file]
        first, last = 0, size - 1
        headers = {"X-Repo-Commit": found.commit, "ETag": f'"{found.etag(file)}"'}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            first, last = int(wanted[1]), min(int(wanted[2] or last), last)
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        with (found.folder / file).open("rb") as content:
            content.seek(first)
            asked = last - first + 1
            body = content.read(asked) if self.command == "GET" else b""
        self.send(body, 206 if wanted else 200, headers, asked)

    def refuse(self, status: int, code: str | None = None, message: str | None = None) -> None:
        named = {"X-Error-Code": code, "X-Error-Message": message}
        said = {name: text for name, text in named.items() if text}
        self.send(json.dumps({"error": code or "no"}).encode(), status, said)

    def send(
        self,
        body: bytes,
        status: int = 200,
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if self.cut else body)
        if self.cut:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *asked: Any) -> None:
        """Say nothing of a client that went away; all else is a fault of the stand-in."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*asked)


@contextmanager
def serve() -> Iterator[StandIn]:
    """A Hub without repositories, until the block ends."""
    hub = StandIn()
    server = Server(("127.0.0.1", 0), partial(Handler, hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
