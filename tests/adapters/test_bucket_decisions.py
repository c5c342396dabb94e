"""Decisions of Redis buckets whose calls fail, or whose request is cancelled."""

import asyncio
import gc
import secrets
from collections.abc import AsyncGenerator
from typing import Any

import hiredis
import pytest

from adapters.buckets import Bucket, Buckets, Taken, open_buckets
from adapters.buckets.redis import RedisBuckets, RedisGroup
from adapters.redis_connection.endpoint import endpoint_of
from adapters.redis_connection.errors import StoreUnavailable
from adapters.redis_connection.outages import Outages
from core.background import Background
from core.settings import Settings
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.redis_servers import INSTALLED, RedisCluster
from tests.support.timing import DEADLINE, no_hang, until

HOUR = 3_600_000_000
USER, ADDRESS = Bucket("{u1}:a", 10, HOUR), Bucket("{a9}:c", 15, HOUR)
ADMITTED, REJECTED = [0, 1, HOUR, 0], [0, 0, HOUR, 7]


class Node:
    """A connection to a node whose replies the test decides."""

    def __init__(self) -> None:
        self.calls: list[asyncio.Future[Any]] = []
        self.sent: list[bytes] = []

    def call_packed(self, _packed: bytes) -> asyncio.Future[Any]:
        self.calls.append(asyncio.get_running_loop().create_future())
        return self.calls[-1]

    def send(self, packed: bytes) -> None:
        self.sent.append(packed)


class Nodes:
    """Two nodes of a cluster: one has the buckets of users, and the other those of addresses."""

    is_available, longest_wait, failures = True, 0.0, 0

    def __init__(self) -> None:
        self.user, self.address = Node(), Node()
        self.lost: list[Node] = []
        self.changes = 0

    def connection_for(self, key: bytes) -> Any:
        node = self.user if b"{u" in key else self.address
        if node in self.lost:
            raise StoreUnavailable("lost")
        return node

    def note_change(self) -> None:
        self.changes += 1


class Beside:
    """A request that takes a cost of both nodes."""

    def __init__(self, cost: int = 9, taken: int = 0) -> None:
        self.nodes = Nodes()
        self.buckets = RedisBuckets(self.nodes, "test", is_cluster=True)
        self.group = self.buckets.group([USER, ADDRESS])
        self.decision = self.buckets.take(self.group, cost, taken)

    async def decided(self) -> Taken:
        assert not isinstance(self.decision, Taken)
        return await self.decision

    def local_room(self) -> int:
        """Returns what the process has left of the bucket of the user after a unit."""
        return self.buckets.local.take(self.buckets.group([USER]), 1).remaining

    def given_back(self, number: int, taken: int, kept: int) -> list[bytes]:
        return [self.group.calls[number].put_back(taken, kept)]


@pytest.fixture
async def unretrieved() -> AsyncGenerator[list[Any]]:
    """The errors that nothing has retrieved."""
    loop, found = asyncio.get_running_loop(), list[Any]()
    loop.set_exception_handler(lambda _loop, context: found.append(context["message"]))
    yield found
    loop.set_exception_handler(None)


async def test_a_node_that_does_not_answer_leaves_nothing_taken_on_the_other() -> None:
    request = Beside()
    task = asyncio.create_task(request.decided())
    await asyncio.sleep(0)
    request.nodes.user.calls[0].set_exception(StoreUnavailable("lost"))
    request.nodes.address.calls[0].set_result(ADMITTED)
    assert (await task).admitted, "the process has counted by itself"
    assert request.local_room() == 0
    assert request.nodes.address.sent == request.given_back(1, 9, 0)
    assert request.nodes.user.sent == []


@pytest.mark.parametrize("error", ["MOVED 1 127.0.0.1:1", "ERR broken"])
async def test_an_error_of_a_node_leaves_nothing_taken_on_the_other(error: str) -> None:
    request = Beside(taken=1)
    request.nodes.user.calls[0].set_result(ADMITTED)
    request.nodes.address.calls[0].set_result(hiredis.ReplyError(error))
    await request.decided()
    assert request.nodes.user.sent == request.given_back(0, 9, 1)
    assert request.nodes.changes == error.startswith("MOVED")


async def test_a_node_without_a_connection_is_noticed_before_a_call_is_made() -> None:
    nodes = Nodes()
    nodes.lost.append(nodes.address)
    buckets = RedisBuckets(nodes, "test", is_cluster=True)
    assert isinstance(buckets.take(buckets.group([USER, ADDRESS]), 9), Taken)
    assert nodes.user.calls == []


async def test_a_rejected_cost_stays_taken_on_a_node_that_is_lost_meanwhile() -> None:
    request = Beside()
    request.nodes.user.calls[0].set_result(ADMITTED)
    request.nodes.address.calls[0].set_result(REJECTED)
    request.nodes.lost.append(request.nodes.user)
    assert (await request.decided()).wait == 7
    assert request.nodes.user.sent == []


async def test_a_server_that_is_lost_while_it_is_given_the_script_is_not_asked_again() -> None:
    request = Beside()
    request.nodes.user.calls[0].set_result(hiredis.ReplyError("NOSCRIPT"))
    request.nodes.address.calls[0].set_result(ADMITTED)
    request.nodes.lost.append(request.nodes.user)
    assert (await request.decided()).admitted
    assert request.nodes.address.sent == request.given_back(1, 9, 0)


@pytest.mark.parametrize(
    ("replies", "kept"),
    [((ADMITTED, ADMITTED), (1, 1)), ((ADMITTED, REJECTED), (0, None)), ((None, ADMITTED), (None, 0))],
)
async def test_a_request_that_is_cancelled_gives_back_all_but_a_unit(replies: Any, kept: Any) -> None:
    request = Beside()
    task = asyncio.create_task(request.decided())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    nodes = (request.nodes.user, request.nodes.address)
    for node, reply in zip(nodes, replies, strict=True):
        assert not node.calls[0].done()
        if reply is None:
            node.calls[0].set_exception(StoreUnavailable("lost"))
        else:
            node.calls[0].set_result(reply)
    for number, node in enumerate(nodes):
        expected = [] if kept[number] is None else request.given_back(number, 9, kept[number])
        await until(lambda node=node, expected=expected: node.sent == expected)


async def test_what_is_given_back_without_a_connection_is_given_back_here_for_that_node_only() -> None:
    nodes = Nodes()
    buckets = RedisBuckets(nodes, "test", is_cluster=True)
    user, both = buckets.group([USER]), buckets.group([USER, ADDRESS])
    buckets.local.take(both, 9)
    nodes.lost.append(nodes.address)
    buckets.put_back(both, 9, 1)
    assert nodes.user.sent == [both.calls[0].put_back(9, 1)]
    assert buckets.local.take(user, 1).remaining == 0
    assert buckets.local.take(buckets.group([ADDRESS]), 1).remaining == 13


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_a_call_that_nothing_waits_for_any_more_is_not_logged(unretrieved: list[Any]) -> None:
    connection = await endpoint_of(REDIS_URL).connect(DEADLINE, Outages("tests"))
    connection.call(("PING",))
    connection.read(b"nothing")
    await asyncio.sleep(0)
    connection.refresh()
    connection.drop("closed")
    gc.collect()
    await asyncio.sleep(0)
    assert unretrieved == []


async def opened(url: str) -> RedisBuckets:
    settings = Settings(limits_url=url, limits_name=f"test-{secrets.token_hex(6)}", limits_deadline=DEADLINE)
    made: Buckets = open_buckets(settings, None, Background())
    assert isinstance(made, RedisBuckets)
    await until(lambda: made.is_available)
    return made


async def take(buckets: RedisBuckets, group: RedisGroup, cost: int) -> Taken:
    decision = buckets.take(group, cost)
    return decision if isinstance(decision, Taken) else await decision


async def cancel_and_take_again(url: str, *of: Bucket) -> None:
    """Cancels a request that takes 8 of 10, and waits until another one gets them."""
    buckets = await opened(url)
    group = buckets.group(of)
    await take(buckets, group, 1)  # from here on, the server has the script
    cancelled = asyncio.create_task(take(buckets, group, 8))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    async with no_hang():
        while not (await take(buckets, group, 8)).admitted:  # noqa: ASYNC110 - other calls change it
            await asyncio.sleep(0.01)
    await buckets.close()


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_a_cancelled_request_leaves_room_for_others() -> None:
    await cancel_and_take_again(REDIS_URL, USER)


@pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")
async def test_a_cancelled_request_leaves_room_on_both_nodes_of_a_cluster(cluster: RedisCluster) -> None:
    await cancel_and_take_again(cluster.url, USER, ADDRESS)
