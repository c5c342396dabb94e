"""Event streams: the ordered changes of a user's feed and inbox and of a post, for clients that follow them.

A user's stream has the key (user id, user id), a post's stream the key (author id, post id). Its entries are numbered
without a gap, so a client that knows an offset knows what it has missed, and learns if missed entries were deleted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from adapters.database import Queries
from core.ids import MAX_ID
from services.event_log.log import LogPosition

MIN_ENTRIES = 1000
"""The minimum of entries that each stream keeps, up to the age at which entries are deleted."""

MIN_POPULAR_ENTRIES = 100_000
"""The same minimum for `POPULAR_STREAM`."""

_SLACK = 100
_STREAM = {"owner_id": "bigint", "id": "bigint", "epoch": "bigint", "added": "bigint", "counted": "bigint"}
_ADVANCE = (
    "INSERT INTO streams (owner_id, id, epoch, last_place, first_place, counts_revision) "
    "SELECT owner_id, id, epoch, added, 1, counted FROM input_rows WHERE true "
    "ON CONFLICT (owner_id, id) DO UPDATE SET last_place = streams.last_place + excluded.last_place, "
    "counts_revision = streams.counts_revision + excluded.counts_revision "
    "RETURNING owner_id, id, last_place, first_place"
)
_ENTRY = {
    "owner_id": "bigint",
    "stream_id": "bigint",
    "kind": "text",
    "subject_owner_id": "bigint",
    "subject_id": "bigint",
    "log_tx": "bigint",
    "log_id": "bigint",
    "occurred_at": "timestamptz",
    "place": "bigint",
}
_APPEND = f"INSERT INTO stream_entries ({', '.join(_ENTRY)}) SELECT {', '.join(_ENTRY)} FROM input_rows"  # noqa: S608 - built from constants

_UP_TO = {"owner_id": "bigint", "stream_id": "bigint", "place": "bigint"}
_DELETE = (
    "DELETE FROM stream_entries WHERE (owner_id, stream_id, place) IN (SELECT e.owner_id, e.stream_id, e.place "
    "FROM input_rows g JOIN stream_entries e "
    "ON e.owner_id = g.owner_id AND e.stream_id = g.stream_id AND e.place <= g.place)"
)
_RAISE = (
    "UPDATE streams SET first_place = g.place + 1 FROM input_rows g "
    "WHERE streams.owner_id = g.owner_id AND streams.id = g.stream_id AND streams.first_place <= g.place"
)
_HOLD = (
    "SELECT s.id FROM input_rows g JOIN streams s ON s.owner_id = g.owner_id AND s.id = g.stream_id "
    "ORDER BY s.owner_id, s.id FOR UPDATE OF s"
)
_OLD_FRONTS = (
    "SELECT e.owner_id, e.stream_id FROM stream_entries e WHERE e.occurred_at < $1 AND e.place = (SELECT MIN(f.place) "
    "FROM stream_entries f WHERE f.owner_id = e.owner_id AND f.stream_id = e.stream_id AND f.occurred_at <= $2) "
    "ORDER BY e.occurred_at LIMIT $3"
)
_STREAM_KEY = {"owner_id": "bigint", "stream_id": "bigint"}
_OF_GIVEN = "FROM stream_entries e WHERE e.owner_id = g.owner_id AND e.stream_id = g.stream_id"
_FRESH = f"SELECT MIN(e.place) {_OF_GIVEN} AND e.occurred_at >= $1 AND e.occurred_at <= $2"
_PREFIX = (
    f"SELECT g.owner_id, g.stream_id, (SELECT MIN(e.place) {_OF_GIVEN}) AS front, "  # noqa: S608 - as above
    f"(SELECT MAX(e.place) {_OF_GIVEN} AND e.occurred_at < $1 AND e.place < COALESCE(({_FRESH}), {MAX_ID})) AS last "
    "FROM input_rows g ORDER BY g.owner_id, g.stream_id"
)


class StreamEventKind(StrEnum):
    """The kind of an entry; the comment names the type of its subject."""

    FEED_POST_PUBLISHED = "FEED_POST_PUBLISHED"  # Post
    FEED_POST_CHANGED = "FEED_POST_CHANGED"  # Post
    FEED_POST_REMOVED = "FEED_POST_REMOVED"  # Post
    FEED_RESET = "FEED_RESET"  # User: whose feed it is, like the resets below
    FEED_RESET_BY_FOLLOW = "FEED_RESET_BY_FOLLOW"
    FEED_RESET_BY_UNFOLLOW = "FEED_RESET_BY_UNFOLLOW"
    FEED_RESET_BY_FOLLOW_ENDED = "FEED_RESET_BY_FOLLOW_ENDED"
    NOTIFICATION_RECEIVED = "NOTIFICATION_RECEIVED"  # Notification
    PAYMENT_CHANGED = "PAYMENT_CHANGED"  # Payment
    DEVICE_REVOKED = "DEVICE_REVOKED"  # Device
    POST_CHANGED = "POST_CHANGED"  # Post
    POST_REMOVED = "POST_REMOVED"  # Post
    COMMENT_ADDED = "COMMENT_ADDED"  # Comment
    COMMENT_REMOVED = "COMMENT_REMOVED"  # Comment
    UNKNOWN = "UNKNOWN"  # never appended: stands for every kind that only a newer release knows

    @classmethod
    def _missing_(cls, value: object) -> "StreamEventKind":  # noqa: ARG003 - the signature of enums
        return cls.UNKNOWN


class RowKey(NamedTuple):
    """The owner's id and the id of a row: of a stream, or of an entry's subject."""

    owner_id: int
    id: int


POPULAR_STREAM = RowKey(0, 0)
"""The stream of the posts that readers' feeds look up."""


class StreamEvent(NamedTuple):
    """An entry that is not appended yet and has no number."""

    stream: RowKey
    kind: StreamEventKind
    subject: RowKey
    position: LogPosition
    occurred_at: datetime


class ChangedCounts(NamedTuple):
    """A change of counts of a stream's subject: the likes and comments of a post, or the badge of a user.

    It is not an entry, so popular posts do not displace events. `position` is that of the event that changed them.
    """

    stream: RowKey
    position: LogPosition


async def append_to_streams(
    transaction: Queries, events: Iterable[StreamEvent], changed_counts: Iterable[ChangedCounts] = ()
) -> list[RowKey]:
    """Appends events to their streams in the log's order, and notes changed counts. Returns the streams that changed.

    Of events with the same stream, kind and subject it appends the last one.
    """
    last = {(e.stream, e.kind, e.subject): e for e in sorted(events, key=lambda e: e.position)}
    entries = sorted(last.values(), key=lambda event: event.position)
    counted = {change.stream: change for change in sorted(changed_counts, key=lambda change: change.position)}
    added = Counter(entry.stream for entry in entries)
    epochs = {change.stream: change.position.id for change in counted.values()}
    epochs |= {entry.stream: entry.position.id for entry in reversed(entries)}
    streams = [(*stream, epoch, added[stream], int(stream in counted)) for stream, epoch in sorted(epochs.items())]
    advanced = {
        RowKey(row["owner_id"], row["id"]): row for row in await transaction.fetch_with_rows(_ADVANCE, _STREAM, streams)
    }
    places = {stream: row["last_place"] - added[stream] for stream, row in advanced.items()}
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        places[entry.stream] += 1
        values = (*entry.stream, entry.kind.value, *entry.subject, *entry.position, entry.occurred_at)
        rows.append((*values, places[entry.stream]))
    await transaction.fetch_with_rows(_APPEND, _ENTRY, rows)
    await _delete(transaction, [up_to for stream, row in advanced.items() if (up_to := _too_many(stream, row))])
    return list(advanced)


def _too_many(stream: RowKey, row: dict[str, int]) -> tuple[int, int, int] | None:
    """Returns the number up to which entries are deleted, or None while few are too many."""
    kept = MIN_POPULAR_ENTRIES if stream == POPULAR_STREAM else MIN_ENTRIES
    if row["last_place"] - row["first_place"] < kept + _SLACK:
        return None
    return (stream.owner_id, stream.id, row["last_place"] - kept)


async def trim_streams(transaction: Queries, before: datetime, now: datetime, max_entries: int) -> int:
    """Deletes up to `max_entries` entries that occurred before an instant, and returns how many it deleted.

    Of each stream it deletes a prefix that ends with an old entry and contains no fresh one. An event that was replayed
    late has an old entry behind newer ones, which stays as long as they do. An entry in the future was dated by a wrong
    clock and is deleted with the old ones behind it. A stream without entries keeps the number of its last one.
    """
    fronts = [
        (row["owner_id"], row["stream_id"]) for row in await transaction.fetch(_OLD_FRONTS, before, now, max_entries)
    ]
    await transaction.fetch_with_rows(_HOLD, _STREAM_KEY, fronts)
    old: list[tuple[int, int, int]] = []
    left = max_entries
    for row in await transaction.fetch_with_rows(_PREFIX, _STREAM_KEY, fronts, before, now):
        front, last = row["front"], row["last"]
        if last is not None and left:
            last = min(last, front + left - 1)
            old.append((row["owner_id"], row["stream_id"], last))
            left -= last - front + 1
    await _delete(transaction, old)
    return max_entries - left


async def _delete(transaction: Queries, up_to: Sequence[tuple[int, ...]]) -> None:
    await transaction.fetch_with_rows(_DELETE, _UP_TO, up_to)
    await transaction.fetch_with_rows(_RAISE, _UP_TO, up_to)
