"""A follower that has missed much receives it in parts, because the results of all may exceed what may wait for it."""

from collections.abc import Sequence

from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.live import Delivery, StreamPosition
from services.live.hub import MAX_DELIVERED
from services.resources import Resources
from tests.support.client import Client
from tests.support.timing import until

_START = StreamPosition(0, 0, 0, 0, 0)


class Received:
    """A receiver that has not sent anything yet."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.subjects: list[int] = []

    def receive(self, deliveries: Sequence[Delivery]) -> None:
        (delivery,) = deliveries
        self.sizes.append(len(delivery.payloads))
        self.subjects += [payload["event"].get("id", 0) for payload in delivery.payloads]


async def append(resources: Resources, stream: RowKey, subjects: range) -> None:
    """Appends resets of the feed, each with another subject, and tells the hub."""
    events = [
        StreamEvent(stream, StreamEventKind.FEED_RESET, RowKey(stream.id, number), LogPosition(1, number), now)
        for now in [resources.clock()]
        for number in subjects
    ]
    async with resources.database.transaction() as transaction:
        await append_to_streams(transaction, events)
    resources.streams.mark([stream])


async def test_the_next_part_follows_when_the_last_one_was_sent(resources: Resources, client: Client) -> None:
    await resources.database.fetch("DELETE FROM streams WHERE owner_id = 0")
    ana, count = await client.user_id("ana"), 2 * MAX_DELIVERED + 3
    stream, received = RowKey(ana, ana), Received()
    await resources.database.fetch("DELETE FROM streams WHERE owner_id = $1", ana)
    await append(resources, stream, range(1, count + 1))
    follower = await resources.streams.subscribe_to_user(ana, _START)
    follower.attach(received)
    for sizes in ([MAX_DELIVERED], [MAX_DELIVERED] * 2, [MAX_DELIVERED, MAX_DELIVERED, 3]):
        assert received.sizes == sizes
        follower.proceed()
    await append(resources, stream, range(count + 1, count + 2))
    await until(lambda: len(received.sizes) == 4)
    assert received.subjects == list(range(1, count + 2))
    follower.close()
