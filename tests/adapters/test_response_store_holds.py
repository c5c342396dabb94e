"""Holds of the response stores when a Redis hangs or has lost its data."""

import asyncio

import pytest

from adapters.redis_connection import link
from adapters.response_store import stream
from tests.chaos.proxy import Proxy
from tests.support.redis_servers import INSTALLED, RedisServer
from tests.support.response_store import is_current, new_name, opened, position_of, processes
from tests.support.timing import HANG_SECONDS, MOMENT, PASSING, until

pytestmark = pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")


async def test_a_hold_that_an_outage_has_delayed_is_announced_when_the_server_answers(server: RedisServer) -> None:
    """Another process has not noticed the outage, and would send what it has stored after the commit."""
    name = new_name()
    async with Proxy("127.0.0.1", server.port).running() as proxy:
        url = server.url.replace(str(server.port), str(proxy.port))
        async with processes(server.url, name) as (there, _), processes(url, name, MOMENT) as (here, _):
            proxy.silence()
            holding = asyncio.create_task(here.hold(["held"], 60))
            await until(lambda: here.failures)
            proxy.talk()
            hold = await holding
            assert hold.is_announced
            assert not await is_current(there, await position_of(there), "held")
            assert await here.confirm(hold)


async def test_a_process_between_two_attempts_connects_for_an_announcement(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that has connected earlier stores responses, and would send them after the commit."""
    for pause in ("FIRST_PAUSE", "MAX_PAUSE"):
        monkeypatch.setattr(link, pause, 4 * HANG_SECONDS)
    async with opened(server.url, name := new_name()) as here:
        await until(lambda: here.is_available)
        for tag, announces in (("held", False), ("announced", True)):
            await server.kill()
            assert not await here.announce(["before"])
            await server.start()
            async with opened(server.url, name) as there:
                await until(lambda there=there: there.is_available)
                position = await position_of(there)
                if announces:
                    assert await here.announce([tag])
                else:
                    assert (await here.hold([tag], 60)).is_announced
                assert not await is_current(there, position, tag)
                assert here.is_available


async def test_an_announcement_that_waits_does_not_pause_between_attempts(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("FIRST_PAUSE", "MAX_PAUSE"):
        monkeypatch.setattr(link, pause, 4 * HANG_SECONDS)
    monkeypatch.setattr(stream, "LEASE_SECONDS", 4 * HANG_SECONDS)
    async with opened(server.url) as here:
        await until(lambda: here.is_available)
        await server.kill()
        announcing = asyncio.create_task(here.announce(["a"]))
        await until(lambda: here.failures)
        await server.start()
        assert await announcing


async def test_a_new_process_does_not_send_what_another_has_to_outdate(server: RedisServer) -> None:
    name = new_name()
    async with Proxy("127.0.0.1", server.port).running() as proxy:
        url = server.url.replace(str(server.port), str(proxy.port))
        async with processes(url, name, MOMENT) as (here, _):
            position = await position_of(here)
            proxy.silence()
            announcing = asyncio.create_task(here.announce(["a"]))
            await until(lambda: here.failures)
            async with opened(server.url, name) as there:
                await until(lambda: there.is_available)
                assert not await is_current(there, position, "a")
                proxy.talk()
                assert await announcing
                assert not await is_current(there, position, "a")


async def test_a_hold_survives_a_redis_that_lost_it(server: RedisServer) -> None:
    async with processes(server.url) as (here, there):
        hold = await here.hold(["a"], 60)
        await server.kill()
        await server.start()
        await until(lambda: here.is_available and there.is_available)
        assert not await is_current(there, await position_of(there), "a")
        assert await is_current(there, await position_of(there), "b")
        async with processes(server.url) as (_, _):
            assert await here.confirm(hold)
        await here.read("x")
        assert await is_current(here, await position_of(here), "a")


async def test_a_hold_that_is_not_announced_waits_until_no_process_reads(server: RedisServer) -> None:
    async with processes(server.url, deadline=PASSING) as (here, there):
        await server.call("CONFIG SET", "maxmemory", "1")
        assert not (await here.hold(["a"], 60)).is_announced
        assert not there.is_available
