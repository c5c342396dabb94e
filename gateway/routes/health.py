"""Health checks for orchestrators and load balancers."""

from starlette.requests import Request
from starlette.responses import Response

from core.errors import Unavailable
from gateway.http.responses import json_response
from services.maintenance.migrations import pending_migrations


async def live(_request: Request) -> Response:
    """Responds if the process runs. Does not check the database, because a restart would not repair it."""
    return json_response({"status": "ok"})


async def ready(request: Request) -> Response:
    """Responds with 200 if the database responds and has all migrations, else with 503."""
    try:
        pending = await pending_migrations(request.app.state.resources.database)
    except Unavailable:
        return json_response({"status": "database unavailable"}, 503)
    if pending:
        return json_response({"status": "migrations pending", "migrations": pending}, 503)
    return json_response({"status": "ok"})
