"""Finds the inboxes whose counts their owners have changed, so that other devices of theirs show the new ones."""

from collections.abc import Iterable

from events import Event, NotificationArchived, NotificationRead, NotificationsRead, NotificationsSeen
from services.event_log.event_streams import ChangedCounts, RowKey
from services.relay.projections.recorded_event import RecordedEvent


def changed_inbox_counts(events: Iterable[RecordedEvent[Event]]) -> list[ChangedCounts]:
    """Returns the event streams of users who have marked or archived notifications."""
    result: list[ChangedCounts] = []
    for event, position, *_ in events:
        if isinstance(event, NotificationsSeen | NotificationsRead | NotificationRead | NotificationArchived):
            result.append(ChangedCounts(RowKey(event.owner_id, event.owner_id), position))
    return result
