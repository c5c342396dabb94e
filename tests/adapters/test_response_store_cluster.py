"""The response store on a cluster whose nodes are killed, fail over and exchange slots."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.response_store import ResponseStore, StoreUnavailable
from tests.support.redis_servers import INSTALLED, RedisCluster, RedisServer, redis_cluster
from tests.support.response_store import (
    LIFE,
    eventually,
    is_current,
    is_unavailable,
    new_name,
    position_of,
    processes,
)
from tests.support.timing import until

pytestmark = pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")


@pytest.fixture
async def own_cluster(tmp_path: Path) -> AsyncGenerator[RedisCluster]:
    async with redis_cluster(tmp_path) as cluster:
        yield cluster


def stream_owner(cluster: RedisCluster, name: str) -> RedisServer:
    return cluster.owner_of(f"{name}:moves")


def name_on(cluster: RedisCluster, server: RedisServer) -> str:
    return next(name for name in iter(new_name, "") if stream_owner(cluster, name) is server)


async def test_a_failover_of_the_node_with_the_stream_outdates_everything(own_cluster: RedisCluster) -> None:
    name = name_on(own_cluster, own_cluster.primaries[0])
    async with processes(own_cluster.url, name) as (here, there):
        before, generation = await position_of(there), there.tail.generation
        await own_cluster.primaries[0].kill()
        await eventually(lambda: is_unavailable(there))
        await here.announce(["a"])
        await until(lambda: here.is_available and there.is_available)
        assert there.tail.generation > generation
        assert not await is_current(there, before, "other")
        position = await position_of(there)
        await here.announce(["b"])
        assert not await is_current(there, position, "b")


async def test_a_planned_failover_outdates_everything(own_cluster: RedisCluster) -> None:
    name = name_on(own_cluster, own_cluster.primaries[0])
    async with processes(own_cluster.url, name) as (here, there):
        before, generation = await position_of(there), there.tail.generation
        await own_cluster.replica.call("CLUSTER FAILOVER")
        await until(lambda: there.tail.generation > generation and there.is_available and here.is_available)
        assert not await is_current(there, before, "other")
        await here.announce(["b"])
        assert await is_current(there, await position_of(there), "b")


async def test_a_node_that_is_gone_costs_its_responses_until_its_replica_has_them(own_cluster: RedisCluster) -> None:
    name = name_on(own_cluster, own_cluster.primaries[1])
    async with processes(own_cluster.url, name) as (here, _):
        keys = [f"key-{number}" for number in range(60)]
        lost = [key for key in keys if own_cluster.owner_of(f"{name}:response:{key}") is own_cluster.primaries[0]]
        await asyncio.gather(*(here.write(key, b"value", LIFE) for key in keys))
        await own_cluster.primaries[0].kill()
        with pytest.raises(StoreUnavailable):
            await here.read(lost[0])
        await eventually(lambda: is_value(here, *(key for key in keys if key not in lost)))
        await asyncio.gather(*(until_written(here, key) for key in lost))


async def test_responses_follow_a_slot_to_another_node(own_cluster: RedisCluster) -> None:
    name = name_on(own_cluster, own_cluster.primaries[1])
    async with processes(own_cluster.url, name) as (here, _):
        key = next(
            k for k in map(str, range(999)) if own_cluster.owner_of(f"{name}:response:{k}") is own_cluster.primaries[2]
        )
        slot = await own_cluster.primaries[0].call("CLUSTER KEYSLOT", f"{name}:response:{key}")
        owner = await own_cluster.primaries[0].call("CLUSTER MYID")
        for server in (own_cluster.primaries[0], own_cluster.primaries[2], own_cluster.primaries[1]):
            await server.call("CLUSTER SETSLOT", slot, "NODE", owner)
        with pytest.raises(StoreUnavailable, match=r"^MOVED$"):
            await here.read(key)
        await until_written(here, key)


async def until_written(store: ResponseStore, key: str) -> None:
    async def is_written() -> bool:
        await store.write(key, b"value", LIFE)
        return await is_value(store, key)

    await eventually(is_written)


async def is_value(store: ResponseStore, *keys: str) -> bool:
    """Returns whether all keys have the value."""
    found = await asyncio.gather(*map(store.read, keys), return_exceptions=True)
    return found == [b"value"] * len(keys)
