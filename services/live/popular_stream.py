"""Reads the popular stream, which all users have in common, for the followers of a process."""

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
from services.live.cursors import Position, user_cursors
from services.live.events import ResetReason, reset_payload
from services.live.follower import Delivery, Follower, FollowerState
from services.live.followers import Followers
from services.live.positions import Moved, move_popular, reset_reason


class PopularTurn(NamedTuple):
    """The deliveries of a page, and whether the page reached the end of the stream."""

    deliveries: Sequence[Delivery]
    is_complete: bool


class PopularStream:
    """The offset to which the process has read the popular stream.

    An idle follower has received everything up to it. A follower that was busy when an entry arrived for it reads the
    entries by itself afterwards.
    """

    def __init__(self, database: Database, followers: Followers, cursors: Cursors, clock: Clock) -> None:
        self._database = database
        self._followers = followers
        self._cursors = cursors
        self._clock = clock
        self._offset: Offset | None = None
        self._joined = set[Follower]()
        """Followers that have read by themselves since the last read began. It may not contain their users."""
        self._behind = set[Follower]()

    def note_own_read(self, follower: Follower, state: StreamState) -> None:
        """Compares a follower that has read by itself with the process. The first one sets the offset."""
        if follower.state is FollowerState.CLOSED:
            return
        if self._offset is None:
            self._offset = state.end
        is_same_stream = state.epoch in (START_OFFSET.epoch, self._offset.epoch)
        follower.needs_own_read = is_same_stream and follower.position.popular < self._offset
        self._joined.add(follower)

    def move_along(self, follower: Follower) -> None:
        """Moves an idle follower of a user to the offset of the process."""
        position, offset = follower.position, self._offset
        if follower.is_user and offset is not None and position.popular < offset:
            follower.position = position._replace(popular_epoch=offset.epoch, popular_place=offset.place)

    def forget(self, follower: Follower) -> None:
        """Forgets a closed follower. Forgets the offset with the last one, because it is not kept up to date then."""
        self._joined.discard(follower)
        self._behind.discard(follower)
        if not self._followers.has_users:
            self._offset = None

    def take_behind(self) -> list[Follower]:
        """Returns the idle followers that have to read by themselves."""
        behind, self._behind = self._behind, set()
        return [follower for follower in behind if follower.state is FollowerState.IDLE and follower.needs_own_read]

    async def read(self, max_entries: int) -> PopularTurn:
        """Reads the next entries, and delivers them to the followers whose users follow the authors."""
        offset = self._offset
        if offset is None:
            return PopularTurn([], is_complete=True)
        self._joined.clear()
        found = await read_popular_stream(self._database, self._followers.user_ids(), offset.place, max_entries)
        if self._offset != offset:
            return PopularTurn([], is_complete=self._offset is None)
        state = found.page.state
        if reason := reset_reason(state, offset):
            return PopularTurn(self._reset(reason, state.end), is_complete=True)
        end = Offset(state.epoch, max(offset.place, found.page.next_place))
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
            for position, followers in self._by_position(self._followers.of_users([reader])).items():
                # A follower that was added during the read may be at a later offset than its end.
                if new := [entry for entry in readers_entries if entry.place > position.popular_place]:
                    moved = move_popular(position, new, end, user_cursors(self._cursors, reader))
                    deliveries += _deliver(followers, moved)
        return deliveries

    def _by_position(self, followers: Iterable[Follower]) -> dict[Position, list[Follower]]:
        """Returns the idle followers by position. The others have to read by themselves."""
        groups: dict[Position, list[Follower]] = {}
        for follower in followers:
            if follower.needs_own_read:
                continue
            if follower.state is not FollowerState.READING:
                self.move_along(follower)
            if follower.state is FollowerState.IDLE:
                groups.setdefault(follower.position, []).append(follower)
            else:
                follower.needs_own_read = True
        return groups

    def _note_joined(self, end: Offset) -> None:
        for follower in self._joined:
            if follower.position.popular < end:
                follower.needs_own_read = True
                self._behind.add(follower)
        self._joined.clear()

    def _reset(self, reason: ResetReason, end: Offset) -> list[Delivery]:
        """Tells all idle followers that events may be missing. The others find out when they read by themselves."""
        self._offset, now = end, self._clock()
        deliveries: list[Delivery] = []
        for follower in self._followers.of_users(self._followers.user_ids()):
            if follower.state is FollowerState.IDLE:
                moved = follower.position._replace(popular_epoch=end.epoch, popular_place=end.place)
                write = user_cursors(self._cursors, follower.stream.id)
                deliveries += _deliver([follower], Moved(moved, [reset_payload(reason, write(moved), now)]))
            else:
                follower.needs_own_read = True
        return deliveries


def _deliver(followers: Sequence[Follower], moved: Moved) -> list[Delivery]:
    for follower in followers:
        follower.position = moved.position
        if moved.payloads:
            follower.state = FollowerState.BUSY
    return [Delivery(followers, moved.payloads)] if moved.payloads else []
