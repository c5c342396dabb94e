"""The entries of home feeds, and what the people whose feeds they are in are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.database import Queries
from events import Event, FollowEnded, PostDeleted, PostEdited, PostPublished, UserFollowed, UserUnfollowed
from services.projections.happened import Happened, of_type
from services.streams import Key, Kind, Told

POSTS_OF_SOMEBODY_NEW = 100
"""So many of their newest posts come into the feed of who begins to follow somebody."""

_PAIR = {"owner_id": "bigint", "author_id": "bigint"}
_FOLLOWS = "SELECT 1 FROM follows f WHERE f.owner_id = feed_entries.owner_id AND f.followee_id = feed_entries.author_id"
_TAKE_AUTHOR = (
    "DELETE FROM feed_entries WHERE (owner_id, author_id) IN (SELECT owner_id, author_id FROM given) "  # noqa: S608 - built from constants
    f"AND NOT EXISTS ({_FOLLOWS}) RETURNING owner_id, author_id"
)
_ADD_AUTHOR = (
    "INSERT INTO feed_entries (owner_id, post_id, author_id) SELECT g.owner_id, p.id, p.author_id FROM given g "  # noqa: S608 - a constant
    "JOIN follows f ON f.owner_id = g.owner_id AND f.followee_id = g.author_id "
    "JOIN posts p ON p.author_id = g.author_id AND p.deleted_at IS NULL AND NOT p.pulled "
    "AND p.id >= COALESCE((SELECT q.id FROM posts q "
    "WHERE q.author_id = g.author_id AND q.deleted_at IS NULL AND NOT q.pulled ORDER BY q.id DESC "
    f"LIMIT 1 OFFSET {POSTS_OF_SOMEBODY_NEW - 1}), 0) "
    "WHERE true ORDER BY g.owner_id, p.id ON CONFLICT DO NOTHING RETURNING owner_id, author_id"
)

_POST = {"author_id": "bigint", "post_id": "bigint"}
_ADD_POST = (
    "INSERT INTO feed_entries (owner_id, post_id, author_id) SELECT f.owner_id, p.id, p.author_id FROM given g "
    "JOIN posts p ON p.author_id = g.author_id AND p.id = g.post_id AND p.deleted_at IS NULL AND NOT p.pulled "
    "JOIN follows f ON f.followee_id = g.author_id "
    "WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.owner_id = f.owner_id AND v.last_at < $1) "
    "ORDER BY f.owner_id, p.id ON CONFLICT DO NOTHING RETURNING owner_id, author_id, post_id"
)
_FOLLOWERS_AND_AUTHOR = (
    "SELECT f.owner_id, g.post_id FROM given g JOIN follows f ON f.followee_id = g.author_id "
    "WHERE NOT EXISTS (SELECT 1 FROM popular_authors a WHERE a.author_id = g.author_id) "
    "UNION ALL SELECT g.author_id, g.post_id FROM given g"
)
_HOLDERS = (
    "SELECT owner_id, author_id, post_id FROM feed_entries "  # noqa: S608 - built from constants
    f"WHERE (owner_id, post_id) IN ({_FOLLOWERS_AND_AUTHOR})"
)
_TAKE_POST = (
    f"DELETE FROM feed_entries WHERE (owner_id, post_id) IN ({_FOLLOWERS_AND_AUTHOR}) "  # noqa: S608 - built from constants
    "RETURNING owner_id, author_id, post_id"
)


async def project_feeds(transaction: Queries, happened: Sequence[Happened[Event]], away_since: datetime) -> list[Told]:
    """Entries go with who is no longer followed, come with who is, and come and go with posts.

    Nothing comes to who was last there before `away_since`. What popular authors have pushed before they were popular
    stays with their followers when they delete it, and is passed over when a feed is read.
    """
    published, edited, deleted = (
        _by_post(of_type(happened, kind)) for kind in (PostPublished, PostEdited, PostDeleted)
    )
    return [
        *await _of_people(transaction, _TAKE_AUTHOR, parted(happened)),
        *await _of_people(transaction, _ADD_AUTHOR, joined(happened)),
        *await _of_posts(transaction, (_ADD_POST, away_since), published, Kind.FEED_POST_PUBLISHED),
        *_own(of_type(happened, PostPublished)),
        *await _of_posts(transaction, (_HOLDERS,), edited, Kind.FEED_POST_CHANGED),
        *await _of_posts(transaction, (_TAKE_POST,), deleted, Kind.FEED_POST_REMOVED),
    ]


def parted(happened: Sequence[Happened[Event]]) -> dict[tuple[int, int], Happened[Any]]:
    """Reader and author of feeds that have to do without, and the last event by which."""
    found: dict[tuple[int, int], Happened[Any]] = {}
    for each in of_type(happened, UserUnfollowed):
        found[each.event.actor_id, each.event.followee_id] = each
    for each in of_type(happened, FollowEnded):
        found[each.event.follower_id, each.event.followee_id] = each
    return found


def joined(happened: Sequence[Happened[Event]]) -> dict[tuple[int, int], Happened[Any]]:
    """Reader and author of feeds that have somebody new, and the last event by which."""
    return {(each.event.actor_id, each.event.followee_id): each for each in of_type(happened, UserFollowed)}


def _by_post(
    happened: Sequence[Happened[Any]],
) -> dict[tuple[int, int], Happened[Any]]:
    return {(each.event.actor_id, each.event.post_id): each for each in happened}


def _own(published: Sequence[Happened[PostPublished]]) -> list[Told]:
    """The author's entry was made with the post."""
    found: list[Told] = []
    for each in published:
        author, post = each.event.actor_id, each.event.post_id
        found.append(each.told(Key(author, author), Kind.FEED_POST_PUBLISHED, Key(author, post)))
    return found


async def _of_people(transaction: Queries, sql: str, pairs: Mapping[tuple[int, int], Happened[Any]]) -> list[Told]:
    """Whose feeds have changed throughout."""
    rows = await transaction.fetch_given(sql, _PAIR, sorted(pairs))
    changed = {(row["owner_id"], row["author_id"]) for row in rows}
    return [
        pairs[reader, author].told(Key(reader, reader), Kind.FEED_RESET, Key(reader, reader))
        for reader, author in sorted(changed)
    ]


async def _of_posts(
    transaction: Queries, sql: tuple[Any, ...], posts: Mapping[tuple[int, int], Happened[Any]], kind: Kind
) -> list[Told]:
    """In whose feeds a post has come, changed or gone; `sql` with its values."""
    statement, *values = sql
    rows = await transaction.fetch_given(statement, _POST, sorted(posts), *values)
    return [
        posts[row["author_id"], row["post_id"]].told(
            Key(row["owner_id"], row["owner_id"]), kind, Key(row["author_id"], row["post_id"])
        )
        for row in rows
    ]
