"""Moves the subscribers of users and posts along the pages of their own streams."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from core.clock import Clock
from core.paging import Cursors
from services.event_log.event_streams import RowKey
from services.event_log.stream_reads import StreamPage
from services.live.cursors import CursorWriter, StreamPosition, post_cursors, user_cursors
from services.live.popular_stream import PopularStream
from services.live.positions import Moved, move, with_counts
from services.live.subscriber import Delivery, Subscriber, SubscriberState
from services.live.subscribers import COUNTS_SECONDS, FollowedStream, Subscribers


class OwnStreams:
    """Moves subscribers along pages of their own streams, and decides when counts are announced."""

    def __init__(
        self,
        subscribers: Subscribers,
        popular: PopularStream,
        cursors: Cursors,
        clock: Clock,
        mark: Callable[[Iterable[RowKey]], None],
    ) -> None:
        self._subscribers = subscribers
        self._popular = popular
        self._cursors = cursors
        self._clock = clock
        self._mark = mark
        self._joined = set[Subscriber]()
        """Subscribers that have read by themselves since the last `begin_read`."""

    def begin_read(self) -> None:
        """Tells that the hub reads streams now. Subscribers that read by themselves meanwhile may be ahead of it."""
        self._joined.clear()

    def note_own_read(self, subscriber: Subscriber) -> None:
        """Tells that a subscriber has read by itself."""
        if subscriber.state is not SubscriberState.CLOSED:
            self._joined.add(subscriber)

    def forget(self, subscriber: Subscriber) -> None:
        """Forgets a closed subscriber."""
        self._joined.discard(subscriber)

    def note_counts(self, stream: RowKey) -> None:
        """Tells that the counts of a stream's subject are announced now."""
        followed = self._subscribers.get(stream)
        if followed is not None:
            followed.counts_at = asyncio.get_running_loop().time()

    def place_of(self, stream: RowKey) -> int | None:
        """Returns the place after which a stream has to be read, or None if no subscriber waits for it."""
        followed = self._subscribers.get(stream)
        if followed is None:
            return None
        places: list[int] = []
        for subscriber in followed.subscribers:
            if subscriber.state is SubscriberState.IDLE:
                places.append(subscriber.position.place)
            else:
                subscriber.is_behind = True
        return min(places, default=None)

    def deliveries(self, stream: RowKey, page: StreamPage, after: int) -> Iterator[Delivery]:
        """Yields the deliveries of a page that was read after a place. Subscribers that receive one are busy then."""
        followed = self._subscribers.get(stream)
        if followed is None:
            return
        may_announce = self._may_announce(followed)
        for position, subscribers in self._by_position(stream, followed).items():
            if position.place < after:
                self._mark([stream])
                continue
            moved = self._move(position, stream, page, is_user=subscribers[0].is_user, may_announce=may_announce)
            is_behind = moved.position.place < page.state.last_place
            for subscriber in subscribers:
                subscriber.position = moved.position
                if moved.payloads:
                    subscriber.state, subscriber.is_behind = SubscriberState.BUSY, is_behind
            if moved.payloads:
                yield Delivery(subscribers, moved.payloads)
            elif is_behind:
                self._mark([stream])
            if moved.position.counts_revision != position.counts_revision:
                self.note_counts(stream)

    def _by_position(self, stream: RowKey, followed: FollowedStream) -> dict[StreamPosition, list[Subscriber]]:
        """Returns the idle subscribers by position. The page may be older than what others of them have read."""
        groups: dict[StreamPosition, list[Subscriber]] = {}
        for subscriber in followed.subscribers:
            if subscriber in self._joined:
                self._mark([stream])
            elif subscriber.state is SubscriberState.IDLE:
                self._popular.move_along(subscriber)
                groups.setdefault(subscriber.position, []).append(subscriber)
            else:
                subscriber.is_behind = True
        return groups

    def _move(
        self, position: StreamPosition, stream: RowKey, page: StreamPage, *, is_user: bool, may_announce: bool
    ) -> Moved:
        write = self._writer(stream, is_user=is_user)
        moved = move(position, page, write, self._clock())
        revision = page.state.counts_revision
        is_at_end = moved.position.place >= page.state.last_place
        if is_at_end and moved.position.counts_revision != revision:
            if may_announce:
                return with_counts(moved, revision, stream, write, self._clock())
            self._announce_later(stream)
        return moved

    def _writer(self, stream: RowKey, *, is_user: bool) -> CursorWriter:
        return user_cursors(self._cursors, stream.id) if is_user else post_cursors(self._cursors, stream)

    def _may_announce(self, followed: FollowedStream) -> bool:
        return asyncio.get_running_loop().time() >= followed.counts_at + COUNTS_SECONDS

    def _announce_later(self, stream: RowKey) -> None:
        """Has the stream read again when its counts may be announced."""
        followed = self._subscribers.get(stream)
        if followed is not None and followed.counts_timer is None:
            loop = asyncio.get_running_loop()
            followed.counts_timer = loop.call_at(followed.counts_at + COUNTS_SECONDS, partial(self._on_timer, stream))

    def _on_timer(self, stream: RowKey) -> None:
        followed = self._subscribers.get(stream)
        if followed is not None:
            followed.counts_timer = None
            self._mark([stream])
