"""Forwards TCP connections, and simulates networks that cut, hold back, delay or refuse them.

Tests use `Proxy`. As a program it takes commands on standard input, one a line, such as `cut`, `cut 3`, `silence`,
`talk`, `strand`, `delay 0.2`, `bandwidth 10000`, `refuse` and `accept`:

python -m tests.chaos.proxy 127.0.0.1:5432 --port 6432
"""

import argparse
import asyncio
import socket
import struct
import sys
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from itertools import count

_RESET = struct.pack("ii", 1, 0)
"""The option SO_LINGER with which a closed socket resets its connection."""


class Proxy:
    """Forwards bytes in both directions, or holds them back without an error. Connections are numbered from 0."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._talks = asyncio.Event()
        self._talks.set()
        self._stranded: list[asyncio.Event] = []
        self._silent: Collection[int] = ()
        self._numbers = count()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.port = 0
        self.delay = 0.0
        """Seconds that bytes take in each direction."""
        self.bandwidth = 0.0
        """Bytes per second of each connection in each direction; 0 is no limit."""
        self.refuses = False
        """Whether new connections are reset at once."""

    @property
    def open_connections(self) -> list[int]:
        """The numbers of the connections that are open now."""
        return list(self._tasks)

    def silence(self, *connections: int) -> None:
        """Holds back the bytes of some connections, or of all."""
        self._silent = connections
        self._talks.clear()

    def strand(self) -> None:
        """Holds back the bytes of the connections that are open now, and not those of new ones."""
        self._talks.clear()
        self._stranded.append(self._talks)
        self._talks = asyncio.Event()
        self._talks.set()

    def cut(self, *connections: int) -> int:
        """Ends some connections, or all. Returns how many were open."""
        ended = [self._tasks[number] for number in connections or self.open_connections if number in self._tasks]
        for task in ended:
            task.cancel()
        return len(ended)

    def talk(self) -> None:
        for talks in (self._talks, *self._stranded):
            talks.set()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncGenerator["Proxy"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, number = asyncio.current_task(), next(self._numbers)
        assert task is not None
        if self.refuses:
            _reset(writer)
            return
        self._tasks[number] = task
        try:
            # asyncio logs a connection's task as an error, if it is cancelled or if no server listens.
            with suppress(asyncio.CancelledError, OSError):
                await self._join(number, reader, writer)
        finally:
            writer.close()
            del self._tasks[number]

    async def _join(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks = self._talks
        far_reader, far_writer = await asyncio.open_connection(*self._upstream)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(65536):
                    if talks is not self._talks or not self._silent or number in self._silent:
                        await talks.wait()
                    await asyncio.sleep(self.delay)
                    if self.bandwidth:
                        await asyncio.sleep(len(data) / self.bandwidth)
                    target.write(data)
                    await target.drain()
                target.close()
            except OSError:
                target.close()

        try:
            await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
        finally:
            far_writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def obey(proxy: Proxy, line: str) -> bool:
    """Does what a line of the program's input says. Returns False if it is no command."""
    name, *values = line.split()
    commands: dict[str, Callable[[], object]] = {
        "cut": lambda: proxy.cut(*map(int, values)),
        "silence": lambda: proxy.silence(*map(int, values)),
        "strand": proxy.strand,
        "talk": proxy.talk,
        "delay": lambda: setattr(proxy, "delay", float(values[0])),
        "bandwidth": lambda: setattr(proxy, "bandwidth", float(values[0])),
        "refuse": lambda: setattr(proxy, "refuses", True),
        "accept": lambda: setattr(proxy, "refuses", False),
    }
    try:
        commands[name]()
    except (IndexError, KeyError, ValueError):
        return False
    return True


async def main() -> None:
    """Forwards until the end of its input."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("target", help="HOST:PORT")
    arguments.add_argument("--port", type=int, default=0, help="the port to listen on; default: a free one")
    asked = arguments.parse_args()
    host, _, port = asked.target.rpartition(":")
    async with Proxy(host, int(port)).running(asked.port) as proxy:
        sys.stdout.write(f"forwards 127.0.0.1:{proxy.port} to {asked.target}\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip() and not obey(proxy, line):
                sys.stderr.write(f"not a command: {line}")
                sys.stderr.flush()


if __name__ == "__main__":
    asyncio.run(main())
