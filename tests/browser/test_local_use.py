"""Local use: said on every page, and out of reach for everything but its own pages."""

import http.client
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from dashboard import wording
from tests.browser.conftest import OpenPage, serve
from tests.demonstration import make_data, make_demonstration

pytestmark = pytest.mark.browser
STREAM = "/_stcore/stream"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = make_data(tmp_path_factory.mktemp("local"), make_demonstration)
    with serve(data, "--local") as address:
        yield address


def test_every_page_says_it(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    banner = page.get_by_text(wording.LOCAL_USE)
    expect(banner).to_be_visible()
    page.get_by_test_id("stTopNav").get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", name="About")).to_be_visible()
    expect(banner).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)


def ask(server: str, host: str, origin: str | None, path: str = "/") -> int:
    """The status with which the server answers a request that says so."""
    given = {"Host": host} | ({"Origin": origin} if origin else {})
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server).port, timeout=20)
    try:
        connection.request("GET", path, headers=given | (UPGRADE if path == STREAM else {}))
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/snapshot", STREAM])
def test_its_own_names_are_answered_and_no_others(server: str, path: str) -> None:
    port = urlsplit(server).port
    fine = 101 if path == STREAM else 200
    for name in ("localhost", "127.0.0.1", "[::1]"):
        host = f"{name}:{port}"
        assert ask(server, host, None, path) == ask(server, host, f"http://{host}", path) == fine
    for host in (f"evil.example:{port}", "evil.example", f"localhost.evil.example:{port}", ""):
        assert ask(server, host, None, path) == ask(server, host, f"http://{host}", path) == 400
    for origin in (
        "http://evil.example",
        "http://localhost:1",
        "null",
        f"http://localhost:{port}1",
    ):
        assert ask(server, f"localhost:{port}", origin, path) == 403


CALL = """address => new Promise(resolve => {
    const socket = new WebSocket(address, ["streamlit"]);
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
})"""


def test_a_page_of_another_server_of_this_computer_cannot_call_it(
    server: str, profile: BrowserContext, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<title>Elsewhere</title>")
    serve_files = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve_files) as other:
        Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        page = profile.new_page()
        stream = f"{server.replace('http', 'ws')}{STREAM}"
        page.goto(f"http://localhost:{other.server_port}")
        assert page.evaluate(CALL, stream) == "refused"
        page.goto(server)
        assert page.evaluate(CALL, stream) == "open"
        page.close()
        other.shutdown()
