"""Health checks for orchestrators and load balancers."""

import asyncio
import time

from starlette.requests import Request
from starlette.responses import Response

from adapters.database import Database
from core.errors import Unavailable
from gateway.http.responses import json_response
from services.maintenance.migrations import pending_migrations

_LATE_SECONDS = 1.0
_TOLERANCE_SECONDS = 30.0
_SLOW = "database slow"


async def live(_request: Request) -> Response:
    """Responds if the process runs. Does not check the database, because a restart would not repair it."""
    return json_response({"status": "ok"})


class Readiness:
    """Checks whether this process can serve requests.

    All processes have the same database. If it is slow because of their load, all of them would be removed from the
    load balancer at once, and no request would be served. So a database that is late is tolerated for a while, and one
    that rejects connections is not. Concurrent requests share one check.
    """

    def __init__(self) -> None:
        self._ready_at = -_TOLERANCE_SECONDS
        self._checking: asyncio.Task[tuple[str, list[str]]] | None = None

    async def answer(self, request: Request) -> Response:
        """Responds with 200 if the database responds and has all migrations, or is late for less than 30 seconds.

        Responds with 503 otherwise, and before the server stops.
        """
        if request.app.state.is_leaving:
            return json_response({"status": "stopping"}, 503)
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(_check(request.app.state.resources.database))
        checking, is_tolerant = self._checking, time.monotonic() - self._ready_at < _TOLERANCE_SECONDS
        await asyncio.wait([checking], timeout=_LATE_SECONDS if is_tolerant else None)
        status, pending = checking.result() if checking.done() else (_SLOW, list[str]())
        if status == "ok":
            self._ready_at = time.monotonic()
        if status == _SLOW and not is_tolerant:
            status = "database unavailable"
        body = {"status": status, "migrations": pending} if pending else {"status": status}
        return json_response(body, 200 if status in {"ok", _SLOW} else 503)


async def _check(database: Database) -> tuple[str, list[str]]:
    """Returns the status of the database, and the migrations that it lacks."""
    try:
        pending = await pending_migrations(database)
    except Unavailable as error:
        is_late = isinstance(error.__cause__, TimeoutError)
        return _SLOW if is_late else "database unavailable", []
    return "migrations pending" if pending else "ok", pending
