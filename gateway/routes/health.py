"""For whoever watches the process."""

from starlette.requests import Request
from starlette.responses import Response

from core.errors import Unavailable
from gateway.http.responses import json_response
from services.maintenance.migrations import pending_migrations


async def live(_request: Request) -> Response:
    """The process runs: it asks no engine, since a restart would not bring one back."""
    return json_response({"status": "ok"})


async def ready(request: Request) -> Response:
    """This process can answer: its database does, and has the tables it needs."""
    database = request.app.state.resources.database
    try:
        await database.fetch("SELECT 1 AS one")
    except Unavailable:
        return json_response({"status": "database unavailable"}, 503)
    pending = await pending_migrations(database)
    if pending:
        return json_response({"status": "migrations pending", "migrations": pending}, 503)
    return json_response({"status": "ok"})
