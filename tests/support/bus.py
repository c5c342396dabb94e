"""Opens buses and waits for their subscriptions."""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from adapters.bus import Bus, Listener, Wakes, open_bus
from adapters.bus.cluster import ClusterBus
from adapters.bus.connected import ConnectedBus
from adapters.bus.memory import MemoryBus
from core.settings import Settings
from tests.support.timing import HANG_SECONDS, no_hang

NAME = f"test-{os.getpid()}"
"""The prefix of channels. Other processes use the same servers at the same time."""


@asynccontextmanager
async def opened(url: str, deadline: float = 2.0) -> AsyncGenerator[Bus]:
    bus = open_bus(Settings(bus_url=url, bus_name=NAME, database_deadline=deadline))
    try:
        yield bus
    finally:
        async with no_hang():
            await bus.close()
    if isinstance(bus, ConnectedBus):
        assert bus._task is None or bus._task.done(), "a task is left"
    if isinstance(bus, ClusterBus):
        assert all(task.done() for task in bus._all_tasks()), "a task is left"


@asynccontextmanager
async def listening(bus: Bus, *topics: str) -> AsyncGenerator[Listener]:
    """Yields the first listener of topics when wake-ups of other processes arrive, without wake-ups until then."""
    with bus.listen(*topics) as listener:
        await subscribed(bus, listener, *topics)
        yield listener


async def subscribed(bus: Bus, listener: Listener, *topics: str) -> None:
    """Waits until wake-ups of other processes arrive for new topics, and forgets the wake-ups until then."""
    woken = set[str]()
    async with no_hang():
        while not isinstance(bus, MemoryBus) and not woken.issuperset(topics):
            assert await listener.wait(HANG_SECONDS)
            woken |= listener.take().topics


async def collected(listener: Listener, enough: Callable[[Wakes], bool]) -> Wakes:
    """Returns the wake-ups until there are enough."""
    wakes = listener.take()
    async with no_hang():
        while not enough(wakes):
            await listener.wait(HANG_SECONDS)
            topics, keys = listener.take()
            wakes = Wakes(wakes.topics | topics, wakes.keys | keys)
    return wakes
