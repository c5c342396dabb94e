"""A Redis server that can be killed, stopped, and hidden behind a proxy that swallows everything."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bench.processes import tool
from bench.world import BenchError

_START_SECONDS = 10.0


class Outage:
    """Runs Redis, and a proxy in front of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._swallows = False
        self._pumps = set[asyncio.Task[None]]()
        self.proxy_port = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def proxied_url(self) -> str:
        return f"redis://127.0.0.1:{self.proxy_port}/0"

    async def start(self) -> None:
        """Returns when the server accepts connections."""
        redis = tool("redis-server", "Redis 7 or later")
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = await asyncio.create_subprocess_exec(redis, *options, stdout=asyncio.subprocess.DEVNULL)
        async with asyncio.timeout(_START_SECONDS):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def begin(self, name: str) -> None:
        """Begins an outage: `killed`, `stopped` or `blackholed`."""
        if self._process is None:
            raise BenchError("Redis was not started")
        if name == "blackholed":
            self._swallows = True
            return
        self._process.send_signal(signal.SIGKILL if name == "killed" else signal.SIGSTOP)
        if name == "killed":
            await self._process.wait()

    async def end(self, name: str) -> None:
        """Ends it: a killed server is started again without data."""
        if self._process is None:
            raise BenchError("Redis was not started")
        if name == "killed":
            await self.start()
        elif name == "stopped":
            self._process.send_signal(signal.SIGCONT)
        self._swallows = False

    async def close(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forwards a connection. What arrives during a blackhole is lost, as with packets that are dropped."""
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        for source, target in ((reader, back), (there, writer)):
            pump = asyncio.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if not self._swallows:
                    target.write(data)
        target.close()


@asynccontextmanager
async def outages(folder: Path) -> AsyncGenerator[Outage]:
    """Yields a running Redis with its proxy."""
    outage = Outage(folder)
    await outage.start()
    server = await asyncio.start_server(outage.forward, "127.0.0.1", 0)
    outage.proxy_port = server.sockets[0].getsockname()[1]
    try:
        yield outage
    finally:
        server.close()
        await outage.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
