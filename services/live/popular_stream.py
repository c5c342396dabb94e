"""Reads the popular stream, which all users have in common, for the subscribers of a process."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from adapters.database import Database
from core.clock import Clock
from core.paging import Cursors
from services.event_log.stream_reads import (
    START_OFFSET,
    Offset,
    PopularPage,
    StreamEntry,
    StreamState,
    read_popular_stream,
)
from services.live.cursors import StreamPosition, user_cursors
from services.live.events import ResetReason, reset_payload
from services.live.positions import Moved, move_popular, reset_reason
from services.live.subscriber import Delivery, Subscriber, SubscriberState
from services.live.subscribers import Subscribers


class PopularTurn(NamedTuple):
    """The deliveries of a page, and whether the page reached the end of the stream."""

    deliveries: Sequence[Delivery]
    is_complete: bool


class PopularStream:
    """The offset to which the process has read the popular stream.

    An idle subscriber has received everything up to it. A subscriber that was busy when an entry arrived for it reads
    the entries by itself afterwards.
    """

    def __init__(self, database: Database, subscribers: Subscribers, cursors: Cursors, clock: Clock) -> None:
        self._database = database
        self._subscribers = subscribers
        self._cursors = cursors
        self._clock = clock
        self._offset: Offset | None = None
        self._joined = set[Subscriber]()
        """Subscribers that have read by themselves since the last read began. It may not contain their users."""
        self._behind = set[Subscriber]()

    def note_own_read(self, subscriber: Subscriber, state: StreamState) -> None:
        """Compares a subscriber that has read by itself with the process. The first one sets the offset."""
        if subscriber.state is SubscriberState.CLOSED:
            return
        if self._offset is None:
            self._offset = state.end
        is_same_stream = state.epoch in (START_OFFSET.epoch, self._offset.epoch)
        subscriber.needs_own_read = is_same_stream and subscriber.position.popular < self._offset
        self._joined.add(subscriber)

    def move_along(self, subscriber: Subscriber) -> None:
        """Moves an idle subscriber of a user to the offset of the process."""
        position, offset = subscriber.position, self._offset
        if subscriber.is_user and offset is not None and position.popular < offset:
            subscriber.position = position._replace(popular_epoch=offset.epoch, popular_place=offset.place)

    def forget(self, subscriber: Subscriber) -> None:
        """Forgets a closed subscriber. Forgets the offset with the last one, because it is not kept up to date then."""
        self._joined.discard(subscriber)
        self._behind.discard(subscriber)
        if not self._subscribers.has_users:
            self._offset = None

    def take_behind(self) -> list[Subscriber]:
        """Returns the idle subscribers that have to read by themselves."""
        behind, self._behind = self._behind, set()
        return [
            subscriber
            for subscriber in behind
            if subscriber.state is SubscriberState.IDLE and subscriber.needs_own_read
        ]

    async def read(self, max_entries: int) -> PopularTurn:
        """Reads the next entries, and delivers them to the subscribers whose users follow the authors."""
        offset = self._offset
        if offset is None:
            return PopularTurn([], is_complete=True)
        self._joined.clear()
        found = await read_popular_stream(self._database, self._subscribers.user_ids(), offset.place, max_entries)
        if self._offset != offset:
            return PopularTurn([], is_complete=self._offset is None)
        state = found.page.state
        if reason := reset_reason(state, offset):
            return PopularTurn(self._reset(reason, state.end), is_complete=True)
        end = Offset(state.epoch, max(offset.place, found.page.read_to))
        deliveries = self._deliveries(found, end)
        self._offset = end
        self._note_joined(end)
        return PopularTurn(deliveries, is_complete=end.place >= state.last_place)

    def _deliveries(self, found: PopularPage, end: Offset) -> list[Delivery]:
        entries: dict[int, list[StreamEntry]] = {}
        for entry in found.page.entries:
            for reader in found.readers.get(entry.place, ()):
                entries.setdefault(reader, []).append(entry)
        deliveries: list[Delivery] = []
        for reader, readers_entries in entries.items():
            for position, subscribers in self._by_position(self._subscribers.of_users([reader])).items():
                # A subscriber that was added during the read may be at a later offset than its end.
                if new := [entry for entry in readers_entries if entry.place > position.popular_place]:
                    moved = move_popular(position, new, end, user_cursors(self._cursors, reader))
                    deliveries += _deliver(subscribers, moved)
        return deliveries

    def _by_position(self, subscribers: Iterable[Subscriber]) -> dict[StreamPosition, list[Subscriber]]:
        """Returns the idle subscribers by position. The others have to read by themselves."""
        groups: dict[StreamPosition, list[Subscriber]] = {}
        for subscriber in subscribers:
            if subscriber.needs_own_read:
                continue
            if subscriber.state is not SubscriberState.READING:
                self.move_along(subscriber)
            if subscriber.state is SubscriberState.IDLE:
                groups.setdefault(subscriber.position, []).append(subscriber)
            else:
                subscriber.needs_own_read = True
        return groups

    def _note_joined(self, end: Offset) -> None:
        for subscriber in self._joined:
            if subscriber.position.popular < end:
                subscriber.needs_own_read = True
                self._behind.add(subscriber)
        self._joined.clear()

    def _reset(self, reason: ResetReason, end: Offset) -> list[Delivery]:
        """Tells all idle subscribers that events may be missing. The others find out when they read by themselves."""
        self._offset, now = end, self._clock()
        deliveries: list[Delivery] = []
        for subscriber in self._subscribers.of_users(self._subscribers.user_ids()):
            if subscriber.state is SubscriberState.IDLE:
                moved = subscriber.position._replace(popular_epoch=end.epoch, popular_place=end.place)
                write = user_cursors(self._cursors, subscriber.stream.id)
                deliveries += _deliver([subscriber], Moved(moved, [reset_payload(reason, write(moved), now)]))
            else:
                subscriber.needs_own_read = True
        return deliveries


def _deliver(subscribers: Sequence[Subscriber], moved: Moved) -> list[Delivery]:
    for subscriber in subscribers:
        subscriber.position = moved.position
        if moved.payloads:
            subscriber.state = SubscriberState.BUSY
    return [Delivery(subscribers, moved.payloads)] if moved.payloads else []
