"""Rows that the relay has written, and when a direct read of the database saw them first."""

import asyncio
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import Any, NamedTuple

import asyncpg

from core.clock import system_clock
from core.ids import id_at
from tests.response_cache.support.history import History, Post
from tests.response_cache.support.registers import Register

_PAUSE = 0.25
_RECENT = timedelta(seconds=30)
"""Polls read the rows with ids of so many seconds. A page shows the newest rows only."""

_SETTLED = 3.0
"""Seconds for which a follow has existed when a row of the followed author counts: an unfollow is projected by then."""

_FEEDS = "SELECT owner_id, post_id FROM feed_entries WHERE owner_id = ANY($1) AND post_id >= $2"
_PULLED = (
    "SELECT p.author_id, p.id FROM posts p JOIN popular_authors a ON a.author_id = p.author_id "
    "WHERE p.author_id = ANY($1) AND p.id >= $2 AND p.pulled AND p.deleted_at IS NULL"
)
_INBOXES = (
    "SELECT owner_id, notification_id, actor_id FROM notification_facts "
    "WHERE owner_id = ANY($1) AND notification_id >= $2"
)


class Poll(NamedTuple):
    """The begin and the end of a statement that saw a row."""

    began: float
    ended: float


class Projected:
    """Holds feed entries and notifications by owner, with the first poll that saw each."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.feeds: dict[str, dict[int, Poll]] = defaultdict(dict)
        self._feed_order: dict[str, list[int]] = defaultdict(list)
        self.pulled: dict[int, Poll] = {}
        self._pulled_order: list[int] = []
        self.inboxes: dict[str, dict[int, Poll]] = defaultdict(dict)
        self._inbox_order: dict[str, list[int]] = defaultdict(list)
        self.actors: dict[int, set[str]] = defaultdict(set)
        """The actors of notifications."""

    def see_feed_entry(self, owner: str, post_id: int, poll: Poll) -> None:
        if post_id not in self.feeds[owner]:
            insort(self._feed_order[owner], post_id)
            self.feeds[owner][post_id] = poll
        elif not self._is_settled(owner, post_id, self.feeds[owner][post_id], poll.ended):
            self.feeds[owner][post_id] = poll

    def see_pulled(self, post_id: int, poll: Poll) -> None:
        if post_id not in self.pulled:
            insort(self._pulled_order, post_id)
            self.pulled[post_id] = poll

    def see_notification(self, owner: str, row_id: int, actor: str | None, poll: Poll) -> None:
        if row_id not in self.inboxes[owner]:
            self.inboxes[owner][row_id] = poll
            insort(self._inbox_order[owner], row_id)
            insort(self._history.users[owner].inbox, row_id)
        if actor is not None:
            self.actors[row_id].add(actor)

    def required_posts(self, viewer: str, after: int, since: float, until: float) -> list[Post]:
        """Returns posts of followed authors, newer than a row id, that the relay has put into the viewer's feed."""
        rows = [(row, self.feeds[viewer][row]) for row in _newer(self._feed_order[viewer], after)]
        for row in _newer(self._pulled_order, after):
            post = self._history.posts_by_row.get(row)
            if post is not None and post.author in self._history.follows[viewer]:
                rows.append((row, self.pulled[row]))
        seen = [row for row, poll in rows if poll.ended < since and self._is_settled(viewer, row, poll, until)]
        return [self._history.posts_by_row[row] for row in seen]

    def required_notifications(self, viewer: str, after: int, since: float) -> list[int]:
        """Returns the rows of the inbox, newer than a row id, that were seen before a time."""
        inbox = self.inboxes[viewer]
        return [row for row in _newer(self._inbox_order[viewer], after) if inbox[row].ended < since]

    def unmarked_notifications(self, viewer: str, since: float) -> list[int]:
        """Returns the notifications that were seen before a time, and that no mark may have included."""
        user = self._history.users[viewer]
        rows = self.required_notifications(viewer, user.marked_up_to, since)
        return [row for row in rows if row not in user.notifications]

    def _is_settled(self, viewer: str, row: int, poll: Poll, until: float) -> bool:
        """Returns whether the viewer has followed the post's author from before the poll until now."""
        post = self._history.posts_by_row.get(row)
        register = None if post is None else self._history.follows[viewer].get(post.author)
        return register is not None and _is_continuous(register, poll.began - _SETTLED, until)

    async def poll(self, connection: Any) -> None:
        """Reads the newest rows of all users."""
        users = self._history.users_by_row
        owners, oldest = list(users), id_at(system_clock() - _RECENT)
        began = perf_counter()
        feeds = await connection.fetch(_FEEDS, owners, oldest)
        pulled = await connection.fetch(_PULLED, owners, oldest)
        inboxes = await connection.fetch(_INBOXES, owners, oldest)
        poll = Poll(began, perf_counter())
        for owner, post_id in _numbers(feeds):
            self.see_feed_entry(users[owner].handle, post_id, poll)
        for _, post_id in _numbers(pulled):
            self.see_pulled(post_id, poll)
        for owner, row_id, actor_id in _numbers(inboxes):
            actor = users.get(actor_id)
            self.see_notification(users[owner].handle, row_id, actor and actor.handle, poll)

    async def watch(self, url: str, stopped: asyncio.Event) -> None:
        """Polls until it is stopped. A cancelled statement would leave a connection of asyncpg open."""
        connection: Any = await asyncpg.connect(url)
        try:
            while not stopped.is_set():
                await self.poll(connection)
                await asyncio.sleep(_PAUSE)
        finally:
            await connection.close()


def _numbers(rows: list[Any]) -> Iterator[list[int]]:
    """Yields the columns of rows, all of which are numbers."""
    return map(list[int], rows)


def _is_continuous(register: Register, since: float, until: float) -> bool:
    return not register.may_be_absent(since, until)


def _newer(ordered: list[int], after: int) -> list[int]:
    return ordered[bisect_left(ordered, after + 1) :]
