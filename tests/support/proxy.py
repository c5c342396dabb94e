"""Simulates a network that stops delivering."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from itertools import count


class Proxy:
    """Forwards bytes in both directions, or holds them back without an error. Connections are numbered from 0."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._talks = asyncio.Event()
        self._talks.set()
        self._stranded: list[asyncio.Event] = []
        self._silent: Collection[int] = ()
        self._numbers = count()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.delay = 0.0
        """Seconds that bytes take in each direction."""

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

    def cut(self) -> None:
        """Ends every connection."""
        for task in self._tasks:
            task.cancel()

    def talk(self) -> None:
        for talks in (self._talks, *self._stranded):
            talks.set()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Proxy"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # asyncio logs a connection's task as an error, if it is cancelled or if no server listens.
            with suppress(asyncio.CancelledError, OSError):
                await self._join(reader, writer)
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, talks = next(self._numbers), self._talks
        far_reader, far_writer = await asyncio.open_connection(*self._upstream)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(65536):
                    if talks is not self._talks or not self._silent or number in self._silent:
                        await talks.wait()
                    await asyncio.sleep(self.delay)
                    target.write(data)
                    await target.drain()
                target.close()
            except OSError:
                target.close()

        try:
            await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
        finally:
            far_writer.close()
