"""`python -m dashboard` serves the dashboard, or says why it cannot."""

import errno
import os
import socket

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option(
    "--address", default="127.0.0.1", show_default=True, help="0.0.0.0 for every network."
)
def main(port: int, address: str) -> None:
    """Serve the dashboard until Ctrl-C."""
    if is_taken(address, port):
        raise click.ClickException(
            f"Port {port} is taken: perhaps the dashboard already runs on "
            f"http://localhost:{port}. Or choose another port: make demo PORT={port + 1}"
        )
    click.echo(f"The dashboard is on http://localhost:{port} — Ctrl-C ends it.")
    # threads of one reader's sums would wait in turns for the cores on which others are served
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dashboard import server  # seconds of imports, of which a taken port needs none

    server.serve(address, port)


def is_taken(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise click.ClickException(f"{address}:{port} cannot be served: {error}") from error
    return False


if __name__ == "__main__":
    main(prog_name="python -m dashboard")
