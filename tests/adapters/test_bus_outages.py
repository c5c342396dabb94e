"""The buses while their server is killed, silent or rejects what they send."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
import redis.asyncio

from adapters.bus import Wakes, link, open_bus
from core.settings import Settings
from tests.adapters.conftest import CONNECTED
from tests.campaign.support.campaign import folder_of
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.bus import collected, listening, opened
from tests.support.engines import POSTGRES_URL, REDIS_URL
from tests.support.postgres_server import PostgresServer
from tests.support.redis_servers import INSTALLED, redis_server
from tests.support.timing import DEADLINE, MOMENT, no_hang, until

SERVERS = [*(["postgres"] if "postgres" in CONNECTED else []), *(["redis"] if INSTALLED else [])]
PROXIED = {"postgres": POSTGRES_URL, "redis": REDIS_URL}


class Server(Protocol):
    @property
    def url(self) -> str: ...
    async def start(self) -> None: ...
    async def kill(self) -> None: ...


@asynccontextmanager
async def started(engine: str, folder: Path) -> AsyncGenerator[Server]:
    """Yields a server of the test."""
    if engine == "redis":
        async with redis_server(folder) as server:
            yield server
        return
    async with folder_of("bus") as accessible:
        postgres = PostgresServer(accessible)
        postgres.create()
        await postgres.start()
        yield postgres
        await postgres.stop()


@asynccontextmanager
async def through_proxy(engine: str) -> AsyncGenerator[tuple[Proxy, str]]:
    url = urlsplit(PROXIED[engine])
    user = f"{url.username}@" if url.username else ""
    async with Proxy(url.hostname or "", url.port or 0).running() as proxy:
        yield proxy, url._replace(netloc=f"{user}127.0.0.1:{proxy.port}").geturl()


@pytest.mark.parametrize("engine", SERVERS)
async def test_a_server_that_was_killed_and_is_back_wakes_every_topic(engine: str, tmp_path: Path) -> None:
    async with (
        started(engine, tmp_path) as server,
        opened(server.url) as one,
        opened(server.url) as two,
        listening(one, "log", "streams_1") as here,
        listening(two, "log") as there,
    ):
        await server.kill()
        await until(lambda: not one.reaches_other_processes and not two.reaches_other_processes)
        one.wake("log", ["p.1"])
        assert here.take() == Wakes(frozenset(), frozenset({"p.1"}))
        assert not await there.wait(MOMENT)
        await server.start()
        assert (await collected(here, lambda wakes: len(wakes.topics) == 2)).topics == {"log", "streams_1"}
        assert (await collected(there, lambda wakes: bool(wakes.topics))).topics == {"log"}
        await until(lambda: one.reaches_other_processes and two.reaches_other_processes)
        one.wake("log", ["p.2"])
        await collected(there, lambda wakes: "p.2" in wakes.keys)


@pytest.mark.parametrize("engine", [engine for engine in PROXIED if engine in CONNECTED])
@pytest.mark.parametrize("connection", ["is silent", "is cut"])
async def test_wakes_while_disconnected_arrive_after_reconnecting(engine: str, connection: str) -> None:
    async with (
        through_proxy(engine) as (proxy, url),
        opened(url) as cut,
        opened(PROXIED[engine]) as bus,
        listening(bus, "streams_1", "streams_2") as listener,
        listening(cut, "log"),
    ):
        proxy.silence()
        if connection == "is cut":
            proxy.cut()
            await until(lambda: not cut.reaches_other_processes)
        cut.wake("streams_1", [f"p.{number}" for number in range(500)])
        cut.wake("streams_2", [f"p.{number}" for number in range(2_001)])
        await until(lambda: not cut.reaches_other_processes)
        assert not await listener.wait(MOMENT)
        proxy.cut()
        proxy.talk()
        wakes = await collected(listener, lambda wakes: len(wakes.keys) >= 500 and bool(wakes.topics))
        assert wakes == (frozenset({"streams_2"}), {f"p.{number}" for number in range(500)})


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
@pytest.mark.parametrize("silent", [(0,), (1,)], ids=["sends", "receives"])
async def test_one_silent_connection_to_redis_is_noticed(silent: tuple[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_CHECK_SECONDS", 0.1)
    async with through_proxy("redis") as (proxy, url), opened(url) as bus, listening(bus, "log") as listener:
        proxy.silence(*silent)
        await until(lambda: not bus.reaches_other_processes)
        await until(lambda: bus.reaches_other_processes)
        assert (await collected(listener, lambda wakes: bool(wakes.topics))).topics == {"log"}


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_a_connection_that_is_lost_again_and_again_is_replaced_with_backoff(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with redis.asyncio.from_url(REDIS_URL) as client:
        await client.execute_command("ACL SETUSER bff-silent on >secret allchannels +@all -publish")
        url = urlsplit(REDIS_URL)
        silent = url._replace(netloc=f"bff-silent:secret@{url.hostname}:{url.port}").geturl()
        with caplog.at_level(logging.WARNING, "adapters.bus"):
            async with opened(silent) as bus, listening(bus, "log"):
                began = time.monotonic()
                bus.wake("log", ["p.1"])
                await until(lambda: len(caplog.records) == 4)
                lasted = time.monotonic() - began
        await client.execute_command("ACL DELUSER bff-silent")
    assert {record.message for record in caplog.records} == {"the bus lost its connection: NoPermissionError"}
    assert lasted > 0.05 + 0.1 + 0.2


@pytest.mark.parametrize("scheme", ["postgres", "redis", "redis+cluster"])
@pytest.mark.parametrize("used", ["wakes", "listens"])
async def test_a_bus_that_waits_for_a_silent_server_closes_at_once(scheme: str, used: str) -> None:
    connected = asyncio.Event()

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        while await reader.read(1000):
            pass
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    bus = open_bus(Settings(bus_url=url, database_deadline=2 * DEADLINE))
    with bus.listen(*(["log"] if used == "listens" else [])):
        if used == "wakes":
            bus.wake("log")
        async with no_hang():
            await connected.wait()
        assert not bus.reaches_other_processes
        async with asyncio.timeout(DEADLINE):
            await bus.close()
    server.close()


async def test_a_bus_says_whether_wakes_of_other_processes_arrive(connected_url: str) -> None:
    async with opened("memory://") as bus:
        with bus.listen("log"):
            assert not bus.reaches_other_processes
    async with opened(connected_url) as bus:
        assert not bus.reaches_other_processes
        async with listening(bus, "log"):
            await until(lambda: bus.reaches_other_processes)
