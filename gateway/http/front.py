"""Handles what all HTTP requests have in common, in one layer around their applications."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.telemetry import request_id
from gateway.errors.request_error import describe
from gateway.http.caching import IS_SHARED
from gateway.http.compression import IS_CODED, compress_message, is_compressible
from gateway.http.cors import CrossOrigin, Headers, is_preflight, preflight_response
from gateway.http.limits import too_long
from gateway.http.request_log import ID_HEADER, id_of, log_request
from gateway.http.responses import RESPOND, error_response, json_response
from gateway.http.security import SecurityHeaders
from gateway.request_facts import RequestFacts, request_facts
from gateway.statistics import HttpStatistics
from gateway.traces.requests import RequestTraces

logger = logging.getLogger("gateway.requests")


class HttpFront:
    """Assigns each request an id, limits its head, and logs it. Answers preflight requests and unexpected errors.

    Adds headers to responses and compresses them. It is one layer, because each layer of middleware takes 5 to 10 µs of
    every request. Requests of `paths` go to their applications, without the router. WebSockets go to theirs at once:
    a layer would stay in memory as long as they are open.
    """

    def __init__(  # noqa: PLR0913 - the parts of the application, by name
        self,
        app: ASGIApp,
        *,
        paths: Mapping[str, ASGIApp],
        websocket_paths: Mapping[str, ASGIApp],
        security: SecurityHeaders,
        cross_origin: CrossOrigin,
        statistics: HttpStatistics,
        traces: RequestTraces | None = None,
    ) -> None:
        self._app = app
        self._traces = traces
        self._paths = paths
        self._websocket_paths = websocket_paths
        self._security = security
        self._cross_origin = cross_origin
        self._statistics = statistics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._handle(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket_paths.get(scope["path"], self._app)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        current = id_of(scope)
        request_id.set(current)
        facts = RequestFacts()
        request_facts.set(facts)
        span = self._traces.begin(scope) if self._traces is not None else None
        permission = self._cross_origin.permission(scope)
        app: ASGIApp
        if permission is not None and is_preflight(scope):
            app, permission = preflight_response(scope, permission), None
        else:
            app = self._application(scope)
        response = _Response(scope, send, self._security, permission, current, facts)
        scope[RESPOND] = response.respond
        self._statistics.running += 1
        try:
            await app(scope, receive, response.send)
        except Exception as error:
            logger.exception("a request failed")
            if response.status:
                raise
            await json_response({"errors": [describe(error)]}, 500)(scope, receive, response.send)
        finally:
            del scope[RESPOND]  # it refers to the scope
            seconds = time.perf_counter() - started
            self._statistics.count(response.status)
            facts.count(seconds)
            log_request(scope, facts, response.status, seconds)
            if self._traces is not None and span is not None:
                self._traces.end(span, scope, facts, response.status)

    def _application(self, scope: Scope) -> ASGIApp:
        if (error := too_long(scope)) is not None:
            return error_response(error)
        return self._paths.get(scope["path"], self._app)


_WHOLE_RESPONSE = "whole_response"
"""The key of the scope's extensions for `WholeResponses` of `gateway/server/whole_responses.py`."""


def _has_length(start: Message) -> bool:
    for name, _ in start["headers"]:  # noqa: SIM110 - a generator takes three times as long
        if name == b"content-length":
            return True
    return False


class _Response:
    """Sends a response with the headers that all responses have. Compresses it if it is sent in one piece."""

    __slots__ = ("_facts", "_held", "_id", "_permission", "_scope", "_security", "_send", "status")

    def __init__(  # noqa: PLR0913, PLR0917 - what it adds to responses
        self,
        scope: Scope,
        send: Send,
        security: SecurityHeaders,
        permission: Headers | None,
        request_id: str,
        facts: RequestFacts,
    ) -> None:
        self.status = 0
        """The status, or 0 before the head of the response."""
        self._scope = scope
        self._send = send
        self._security = security
        self._permission = permission
        self._id = request_id
        self._facts = facts
        self._held: Message | None = None

    async def send(self, message: Message) -> None:
        """Sends a message of the application."""
        if message["type"] == "http.response.start":
            if _has_length(message) or is_compressible(message):
                self._held = message
                return
            self._complete(message)
        elif self._held is not None:
            started, self._held = self._held, None
            if IS_CODED not in self._scope and is_compressible(started):
                message = compress_message(self._scope, started, message)
            self._complete(started)
            if not message.get("more_body") and self._sent_whole(started, message):
                return
            await self._send(started)
        await self._send(message)

    def respond(self, status: int, constant: Headers, body: bytes) -> bool:
        """Sends a response in one piece, as `Respond` says. Its headers have no content security policy."""
        whole = self._whole
        if whole is None:
            return False
        headers, own, rates = (*constant, *self._security.of_json(self._scope)), b"", self._facts.rates
        if rates is not None:
            headers, own = (*headers, *rates.constant), b"%b: %b\r\n" % rates.limit
        if self._permission is not None:
            headers = tuple(CrossOrigin.add(self._permission, list(headers)))
        if not whole.send_known(self._send, self._id, status, headers, body, own):
            return False
        self.status = status
        return True

    @property
    def _whole(self) -> Any:
        extensions = self._scope.get("extensions")  # empty after the client has disconnected
        return extensions.get(_WHOLE_RESPONSE) if extensions else None

    def _sent_whole(self, start: Message, body: Message) -> bool:
        """Sends a response in one piece, and returns whether the server can do that."""
        whole = self._whole
        return bool(whole) and whole.send(self._send, start["status"], start["headers"], body.get("body", b""))

    def _complete(self, start: Message) -> None:
        self.status = start["status"]
        headers = list(start["headers"])
        if IS_SHARED not in self._scope:  # the id may be chosen by the client
            headers.append((ID_HEADER, self._id.encode()))
            if (rates := self._facts.rates) is not None:
                headers += (*rates.constant, rates.limit)
        self._security.add(self._scope, headers)
        start["headers"] = headers if self._permission is None else CrossOrigin.add(self._permission, headers)
