"""Tags of stored responses, and announcements of changed tags to the response store."""

import asyncio
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import NamedTuple

from adapters.response_store import Hold
from core.errors import Unavailable
from core.viewer import SignedIn, Viewer
from events import Event
from models import cache_tags
from models.cache_tags import COUNT, PRIVATE
from services.event_log.changed_tags import changed_tags
from services.event_log.log import has_unprojected_in, partition_of
from services.resources import Resources

_MAX_WAIT_SECONDS = 1.0
_PAUSE_SECONDS = 0.02

_HOLD_SECONDS = 40.0
"""The seconds after which a transaction of the relay has ended, with its commit. Its longest batch has 30."""


class EntryTags(NamedTuple):
    """The tags of a stored response. `counts` are those that may have moved recently."""

    tags: list[str]
    counts: list[str]


def entry_tags(viewer: Viewer, read: Collection[str]) -> EntryTags:
    """Returns the tags of a response for a viewer from those of its statements."""
    tags = [tag for tag in read if not tag.startswith(COUNT)]
    if isinstance(viewer, SignedIn):
        tags.append(cache_tags.viewer(viewer.user_id))
    return EntryTags(tags, [tag for tag in read if tag.startswith(COUNT)])


async def announce_changes(resources: Resources, events: Sequence[Event], tags: Collection[str]) -> None:
    """Announces the changes of a transaction that was committed, and those of `events` that it repeats.

    If the store does not answer, other processes may still reach it and serve older responses. So this waits, for a
    second at most, until the relay has projected the events, because the relay announces them too.
    """
    store = resources.responses
    if store is not None and (changed := changed_tags(events).union(tags)) and not await store.announce(changed):
        with suppress(Unavailable):  # the transaction was committed
            await _wait_until_projected(resources, {(partition_of(event.owner_id), event.actor_id) for event in events})


async def _wait_until_projected(resources: Resources, logged: Collection[tuple[int, int]]) -> None:
    """Waits for events, by partition of the log and actor. Pauses become longer, since the database may be slow."""
    until, pause = time.monotonic() + _MAX_WAIT_SECONDS, _PAUSE_SECONDS
    database = resources.database.undivided
    for partition, actor_id in logged:
        while time.monotonic() < until and await has_unprojected_in(database, partition, actor_id):
            await asyncio.sleep(pause)
            pause *= 2


class Announcement:
    """Announces the changes of a transaction of the relay, whose process may die after the commit.

    From `prepare` on, responses with these tags are not served. After `complete` they are served if they are newer.
    If the process dies in between, they are not served until the transaction has ended. `complete` also
    purges responses from the CDN. Counts need no purge, because responses with them expire within seconds.
    """

    def __init__(self, resources: Resources) -> None:
        self._store = resources.responses
        self._purges = resources.purges
        self._purged: list[str] = []
        self._hold: Hold | None = None

    async def prepare(self, tags: Collection[str]) -> None:
        """Announces before the commit that these tags may change."""
        self._purged = [tag for tag in tags if not tag.startswith((COUNT, PRIVATE))]
        if self._store is not None and tags:
            self._hold = await self._store.hold(tags, _HOLD_SECONDS)

    async def complete(self) -> None:
        """Announces that the transaction has ended."""
        try:
            if self._store is not None and self._hold is not None:
                await self._store.confirm(self._hold)
        finally:
            if self._purges is not None:
                self._purges.add(self._purged)
