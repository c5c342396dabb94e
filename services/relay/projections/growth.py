"""Announces notifications that have grown, at most once a second each.

A new notification is announced at once. What joins it is announced together, a second after the first: by a job that
emits `NotificationGrew`.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from adapters.database import Queries
from events import Event, NotificationGrew
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.event_log.log import LogPosition
from services.jobs.job import JobKey
from services.jobs.table import NewJob
from services.relay.projections.recorded_event import RecordedEvent

GROWTH_INTERVAL = timedelta(seconds=1)
"""The minimum time between two stream events of a notification that grows."""

_NOTIFICATION = {"owner_id": "bigint", "id": "bigint"}
_LISTED = (
    "SELECT n.owner_id, n.id FROM input_rows g JOIN notifications n ON n.owner_id = g.owner_id AND n.id = g.id "
    "WHERE n.archived_at IS NULL"
)


def growth_jobs(grown: Mapping[RowKey, LogPosition]) -> list[NewJob]:
    """Returns a job for each notification. Its key names the notification, so one that waits is not created again."""
    return [
        NewJob(JobKey(*notification, "announce_growth"), position, "{}") for notification, position in grown.items()
    ]


async def announce_grown(transaction: Queries, events: Sequence[RecordedEvent[Event]]) -> list[StreamEvent]:
    """Returns the stream events of notifications that have grown and are not archived."""
    grown = {
        RowKey(event.owner_id, event.notification_id): recorded
        for recorded in events
        if isinstance(event := recorded.event, NotificationGrew)
    }
    rows = await transaction.fetch_with_rows(_LISTED, _NOTIFICATION, sorted(grown))
    keys = [RowKey(row["owner_id"], row["id"]) for row in rows]
    return [
        grown[key].stream_event(RowKey(key.owner_id, key.owner_id), StreamEventKind.NOTIFICATION_RECEIVED, key)
        for key in keys
    ]
