"""The ASGI responses that stream results over HTTP."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

import orjson
from starlette.types import Message, Receive, Scope, Send

from core.errors import AppError, Unauthenticated, Unavailable
from gateway.errors.request_error import RequestError, describe
from gateway.execution.results import FormattedResult
from gateway.live.results import LiveResult
from gateway.streaming.connections import CloseReason, OpenConnections
from gateway.streaming.encoders import StreamEncoder
from services.security.access_tokens import TokenSession

_ERRORS: dict[CloseReason, AppError] = {
    CloseReason.UNTRUSTED: Unauthenticated(
        "The access token is no longer valid. Refresh the session and subscribe again."
    ),
    CloseReason.DRAINING: Unavailable("The server is about to stop. Subscribe again."),
}


class Registration(NamedTuple):
    """The registry of open connections in which a subscription is entered, and the session of its caller."""

    connections: OpenConnections
    session: TokenSession | None


class StreamResponse:
    """Sends each result when it is available. Closes `results` when the response ends, for any reason."""

    def __init__(
        self,
        results: AsyncGenerator[LiveResult | FormattedResult],
        encoder: StreamEncoder,
        heartbeat_seconds: float,
        registration: Registration | None = None,
    ) -> None:
        self._results = results
        self._encoder = encoder
        self._heartbeat_seconds = heartbeat_seconds
        self._registration = registration
        self._close_reason: asyncio.Future[CloseReason] = asyncio.get_running_loop().create_future()
        self._has_written = True

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        if self._registration is None:
            await self._stream(receive, send)
            return
        connections, session = self._registration
        connection = connections.open(self._close_reason.set_result, session)
        try:
            await self._stream(receive, send)
        finally:
            connections.close(connection)

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send(_start(self._encoder))
        sending = asyncio.create_task(self._send_results(send))
        disconnect = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            await self._send_heartbeats({sending, disconnect, self._close_reason}, send)
        finally:
            for task in (sending, disconnect):
                task.cancel()
            await asyncio.wait((sending, disconnect))
        if not sending.cancelled():
            sending.result()
        elif self._close_reason.done():
            await self._write(send, self._end(self._close_reason.result()))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_heartbeats(
        self, until: set[asyncio.Future[None] | asyncio.Future[CloseReason]], send: Send
    ) -> None:
        """Sends a heartbeat after each interval without a result, until one of the futures is done."""
        while not (await asyncio.wait(until, timeout=self._heartbeat_seconds, return_when="FIRST_COMPLETED"))[0]:
            if not self._has_written:
                await self._write(send, self._encoder.heartbeat)
            self._has_written = False

    async def _send_results(self, send: Send) -> None:
        await self._write(send, self._encoder.opening)
        async with aclosing(self._results) as results:
            try:
                async for result in results:
                    await self._write(send, self._encode(result))
            except RequestError as error:
                await self._write(send, self._encoder.encode_failure(error.errors))
        await self._write(send, self._encoder.closing)

    def _encode(self, result: LiveResult | FormattedResult) -> bytes:
        if isinstance(result, LiveResult):
            return self._encoder.encode(orjson.Fragment(result.payload), result.cursor)
        return self._encoder.encode(result)

    def _end(self, reason: CloseReason) -> bytes:
        errors = [describe(_ERRORS[reason])]
        if reason is CloseReason.DRAINING:
            return self._encoder.encode_drain(errors)
        return self._encoder.encode_end(errors)

    async def _write(self, send: Send, data: bytes) -> None:
        self._has_written = True
        await send({"type": "http.response.body", "body": data, "more_body": True})


class StreamHead:
    """The response to HEAD: the headers of a stream that is not opened."""

    def __init__(self, encoder: StreamEncoder) -> None:
        self._encoder = encoder

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(_start(self._encoder))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _start(encoder: StreamEncoder) -> Message:
    headers = {
        "content-type": encoder.media_type,
        "cache-control": "no-store",
        "x-accel-buffering": "no",  # nginx would buffer the results
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": 200, "headers": raw}


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
