"""A queue of deliveries that are executed in parts."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from core.telemetry import request_id
from gateway.request_facts import request_facts
from services.live import Delivery

logger = logging.getLogger(__name__)

_PART = 500
"""The maximum of payloads of a part, whose executions share loaders."""


class DeliveryQueue:
    """Executes deliveries in the order of arrival, and few parts at the same time.

    What waits meanwhile shares the next part. When thousands of clients resume after a restart, the first ones have
    their next events soon; if all were executed at the same time, all would have them at the end.
    """

    def __init__(self, deliver_part: Callable[[Sequence[Delivery]], Awaitable[None]], max_parts: int) -> None:
        self._deliver_part = deliver_part
        self._max_parts = max_parts
        self._waiting = deque[Delivery]()
        self._tasks = set[asyncio.Task[None]]()

    def add(self, deliveries: Sequence[Delivery]) -> None:
        self._waiting.extend(deliveries)
        if len(self._tasks) < self._max_parts:
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._on_done)

    async def close(self) -> None:
        """Cancels parts that are still being executed."""
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("a part of live deliveries failed", exc_info=error)
            if self._waiting:
                self.add([])

    async def _run(self) -> None:
        """Executes parts until no delivery waits. They belong to no request, although a request may start them."""
        request_id.set(None)
        request_facts.set(None)
        while part := self._next_part():
            await self._deliver_part(part)

    def _next_part(self) -> list[Delivery]:
        """Returns deliveries with at most `_PART` payloads, or a single one, and removes them from those that wait."""
        part: list[Delivery] = []
        payloads = 0
        while self._waiting:
            payloads += len(self._waiting[0].payloads)
            if part and payloads > _PART:
                break
            part.append(self._waiting.popleft())
        return part
