"""Local use: whoever reaches the dashboard may do everything, so only this computer reaches it.

A web page from elsewhere is kept out, too, though the browser that has it open runs on this
computer: by the name under which it calls (its own, made to lead here), or by where it is from.
"""

import ipaddress
import socket
import threading
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES = ("localhost", "127.0.0.1", "[::1]")
served = threading.Event()
"""Set by the command that serves for local use, and by nothing that a visitor can do."""


def is_loopback(address: str) -> bool:
    """Whether what is served at an address, or at a name, is reached from this computer alone."""
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    # a server takes an empty address for all networks
    places = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    return bool(address) and all(place.is_loopback for place in places)


def guards(address: str) -> list[Middleware]:
    """What every request has to pass where `address` is served for local use."""
    name = f"[{address}]" if ":" in address else address
    hosts = [*NAMES, name]
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(refuse_other_pages),
    ]


def refuse_other_pages(app: ASGIApp) -> ASGIApp:
    """Let no page call that is not from this very server; Streamlit lets any of `localhost`."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc != headers.get("host"):
                refused = PlainTextResponse("Only its own pages may ask this.\n", status_code=403)
                await refused(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded
