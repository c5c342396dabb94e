"""Counts the statements of one server, between it and PostgreSQL.

PostgreSQL's statistics do not say which server executed a statement, and are late. So each server with a cache connects
to PostgreSQL through a relay that reads the messages. With cached responses almost nothing passes through it.
"""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

from bench.cached.protocol import SentMessages
from bench.processes import LOAD_CPU

_READ_BYTES = 65_536
_POSTGRES_PORT = 5432


class Statements:
    """Relays connections to a database, and counts the executions of each statement."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = url

    def taken(self) -> Counter[str]:
        """Returns the executions since the last call."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return counts

    async def serve(self, ready: threading.Event, done: asyncio.Event) -> None:
        """Relays until `done` is set. Changes `url` to the address of the relay before it sets `ready`."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        user = f"{self._target.netloc.rpartition('@')[0]}@" if "@" in self._target.netloc else ""
        self.url = self._target._replace(netloc=f"{user}127.0.0.1:{port}").geturl()
        ready.set()
        await done.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._target.hostname or "127.0.0.1", self._target.port or _POSTGRES_PORT
        database, to_database = await asyncio.open_connection(host, port)
        pumps = (self._pump(reader, to_database, SentMessages()), self._pump(database, writer, None))
        for pump in pumps:
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, messages: SentMessages | None
    ) -> None:
        try:
            while data := await source.read(_READ_BYTES):
                if messages is not None:
                    executed = messages.executed(data)
                    with self._lock:
                        self._counts.update(executed)
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


@contextmanager
def counted(url: str) -> Generator[Statements]:
    """Yields the statements of a server that connects to the URL of the yielded object."""
    statements, ready = Statements(url), threading.Event()
    done = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await statements.serve(ready, done)

    def run() -> None:
        os.sched_setaffinity(0, {LOAD_CPU})
        asyncio.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield statements
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join()
