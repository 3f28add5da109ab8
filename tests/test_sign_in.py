"""What has to be set up for signing in, where it leads back to, and what local use refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import local_use, sign_in
from tests.conftest import REPOSITORY
from tests.ports import free_port

AUTH = {
    "redirect_uri": "https://leaderboard.example.org/oauth2callback",
    "cookie_secret": "0123456789abcdef0123456789abcdef",
    "client_id": "leaderboard",
    "client_secret": "x",
    "server_metadata_url": "https://id.example.org/.well-known/openid-configuration",
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"redirect_uri": "http://localhost:8501/oauth2callback"},
        {"redirect_uri": "http://127.0.0.1:8501/base/oauth2callback"},
        {"server_metadata_url": "http://[::1]:9/.well-known/openid-configuration"},
    ],
)
def test_what_works_and_is_safe_is_taken(change: dict[str, str]) -> None:
    sign_in.check_auth(AUTH | change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client_id": ""}, "has no client_id"),
        ({"cookie_secret": 7, "client_secret": ""}, "has no cookie_secret, client_secret"),
        ({"cookie_secret": "short"}, "cookie_secret is shorter than 32 characters"),
        ({"redirect_uri": "https://leaderboard.example.org"}, "with /oauth2callback at its end"),
        ({"redirect_uri": "https://leaderboard.example.org/xoauth2callback"}, "at its end"),
        ({"redirect_uri": "http://192.168.1.7/oauth2callback"}, "has to begin with https://"),
        ({"redirect_uri": "/oauth2callback"}, "has to begin with https://"),
        ({"server_metadata_url": "http://192.168.1.7/x"}, "server_metadata_url is .*https://"),
    ],
)
def test_what_would_fail_or_be_unsafe_is_told(change: dict[str, object], said: str) -> None:
    with pytest.raises(sign_in.BrokenSignIn, match=said):
        sign_in.check_auth(AUTH | change)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser at a server that answers as Streamlit does: with the first page, and a cookie."""
    monkeypatch.setattr(sign_in, "read_auth", lambda: AUTH)

    def to_provider(_: Request) -> Response:
        return RedirectResponse("https://id.example.org/", 302)

    def to_first_page(_: Request) -> Response:
        response = RedirectResponse("/", 302)
        response.set_cookie("_streamlit_user", "ada")
        return response

    pages = {"/auth/login": to_provider, "/auth/logout": to_first_page}
    pages |= {"/oauth2callback": to_first_page}
    routes = [Route(path, page) for path, page in pages.items()]
    return TestClient(
        sign_in.lead_back(Starlette(routes=routes)),
        base_url="https://leaderboard.example.org",
        follow_redirects=False,
    )


def sign_in_from(client: TestClient, page: str) -> str:
    """Where signing in ends that began at a page."""
    began = client.get("/auth/login", headers={"Referer": page})
    assert began.headers["location"] == "https://id.example.org/"
    ended = client.get("/oauth2callback?state=x")
    assert "leaderboard_back" not in client.cookies
    return str(ended.headers["location"])


def test_signing_in_ends_where_it_began(client: TestClient) -> None:
    for place in ("/", "/model?model=a%2Fb&part=Receipt", "/case?question=%C3%A9%20%22%3B%2C"):
        assert sign_in_from(client, f"https://leaderboard.example.org{place}") == place
    assert client.get("/oauth2callback").headers["location"] == "/"
    where = {"Referer": "https://leaderboard.example.org/about"}
    assert client.get("/auth/logout", headers=where).headers["location"] == "/about"


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/about",
        "https://leaderboard.example.org//evil.example/",
        "https://leaderboard.example.org/\\evil.example/",
        "https://leaderboard.example.org" + "/x" * 1001,
        "",
        "about:blank",
    ],
)
def test_signing_in_never_leads_elsewhere(client: TestClient, page: str) -> None:
    assert sign_in_from(client, page) == "/"


@pytest.mark.parametrize(
    "noted", ["https://evil.example", "//evil.example", "/\\evil", "/a\r\nb: c"]
)
def test_a_note_that_others_wrote_leads_nowhere(client: TestClient, noted: str) -> None:
    client.cookies.set(sign_in.BACK, quote(noted, safe=""), path="/oauth2callback")
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_cookies_go_over_https_alone(client: TestClient) -> None:
    cookies = client.get("/oauth2callback").headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all(cookie.lower().count("; secure") == 1 for cookie in cookies)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "127.1"])
def test_what_only_this_computer_reaches(address: str) -> None:
    assert local_use.is_loopback(address)


@pytest.mark.parametrize(
    "address",
    ["", "0.0.0.0", "0", "::", "192.168.1.7", "10.0.0.1", "no.such.name.invalid", "a" * 70],
)
def test_what_others_might_reach(address: str) -> None:
    assert not local_use.is_loopback(address)


def start(home: Path, *options: str) -> str:
    """What the command says when it refuses to serve."""
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "--port", str(free_port()), *options],
        cwd=REPOSITORY,
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7", ""])
def test_local_use_is_refused_where_others_could_come(tmp_path: Path, address: str) -> None:
    said = start(tmp_path, "--local", "--address", address)
    assert said.startswith("Error: --local lets whoever comes do everything")
    assert f"not {address or 'empty'}." in said


@pytest.mark.parametrize(
    ("secrets", "options", "said"),
    [
        (AUTH, ["--local"], "Leave out the one or the other."),
        (AUTH | {"client_id": ""}, [], "has no client_id."),
        (None, [], "is there, and cannot be read as TOML."),
    ],
)
def test_the_command_refuses_what_cannot_be_signed_in_to(
    tmp_path: Path, secrets: dict[str, str] | None, options: list[str], said: str
) -> None:
    (tmp_path / ".streamlit").mkdir()
    lines = [f"{key} = {json.dumps(value)}" for key, value in (secrets or {}).items()]
    text = "\n".join(["[auth]" if secrets else "[auth", *lines])
    (tmp_path / ".streamlit" / "secrets.toml").write_text(text)
    assert said in start(tmp_path, *options)


def test_the_command_refuses_settings_that_say_what_they_may_not(
    tmp_path: Path, data_folder: Path
) -> None:
    data_folder.mkdir()
    (data_folder / "settings.toml").write_text('maintainers = ["ada"]')
    assert "maintainers.0: 'ada' is no e-mail address" in start(tmp_path)
