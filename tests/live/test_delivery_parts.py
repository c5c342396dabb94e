"""Deliveries are executed in parts, few at the same time, and those that wait meanwhile share the next part."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from core.settings import Settings
from core.telemetry import request_id
from gateway.live import deliveries
from gateway.live.delivery_queue import DeliveryQueue
from gateway.request_facts import RequestFacts, request_facts
from loaders import LOADERS
from services.live import Delivery
from services.live.events import PayloadRow
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.timing import MOMENT, no_hang, until

PAYLOAD: PayloadRow = {"cursor": "", "occurred_at": datetime.now(UTC), "event": {"__typename": "PostChanged"}}


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The server executes one part at a time."""
    monkeypatch.setattr(deliveries, "_CONCURRENT_PARTS", 1)
    return settings


async def test_deliveries_that_wait_for_a_part_are_read_together(
    following: Following, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads, begun, go_on = LOADERS["post_by_id"], list[int](), asyncio.Event(), asyncio.Event()

    async def held(database: object, viewer: object, keys: list[object]) -> object:
        reads.append(len(keys))
        begun.set()
        await go_on.wait()
        return await read(database, viewer, keys)  # type: ignore[arg-type]

    ana = App(client, "ana")
    posts = [await ana.publishes() for _ in range(3)]
    await following.project()
    async with AsyncExitStack() as sockets:
        viewers = [await sockets.enter_async_context(following.post("ana", post)) for post in posts]
        monkeypatch.setitem(LOADERS, "post_by_id", held)
        for number, post in enumerate(posts):
            await ana.does("EditPost", postId=post, body=f"edited {number}")
            await following.project()
            async with no_hang():
                await begun.wait()
        await asyncio.sleep(MOMENT)
        assert reads == [1]
        go_on.set()
        for number, viewer in enumerate(viewers):
            assert (await viewer.event())["post"]["body"] == f"edited {number}"
    assert reads == [1, 2]


async def test_parts_are_at_most_500_payloads_or_one_delivery_in_order_and_few_at_the_same_time() -> None:
    parts, go_on = list[list[int]](), asyncio.Event()

    async def deliver(part: Sequence[Delivery]) -> None:
        parts.append([len(delivery.payloads) for delivery in part])
        await go_on.wait()

    queue = DeliveryQueue(deliver, 2)
    for sizes in ([300, 200, 1], [600], [100, 100]):
        queue.add([Delivery((), [PAYLOAD] * size) for size in sizes])
    await asyncio.sleep(0)
    assert parts == [[300, 200], [1]]
    go_on.set()
    await until(lambda: len(parts) == 4)
    assert parts[2:] == [[600], [100, 100]]
    await queue.close()


async def test_a_part_belongs_to_no_request_and_its_failure_leaves_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = list[object]()

    async def deliver(_part: Sequence[Delivery]) -> None:
        seen.append((request_id.get(), request_facts.get()))
        if len(seen) == 1:
            raise LookupError("first")

    queue = DeliveryQueue(deliver, 1)
    request_id.set("of a client")
    request_facts.set(RequestFacts())
    queue.add([Delivery((), [PAYLOAD] * 500) for _ in range(3)])
    await until(lambda: len(seen) == 3)
    assert seen == [(None, None)] * 3
    assert [record.message for record in caplog.records] == ["a part of live deliveries failed"]
    await queue.close()
