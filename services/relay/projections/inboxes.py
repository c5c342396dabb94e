"""Projects follows, likes, comments and payments into notifications."""

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.database import Queries
from core.ids import Ids
from events import Event
from models.users import unblocked
from services.event_log.counts import CountChange, add_to_totals
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.event_log.inbox_locks import lock_inboxes
from services.relay.projections.new_notifications import new_notifications
from services.relay.projections.recorded_event import RecordedEvent

_NOTIFICATION = {
    "owner_id": "bigint",
    "kind": "text",
    "actor_id": "bigint",
    "subject_type": "text",
    "subject_owner_id": "bigint",
    "subject_id": "bigint",
    "created_at": "timestamptz",
    "id": "bigint",
}
_STILL_EXISTS = (
    "CASE g.kind WHEN 'FOLLOW' THEN EXISTS (SELECT 1 FROM follows f "
    "WHERE f.owner_id = g.actor_id AND f.followee_id = g.owner_id) "
    "WHEN 'LIKE' THEN EXISTS (SELECT 1 FROM likes l JOIN posts p ON p.author_id = l.owner_id AND p.id = l.post_id "
    "WHERE l.owner_id = g.subject_owner_id AND l.post_id = g.subject_id AND l.user_id = g.actor_id "
    "AND p.deleted_at IS NULL) "
    "WHEN 'PAYMENT_RECEIVED' THEN EXISTS (SELECT 1 FROM payments p "
    "WHERE p.owner_id = g.subject_owner_id AND p.id = g.subject_id AND p.kind = 'TRANSFER') "
    "WHEN 'PAYMENT_FAILED' THEN true WHEN 'REFUND' THEN true "
    "ELSE EXISTS (SELECT 1 FROM comments c JOIN posts p ON p.author_id = c.owner_id AND p.id = c.post_id "
    "WHERE c.owner_id = g.subject_owner_id AND c.id = g.subject_id AND c.deleted_at IS NULL "
    "AND p.deleted_at IS NULL) END"
)
_WANTED = (
    "(g.kind = 'PAYMENT_FAILED' OR NOT EXISTS (SELECT 1 FROM channel_preferences c "
    "WHERE c.owner_id = g.owner_id AND c.kind = g.kind AND NOT c.in_app))"
)
_VISIBLE = f"(g.subject_type = 'Payment' OR {unblocked('g.owner_id', 'g.actor_id')})"
"""A payment is notified even if one of its two users has blocked the other, because the money has moved.

Reads of the inbox hide the actor then.
"""

_ADD = (
    f"INSERT INTO notifications ({', '.join(_NOTIFICATION)}, actor_count) "  # noqa: S608 - built from constants
    f"SELECT {', '.join(f'g.{column}' for column in _NOTIFICATION)}, 1 FROM input_rows g WHERE {_STILL_EXISTS} "
    f"AND EXISTS (SELECT 1 FROM users u WHERE u.id = g.owner_id) AND {_VISIBLE} AND {_WANTED} "
    "ON CONFLICT DO NOTHING RETURNING owner_id, id"
)


async def project_inboxes(transaction: Queries, events: Sequence[RecordedEvent[Event]], ids: Ids) -> list[StreamEvent]:
    """Writes the notifications of events, and returns the stream events of the recipients.

    It writes none for acts that were undone, for deleted accounts, and for kinds that the recipient has turned off. A
    failed payment cannot be turned off. Inboxes are locked first, so that no notification is older than a mark.
    """
    found = [(new, recorded) for recorded in events for new in new_notifications(recorded)]
    seen_up_to = await lock_inboxes(transaction, {new.owner_id for new, _ in found})
    added = {
        ids.next(above=seen_up_to[new.owner_id]): (new, recorded)
        for new, recorded in found
        if new.owner_id in seen_up_to
    }
    rows = await transaction.fetch_with_rows(_ADD, _NOTIFICATION, [(*new, key) for key, (new, _) in added.items()])
    await add_to_totals(transaction, _badges(rows))
    stream_events: list[StreamEvent] = []
    for row in rows:
        _, recorded = added[row["id"]]
        inbox, notification = RowKey(row["owner_id"], row["owner_id"]), RowKey(row["owner_id"], row["id"])
        stream_events.append(recorded.stream_event(inbox, StreamEventKind.NOTIFICATION_RECEIVED, notification))
    return stream_events


def _badges(rows: Iterable[dict[str, Any]]) -> list[CountChange]:
    owners = [row["owner_id"] for row in rows]
    return [CountChange(owner, owner, counter, 1) for owner in owners for counter in ("unseen", "unread")]
