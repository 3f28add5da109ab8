"""What the server answers beside the pages: the snapshot in use, and whether everything works."""

import threading

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import health_report
from warehouse import locating
from warehouse.errors import WarehouseError

SNAPSHOT = "/snapshot"
HEALTH = "/health"
served = threading.Event()
"""Set where these routes are served; `streamlit run dashboard/app.py` alone has none."""


def send_snapshot(_: Request) -> Response:
    """The newest snapshot that is a file, read from disk as it is sent; parts of it on request.

    A snapshot never changes, so whoever was interrupted can go on where it ended. It is sent as it
    is: to compress a gigabyte for each reader would take the server's time from all others.
    """
    try:
        snapshot = locating.file_store().current()
    except WarehouseError:
        return PlainTextResponse("No snapshot can be sent. The pages say why.\n", status_code=404)
    return FileResponse(
        snapshot.path,
        filename=f"leaderboard-{snapshot.path.name}",
        media_type="application/octet-stream",
        headers={"Content-Encoding": "identity", "Cache-Control": "no-cache"},
    )


def tell_health(_: Request) -> Response:
    """A `health_report.Report` as JSON, within a second and however often it is asked for.

    Its HTTP status is 200, or 503 where something that people wait for does not work. Streamlit's
    own `/_stcore/health` says no more than that the server runs.
    """
    from dashboard import health_data  # whose caches want a server that runs

    found = health_report.report(health_data.look())
    return Response(
        found.model_dump_json(),
        status_code=200 if found.status == "fine" else 503,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


ROUTES = [Route(SNAPSHOT, send_snapshot), Route(HEALTH, tell_health)]
