"""The ASGI responses that stream results over HTTP."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson
from starlette.types import Message, Receive, Scope, Send

from core.errors import Unauthenticated, Unavailable
from gateway.callers.caller import Caller
from gateway.errors.request_error import RequestError, describe
from gateway.execution.incremental import IncrementalExecution
from gateway.execution.results import FormattedResult
from gateway.live.results import LiveResult, ResultQueue
from gateway.request_facts import request_facts
from gateway.streaming.connections import CloseReason, OpenConnections
from gateway.streaming.encoders import StreamEncoder
from gateway.traces.requests import end_at_stream

_UNTRUSTED = "The access token is no longer valid. Refresh the session and subscribe again."
_DRAINING = "The server is about to stop. Subscribe again after `retryAfter` seconds."


class Registration:
    """The entry of a subscription in the registry of open connections. Raises `RateLimited` if there are too many."""

    def __init__(self, connections: OpenConnections, caller: Caller) -> None:
        self.close_reason: asyncio.Future[CloseReason] = asyncio.get_running_loop().create_future()
        self._connections = connections
        self._connection = connections.open(self.close_reason.set_result, caller.address, caller.session)

    def close(self) -> None:
        self._connections.close(self._connection)

    def retry_milliseconds(self) -> int:
        return self._connections.retry_milliseconds()


class StreamResponse:
    """Sends each result when it is available. When the response ends, for any reason, `results` are closed."""

    def __init__(
        self,
        results: AsyncGenerator[FormattedResult] | ResultQueue | IncrementalExecution,
        encoder: StreamEncoder,
        heartbeat_seconds: float,
        registration: Registration | None = None,
    ) -> None:
        self._results = results
        self._encoder = encoder
        self._heartbeat_seconds = heartbeat_seconds
        self._registration = registration
        self._has_written = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._registration is not None:
            end_at_stream(scope)
        try:
            async with aclosing(self._results):
                await self._stream(receive, send)
        finally:
            if self._registration is not None:
                self._registration.close()

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send(_start(self._encoder))
        sending = asyncio.create_task(self._send_results(send))
        disconnect = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            reasons = {self._registration.close_reason} if self._registration else set()
            await self._send_heartbeats({sending, disconnect, *reasons}, send)
        finally:
            for task in (sending, disconnect):
                task.cancel()
            await asyncio.wait((sending, disconnect))
        if not sending.cancelled():
            sending.result()
        elif self._registration is not None and self._registration.close_reason.done():
            await self._write(send, self._end(self._registration))
        elif (facts := request_facts.get()) is not None:
            facts.is_cancelled = True
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
        try:
            async for result in self._results:
                await self._write(send, self._encode(result))
        except RequestError as error:
            await self._write(send, self._encoder.encode_failure(error.errors))
        await self._write(send, self._encoder.closing)

    def _encode(self, result: LiveResult | FormattedResult) -> bytes:
        if isinstance(result, LiveResult):
            return self._encoder.encode(orjson.Fragment(result.payload), result.cursor)
        return self._encoder.encode(result)

    def _end(self, registration: Registration) -> bytes:
        if registration.close_reason.result() is CloseReason.UNTRUSTED:
            return self._encoder.encode_end([describe(Unauthenticated(_UNTRUSTED))])
        milliseconds = registration.retry_milliseconds()
        # A planned stop is no failure, and the log line of one is a warning.
        error = describe(Unavailable(_DRAINING, milliseconds / 1000), is_logged=False)
        return self._encoder.encode_drain([error], milliseconds)

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
