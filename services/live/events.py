"""Describes entries of event streams as rows for the schema."""

from datetime import datetime
from enum import StrEnum
from typing import Required, TypedDict

from services.event_log.event_streams import RowKey, StreamEventKind
from services.event_log.stream_reads import StreamEntry

EventRow = TypedDict(
    "EventRow",
    {"__typename": Required[str], "owner_id": int, "id": int, "cause": str, "reason": str},
    total=False,
)
"""An event: its type in the schema, and the owner and id of its subject."""


class PayloadRow(TypedDict):
    """An event with its cursor and its time."""

    cursor: str
    occurred_at: datetime
    event: EventRow


class ResetReason(StrEnum):
    """The reason why a stream cannot be continued at a position."""

    TOO_OLD = "TOO_OLD"
    EPOCH_CHANGED = "EPOCH_CHANGED"
    UNKNOWN_EVENT = "UNKNOWN_EVENT"


TYPENAMES: dict[StreamEventKind, str] = {
    StreamEventKind.FEED_POST_PUBLISHED: "FeedPostPublished",
    StreamEventKind.FEED_POST_CHANGED: "FeedPostChanged",
    StreamEventKind.FEED_POST_REMOVED: "FeedPostRemoved",
    StreamEventKind.FEED_RESET: "FeedReset",
    StreamEventKind.FEED_RESET_BY_FOLLOW: "FeedReset",
    StreamEventKind.FEED_RESET_BY_UNFOLLOW: "FeedReset",
    StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED: "FeedReset",
    StreamEventKind.NOTIFICATION_RECEIVED: "NotificationReceived",
    StreamEventKind.PAYMENT_CHANGED: "PaymentChanged",
    StreamEventKind.DEVICE_REVOKED: "DeviceRevoked",
    StreamEventKind.POST_CHANGED: "PostChanged",
    StreamEventKind.POST_REMOVED: "PostRemoved",
    StreamEventKind.COMMENT_ADDED: "CommentAdded",
    StreamEventKind.COMMENT_REMOVED: "CommentRemoved",
    StreamEventKind.UNKNOWN: "StreamReset",
}

_CAUSES = {
    StreamEventKind.FEED_RESET: "RETURN",
    StreamEventKind.FEED_RESET_BY_FOLLOW: "FOLLOW",
    StreamEventKind.FEED_RESET_BY_UNFOLLOW: "UNFOLLOW",
    StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED: "FOLLOW_ENDED",
}


def payload(entry: StreamEntry, cursor: str) -> PayloadRow:
    """Returns the row of an entry. One of an unknown kind is a reset: what has changed cannot be told."""
    if entry.kind is StreamEventKind.UNKNOWN:
        return reset_payload(ResetReason.UNKNOWN_EVENT, cursor, entry.occurred_at)
    event: EventRow = {
        "__typename": TYPENAMES[entry.kind],
        "owner_id": entry.subject.owner_id,
        "id": entry.subject.id,
        "cause": _CAUSES.get(entry.kind, ""),
    }
    return {"cursor": cursor, "occurred_at": entry.occurred_at, "event": event}


def counts_payload(subject: RowKey, cursor: str, now: datetime) -> PayloadRow:
    """Returns the row that announces new counts: those of a post, or the badge of a user."""
    typename = "NotificationCountsChanged" if subject.owner_id == subject.id else "PostChanged"
    return {
        "cursor": cursor,
        "occurred_at": now,
        "event": {"__typename": typename, "owner_id": subject.owner_id, "id": subject.id},
    }


def reset_payload(reason: ResetReason, cursor: str, now: datetime) -> PayloadRow:
    """Returns the row that says that events may be missing before this cursor."""
    return {"cursor": cursor, "occurred_at": now, "event": {"__typename": "StreamReset", "reason": reason.value}}
