"""The entries of home feeds, and what the people whose feeds they are in are told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from adapters.database import Queries
from events import Event, FollowEnded, PostDeleted, PostEdited, PostPublished, UserFollowed, UserUnfollowed
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent, of_type

POSTS_OF_NEW_AUTHOR = 100
"""Of so many of their newest posts, those that are pushed come into the feed of who begins to follow somebody."""

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
    "WHERE true ORDER BY g.owner_id, p.id ON CONFLICT DO NOTHING RETURNING owner_id, author_id"
)

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
    transaction: Queries, happened: Sequence[RecordedEvent[Event]], away_since: datetime, popular: Collection[int]
) -> list[StreamEvent]:
    """Entries go with who is no longer followed, come with who is, and come and go with posts.

    Nothing comes to who was last there before `away_since`. What `popular` authors have pushed before they were popular
    stays with their followers when they delete it, and is passed over when a feed is read.
    """
    published, edited, deleted = (
        _by_post(of_type(happened, kind)) for kind in (PostPublished, PostEdited, PostDeleted)
    )
    added = await transaction.fetch_with_rows(_ADD_POST, _POST, sorted(published), away_since)
    changed = await transaction.fetch_with_rows(_HOLDERS, _HELD_POST, _held(edited, popular))
    taken = await transaction.fetch_with_rows(_TAKE_POST, _HELD_POST, _held(deleted, popular))
    return [
        *await _of_people(transaction, _TAKE_AUTHOR, unfollowed(happened)),
        *await _of_people(transaction, _ADD_AUTHOR, followed(happened)),
        *_of_posts(added, published, StreamEventKind.FEED_POST_PUBLISHED),
        *_own(of_type(happened, PostPublished)),
        *_of_posts(changed, edited, StreamEventKind.FEED_POST_CHANGED),
        *_of_posts(taken, deleted, StreamEventKind.FEED_POST_REMOVED),
    ]


async def trim_feeds(transaction: Queries, told: Iterable[StreamEvent], length: int) -> None:
    """Leaves the newest `length` entries in feeds that have got something new: in one of 64, which one is chance."""
    readers = {
        each.stream.owner_id for each in told if each.kind is StreamEventKind.FEED_POST_PUBLISHED and _is_due(each)
    }
    await transaction.fetch_with_rows(_TRIM, {"owner_id": "bigint"}, [(reader,) for reader in sorted(readers)], length)


def _is_due(told: StreamEvent) -> bool:
    return crc32(b"%d:%d" % (told.stream.owner_id, told.subject.id)) % _TRIMMED_EVERY == 0


def _held(posts: Iterable[tuple[int, int]], popular: Collection[int]) -> list[tuple[int, int, int]]:
    """Posts, and whether followers are looked through for who has them."""
    return [(author, post, int(author not in popular)) for author, post in sorted(posts)]


def unfollowed(happened: Sequence[RecordedEvent[Event]]) -> dict[tuple[int, int], RecordedEvent[Any]]:
    """Reader and author of feeds that have to do without, and the last event by which."""
    found: dict[tuple[int, int], RecordedEvent[Any]] = {}
    for each in of_type(happened, UserUnfollowed):
        found[each.event.actor_id, each.event.followee_id] = each
    for each in of_type(happened, FollowEnded):
        found[each.event.follower_id, each.event.followee_id] = each
    return found


def followed(happened: Sequence[RecordedEvent[Event]]) -> dict[tuple[int, int], RecordedEvent[Any]]:
    """Reader and author of feeds that have somebody new, and the last event by which."""
    return {(each.event.actor_id, each.event.followee_id): each for each in of_type(happened, UserFollowed)}


def _by_post(
    happened: Sequence[RecordedEvent[Any]],
) -> dict[tuple[int, int], RecordedEvent[Any]]:
    return {(each.event.actor_id, each.event.post_id): each for each in happened}


def _own(published: Sequence[RecordedEvent[PostPublished]]) -> list[StreamEvent]:
    """The author's entry was made with the post."""
    found: list[StreamEvent] = []
    for each in published:
        author, post = each.event.actor_id, each.event.post_id
        found.append(each.told(RowKey(author, author), StreamEventKind.FEED_POST_PUBLISHED, RowKey(author, post)))
    return found


async def _of_people(
    transaction: Queries, sql: str, pairs: Mapping[tuple[int, int], RecordedEvent[Any]]
) -> list[StreamEvent]:
    """Whose feeds have changed throughout."""
    rows = await transaction.fetch_with_rows(sql, _PAIR, sorted(pairs))
    changed = {(row["owner_id"], row["author_id"]) for row in rows}
    return [
        pairs[reader, author].told(RowKey(reader, reader), StreamEventKind.FEED_RESET, RowKey(reader, reader))
        for reader, author in sorted(changed)
    ]


def _of_posts(
    rows: Iterable[dict[str, int]], posts: Mapping[tuple[int, int], RecordedEvent[Any]], kind: StreamEventKind
) -> list[StreamEvent]:
    """In whose feeds a post has come, changed or gone."""
    keys = {post: RowKey(*post) for post in posts}
    found: list[StreamEvent] = []
    for row in rows:
        post = (row["author_id"], row["post_id"])
        found.append(posts[post].told(RowKey(row["owner_id"], row["owner_id"]), kind, keys[post]))
    return found
