"""Yields the results of a subscription, for transports with one subscription per response."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

from gateway.errors.request_error import RequestError
from gateway.live.subscription import ResultBatch


class LiveResult(NamedTuple):
    """A result of a subscription as JSON, and the cursor after it."""

    payload: bytes
    cursor: str


class ResultQueue(AsyncIterator[LiveResult]):
    """A sink that keeps results until the transport takes them.

    The next events are executed when all were taken, so it has at most those of one delivery.
    """

    def __init__(self) -> None:
        self._results = deque[LiveResult]()
        self._callbacks: list[Callable[[], None]] = []
        self._errors: Sequence[Any] | None = None
        self._changed = asyncio.Event()
        self.on_close: Callable[[], object] | None = None

    def push(self, subscription_id: str, batch: ResultBatch) -> None:  # noqa: ARG002 - there is one
        self._results.extend(map(LiveResult, batch.payloads, batch.cursors))
        self._changed.set()

    def fail(self, subscription_id: str, errors: Sequence[Any]) -> None:  # noqa: ARG002 - as above
        self._errors = errors
        self._changed.set()

    def when_written(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)
        self._changed.set()

    async def __anext__(self) -> LiveResult:
        """Returns the next result. Raises `RequestError` if the source has failed."""
        while not self._results:
            callbacks, self._callbacks = self._callbacks, []
            for callback in callbacks:
                callback()
            if self._errors is not None:
                raise RequestError(self._errors, 500)
            self._changed.clear()
            await self._changed.wait()
        return self._results.popleft()

    async def aclose(self) -> None:
        """Ends the subscription, also if no result was taken yet. A generator could not do that."""
        if self.on_close is not None:
            self.on_close()
