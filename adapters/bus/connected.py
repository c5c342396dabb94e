"""The bus of one server."""

import asyncio
from collections.abc import Collection

from adapters.bus.base import Bus
from adapters.bus.link import Driver, Link
from core.background import Background


class ConnectedBus(Bus):
    """Connects to a server with the first listener or wake-up."""

    def __init__(self, driver: Driver, background: Background) -> None:
        super().__init__()
        self._background = background
        self._link = Link(driver, lambda: self._followed_topics, self._wake_here)
        self._task: asyncio.Task[None] | None = None

    @property
    def reaches_other_processes(self) -> bool:
        return self._link.is_connected

    def _wake_elsewhere(self, topic: str, keys: Collection[str]) -> None:
        self._link.pending.add(topic, keys)
        self._on_topics_changed()

    def _on_topics_changed(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._background.supervise("bus", self._link.run))
        self._link.notify()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
