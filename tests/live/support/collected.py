"""Follows streams without a transport, and appends entries to them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.live import Subscriber
from services.live.events import PayloadRow
from services.resources import Resources
from tests.support.timing import until


class Collected:
    """The payloads of a follower."""

    def __init__(self, follower: Subscriber) -> None:
        self._follower = follower
        self.rows: list[PayloadRow] = []

    @asynccontextmanager
    async def attached(self) -> AsyncGenerator["Collected"]:
        """Receives payloads in the block."""
        task = asyncio.create_task(self._collect())
        try:
            await asyncio.sleep(0)
            yield self
        finally:
            task.cancel()
            await asyncio.wait([task])

    @property
    def events(self) -> list[tuple[str, int]]:
        """The type and subject of each event."""
        return [(row["event"]["__typename"], row["event"].get("id", 0)) for row in self.rows]

    async def receives(self, *subjects: int) -> None:
        """Waits until posts with these ids were announced, and nothing else."""
        await until(lambda: len(self.rows) >= len(subjects))
        assert self.events == [("FeedPostPublished", subject) for subject in subjects]

    async def _collect(self) -> None:
        async for row in self._follower:
            self.rows.append(row)


class Streams:
    """The streams of one user, who follows one popular author."""

    def __init__(self, resources: Resources, user_id: int, author_id: int) -> None:
        self._resources = resources
        self.user_id = user_id
        self.own = RowKey(user_id, user_id)
        self._author_id = author_id

    async def append(self, stream: RowKey, post_id: int) -> None:
        """Appends the publication of a post. The hub does not know it yet."""
        position, subject = LogPosition(post_id, post_id), RowKey(self._author_id, post_id)
        event = StreamEvent(stream, StreamEventKind.FEED_POST_PUBLISHED, subject, position, self._resources.clock())
        async with self._resources.database.transaction() as transaction:
            await append_to_streams(transaction, [event])

    async def append_and_mark(self, stream: RowKey, post_id: int) -> None:
        """Appends the publication of a post, and tells the hub."""
        await self.append(stream, post_id)
        self._resources.streams.mark([stream])

    async def follow(self) -> Collected:
        """Returns a follower from now on, which does not receive yet."""
        return Collected(await self._resources.streams.subscribe_to_user(self.user_id, None))

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[Collected]:
        """Follows from now on."""
        collected = await self.follow()
        async with collected.attached():
            yield collected


__all__ = ["POPULAR_STREAM", "Collected", "Streams"]
