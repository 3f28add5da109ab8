"""Signing in by OpenID Connect: what the operator sets up for it, and where it leads back to.

Streamlit does the rest, by `[auth]` in `.streamlit/secrets.toml`, beneath the folder in which the
dashboard is started or the home of whoever starts it. Without that nobody signs in, and the pages
are there to be read.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import local_use

KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32  # characters: who guesses it, or tries it out, signs in as anybody
LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
BACK = "leaderboard_back"
PLACE = re.compile(r"/(?![/\\])[!-~]{0,2000}")
"""An address of this server, and of no other: a path, and what follows it."""


class BrokenSignIn(Exception):
    """Signing in is set up in a way that would not work, or not be safe."""


def read_auth() -> Mapping[str, Any] | None:
    """What `[auth]` says; None where there is none. Raises `BrokenSignIn`."""
    if not st.secrets.load_if_toml_exists():
        for file in st.get_option("secrets.files"):
            if Path(file).exists():
                raise BrokenSignIn(f"{file} is there, and cannot be read as TOML.")
        return None
    auth = st.secrets.get("auth")
    if auth is not None and not isinstance(auth, Mapping):
        raise BrokenSignIn("auth in .streamlit/secrets.toml has to be a table: [auth]")
    return auth


def is_offered() -> bool:
    """Whether readers can sign in."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def check_auth(auth: Mapping[str, Any]) -> None:
    """Raises `BrokenSignIn` for what would fail when someone signs in, or would not be safe."""
    if missing := [key for key in KEYS if not isinstance(auth.get(key), str) or not auth[key]]:
        raise BrokenSignIn(
            f"[auth] of .streamlit/secrets.toml has no {', '.join(missing)}. It needs "
            f"{', '.join(KEYS)}; your identity provider gives the last three."
        )
    if urlsplit(auth["redirect_uri"]).path.rpartition("/")[1:] != ("/", CALLBACK[1:]):
        raise BrokenSignIn(
            f"[auth] redirect_uri is {auth['redirect_uri']}, and has to be where readers find the "
            f"dashboard, with {CALLBACK} at its end: https://leaderboard.example.org{CALLBACK}"
        )
    for key in ("redirect_uri", "server_metadata_url"):
        if not is_safe(auth[key]):
            raise BrokenSignIn(
                f"[auth] {key} is {auth[key]}. It has to begin with https:// (http:// will do for "
                "this computer alone): who listens on the way could sign in as someone else."
            )
    if len(auth["cookie_secret"]) < SHORTEST_SECRET:
        raise BrokenSignIn(
            f"[auth] cookie_secret is shorter than {SHORTEST_SECRET} characters. Make one: "
            'python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )


def is_safe(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "http":
        return local_use.is_loopback(parts.hostname or "")
    return parts.scheme == "https" and bool(parts.hostname)


def lead_back(app: ASGIApp) -> ASGIApp:
    """Have signing in and out end at the page where it began; Streamlit's ends at the first one.

    Its cookies go over https alone, where readers come by it.
    """
    auth = read_auth() or {}
    secure = str(auth.get("redirect_uri")).startswith("https:")

    async def led(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (LOGIN, LOGOUT, CALLBACK):
            await app(scope, receive, send)
            return
        ends = scope["path"] == CALLBACK
        place = read_note(Request(scope)) if ends else read_referrer(Headers(scope=scope))

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if place and headers.get("location") == "/":
                    headers["location"] = place
                headers.append("set-cookie", write_note(None if ends else place))
                if secure:
                    make_secure(headers)
            await send(message)

        await app(scope, receive, send_on)

    return led


def read_referrer(headers: Headers) -> str | None:
    """The page of ours that a browser comes from."""
    parts = urlsplit(headers.get("referer", ""))
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return place if parts.netloc == headers.get("host") and PLACE.fullmatch(place) else None


def read_note(request: Request) -> str | None:
    """The page that was noted when signing in or out began."""
    place = unquote(request.cookies.get(BACK, ""))
    return place if PLACE.fullmatch(place) else None


def write_note(place: str | None) -> str:
    """A header that has the browser keep a page for ten minutes, or forget the one it kept."""
    note = Response()
    note.set_cookie(
        BACK,
        quote(place or "", safe=""),
        max_age=600 if place else 0,
        path=CALLBACK,
        httponly=True,
        samesite="lax",
    )
    return note.headers["set-cookie"]


def make_secure(headers: MutableHeaders) -> None:
    cookies = headers.getlist("set-cookie")
    del headers["set-cookie"]
    for cookie in cookies:
        has_it = "; secure" in cookie.lower()
        headers.append("set-cookie", cookie if has_it else f"{cookie}; Secure")
