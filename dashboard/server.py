"""How the dashboard is served: its pages, and beside them the snapshot.

`streamlit run` would serve the same app, each of its answers later: it opens a socket that holds
small messages back until the reader has acknowledged the last one (Nagle's algorithm, 40 ms), and
after every run of a page it has Python look through all objects for cycles (160 ms with the
libraries loaded here).
"""

import gc
import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware

import dashboard
from dashboard import local_use, routes, sign_in


@asynccontextmanager
async def load_all(_: st.App) -> AsyncIterator[None]:
    """Import what the pages import, so that the first reader does not wait for it.

    All that is there then stays to the end: the garbage collector need not look at it again.
    """
    for module in pkgutil.iter_modules(dashboard.__path__):
        if module.name not in ("__main__", "app"):
            importlib.import_module(f"dashboard.{module.name}")
    routes.served.set()
    gc.collect()
    gc.freeze()
    yield


def make_app(address: str, *, local: bool) -> st.App:
    """The dashboard, for local use or for all who come; raises `BrokenSignIn`."""
    app = st.App(
        Path(__file__).with_name("app.py"),
        routes=routes.ROUTES,
        lifespan=load_all,
        middleware=local_use.guards(address) if local else [Middleware(sign_in.lead_back)],
    )
    auth = sign_in.read_auth()
    if local and auth is not None:
        raise sign_in.BrokenSignIn(
            "--local lets everyone do everything, and [auth] of .streamlit/secrets.toml has people "
            "sign in. Leave out the one or the other."
        )
    if local:
        local_use.served.set()
    elif auth is not None:
        sign_in.check_auth(auth)
    return app


def serve(app: st.App, address: str, port: int) -> None:
    """Serve the dashboard until Ctrl-C or SIGTERM."""
    uvicorn.run(
        app,
        host=address,
        port=port,
        ws="websockets-sansio",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,  # pages that readers leave open would hold it up for ever
    )
