"""Projects follows, likes and comments into notifications."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from adapters.database import Queries
from core.ids import Ids
from events import CommentAdded, Event, PostLiked, UserFollowed
from models.users import unblocked
from services.event_log.counts import CountChange, add_to_totals
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
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
    "ELSE EXISTS (SELECT 1 FROM comments c JOIN posts p ON p.author_id = c.owner_id AND p.id = c.post_id "
    "WHERE c.owner_id = g.subject_owner_id AND c.id = g.subject_id AND c.deleted_at IS NULL "
    "AND p.deleted_at IS NULL) END"
)
_ADD = (
    f"INSERT INTO notifications ({', '.join(_NOTIFICATION)}, actor_count) "  # noqa: S608 - built from constants
    f"SELECT {', '.join(f'g.{column}' for column in _NOTIFICATION)}, 1 FROM input_rows g WHERE {_STILL_EXISTS} "
    f"AND {unblocked('g.owner_id', 'g.actor_id')} AND NOT EXISTS (SELECT 1 FROM channel_preferences c "
    "WHERE c.owner_id = g.owner_id AND c.kind = g.kind AND NOT c.in_app) "
    "ON CONFLICT DO NOTHING RETURNING owner_id, id"
)


class NewNotification(NamedTuple):
    """A notification that may be written."""

    owner_id: int
    kind: str
    actor_id: int
    subject_type: str
    subject_owner_id: int
    subject_id: int
    created_at: datetime


async def project_inboxes(transaction: Queries, events: Sequence[RecordedEvent[Event]], ids: Ids) -> list[StreamEvent]:
    """Writes one notification for each act of another user, and returns the stream events of the recipients.

    It writes none for a user's own acts, for acts that were undone, and for kinds that the recipient has turned off.
    """
    added = {ids.next(): (new, recorded) for recorded in events for new in _new_notifications(recorded)}
    rows = await transaction.fetch_with_rows(_ADD, _NOTIFICATION, [(*new, key) for key, (new, _) in added.items()])
    await add_to_totals(transaction, _badges(rows))
    stream_events: list[StreamEvent] = []
    for row in rows:
        _, recorded = added[row["id"]]
        inbox, notification = RowKey(row["owner_id"], row["owner_id"]), RowKey(row["owner_id"], row["id"])
        stream_events.append(recorded.stream_event(inbox, StreamEventKind.NOTIFICATION_RECEIVED, notification))
    return stream_events


def _new_notifications(recorded: RecordedEvent[Event]) -> Iterator[NewNotification]:
    match recorded.event:
        case UserFollowed(actor_id=actor, followee_id=followee):
            yield NewNotification(followee, "FOLLOW", actor, "User", actor, actor, recorded.occurred_at)
        case PostLiked(actor_id=actor, author_id=author, post_id=post) if actor != author:
            yield NewNotification(author, "LIKE", actor, "Post", author, post, recorded.occurred_at)
        case CommentAdded(actor_id=actor, author_id=author, comment_id=comment) if actor != author:
            yield NewNotification(author, "COMMENT", actor, "Comment", author, comment, recorded.occurred_at)
        case _:
            return


def _badges(rows: Iterable[dict[str, Any]]) -> list[CountChange]:
    owners = [row["owner_id"] for row in rows]
    return [CountChange(owner, owner, counter, 1) for owner in owners for counter in ("unseen", "unread")]
