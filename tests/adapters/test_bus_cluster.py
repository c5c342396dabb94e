"""The bus on a Redis cluster whose nodes are killed, fail over and exchange slots."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from redis.crc import key_slot

from adapters.bus import Bus, Listener, Wakes, link, topology
from adapters.bus import cluster as bus_cluster
from adapters.bus.cluster import ClusterBus
from adapters.bus.topology import ClusterNode
from tests.adapters.test_tls import self_signed
from tests.support.bus import NAME, listening, opened
from tests.support.redis_servers import INSTALLED, SLOTS, Certificate, RedisCluster, RedisServer, redis_cluster
from tests.support.timing import DEADLINE, HANG_SECONDS, MOMENT, no_hang, until

pytestmark = pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")

TOPICS = [f"streams_{number}" for number in range(64)]


@pytest.fixture
async def own(tmp_path: Path) -> AsyncGenerator[RedisCluster]:
    """A cluster whose nodes the test may kill."""
    async with redis_cluster(tmp_path) as cluster:
        yield cluster


@asynccontextmanager
async def processes(cluster: RedisCluster) -> AsyncGenerator[tuple[Bus, Bus, Listener]]:
    """Yields two buses, and a listener to all topics of the second."""
    async with opened(cluster.url) as waking, opened(cluster.url) as bus, listening(bus, *TOPICS) as listener:
        waking.wake("log")
        await until(lambda: waking.reaches_other_processes and bus.reaches_other_processes)
        yield waking, bus, listener


def topics_of(cluster: RedisCluster, *servers: RedisServer) -> frozenset[str]:
    return frozenset(topic for topic in TOPICS if cluster.owner_of(f"{NAME}:{topic}") in servers)


async def received(listener: Listener, topics: frozenset[str], key: str) -> None:
    """Returns when each topic was woken by its key or as a whole."""
    missing = set(topics)
    async with no_hang():
        while missing:
            await listener.wait(HANG_SECONDS)
            wakes = listener.take()
            missing -= wakes.topics | {topic for topic in missing if f"{key}.{topic[8:]}" in wakes.keys}


def wake(bus: Bus, topics: frozenset[str], key: str) -> None:
    for topic in topics:
        bus.wake(topic, [f"{key}.{topic[8:]}"])


async def drained(listener: Listener) -> None:
    """Forgets wake-ups until none arrive."""
    while await listener.wait(MOMENT):
        listener.take()


async def test_channels_are_spread_over_the_nodes(cluster: RedisCluster) -> None:
    async with processes(cluster):
        for server in cluster.primaries:
            channels = await server.call("PUBSUB SHARDCHANNELS")
            expected = topics_of(cluster, server)
            assert {channel.removeprefix(f"{NAME}:") for channel in channels} == expected
            assert len(expected) > 10


async def test_a_node_that_is_gone_delays_only_its_topics_and_wakes_them_when_it_is_back(
    own: RedisCluster, caplog: pytest.LogCaptureFixture
) -> None:
    node = own.primaries[1]
    lost, others = topics_of(own, node), topics_of(own, own.primaries[0], own.primaries[2])
    async with processes(own) as (waking, bus, listener):
        with caplog.at_level(logging.WARNING, "adapters.bus"):
            await node.kill()
            await until(lambda: not bus.reaches_other_processes)
            await until(lambda: not waking.reaches_other_processes)
            wake(waking, lost, "a")
            wake(waking, others, "a")
            await received(listener, others, "a")
            assert listener.take().topics == frozenset()
            await node.start()
            await received(listener, lost, "a")
        await until(lambda: bus.reaches_other_processes and waking.reaches_other_processes)
        await drained(listener)
        wake(waking, lost, "b")
        await received(listener, lost, "b")
    assert {record.message.split(":")[0] for record in caplog.records} <= {
        "the bus lost its connection",
        "the bus cannot connect",
        "the bus cannot read the topology of the cluster",
    }


async def test_topics_and_their_wakes_move_to_the_replica_of_a_node_that_was_killed(
    own: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_cluster, "_REFRESH_SECONDS", 2 * HANG_SECONDS)
    lost = topics_of(own, own.primaries[0])
    async with processes(own) as (waking, bus, listener), messages_at(own.replica, lost) as messages:
        await own.primaries[0].kill()
        await until(lambda: not waking.reaches_other_processes)
        wake(waking, lost, "a")
        await received(listener, lost, "a")
        async with no_hang():
            assert {await anext(messages) for _ in lost} == {f"a.{topic[8:]}" for topic in lost}
        await until(lambda: bus.reaches_other_processes and waking.reaches_other_processes)
        await drained(listener)
        wake(waking, frozenset(TOPICS), "b")
        await received(listener, frozenset(TOPICS), "b")


@asynccontextmanager
async def messages_at(replica: RedisServer, topics: frozenset[str]) -> AsyncGenerator[AsyncIterator[str]]:
    """Yields the payloads of messages that a replica, or the primary that it becomes, delivers."""
    connection: Any = redis.asyncio.Connection(port=replica.port, protocol=2, socket_timeout=HANG_SECONDS)

    async def messages() -> AsyncIterator[str]:
        while True:
            kind, _, payload = await connection.read_response()
            if kind == b"smessage":
                yield payload.decode()

    await connection.send_command("READONLY")
    await connection.read_response()
    for topic in topics:
        await connection.send_command("SSUBSCRIBE", f"{NAME}:{topic}")
        assert (await connection.read_response())[0] == b"ssubscribe"
    yield messages()
    await connection.disconnect()


async def test_wakes_that_a_silent_node_does_not_take_move_to_its_replica(
    own: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_cluster, "_REFRESH_SECONDS", 0.1)
    monkeypatch.setattr(link, "_PAUSES", (0.1, 0.1))
    silent, topics = own.primaries[0], topics_of(own, own.primaries[0])

    def silent_last(nodes: Iterable[ClusterNode]) -> list[ClusterNode]:
        return sorted(nodes, key=lambda node: node.port == silent.port)

    monkeypatch.setattr(topology, "_in_random_order", silent_last)
    async with opened(own.url, deadline=DEADLINE) as waking, messages_at(own.replica, topics) as messages:
        waking.wake("log")
        await until(lambda: waking.reaches_other_processes)
        silent.pause()
        wake(waking, topics, "a")
        async with no_hang():
            assert {await anext(messages) for _ in topics} == {f"a.{topic[8:]}" for topic in topics}


async def test_a_topic_follows_its_slot_to_another_node(own: RedisCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_cluster, "_REFRESH_SECONDS", 2 * HANG_SECONDS)
    topic = next(iter(topics_of(own, own.primaries[1])))
    async with processes(own) as (waking, bus, listener):
        await drained(listener)
        slot, owner = key_slot(f"{NAME}:{topic}".encode()), await own.primaries[2].call("CLUSTER MYID")
        for server in (own.primaries[2], own.primaries[1], own.primaries[0]):
            await server.call("CLUSTER SETSLOT", slot, "NODE", owner)
        async with no_hang():
            while topic not in listener.take().topics:
                await listener.wait(HANG_SECONDS)
        await until(lambda: bus.reaches_other_processes)
        wake(waking, frozenset({topic}), "a")
        await received(listener, frozenset({topic}), "a")
        channels = topics_of(own, own.primaries[2]) | {topic}
        await own.primaries[2].until_subscribed({f"{NAME}:{channel}" for channel in channels})


async def test_a_cluster_that_starts_later_is_found(own: RedisCluster) -> None:
    for server in own.servers:
        await server.kill()
    async with opened(own.url) as waking, opened(own.url) as bus:
        with bus.listen(*TOPICS) as listener:
            wake(waking, frozenset(TOPICS), "a")
            assert not await listener.wait(MOMENT)
            assert listener.take() == Wakes(frozenset(), frozenset())
            assert not bus.reaches_other_processes
            for server in own.servers:
                await server.start()
            await received(listener, frozenset(TOPICS), "a")
            await until(lambda: bus.reaches_other_processes)


async def test_topics_move_in_a_planned_failover(own: RedisCluster) -> None:
    moved = topics_of(own, own.primaries[0])
    async with processes(own) as (waking, _, listener):
        await own.replica.call("CLUSTER FAILOVER")
        await own.replica.until_subscribed({f"{NAME}:{topic}" for topic in moved})
        await drained(listener)
        wake(waking, moved, "a")
        await received(listener, moved, "a")


async def test_a_bus_without_listeners_reads_the_topology_periodically(
    own: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_cluster, "_REFRESH_SECONDS", 0.1)
    async with opened(own.url) as bus:
        bus.wake("log")
        await until(lambda: bus.reaches_other_processes)
        await own.replica.call("CLUSTER FAILOVER")
        assert isinstance(bus, ClusterBus)
        await until(lambda: own.replica.port in {node.port for node in bus._topology.nodes})
        await until(lambda: bus.reaches_other_processes)


async def test_a_cluster_of_one_node_with_tls_that_does_not_know_its_address(tmp_path: Path) -> None:
    tls = Certificate(self_signed(tmp_path, "server", "localhost"), tmp_path / "server.key")
    server = RedisServer(tmp_path / "redis", "--cluster-enabled", "yes", tls=tls)
    await server.start()
    await server.call("CLUSTER ADDSLOTSRANGE", 0, SLOTS - 1)
    async with processes(RedisCluster([server], server)) as (waking, _, listener):
        wake(waking, frozenset(TOPICS), "a")
        await received(listener, frozenset(TOPICS), "a")
    await server.kill()
