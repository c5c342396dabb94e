"""Measures how fast a server delivers events to its sockets."""

import asyncio
import time
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
    """Publishes events so often, each time after the last ones have arrived at all sockets.

    The time begins with each publication, and ends when the client has received the last frame.
    """
    before = cpu_seconds([server.pid]), cpu_seconds([server.clients.pid])
    seconds = 0.0
    for _ in range(times):
        server.clients.expect(sockets * events)
        begun = time.monotonic()
        await server.publish(events)
        seconds += (await asyncio.to_thread(server.clients.arrived)).at - begun
    after = cpu_seconds([server.pid]), cpu_seconds([server.clients.pid])
    return Delivered(sockets * events * times, seconds, after[0] - before[0], after[1] - before[1])
