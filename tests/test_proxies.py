"""The guide's reverse proxies and its Space: real servers in front of real pages."""

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.benchmarks.serving import free_port, serve, serve_dashboard, stop
from tests.benchmarks.sessions import Reader
from tests.conftest import REPOSITORY
from tests.guide import block
from tests.test_run_for_real import need
from warehouse import db, export, settings

NAME = "leaderboard.example.org"
NGINX = """\
{user}pid {folder}/nginx.pid;
error_log {folder}/errors.log;
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
{site}}}
"""


def make_certificate(folder: Path) -> None:
    """A certificate of our own for the site's name."""
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    asked = [need("openssl", "openssl"), *words.split(), *files, *names]
    subprocess.run(asked, check=True, capture_output=True)


def write_nginx(folder: Path, port: int, servers: list[str]) -> Path:
    """The guide's site as all of a configuration."""
    make_certificate(folder)
    lines = "\n".join(f"server {server};" for server in servers)
    places = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"/etc/letsencrypt/live/{NAME}": folder,
        "server 127.0.0.1:8501;": lines,
    }
    user = "user root;\n" if os.getuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(NGINX.format(user=user, folder=folder, site=block("nginx", places)))
    return path


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    nginx = need("nginx", "nginx-light")
    path = write_nginx(tmp_path, 8443, ["127.0.0.1:8501", "127.0.0.1:8502"])
    asked = [nginx, "-t", "-q", "-p", str(tmp_path), "-c", str(path)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_caddy_takes_the_configuration(tmp_path: Path) -> None:
    caddy = need("caddy", "caddy")
    (tmp_path / "Caddyfile").write_text(block("caddy"))
    asked = [caddy, "validate", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
    homes = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(
        asked, env=os.environ | homes, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A proxy that runs until the block ends."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            command,
            env=os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder)},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        assert listens(port, process), (folder / "said").read_text()
        yield
    finally:
        stop(process)


def listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """Whether the proxy takes connections before it ends, or before patience does."""
    latest = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < latest:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


async def read_page(address: str, port: int, origin: str, **how: Any) -> list[str]:
    """What the page About says to who comes by the site's name."""
    how |= {"host": "127.0.0.1", "port": port, "origin": Origin(origin), "max_size": None}
    async with connect(f"{address.replace('http', 'ws', 1)}/_stcore/stream", **how) as stream:
        reader = Reader(stream)
        await reader.visit("")
        await reader.visit("about")
        return reader.texts


def read(address: str, port: int, origin: str, **how: Any) -> list[str]:
    with ThreadPoolExecutor() as pool:  # a browser of other tests may have this thread's loop
        return pool.submit(asyncio.run, read_page(address, port, origin, **how)).result()


@pytest.mark.slow
def test_pages_are_read_through_nginx_of_whichever_dashboard_is_up(
    demo: Path, tmp_path: Path
) -> None:
    nginx, port = need("nginx", "nginx-light"), free_port()
    with ExitStack() as stack, serve_dashboard(demo) as second:
        first = stack.enter_context(serve_dashboard(demo))
        servers = [one.address.replace("http://localhost", "127.0.0.1") for one in (first, second)]
        path = write_nginx(tmp_path, port, servers)
        trusted = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
        site = f"https://{NAME}"
        command = [nginx, "-p", str(tmp_path), "-c", str(path), "-g", "daemon off;"]
        with running(command, port, tmp_path):
            assert "About" in read(site, port, site, ssl=trusted)
            with pytest.raises(InvalidStatus, match="403"):
                read(site, port, "https://elsewhere.example.org", ssl=trusted)
            snapshot = settings.snapshots_folder() / "000001.duckdb"
            assert len(fetch(port, "/snapshot", trusted)) == snapshot.stat().st_size
            stack.close()  # the first is stopped
            assert "About" in read(site, port, site, ssl=trusted)
            assert b'"status":"fine"' in fetch(port, "/health", trusted)


def fetch(port: int, path: str, trusted: ssl.SSLContext) -> bytes:
    """What the site answers at a path."""
    trusted.check_hostname = False  # we come by its number
    asked = urllib.request.Request(f"https://127.0.0.1:{port}{path}", headers={"Host": NAME})
    with urllib.request.urlopen(asked, context=trusted) as answer:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        content: bytes = answer.read()
        return content


@pytest.mark.slow
def test_pages_are_read_through_caddy(demo: Path, tmp_path: Path) -> None:
    caddy, port = need("caddy", "caddy"), free_port()
    with serve_dashboard(demo) as server:
        site = f"http://{NAME}:{port}"
        places = {
            f"{NAME} {{": f"{{\n\tadmin off\n}}\n{site} {{\n\tbind 127.0.0.1",
            "127.0.0.1:8501": server.address.replace("http://localhost", "127.0.0.1"),
        }
        path = tmp_path / "Caddyfile"
        path.write_text(block("caddy", places))
        command = [caddy, "run", "--config", str(path), "--adapter", "caddyfile"]
        with running(command, port, tmp_path):
            assert "About" in read(site, port, site)


@pytest.mark.slow
def test_a_space_fetches_what_was_published_and_serves_it(demo: Path, tmp_path: Path) -> None:
    opened = db.open_warehouse()
    export.export(opened, tmp_path / "published")
    opened.close()
    stand_in = tmp_path / "bin" / "hf"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\ntest "$2" = me/board && cp {tmp_path}/published/$3 "$7"\n')
    stand_in.chmod(0o755)
    text = block("space-start").replace("\\\n", "")
    assert re.search("^ENV HOME=/tmp LEADERBOARD_DATA=/tmp/data$", text, re.MULTILINE)
    [command] = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    [*shell, script] = json.loads(command)
    script = script.replace("/app", str(REPOSITORY)).replace("python -m", f"{sys.executable} -m")
    script = script.replace("{", "{{").replace("}", "}}")
    environment = {
        "PATH": f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LEADERBOARD_DATA": str(tmp_path / "space"),
        "DATASET": "me/board",
        "SECRETS_TOML": block("secrets"),
    }
    assert demo.exists()
    script = script.replace("--address 0.0.0.0", "--port {port}")
    with (
        serve([*shell, script], environment, "/health") as server,
        urllib.request.urlopen(f"{server.address}/health") as answer,
    ):
        assert b'"snapshot":1' in answer.read()
    kept = tmp_path / ".streamlit" / "secrets.toml"
    assert kept.read_text() == block("secrets")
    assert kept.stat().st_mode & 0o077 == 0
