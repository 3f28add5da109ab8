"""`python -m dashboard` serves the dashboard, or says why it cannot."""

import errno
import os
import resource
import socket

import click

from dashboard import local_use
from warehouse import settings
from warehouse.errors import BrokenSettings


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option(
    "--address", default="127.0.0.1", show_default=True, help="0.0.0.0 for every network."
)
@click.option(
    "--local", is_flag=True, help="Let everyone at this computer do everything; nobody signs in."
)
def main(port: int, address: str, local: bool) -> None:
    """Serve the dashboard until Ctrl-C."""
    if local and not local_use.is_loopback(address):
        raise click.ClickException(
            "--local lets whoever comes do everything, so only this computer may reach it: "
            f"--address may be 127.0.0.1, ::1 or localhost, and not {address or 'empty'}. Where "
            "others are to come, leave out --local, and have them sign in by [auth] in "
            ".streamlit/secrets.toml."
        )
    if is_taken(address, port):
        raise click.ClickException(
            f"Port {port} is taken: perhaps the dashboard already runs on "
            f"http://localhost:{port}. Or choose another port: make demo PORT={port + 1}"
        )
    # threads of one reader's sums would wait in turns for the cores on which others are served
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dashboard import server, sign_in  # seconds of imports, of which a taken port needs none

    allow_files()
    try:
        settings.read_settings()
        app = server.make_app(address, local=local)
    except (BrokenSettings, sign_in.BrokenSignIn) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The dashboard is on http://localhost:{port} — Ctrl-C ends it.")
    server.serve(app, address, port)


def allow_files() -> None:
    """Let this process have as many files open as it may: each open page takes about four."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def is_taken(address: str, port: int) -> bool:
    """Whether another program serves there; raises what says why nobody can."""
    served, refused = False, None
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise click.ClickException(f"{address}:{port} cannot be served: {error}") from error
    for family, kind, _, _, place in found:
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
                served = True
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return True
                refused = error  # a name may have an address of a kind that this machine has not
    if not served:
        raise click.ClickException(f"{address}:{port} cannot be served: {refused}") from refused
    return False


if __name__ == "__main__":
    main(prog_name="python -m dashboard")
