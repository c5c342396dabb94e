"""Measures how fast a server delivers events to its sockets."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from bench.live.contenders import Following
from bench.processes import cpu_seconds


class Delivered(NamedTuple):
    """The deliveries of one round, its seconds, and the CPU seconds of the server and of the client."""

    deliveries: int
    seconds: float
    server_cpu: float
    client_cpu: float

    @property
    def per_second(self) -> float:
        return self.deliveries / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """The CPU of the server per delivery."""
        return self.server_cpu / self.deliveries * 1e6

    @property
    def client_busy(self) -> float:
        """The share of a CPU that the client has used, from 0 to 1."""
        return self.client_cpu / self.seconds


async def deliver(server: Following, sockets: int, events: int, times: int) -> Delivered:
    """Publishes events so often, each time after the last ones have arrived at all sockets."""

    async def publish() -> None:
        await server.publish(events)

    return await _measure(server, sockets * events, publish, times)


async def deliver_successive(server: Following, sockets: int, events: int) -> Delivered:
    """Publishes events one after the other, without waiting until they arrive."""

    async def publish() -> None:
        for _ in range(events):
            await server.publish(1)

    return await _measure(server, sockets * events, publish, 1)


async def _measure(server: Following, frames: int, publish: Callable[[], Awaitable[None]], times: int) -> Delivered:
    """Measures so many publications with as many frames each.

    The time begins with each publication, and ends when the client has received the last frame.
    """
    before = cpu_seconds([server.pid]), cpu_seconds([server.clients.pid])
    seconds = 0.0
    for _ in range(times):
        server.clients.expect(frames)
        begun = time.monotonic()
        await publish()
        seconds += (await asyncio.to_thread(server.clients.arrived)).at - begun
    after = cpu_seconds([server.pid]), cpu_seconds([server.clients.pid])
    return Delivered(frames * times, seconds, after[0] - before[0], after[1] - before[1])
