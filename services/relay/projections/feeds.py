"""Projects events into the entries of home feeds, and into the event streams of their readers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from adapters.database import Queries
from events import Event, FollowEnded, PostDeleted, PostEdited, PostPublished, UserFollowed, UserUnfollowed
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent, of_type

POSTS_OF_NEW_AUTHOR = 100
"""A new follow adds the pushed posts among so many of the author's newest ones."""

_PAIR = {"owner_id": "bigint", "author_id": "bigint"}
_FOLLOWS = "SELECT 1 FROM follows f WHERE f.owner_id = feed_entries.owner_id AND f.followee_id = feed_entries.author_id"
_TAKE_AUTHOR = (
    "DELETE FROM feed_entries WHERE (owner_id, author_id) IN (SELECT owner_id, author_id FROM input_rows) "  # noqa: S608 - built from constants
    f"AND NOT EXISTS ({_FOLLOWS}) RETURNING owner_id, author_id"
)
_ADD_AUTHOR = (
    "INSERT INTO feed_entries (owner_id, post_id, author_id) SELECT g.owner_id, p.id, p.author_id FROM input_rows g "  # noqa: S608 - a constant
    "JOIN follows f ON f.owner_id = g.owner_id AND f.followee_id = g.author_id "
    "JOIN posts p ON p.author_id = g.author_id AND p.deleted_at IS NULL AND NOT p.pulled "
    "AND p.id >= COALESCE((SELECT q.id FROM posts q WHERE q.author_id = g.author_id ORDER BY q.id DESC "
    f"LIMIT 1 OFFSET {POSTS_OF_NEW_AUTHOR - 1}), 0) "
    "WHERE true ORDER BY g.owner_id, p.id "
    "ON CONFLICT (owner_id, post_id) DO UPDATE SET author_id = excluded.author_id RETURNING owner_id, author_id"
)
"""Returns entries that exist too. They were hidden if the follow had ended and began again before the relay read it."""

_POST = {"author_id": "bigint", "post_id": "bigint"}
_ADD_POST = (
    "INSERT INTO feed_entries (owner_id, post_id, author_id) SELECT f.owner_id, p.id, p.author_id FROM input_rows g "
    "JOIN posts p ON p.author_id = g.author_id AND p.id = g.post_id AND p.deleted_at IS NULL AND NOT p.pulled "
    "JOIN follows f ON f.followee_id = g.author_id "
    "WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.owner_id = f.owner_id AND v.last_at < $1) "
    "ORDER BY f.owner_id, p.id ON CONFLICT DO NOTHING RETURNING owner_id, author_id, post_id"
)
_TRIM = (
    "DELETE FROM feed_entries WHERE (owner_id, post_id) IN (SELECT e.owner_id, e.post_id FROM input_rows g "
    "JOIN feed_entries e ON e.owner_id = g.owner_id AND e.post_id < (SELECT k.post_id FROM feed_entries k "
    "WHERE k.owner_id = g.owner_id ORDER BY k.post_id DESC LIMIT 1 OFFSET $1 - 1))"
)
_TRIMMED_EVERY = 64
_RESETS = {
    UserFollowed: StreamEventKind.FEED_RESET_BY_FOLLOW,
    UserUnfollowed: StreamEventKind.FEED_RESET_BY_UNFOLLOW,
    FollowEnded: StreamEventKind.FEED_RESET_BY_FOLLOW_ENDED,
}
_HELD_POST = {**_POST, "held": "bigint"}
_FOLLOWERS_AND_AUTHOR = (
    "SELECT f.owner_id, g.post_id FROM input_rows g JOIN follows f ON f.followee_id = g.author_id WHERE g.held = 1 "
    "UNION ALL SELECT g.author_id, g.post_id FROM input_rows g"
)
_HOLDERS = (
    "SELECT owner_id, author_id, post_id FROM feed_entries "  # noqa: S608 - built from constants
    f"WHERE (owner_id, post_id) IN ({_FOLLOWERS_AND_AUTHOR})"
)
_TAKE_POST = (
    f"DELETE FROM feed_entries WHERE (owner_id, post_id) IN ({_FOLLOWERS_AND_AUTHOR}) "  # noqa: S608 - built from constants
    "RETURNING owner_id, author_id, post_id"
)


async def project_feeds(
    transaction: Queries, events: Sequence[RecordedEvent[Event]], away_since: datetime, popular: Collection[int]
) -> list[StreamEvent]:
    """Writes and deletes feed entries after follows and posts, and returns the stream events of the readers.

    Readers who were last active before `away_since` get no entries. Posts that an author published before becoming
    popular stay in feeds when the author deletes them, and reads skip them.
    """
    published, edited, deleted = (_by_post(of_type(events, kind)) for kind in (PostPublished, PostEdited, PostDeleted))
    added = await transaction.fetch_with_rows(_ADD_POST, _POST, sorted(published), away_since)
    changed = await transaction.fetch_with_rows(_HOLDERS, _HELD_POST, _held(edited, popular))
    removed = await transaction.fetch_with_rows(_TAKE_POST, _HELD_POST, _held(deleted, popular))
    return [
        *await _reset_feeds(transaction, _TAKE_AUTHOR, unfollowed(events)),
        *await _reset_feeds(transaction, _ADD_AUTHOR, followed(events)),
        *_post_events(added, published, StreamEventKind.FEED_POST_PUBLISHED),
        *_authors_own(of_type(events, PostPublished)),
        *_post_events(changed, edited, StreamEventKind.FEED_POST_CHANGED),
        *_post_events(removed, deleted, StreamEventKind.FEED_POST_REMOVED),
    ]


async def trim_feeds(transaction: Queries, stream_events: Iterable[StreamEvent], length: int) -> None:
    """Deletes all but the newest `length` entries of feeds with a new one, in a pseudo-random one of 64 cases."""
    readers = {
        event.stream.owner_id
        for event in stream_events
        if event.kind is StreamEventKind.FEED_POST_PUBLISHED and _is_due(event)
    }
    await transaction.fetch_with_rows(_TRIM, {"owner_id": "bigint"}, [(reader,) for reader in sorted(readers)], length)


def _is_due(event: StreamEvent) -> bool:
    return crc32(b"%d:%d" % (event.stream.owner_id, event.subject.id)) % _TRIMMED_EVERY == 0


def _held(posts: Iterable[tuple[int, int]], popular: Collection[int]) -> list[tuple[int, int, int]]:
    """Returns posts with a flag: 1 if the feeds of followers are searched for the post."""
    return [(author, post, int(author not in popular)) for author, post in sorted(posts)]


def unfollowed(events: Sequence[RecordedEvent[Event]]) -> dict[tuple[int, int], RecordedEvent[Any]]:
    """Returns the last event by reader and author, for feeds that lose the author's posts."""
    result: dict[tuple[int, int], RecordedEvent[Any]] = {}
    for recorded in of_type(events, UserUnfollowed):
        result[recorded.event.actor_id, recorded.event.followee_id] = recorded
    for recorded in of_type(events, FollowEnded):
        result[recorded.event.follower_id, recorded.event.followee_id] = recorded
    return result


def followed(events: Sequence[RecordedEvent[Event]]) -> dict[tuple[int, int], RecordedEvent[Any]]:
    """Returns the last event by reader and author, for feeds that get the author's posts."""
    return {
        (recorded.event.actor_id, recorded.event.followee_id): recorded for recorded in of_type(events, UserFollowed)
    }


def _by_post(
    events: Sequence[RecordedEvent[Any]],
) -> dict[tuple[int, int], RecordedEvent[Any]]:
    return {(recorded.event.actor_id, recorded.event.post_id): recorded for recorded in events}


def _authors_own(published: Sequence[RecordedEvent[PostPublished]]) -> list[StreamEvent]:
    """Returns the events of the authors' own streams. Their feed entries were written with the posts."""
    result: list[StreamEvent] = []
    for recorded in published:
        author, post = recorded.event.actor_id, recorded.event.post_id
        result.append(
            recorded.stream_event(RowKey(author, author), StreamEventKind.FEED_POST_PUBLISHED, RowKey(author, post))
        )
    return result


async def _reset_feeds(
    transaction: Queries, sql: str, pairs: Mapping[tuple[int, int], RecordedEvent[Any]]
) -> list[StreamEvent]:
    """Runs a statement for pairs of reader and author, and returns reset events of the readers whose feeds changed."""
    rows = await transaction.fetch_with_rows(sql, _PAIR, sorted(pairs))
    changed = {(row["owner_id"], row["author_id"]) for row in rows}
    return [feed_reset(pairs[reader, author], reader) for reader, author in sorted(changed)]


def feed_reset(recorded: RecordedEvent[Any], reader: int) -> StreamEvent:
    """Returns the event of a reader whose feed has to be read again, because a follow began or ended."""
    return recorded.stream_event(RowKey(reader, reader), _RESETS[type(recorded.event)], RowKey(reader, reader))


def _post_events(
    rows: Iterable[dict[str, int]], posts: Mapping[tuple[int, int], RecordedEvent[Any]], kind: StreamEventKind
) -> list[StreamEvent]:
    """Returns the events of the readers whose feeds got, changed or lost a post."""
    keys = {post: RowKey(*post) for post in posts}
    result: list[StreamEvent] = []
    for row in rows:
        post = (row["author_id"], row["post_id"])
        result.append(posts[post].stream_event(RowKey(row["owner_id"], row["owner_id"]), kind, keys[post]))
    return result
