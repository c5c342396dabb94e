"""The buses, and the failures of those with a connection."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis.asyncio

import core.background as background_tasks
from adapters.bus import Bus, Wakes, link, open_bus
from adapters.bus.connected import ConnectedBus
from adapters.bus.link import BusConnection
from adapters.bus.memory import MemoryBus
from core.background import Background
from core.errors import SettingsError
from core.settings import Settings
from tests.adapters.conftest import CONNECTED
from tests.chaos.proxy import Proxy
from tests.conftest import ENGINES, REDIS
from tests.support.bus import NAME, listening, opened, subscribed
from tests.support.engines import POSTGRES_URL, REDIS_URL
from tests.support.timing import DEADLINE, HANG_SECONDS, MOMENT, no_hang

URLS = {"postgres": POSTGRES_URL, "redis": REDIS_URL}
needs_postgres = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")


@pytest.fixture
async def bus(bus_url: str) -> AsyncGenerator[Bus]:
    async with opened(bus_url) as made:
        yield made


async def test_a_wake_is_heard_by_every_listener_of_its_topic_and_by_no_other(bus: Bus) -> None:
    with bus.listen("log") as one, bus.listen("log") as two, bus.listen("mail") as other:
        for listener, topic in ((one, "log"), (two, "log"), (other, "mail")):
            await subscribed(bus, listener, topic)
        bus.wake("log")
        assert [await one.wait(HANG_SECONDS), await two.wait(HANG_SECONDS), await other.wait(MOMENT)] == [
            True,
            True,
            False,
        ]


async def test_a_wake_between_two_waits_is_not_lost_and_many_count_once_here(bus: Bus) -> None:
    async with listening(bus, "log") as listener:
        for _ in range(100):
            bus.wake("log")
        assert await listener.wait(DEADLINE)
        more = 0
        while await listener.wait(MOMENT):
            more += 1
    repeated = 0 if isinstance(bus, MemoryBus) else 2
    assert more <= repeated, "a server delivers them again, in one message or two"


async def test_a_listener_whose_block_has_ended_is_not_woken(bus: Bus) -> None:
    async with listening(bus, "log") as one:
        with bus.listen("log") as two:
            pass
        bus.wake("log")
        assert await one.wait(HANG_SECONDS)
        assert not await two.wait(MOMENT)


async def test_waking_before_anybody_listens_does_no_harm(bus: Bus) -> None:
    bus.wake("log")
    await bus.close()


@pytest.mark.parametrize("topic", ["", "Log", "a b", "a" * 41, "log;", "é"])
async def test_a_topic_is_short_and_plain(bus: Bus, topic: str) -> None:
    with pytest.raises(ValueError, match="is not a topic"):
        bus.wake(topic)
    with pytest.raises(ValueError, match="is not a topic"), bus.listen(topic):
        pass


async def test_processes_wake_each_other(connected_url: str) -> None:
    async with opened(connected_url) as one, opened(connected_url) as two:
        with one.listen("log") as here, two.listen("log") as there:
            assert await here.wait(HANG_SECONDS)
            assert await there.wait(HANG_SECONDS)
            for waking, listener in ((one, there), (two, here)):
                waking.wake("log")
                assert await listener.wait(HANG_SECONDS)


@pytest.mark.parametrize("engine", [engine for engine in CONNECTED if engine in URLS])
async def test_a_silent_or_cut_connection_is_replaced_and_wakes_all_listeners(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_CHECK_SECONDS", 0.1)
    url = urlsplit(URLS[engine])
    async with Proxy(url.hostname or "", url.port or 0).running() as proxy:
        user = f"{url.username}@" if url.username else ""
        through = url._replace(netloc=f"{user}127.0.0.1:{proxy.port}").geturl()
        async with opened(through) as bus, opened(URLS[engine]) as other:
            with bus.listen("log") as listener:
                assert await listener.wait(HANG_SECONDS)
                for disturb in (proxy.silence, proxy.cut):
                    disturb()
                    await asyncio.sleep(0.2)
                    proxy.talk()
                    async with no_hang():
                        while not await listener.wait(MOMENT):
                            other.wake("log")
                other.wake("log")
                assert await listener.wait(HANG_SECONDS)


@needs_postgres
async def test_a_lost_connection_is_replaced_and_wakes_all_listeners(caplog: pytest.LogCaptureFixture) -> None:
    async with opened(POSTGRES_URL) as one, opened(POSTGRES_URL) as two:
        with one.listen("log") as listener:
            assert await listener.wait(HANG_SECONDS)
            with caplog.at_level(logging.WARNING, "adapters.bus"):
                await end_connection(one)
                assert await listener.wait(HANG_SECONDS)
            two.wake("log")
            assert await listener.wait(HANG_SECONDS)
    assert {record.message.split(":")[0] for record in caplog.records} == {"the bus lost its connection"}


async def end_connection(bus: Bus) -> None:
    """Terminates the connection of a bus on the server. Finds it by a notification."""
    heard: asyncio.Queue[int] = asyncio.Queue()
    connection = await asyncpg.connect(POSTGRES_URL)

    def hear(_connection: object, pid: int, _channel: str, _payload: object) -> None:
        heard.put_nowait(pid)

    await connection.add_listener(f"{NAME}_who_is_it", hear)
    bus.wake("who_is_it")
    async with no_hang():
        pid = await heard.get()
    assert await connection.fetchval("SELECT pg_terminate_backend($1)", pid)
    await connection.close()


@needs_postgres
async def test_a_burst_of_wakes_is_few_notifications() -> None:
    heard: list[object] = []
    connection = await asyncpg.connect(POSTGRES_URL)

    def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        heard.append(payload)

    await connection.add_listener(f"{NAME}_burst", hear)
    async with opened(POSTGRES_URL) as bus, listening(bus, "burst") as listener:
        for _ in range(100):
            for _ in range(100):
                bus.wake("burst")
            await asyncio.sleep(0)
        assert await listener.wait(HANG_SECONDS)
        await asyncio.sleep(MOMENT)
    await connection.close()
    assert 1 <= heard.count("") <= 100


@pytest.mark.parametrize("engine", [engine for engine in CONNECTED if engine in URLS])
async def test_an_error_that_nothing_was_prepared_for_is_an_alarm_and_the_bus_goes_on(
    engine: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background_tasks, "MIN_PAUSE", 0.01)
    background = Background()
    bus = open_bus(Settings(bus_url=URLS[engine], bus_name=NAME, database_deadline=2.0), background)
    assert isinstance(bus, ConnectedBus)
    send, failing = bus._link._send, [LookupError("unexpected"), TypeError("too")]

    async def send_or_fail(connection: BusConnection) -> None:
        if failing:
            raise failing.pop()
        await send(connection)

    monkeypatch.setattr(bus._link, "_send", send_or_fail)
    async with opened(URLS[engine]) as other:
        with other.listen("log") as there, bus.listen("log") as here, caplog.at_level(logging.ERROR):
            assert await there.wait(DEADLINE)
            async with no_hang():
                while failing:
                    bus.wake("log")
                    await asyncio.sleep(0.02)
                there.take()
                while not await there.wait(MOMENT):
                    bus.wake("log")
            await here.wait(DEADLINE)
    await bus.close()
    assert background.failures == {"bus": 2}
    assert [(record.message, record.levelname) for record in caplog.records] == [
        ("a background task has failed: bus", "ERROR")
    ] * 2


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_a_malformed_message_wakes_the_whole_topic() -> None:
    async with opened(REDIS_URL) as bus, redis.asyncio.from_url(REDIS_URL) as other:
        with bus.listen("log") as listener:
            assert await listener.wait(DEADLINE)
            listener.take()
            await other.publish(f"{NAME}:log", b"\xff\xfe")
            assert await listener.wait(DEADLINE)
            assert listener.take() == Wakes(frozenset({"log"}), frozenset())
            assert isinstance(bus, ConnectedBus)
            assert bus._background.failures == {}


@pytest.mark.parametrize(
    "url",
    [
        "postgres://user:secret@127.0.0.1:1/nowhere",
        "redis://:secret@127.0.0.1:1/0",
        "redis+cluster://:secret@127.0.0.1:1",
    ],
)
async def test_a_server_that_is_gone_makes_no_wake_fail_or_wait(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "adapters.bus"):
        async with opened(url) as bus:
            with bus.listen("log") as listener:
                bus.wake("log")
                assert await listener.wait(DEADLINE), "who listens here is woken anyway"
                await asyncio.sleep(0.2)
    assert caplog.records
    assert "secret" not in caplog.text


def test_the_bus_is_the_databases_own_unless_another_is_named() -> None:
    def kind(**given: str) -> str:
        return type(open_bus(Settings(**given))).__name__  # type: ignore[arg-type]

    assert kind(database_url="sqlite://x") == "MemoryBus"
    assert kind(database_url="postgres://x") == "ConnectedBus"
    assert kind(database_url="postgres://x", bus_url="memory://") == "MemoryBus"
    assert kind(bus_url="redis://x") == "ConnectedBus"
    assert kind(bus_url="redis+cluster://x") == kind(bus_url="rediss+cluster://x") == "ClusterBus"
    with pytest.raises(SettingsError, match="BFF_BUS_URL: no driver for nats://"):
        open_bus(Settings(bus_url="nats://x"))
