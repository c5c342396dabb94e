"""A response that goes on for as long as there are answers, the client listens, and may listen."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from starlette.types import Message, Receive, Scope, Send

from core.errors import AppError, Unauthenticated, Unavailable
from gateway.errors.request_error import RequestError, describe
from gateway.execution.answers import Answer
from gateway.streaming.connections import CloseReason, OpenConnections
from gateway.streaming.formats import StreamEncoder
from services.security.access_tokens import TokenSession

_ENDINGS: dict[CloseReason, AppError] = {
    CloseReason.UNTRUSTED: Unauthenticated("The access token has ended. Refresh the session and ask again."),
    CloseReason.DRAINING: Unavailable("The server is about to stop. Ask again."),
}


class Registration(NamedTuple):
    """What a response needs that may go on for hours: who can end it, and until when its client is trusted."""

    connections: OpenConnections
    session: TokenSession | None


class StreamResponse:
    """`answers` is closed when the response ends, for whatever reason."""

    def __init__(
        self,
        answers: AsyncGenerator[Answer],
        written: StreamEncoder,
        heartbeat_seconds: float,
        lasting: Registration | None = None,
    ) -> None:
        self._answers = answers
        self._format = written
        self._heartbeat_seconds = heartbeat_seconds
        self._lasting = lasting
        self._ending: asyncio.Future[CloseReason] = asyncio.get_running_loop().create_future()
        self._spoken = True

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        if self._lasting is None:
            await self._stream(receive, send)
            return
        connections, session = self._lasting
        connection = connections.open(self._ending.set_result, session)
        try:
            await self._stream(receive, send)
        finally:
            connections.close(connection)

    async def _stream(self, receive: Receive, send: Send) -> None:
        await send(_start(self._format))
        answering = asyncio.create_task(self._answer(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await self._attend({answering, leaving, self._ending}, send)
        finally:
            for task in (answering, leaving):
                task.cancel()
            await asyncio.wait((answering, leaving))
        if not answering.cancelled():
            answering.result()
        elif self._ending.done():
            await self._write(send, self._last_words(self._ending.result()))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _attend(self, until: set[asyncio.Future[None] | asyncio.Future[CloseReason]], send: Send) -> None:
        """Waits until one of them is done, and says now and then that the connection is alive."""
        while not (await asyncio.wait(until, timeout=self._heartbeat_seconds, return_when="FIRST_COMPLETED"))[0]:
            if not self._spoken:
                await self._write(send, self._format.heartbeat)
            self._spoken = False

    async def _answer(self, send: Send) -> None:
        await self._write(send, self._format.opening)
        async with aclosing(self._answers) as answers:
            try:
                async for answer in answers:
                    await self._write(send, self._format.answer(answer))
            except RequestError as failed:
                await self._write(send, self._format.failure(failed.errors))
        await self._write(send, self._format.closing)

    def _last_words(self, why: CloseReason) -> bytes:
        errors = [describe(_ENDINGS[why])]
        return self._format.drained(errors) if why is CloseReason.DRAINING else self._format.ended(errors)

    async def _write(self, send: Send, written: bytes) -> None:
        self._spoken = True
        await send({"type": "http.response.body", "body": written, "more_body": True})


class StreamHead:
    """The answer to HEAD: the head of a stream that is not opened."""

    def __init__(self, written: StreamEncoder) -> None:
        self._format = written

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(_start(self._format))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _start(written: StreamEncoder) -> Message:
    headers = {
        "content-type": written.media_type,
        "cache-control": "no-store",
        "x-accel-buffering": "no",  # nginx would hold back what is there until more comes
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": 200, "headers": raw}


async def _left(receive: Receive) -> None:
    """Until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
