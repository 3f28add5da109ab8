"""A Hub on this machine that takes a data set, for the real huggingface_hub client."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

REPOSITORY = re.compile(r"/api/datasets/(?P<name>[^/]+/[^/?]+)(?:/(?P<verb>[a-z-]+)/main)?")


@dataclass
class Uploads:
    """What was written to it; its fields may be read and changed while it serves."""

    url: str = ""
    token: str = "hf_may_write"
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Of each repository by name, each file by path."""
    messages: list[str] = field(default_factory=list)
    """Of commits."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: Uploads, *given: Any) -> None:
        self.hub = hub
        super().__init__(*given)

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            return self.send({"error": "Invalid username or password."}, 401)
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            name = "/".join(filter(None, [asked.get("organization"), asked["name"]]))
            self.hub.files.setdefault(name, {})
            return self.send({"url": f"{self.hub.url}/datasets/{name}"})
        if self.path == "/api/validate-yaml":
            return self.send({"errors": [], "warnings": []})
        if found := REPOSITORY.match(self.path):
            return self.answer(self.hub.files[found["name"]], found["name"], found["verb"], body)
        return self.send({"error": "not found"}, 404)

    do_POST = do_GET  # noqa: N815 - http.server looks them up by these names

    def answer(self, files: dict[str, bytes], name: str, verb: str | None, body: bytes) -> None:
        if verb == "preupload":
            return self.send(
                {
                    "files": [
                        {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                        for one in json.loads(body)["files"]
                    ]
                }
            )
        if verb == "tree":
            return self.send(
                [
                    {"type": "file", "path": path, "size": len(content), "oid": "0" * 40}
                    for path, content in files.items()
                ]
            )
        if verb == "commit":
            self.commit(files, [json.loads(line) for line in body.splitlines()])
            oid = "1" * 40
            url = f"{self.hub.url}/datasets/{name}/commit/{oid}"
            return self.send({"success": True, "commitOid": oid, "commitUrl": url})
        siblings = [{"rfilename": path} for path in files]
        return self.send({"id": name, "sha": "0" * 40, "siblings": siblings})

    def commit(self, files: dict[str, bytes], lines: list[Any]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.hub.messages.append(value["summary"])
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del files[value["path"]]

    def send(self, answer: object, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve() -> Iterator[Uploads]:
    hub = Uploads()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
