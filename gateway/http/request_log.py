"""Assigns ids to requests, logs one line per request, and answers unexpected errors."""

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.telemetry import request_id
from gateway.errors.request_error import describe
from gateway.http.responses import json_response
from gateway.request_facts import RequestFacts, request_facts

logger = logging.getLogger("gateway.requests")

_MAX_PATH = 200
_ID_HEADER = b"x-request-id"
_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9_-]{8,64}")


class RequestLog:
    """Assigns each request an id, logs it after the response, and answers unexpected errors with 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        current = _client_id(scope) or secrets.token_hex(8)
        request_id.set(current)
        facts = RequestFacts()
        request_facts.set(facts)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_ID_HEADER, current.encode())]
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            logger.exception("a request failed")
            if status:
                raise
            await json_response({"errors": [describe(error)]}, 500)(scope, receive, send_with_id)
        finally:
            log_request(scope, facts, status, time.perf_counter() - started)


def _client_id(scope: Scope) -> str | None:
    """Returns the id that the client or a proxy sent, if it is acceptable."""
    for name, value in scope["headers"]:
        if name == _ID_HEADER:
            return value.decode() if _ACCEPTABLE_ID.fullmatch(value) else None
    return None


def log_request(scope: Scope, facts: RequestFacts, status: int, seconds: float) -> None:
    """Logs one line about a request."""
    line = {"method": scope["method"], "path": scope["path"][:_MAX_PATH], "status": status}
    facts.write(logger, "request", {**line, "milliseconds": round(seconds * 1000, 2)})
