"""The proxy does to connections what tests rely on."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

import pytest

from tests.chaos.proxy import Proxy, obey
from tests.support.timing import MOMENT, no_hang, until


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def target() -> AsyncGenerator[int]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def proxy(target: int) -> AsyncGenerator[Proxy]:
    async with Proxy("127.0.0.1", target).running() as running:
        yield running


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, data: bytes) -> bytes:
        self._writer.write(data)
        async with no_hang():
            try:
                return await self._reader.readexactly(len(data))
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""

    async def is_silent(self) -> bool:
        try:
            async with asyncio.timeout(MOMENT):
                await self._reader.readexactly(1)
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


Call = Callable[[], Awaitable[Caller]]


@pytest.fixture
async def call(proxy: Proxy) -> AsyncGenerator[Call]:
    """Opens connections through the proxy, and closes them at the end."""
    opened: list[Caller] = []

    async def open_one() -> Caller:
        opened.append(Caller(*await asyncio.open_connection("127.0.0.1", proxy.port)))
        return opened[-1]

    yield open_one
    for caller in opened:
        await caller.close()


async def test_some_connections_are_cut_and_others_stay(proxy: Proxy, call: Call) -> None:
    first, second = await call(), await call()
    assert [await first.ask(b"a"), await second.ask(b"b")] == [b"a", b"b"]
    assert proxy.open_connections == [0, 1]
    assert proxy.cut(0) == 1
    assert [await first.ask(b"a"), await second.ask(b"b")] == [b"", b"b"]
    assert proxy.cut(0) == 0
    assert proxy.cut() == 1
    assert await second.ask(b"b") == b""
    await until(lambda: not proxy.open_connections)


async def test_a_proxy_that_refuses_resets_new_connections_only(proxy: Proxy, call: Call) -> None:
    before = await call()
    assert await before.ask(b"a") == b"a"
    proxy.refuses = True
    with suppress(ConnectionError):
        assert await (await call()).ask(b"b") == b""
    assert await before.ask(b"a") == b"a"
    proxy.refuses = False
    again = await call()
    assert await again.ask(b"c") == b"c"


async def test_a_silent_connection_delivers_nothing_until_it_talks(proxy: Proxy, call: Call) -> None:
    caller = await call()
    assert await caller.ask(b"a") == b"a"
    proxy.silence()
    caller._writer.write(b"b")
    assert await caller.is_silent()
    proxy.talk()
    assert await caller._reader.readexactly(1) == b"b"


async def test_bandwidth_and_delay_cost_time(proxy: Proxy, call: Call) -> None:
    caller, loop = await call(), asyncio.get_running_loop()
    assert await caller.ask(b"a") == b"a"
    proxy.bandwidth = 1000
    begun = loop.time()
    assert await caller.ask(b"b" * 100) == b"b" * 100
    assert loop.time() - begun >= 0.2
    proxy.bandwidth, proxy.delay = 0, 0.1
    begun = loop.time()
    assert await caller.ask(b"c") == b"c"
    assert loop.time() - begun >= 0.2


@pytest.mark.parametrize("line", ["cut", "cut 7", "silence", "strand", "talk", "delay 0.1", "bandwidth 5", "refuse"])
async def test_the_program_knows_its_commands(line: str) -> None:
    assert obey(Proxy("127.0.0.1", 1), line)


@pytest.mark.parametrize("line", ["delay", "delay x", "cut x", "explode"])
async def test_other_lines_are_no_commands(line: str) -> None:
    assert not obey(Proxy("127.0.0.1", 1), line)


async def test_the_program_forwards_and_obeys(target: int) -> None:
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.proxy", f"127.0.0.1:{target}", stdin=pipe, stdout=pipe
    )
    assert program.stdin is not None
    assert program.stdout is not None
    async with no_hang():
        words = (await program.stdout.readline()).split()
        port = int(words[1].rpartition(b":")[2])
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        assert await caller.ask(b"a") == b"a"
        program.stdin.write(b"cut\n")
        assert await caller._reader.read() == b""
        program.stdin.close()
        assert await program.wait() == 0
    await caller.close()
