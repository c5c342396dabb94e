"""Reads what a subscriber has missed, by one statement."""

import asyncio
from collections.abc import Sequence

from adapters.database import Database
from core.clock import Clock
from core.paging import Cursors
from services.event_log.event_streams import RowKey
from services.event_log.stream_reads import START_OFFSET, StreamState, read_post_stream, read_user_streams
from services.live.cursors import CursorWriter, StreamPosition, post_cursors, user_cursors
from services.live.events import PayloadRow
from services.live.own_streams import OwnStreams
from services.live.popular_stream import PopularStream
from services.live.positions import Moved, end_of, move, move_both, with_counts
from services.live.subscriber import Subscriber

MAX_MISSED = 256
"""The maximum of entries that a subscriber reads at once by itself."""


class MissedEvents:
    """Reads, for one subscriber, the entries after its position.

    At most half of the database's connections are used, and one of a pool of one. So many clients that return together
    leave connections to other requests, and wait longer while the database is slow.
    """

    def __init__(
        self, database: Database, own: OwnStreams, popular: PopularStream, cursors: Cursors, clock: Clock
    ) -> None:
        self._database = database
        self._own = own
        self._popular = popular
        self._cursors = cursors
        self._clock = clock
        self._slots = asyncio.Semaphore(max(1, database.max_connections // 2))

    async def read(self, subscriber: Subscriber, after: StreamPosition | None) -> Sequence[PayloadRow] | None:
        """Moves the subscriber to the end of its streams, or of a page, and returns the payloads up to there.

        Returns None if the viewer does not see the post.
        """
        async with self._slots:
            if subscriber.is_user:
                return await self._read_user(subscriber, after)
            return await self._read_post(subscriber, after)

    async def _read_user(self, subscriber: Subscriber, after: StreamPosition | None) -> Sequence[PayloadRow]:
        places = (None, None) if after is None else (after.place, after.popular_place)
        pages = await read_user_streams(self._database, subscriber.stream.id, *places, MAX_MISSED)
        state, write = pages.own.state, user_cursors(self._cursors, subscriber.stream.id)
        if after is None:
            moved = Moved(end_of(state, pages.popular.state.end), [])
        else:
            moved = move_both(after, pages, write, self._clock())
            moved = self._with_counts(moved, state, subscriber.stream, write)
        self._move(subscriber, moved, state)
        self._popular.note_own_read(subscriber, pages.popular.state)
        return moved.payloads

    async def _read_post(self, subscriber: Subscriber, after: StreamPosition | None) -> Sequence[PayloadRow] | None:
        place = None if after is None else after.place
        page = await read_post_stream(self._database, subscriber.viewer_id, subscriber.stream, place, MAX_MISSED)
        if page is None:
            return None
        write = post_cursors(self._cursors, subscriber.stream)
        if after is None:
            moved = Moved(end_of(page.state, START_OFFSET), [])
        else:
            moved = move(after, page, write, self._clock())
            moved = self._with_counts(moved, page.state, subscriber.stream, write)
        self._move(subscriber, moved, page.state)
        return moved.payloads

    def _with_counts(self, moved: Moved, state: StreamState, subject: RowKey, write: CursorWriter) -> Moved:
        """Adds the counts if they changed and everything before them was read."""
        position = moved.position
        if position.place < state.last_place or position.counts_revision == state.counts_revision:
            return moved
        self._own.note_counts(subject)
        return with_counts(moved, state.counts_revision, subject, write, self._clock())

    def _move(self, subscriber: Subscriber, moved: Moved, state: StreamState) -> None:
        subscriber.position = moved.position
        subscriber.is_behind = subscriber.is_behind or moved.position.place < state.last_place
        self._own.note_own_read(subscriber)
