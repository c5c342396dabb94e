"""Finds what a batch has changed, as tags of the response cache."""

from collections.abc import Iterable

from events import Event
from models import cache_tags
from services.event_log.changed_tags import changed_tags
from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent

_LISTS = {
    StreamEventKind.FEED_POST_PUBLISHED: cache_tags.feed_of,
    StreamEventKind.FEED_POST_REMOVED: cache_tags.feed_of,
    StreamEventKind.FEED_RESET: cache_tags.feed_of,
    StreamEventKind.FEED_RESET_BY_FOLLOW: cache_tags.feed_of,
    StreamEventKind.FEED_RESET_BY_UNFOLLOW: cache_tags.feed_of,
    StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED: cache_tags.feed_of,
    StreamEventKind.NOTIFICATION_RECEIVED: cache_tags.notifications_of,
    StreamEventKind.PAYMENT_CHANGED: cache_tags.payments_of,
}
"""The viewer's list that an entry of their stream changes."""


def projected_tags(
    events: Iterable[RecordedEvent[Event]], stream_events: Iterable[StreamEvent], grown: Iterable[RowKey] = ()
) -> set[str]:
    """Returns the tags of the events themselves, and of the feeds, inboxes and payments that their projection changed.

    Posts that feeds look up are in the lists of their authors. `grown` are notifications that have grown and are
    announced later.
    """
    tags = changed_tags(recorded.event for recorded in events)
    tags.update(cache_tags.notifications_of(notification.owner_id) for notification in grown)
    for entry in stream_events:
        owner_id, stream_id = entry.stream
        if owner_id == stream_id and entry.stream != POPULAR_STREAM:
            tags.add(cache_tags.stream_of(owner_id))
            if entry.kind in _LISTS:
                tags.add(_LISTS[entry.kind](owner_id))
    return tags
