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
    database = request.app.state.resources.database
    try:
        await database.fetch("SELECT 1 AS one")
    except Unavailable:
        return json_response({"status": "database unavailable"}, 503)
    pending = await pending_migrations(database)
    if pending:
        return json_response({"status": "migrations pending", "migrations": pending}, 503)
    return json_response({"status": "ok"})
