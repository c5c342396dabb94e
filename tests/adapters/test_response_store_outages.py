"""The response stores when a Redis dies, hangs, is slow, is full, is a replica, or has lost its data."""

import asyncio
import logging
import time
from pathlib import Path

import pytest

from adapters.response_store import ResponseStore, StoreUnavailable
from adapters.response_store.redis import RedisStore
from adapters.response_store.stream import MAX_OWED_TAGS
from tests.adapters.test_tls import self_signed
from tests.chaos.proxy import Proxy
from tests.support.redis_servers import INSTALLED, Certificate, RedisServer
from tests.support.response_store import (
    LIFE,
    eventually,
    is_current,
    is_unavailable,
    new_name,
    opened,
    position_of,
    processes,
)
from tests.support.timing import MOMENT, PASSING, until

pytestmark = pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")


async def assert_fails_at_once(store: ResponseStore) -> None:
    """Without a connection nothing waits: all of this happens in one turn of the event loop."""
    assert not store.is_available
    turns = list[None]()
    asyncio.get_running_loop().call_soon(turns.append, None)
    with pytest.raises(StoreUnavailable):
        await store.read("a")
    await store.write("a", b"", LIFE)
    await store.release("a")
    assert turns == []


async def assert_announces_nothing(store: ResponseStore) -> None:
    assert not (await store.hold(["held"], 1)).is_announced
    assert not await store.announce(["a"])


async def test_nothing_waits_for_a_redis_that_does_not_exist(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with opened("redis://user:secret@127.0.0.1:1/0") as store:
            await assert_fails_at_once(store)
            await assert_announces_nothing(store)
            await until(lambda: caplog.records)
            await assert_fails_at_once(store)
            assert store.failures == 8
    assert {record.message for record in caplog.records} == {
        "circuit breaker opened",
        "response store: Redis does not answer: ConnectionRefusedError",
    }


async def test_a_redis_that_hangs_costs_one_deadline_and_is_used_when_it_is_back(server: RedisServer) -> None:
    async with processes(server.url, deadline=PASSING) as (here, there):
        before, generation = await position_of(here), here.tail.generation
        server.pause()
        started = time.monotonic()
        writes = asyncio.gather(here.announce(["a"]), here.hold(["b"], 60))
        calls = [*(here.read(str(number)) for number in range(30)), here.acquire("c", LIFE)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert PASSING * 0.9 < time.monotonic() - started < PASSING * 10, "they wait together, not one after another"
        assert [type(result).__name__ for result in results] == ["StoreUnavailable"] * 31
        announced, hold = await writes
        assert not announced
        assert not hold.is_announced
        await assert_fails_at_once(here)
        server.resume()
        await until(lambda: here.is_available and there.is_available)
        assert here.tail.generation > generation
        assert not await is_current(here, before, "other")
        assert await is_current(here, await position_of(here), "a")


async def test_a_redis_that_became_slow_costs_one_deadline(server: RedisServer) -> None:
    async with Proxy("127.0.0.1", server.port).running() as proxy:
        url = server.url.replace(str(server.port), str(proxy.port))
        async with processes(url, deadline=PASSING) as (here, _):
            proxy.delay = 2 * PASSING
            with pytest.raises(StoreUnavailable):
                await here.read("a")
            await assert_fails_at_once(here)
            proxy.delay = 0
            await until(lambda: here.is_available)
            assert await here.read("a") is None


async def test_what_could_not_be_announced_is_announced_before_the_store_is_available(server: RedisServer) -> None:
    name = new_name()
    async with Proxy("127.0.0.1", server.port).running() as proxy:
        url = server.url.replace(str(server.port), str(proxy.port))
        async with processes(server.url, name) as (there, _), processes(url, name, PASSING) as (here, _):
            before = await position_of(there)
            hold = await here.hold(["confirmed"], 60)
            proxy.silence()
            assert not any(await asyncio.gather(here.announce(["a"]), here.announce(["b"])))
            assert not await here.announce(["c"])
            assert not await here.confirm(hold)
            assert await is_current(there, before, "a", "b", "c")
            proxy.talk()
            await until(lambda: here.is_available)
            assert [await is_current(there, before, tag) for tag in "abcd"] == [False, False, False, True]
            assert not await is_current(there, before, "confirmed")


async def test_too_many_tags_that_could_not_be_announced_move_everything(server: RedisServer) -> None:
    name = new_name()
    async with Proxy("127.0.0.1", server.port).running() as proxy:
        url = server.url.replace(str(server.port), str(proxy.port))
        async with processes(server.url, name) as (there, _), processes(url, name, PASSING) as (here, _):
            before = await position_of(there)
            proxy.silence()
            assert not await here.announce([f"tag-{number}" for number in range(MAX_OWED_TAGS + 1)])
            proxy.talk()
            await until(lambda: here.is_available)
            assert not await is_current(there, before, "other")


async def test_a_redis_that_is_empty_after_a_restart_outdates_everything(server: RedisServer) -> None:
    name = new_name()
    async with processes(server.url, name) as (here, there):
        await here.write("a", b"value", LIFE)
        before, generation = await position_of(there), there.tail.generation
        await server.kill()
        await eventually(lambda: is_unavailable(there))
        await server.start()
        await until(lambda: here.is_available and there.is_available)
        assert await there.read("a") is None
        assert there.tail.generation > generation
        assert not await is_current(there, before, "other")
        assert await here.announce(["b"])
        assert not await is_current(there, before, "b")
        await here.write("a", b"value", LIFE)
        position = await position_of(here)
        assert await is_current(there, position, "other")


async def test_lost_entries_after_a_flush_outdate_everything(server: RedisServer) -> None:
    async with processes(server.url) as (here, _):
        before = await position_of(here)
        await server.call("FLUSHDB")
        with pytest.raises(StoreUnavailable):
            await here.read("a")
        await until(lambda: here.is_available)
        assert not await is_current(here, before, "other")


async def test_entries_of_a_server_with_a_late_clock_are_later_than_all_before(server: RedisServer) -> None:
    name = new_name()
    hours = 3_600_000 * 5
    now = int((await server.call("TIME"))[0]) * 1000
    await server.call("XADD", f"{name}:moves", f"{now + hours}-0", "t", "a")
    async with processes(server.url, name) as (here, there):
        before = await position_of(there)
        await server.call("DEL", f"{name}:moves")
        await eventually(lambda: is_unavailable(here))
        await eventually(lambda: is_unavailable(there))
        await until(lambda: here.is_available and there.is_available)
        position = await position_of(there)
        assert position > before
        await here.announce(["b"])
        assert not await is_current(there, position, "b")
        assert await is_current(there, position, "c")


REFUSALS = {
    "full": (("CONFIG SET", "maxmemory", "1"), ("CONFIG SET", "maxmemory", "0")),
    "failing over": (("CLIENT PAUSE", "60000", "WRITE"), ("CLIENT UNPAUSE",)),
    "without replicas": (("CONFIG SET", "min-replicas-to-write", "1"), ("CONFIG SET", "min-replicas-to-write", "0")),
    "a replica": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
}


@pytest.mark.parametrize("state", REFUSALS)
async def test_no_process_reads_from_a_redis_that_refuses_writes(server: RedisServer, state: str) -> None:
    """A process that only reads would not see what others could not announce."""
    refuse, permit = REFUSALS[state]
    async with processes(server.url, deadline=PASSING) as (here, there):
        before = await position_of(there)
        await server.call(*refuse)
        assert not await here.announce(["a"])
        assert not here.is_available
        assert not there.is_available
        await server.call(*permit)
        await until(lambda: here.is_available and there.is_available)
        assert not await is_current(there, before, "a")


async def test_only_the_first_announcements_of_an_outage_wait(server: RedisServer) -> None:
    async with processes(server.url) as (here, _):
        await server.kill()
        assert not any(await asyncio.gather(*(here.announce([tag]) for tag in "abc")))
        turns = list[None]()
        asyncio.get_running_loop().call_later(MOMENT, turns.append, None)
        assert not await here.announce(["d"])
        assert not turns


async def test_a_primary_that_becomes_a_replica_is_not_used(server: RedisServer) -> None:
    async with processes(server.url) as (here, _):
        await server.call("REPLICAOF", "127.0.0.1", "1")
        await until(lambda: not here.is_available)
        await asyncio.sleep(2 * MOMENT)
        await assert_fails_at_once(here)
        async with opened(server.url) as new:
            await asyncio.sleep(MOMENT)
            await assert_fails_at_once(new)
        await server.call("REPLICAOF", "NO", "ONE")
        await until(lambda: here.is_available)


async def test_credentials_a_database_and_tls_of_the_url_are_used(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "server", "localhost")
    server = RedisServer(tmp_path / "redis", tls=Certificate(certificate, tmp_path / "server.key"))
    await server.start()
    await server.call("ACL SETUSER", "bff", "on", ">pass%", "~*", "+@all")
    name = new_name()
    url = server.url.replace("rediss://", "rediss://bff:pass%25@").replace("?", "/3?")
    async with processes(url, name) as (here, there):
        await here.write("a", b"value", LIFE)
        assert await there.read("a") == b"value"
        assert (await server.info("keyspace"))["db3"]["keys"] == 2
        assert await server.call("EXISTS", f"{name}:moves") == 0
    other = self_signed(tmp_path, "other", "localhost")
    for wrong in (url.replace("pass%25", "wrong"), url.replace(str(certificate), str(other))):
        async with opened(wrong) as store:
            await asyncio.sleep(2 * MOMENT)
            assert not store.is_available
    await server.kill()


@pytest.mark.parametrize(
    "reply", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n", b"*1\r\n:1\r\n", b"+OK\r\n" * 99, b""]
)
async def test_a_server_that_is_no_redis_is_not_used(reply: bytes) -> None:
    connections = list[None]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(None)
        while await reader.read(65536):
            writer.write(reply)
            if not reply:
                break
        writer.close()

    other = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with opened(f"redis://127.0.0.1:{other.sockets[0].getsockname()[1]}", deadline=PASSING) as store:
        await until(lambda: len(connections) > 2)
        await assert_fails_at_once(store)
    other.close()


def test_a_store_that_is_opened_without_an_event_loop_connects_with_its_first_call() -> None:
    store = RedisStore("redis://127.0.0.1:1", "name", 1.0)

    async def use() -> None:
        assert not await store.announce(["a"])
        assert store._link.is_started
        await store.close()

    asyncio.run(use())
