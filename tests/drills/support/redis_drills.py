"""Failures of Redis."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import ResponseError

from tests.drills.support.failure import Failure
from tests.drills.support.stage import Redis, Stage
from tests.support.redis_servers import RedisServer
from tests.support.timing import no_hang

_BLOCK = b"\0" * 65_536
_VALUE = "x" * 4_096
_PAUSE = 0.05


def _redis(stage: Stage) -> Redis:
    assert stage.redis is not None
    return stage.redis


@asynccontextmanager
async def cluster_node_killed(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    """Kills the primary that has a Redis replica."""
    redis = _redis(stage).cluster
    failure.begin()
    await redis.primaries[0].kill()
    yield
    await redis.primaries[0].start()
    await redis.until_complete()


@asynccontextmanager
async def restarted_empty(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    """Restarts the single server without its data."""
    redis = _redis(stage)
    failure.begin()
    await redis.single.kill()
    shutil.rmtree(redis.folder / "appendonlydir")
    await redis.single.start()
    yield


@asynccontextmanager
async def memory_full(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    """Gives no server any memory for new data."""
    redis = _redis(stage)
    servers = [redis.single, *redis.cluster.servers]
    failure.begin()
    for server in servers:
        await server.call("CONFIG SET", "maxmemory-policy", "noeviction", "maxmemory", "1mb")
    await _until_rejecting(redis.single, "maxmemory")
    yield
    for server in servers:
        await server.call("CONFIG SET", "maxmemory", "0")


@asynccontextmanager
async def disk_full(stage: Stage, failure: Failure) -> AsyncGenerator[None]:
    """Fills the disk of the single server, which then rejects writes."""
    redis = _redis(stage)
    assert redis.is_small, "it would fill the disk of this machine"
    filler = redis.folder / "filler"
    failure.begin()
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(_BLOCK)
        except OSError:
            pass
    await _until_rejecting(redis.single, "MISCONF")
    yield
    filler.unlink()


async def _until_rejecting(server: RedisServer, message: str) -> None:
    """Writes until the server rejects it with a message."""
    async with no_hang():
        with pytest.raises(ResponseError, match=message):
            while True:
                await server.call("SET", "drill", _VALUE)
                await asyncio.sleep(_PAUSE)
