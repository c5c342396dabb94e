"""The link to a Redis, and calls that wait for its connection."""

import asyncio

import pytest

from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import endpoint_of
from adapters.redis_connection.link import RedisLink
from adapters.redis_connection.outages import Outages
from core.background import Background
from tests.support.redis_servers import INSTALLED, RedisServer
from tests.support.timing import DEADLINE, HANG_SECONDS, no_hang

pytestmark = pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")


async def test_calls_that_begin_during_an_attempt_return_with_its_connection(server: RedisServer) -> None:
    outages, is_connecting, may_connect = Outages("test"), asyncio.Event(), asyncio.Event()

    async def connect() -> PipelinedConnection:
        return await endpoint_of(server.url).connect(DEADLINE, outages)

    async def prepare(_connection: PipelinedConnection) -> None:
        is_connecting.set()
        await may_connect.wait()

    async def check(_connection: PipelinedConnection) -> None:
        """Finds nothing."""

    link = RedisLink(connect, prepare, check, outages)
    link.start(Background())
    async with no_hang():
        await is_connecting.wait()
        calls = [asyncio.create_task(call(2 * HANG_SECONDS)) for call in (link.wait, link.attempt)]
        await asyncio.sleep(0)
        may_connect.set()
        await asyncio.gather(*calls)
    assert link.connection is not None
    await link.close()
