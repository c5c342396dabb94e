"""Reads what changed for a user since a cursor, without a subscription."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from adapters.database import Database
from core.paging import Cursors
from core.viewer import SignedIn
from services.event_log.event_streams import RowKey, StreamEventKind
from services.event_log.stream_reads import UserPages, read_user_streams
from services.live.cursors import StreamPosition, user_cursors
from services.live.positions import MergedEntry, after_pages, end_of, merged, reset_reason

ChangedType = Literal["Post", "Notification", "Payment", "Device"]

CHANGED: dict[StreamEventKind, ChangedType] = {
    StreamEventKind.FEED_POST_PUBLISHED: "Post",
    StreamEventKind.FEED_POST_CHANGED: "Post",
    StreamEventKind.NOTIFICATION_RECEIVED: "Notification",
    StreamEventKind.PAYMENT_CHANGED: "Payment",
}
DELETED: dict[StreamEventKind, ChangedType] = {
    StreamEventKind.FEED_POST_REMOVED: "Post",
    StreamEventKind.DEVICE_REVOKED: "Device",
}

RESETS = frozenset(
    {
        StreamEventKind.FEED_RESET,
        StreamEventKind.FEED_RESET_BY_FOLLOW,
        StreamEventKind.FEED_RESET_BY_UNFOLLOW,
        StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED,
        StreamEventKind.UNKNOWN,
    }
)
"""Events that no list of nodes can express."""


class ChangedNode(NamedTuple):
    """A node that is new or changed, or that was deleted."""

    typename: ChangedType
    key: RowKey
    is_deleted: bool


class ChangesPage(NamedTuple):
    """Changes of different nodes, each with its latest kind, and the cursor after them.

    With `reset`, the changes are not known: the app reads its data again and continues after the cursor.
    """

    cursor: str
    has_more: bool
    reset: bool
    changes: list[ChangedNode]


async def sync(
    viewer: SignedIn, database: Database, cursors: Cursors, since: StreamPosition | None, first: int
) -> ChangesPage:
    """Returns the changes that up to `first` events after a position made, by one statement."""
    places = (None, None) if since is None else (since.place, since.popular_place)
    pages = await read_user_streams(database, viewer.user_id, *places, first + 1)
    write = user_cursors(cursors, viewer.user_id)
    end = end_of(pages.own.state, pages.popular.state.end)
    if since is None or _must_reset(since, pages):
        return ChangesPage(write(end), has_more=False, reset=True, changes=[])
    entries = merged(since, pages)
    taken = entries[:first]
    if any(entry.kind in RESETS for entry, _ in taken):
        return ChangesPage(write(end), has_more=False, reset=True, changes=[])
    position = (
        entries[first - 1].position if len(entries) > first else after_pages(pages, pages.own.state.counts_revision)
    )
    return ChangesPage(write(position), has_more=position[:4] != end[:4], reset=False, changes=_latest(taken))


def _must_reset(since: StreamPosition, pages: UserPages) -> bool:
    reasons = reset_reason(pages.own.state, since.own), reset_reason(pages.popular.state, since.popular)
    return any(reasons)


def _latest(entries: Iterable[MergedEntry]) -> list[ChangedNode]:
    changes: dict[tuple[str, RowKey], ChangedNode] = {}
    for entry, _ in entries:
        is_deleted = entry.kind in DELETED
        typename = DELETED[entry.kind] if is_deleted else CHANGED[entry.kind]
        changes.pop((typename, entry.subject), None)
        changes[typename, entry.subject] = ChangedNode(typename, entry.subject, is_deleted)
    return list(changes.values())
