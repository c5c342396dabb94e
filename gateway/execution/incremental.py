"""An execution whose response has parts."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from gateway.execution.results import FormattedResult


class IncrementalExecution(AsyncIterator[FormattedResult]):
    """The parts of a response, in the format of `format_parts`, or as `convert` returns them.

    A task of its own produces them, and they are kept until the transport takes them. So the execution ends as soon as
    it can, however slowly the client reads. The parts need as much memory as the same response in one piece.
    """

    def __init__(self) -> None:
        self.convert: Callable[[FormattedResult], FormattedResult] | None = None
        self._parts = deque[FormattedResult]()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[FormattedResult | None]

    async def begin(self, production: Coroutine[Any, Any, FormattedResult | None]) -> FormattedResult | None:
        """Starts the task, which calls `add`, and waits for its first part.

        Returns the result of the task if it ends without a part: the response in one piece. Raises what it raises.
        """
        self._task = asyncio.create_task(production)
        self.when_ended(self._changed.set)
        try:
            await self._changed.wait()
        except BaseException:
            await self.aclose()
            raise
        return None if self._parts else self._task.result()

    def add(self, part: FormattedResult) -> None:
        """Adds a part that was produced."""
        self._parts.append(part)
        self._changed.set()

    def when_ended(self, callback: Callable[[], object]) -> None:
        """Calls `callback` once the execution has ended, for any reason."""
        self._task.add_done_callback(lambda _: callback())

    async def __anext__(self) -> FormattedResult:
        """Returns the next part. Raises what the execution raises."""
        while not self._parts:
            if self._task.done():
                self._task.result()
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        part = self._parts.popleft()
        return part if self.convert is None else self.convert(part)

    async def aclose(self) -> None:
        """Ends the execution, and waits for its end."""
        self._task.cancel()
        await asyncio.wait([self._task])
