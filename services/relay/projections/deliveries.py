"""Creates the jobs that deliver notifications to phones and mailboxes."""

from collections.abc import Iterable

from adapters.database import Queries
from models.notifications import ALWAYS_SENT, DEFAULT_CHANNELS
from services.event_log.event_streams import StreamEvent, StreamEventKind
from services.event_log.log import LogPosition
from services.jobs.job import JobKey
from services.jobs.table import NewJob
from services.notifications.delivery.plan import HANDLER

_NOTIFICATION = {"owner_id": "bigint", "id": "bigint"}
_TO_DELIVER = (
    "SELECT n.owner_id, n.id FROM input_rows g JOIN notifications n ON n.owner_id = g.owner_id AND n.id = g.id "
    "LEFT JOIN channel_preferences c ON c.owner_id = n.owner_id AND c.kind = n.kind "
    "WHERE COALESCE(c.email, n.kind = ANY($1)) OR ((n.kind = ANY($2) OR COALESCE(c.push, n.kind = ANY($3))) "
    "AND EXISTS (SELECT 1 FROM push_tokens p WHERE p.user_id = n.owner_id))"
)
"""Selects notifications whose recipients want mails, or want push notifications and have a phone for them."""


async def delivery_jobs(transaction: Queries, stream_events: Iterable[StreamEvent]) -> list[NewJob]:
    """Returns a job for each notification that was added or has grown, if it may have to be delivered.

    The key of the job names the notification, so there is one job of a notification at a time.
    """
    changed: dict[tuple[int, int], LogPosition] = {
        (event.subject.owner_id, event.subject.id): event.position
        for event in stream_events
        if event.kind is StreamEventKind.NOTIFICATION_RECEIVED
    }
    by_mail = [kind for kind, channels in DEFAULT_CHANNELS.items() if channels.email]
    by_push = [kind for kind, channels in DEFAULT_CHANNELS.items() if channels.push]
    rows = await transaction.fetch_with_rows(
        _TO_DELIVER, _NOTIFICATION, sorted(changed), by_mail, sorted(ALWAYS_SENT), by_push
    )
    return [
        NewJob(JobKey(row["owner_id"], row["id"], HANDLER), changed[row["owner_id"], row["id"]], "{}") for row in rows
    ]
