"""What the server answers beside the pages: the snapshot in use, as a file."""

import threading

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from warehouse import settings, snapshots
from warehouse.errors import WarehouseError

SNAPSHOT = "/snapshot"
served = threading.Event()
"""Set where these routes are served; `streamlit run dashboard/app.py` alone has none."""


def send_snapshot(_: Request) -> Response:
    """The file of the snapshot in use, read from disk as it is sent; parts of it on request.

    A snapshot never changes, so whoever was interrupted can go on where it ended. It is sent as it
    is: to compress a gigabyte for each reader would take the server's time from all others.
    """
    try:
        snapshot = snapshots.current_snapshot(settings.warehouse_folder())
    except WarehouseError:
        return PlainTextResponse("No snapshot can be sent. The pages say why.\n", status_code=404)
    return FileResponse(
        snapshot.path,
        filename=f"leaderboard-{snapshot.path.name}",
        media_type="application/octet-stream",
        headers={"Content-Encoding": "identity", "Cache-Control": "no-cache"},
    )


ROUTES = [Route(SNAPSHOT, send_snapshot)]
