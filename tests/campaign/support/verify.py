"""Verifies that every acknowledged write exists once, with all of its effects once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from adapters.database import Queries
from events import CommentAdded, Event, LoggedEvent, PostDeleted, PostLiked, PostPublished, PostUnliked, read_event
from tests.campaign.support.clients import Acknowledged, Row
from tests.campaign.support.worker import never_done
from tests.campaign.support.world import World

Rows = list[dict[str, Any]]


async def faults(queries: Queries, world: World, told: Acknowledged) -> list[str]:
    """Returns the errors found, as texts."""
    log = await queries.fetch("SELECT * FROM event_log ORDER BY partition, tx, id")
    return [
        *await effects(queries, world, told),
        *await _handlers(queries, [row["id"] for row in log]),
        *await _relay(queries, log),
        *await _inboxes(queries, world),
    ]


async def effects(queries: Queries, world: World, told: Acknowledged) -> list[str]:
    """Returns the errors in what was written, and in events, streams, feeds and counts of it."""
    log = await queries.fetch("SELECT * FROM event_log ORDER BY partition, tx, id")
    happened = [read_event(LoggedEvent(row["type"], row["version"], row["actor_id"], row["data"])) for row in log]
    return [
        *told.wrong,
        *await _writes(queries, told),
        *_events(happened, told, await _comments(queries, world)),
        *await _streams(queries, happened),
        *await _feeds(queries, world),
        *await _counts(queries),
    ]


def _unequal(what: str, found: Iterable[Any], expected: Iterable[Any]) -> list[str]:
    have, want = Counter(list(found)), Counter(list(expected))
    if have == want:
        return []
    return [f"{what}: {sum((have - want).values())} too many, {sum((want - have).values())} missing"]


async def _writes(queries: Queries, told: Acknowledged) -> list[str]:
    posts = await queries.fetch("SELECT author_id, id, body, deleted_at FROM posts WHERE body ~ '^[0-9]+-[0-9]+$'")
    comments = await queries.fetch("SELECT body FROM comments WHERE body ~ '^[0-9]+-[0-9]+$'")
    unsure = {row["body"] for row in comments} & told.unsure
    likes = {
        (row["user_id"], Row(row["owner_id"], row["post_id"])) for row in await queries.fetch("SELECT * FROM likes")
    }
    follows = {(row["owner_id"], row["followee_id"]) for row in await queries.fetch("SELECT * FROM follows")}
    deleted = [Row(row["author_id"], row["id"]) for row in posts if row["deleted_at"]]
    wrong_likes = [
        pair for pair, liked in told.likes.items() if pair[1] not in told.deleted and (pair in likes) != liked
    ]
    wrong_follows = [pair for pair, followed in told.follows.items() if (pair in follows) != followed]
    return [
        *_unequal("posts", [row["body"] for row in posts], told.posts),
        *_unequal("comments", [row["body"] for row in comments], [*told.comments, *unsure]),
        *_unequal("deleted posts", deleted, told.deleted),
        *_unequal("likes that are not as they were left", wrong_likes, []),
        *_unequal("follows that are not as they were left", wrong_follows, []),
    ]


def _events(happened: list[Event], told: Acknowledged, comments: list[Row]) -> list[str]:
    def of(kind: type[Any], key: Callable[[Any], Any]) -> list[Any]:
        return [key(event) for event in happened if isinstance(event, kind)]

    turns: dict[Any, list[bool]] = {}
    for event in happened:
        if isinstance(event, PostLiked | PostUnliked):
            key = (event.actor_id, event.author_id, event.post_id)
            turns.setdefault(key, []).append(isinstance(event, PostLiked))
    not_in_turn = [key for key, liked in turns.items() if any(a == b for a, b in pairwise(liked))]
    return [
        *_unequal("PostPublished", of(PostPublished, lambda e: Row(e.actor_id, e.post_id)), told.posts.values()),
        *_unequal("PostDeleted", of(PostDeleted, lambda e: Row(e.actor_id, e.post_id)), told.deleted),
        *_unequal("CommentAdded", of(CommentAdded, lambda e: Row(e.author_id, e.comment_id)), comments),
        *_unequal("likes that were not told in turn", not_in_turn, []),
    ]


async def _comments(queries: Queries, world: World) -> list[Row]:
    """Returns all comments that the campaign wrote."""
    found = await queries.fetch("SELECT owner_id, id FROM comments WHERE id > $1", world.first_id)
    return [Row(row["owner_id"], row["id"]) for row in found]


async def _handlers(queries: Queries, logged: list[int]) -> list[str]:
    tallied = [row["event_id"] for row in await queries.fetch("SELECT event_id FROM tally")]
    dead = [row["event_id"] for row in await queries.fetch("SELECT event_id FROM dead_jobs WHERE handler = 'tally'")]
    others = await queries.fetch("SELECT handler FROM dead_jobs WHERE handler <> 'tally'")
    return [
        *_unequal("effects of handlers", tallied, [event for event in logged if not never_done(event)]),
        *_unequal("dead letters", dead, [event for event in logged if never_done(event)]),
        *_unequal("other dead letters", [row["handler"] for row in others], []),
    ]


async def _relay(queries: Queries, log: Rows) -> list[str]:
    last: dict[int, tuple[int, int]] = {row["partition"]: (row["tx"], row["id"]) for row in log}
    positions = await queries.fetch("SELECT partition, tx, id FROM relay_positions")
    return [
        *_unequal(
            "positions", [(row["partition"], (row["tx"], row["id"])) for row in positions if row["tx"]], last.items()
        ),
        *_unequal(
            "events that were set aside", [row["id"] for row in await queries.fetch("SELECT id FROM dead_events")], []
        ),
    ]


async def _streams(queries: Queries, happened: list[Event]) -> list[str]:
    gaps = await queries.fetch(
        "SELECT s.owner_id, s.id FROM streams s LEFT JOIN stream_entries e ON e.owner_id = s.owner_id "
        "AND e.stream_id = s.id GROUP BY s.owner_id, s.id, s.first_place, s.last_place "
        "HAVING COUNT(e.place) <> s.last_place - s.first_place + 1 OR MIN(e.place) <> s.first_place "
        "OR MAX(e.place) <> s.last_place"
    )
    unordered = await queries.fetch(
        "SELECT stream_id FROM (SELECT stream_id, (log_tx, log_id) < LAG((log_tx, log_id)) OVER "
        "(PARTITION BY owner_id, stream_id ORDER BY place) AS back FROM stream_entries WHERE owner_id <> stream_id) e "
        "WHERE back"
    )
    own = await queries.fetch(
        "SELECT owner_id, subject_id FROM stream_entries WHERE stream_id = owner_id AND subject_owner_id = owner_id "
        "AND kind = 'FEED_POST_PUBLISHED' ORDER BY owner_id, place"
    )
    added = await queries.fetch("SELECT subject_id FROM stream_entries WHERE kind = 'COMMENT_ADDED'")
    whole = await queries.fetch("SELECT owner_id FROM streams WHERE owner_id = id AND first_place = 1")
    not_last = _not_last(own, happened, {row["owner_id"] for row in whole})
    comments = [event.comment_id for event in happened if isinstance(event, CommentAdded)]
    return [
        *_unequal("streams with gaps", [row["id"] for row in gaps], []),
        *_unequal("streams of posts out of order", [row["stream_id"] for row in unordered], []),
        *_unequal("streams without all of the last posts of their owners", not_last, []),
        *_unequal("comments in streams", [row["subject_id"] for row in added], comments),
    ]


def _not_last(own: Rows, happened: list[Event], whole: set[int]) -> list[int]:
    """Returns the authors whose streams do not end with their own last posts in order.

    Untrimmed streams must contain all posts.
    """
    published: dict[int, list[int]] = {}
    for event in happened:
        if isinstance(event, PostPublished):
            published.setdefault(event.actor_id, []).append(event.post_id)
    kept: dict[int, list[int]] = {author: [] for author in published}
    for row in own:
        kept.setdefault(row["owner_id"], []).append(row["subject_id"])
    return [
        owner
        for owner, posts in kept.items()
        if posts != published.get(owner, [])[-len(posts) :] or (owner in whole and posts != published.get(owner))
    ]


async def _feeds(queries: Queries, world: World) -> list[str]:
    """Entries are of who is followed and what is there; and all that was published since the follow is among them."""
    missing = await queries.fetch(
        "SELECT p.id FROM follows f JOIN posts p ON p.author_id = f.followee_id AND p.id > f.id "
        "WHERE p.id > $1 AND p.deleted_at IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM feed_entries e WHERE e.owner_id = f.owner_id AND e.post_id = p.id)",
        world.first_id,
    )
    stray = await queries.fetch(
        "SELECT e.post_id FROM feed_entries e JOIN posts p ON p.author_id = e.author_id AND p.id = e.post_id "
        "WHERE e.post_id > $1 AND (p.deleted_at IS NOT NULL OR (e.owner_id <> e.author_id AND NOT EXISTS "
        "(SELECT 1 FROM follows f WHERE f.owner_id = e.owner_id AND f.followee_id = e.author_id)))",
        world.first_id,
    )
    return [
        *_unequal("entries that are missing", [row["id"] for row in missing], []),
        *_unequal("entries that should not be", [row["post_id"] for row in stray], []),
    ]


async def _counts(queries: Queries) -> list[str]:
    people = await queries.fetch(
        "SELECT c.user_id FROM user_counts c WHERE (c.followers, c.following, c.posts) <> ("
        "(SELECT COUNT(*) FROM follows f WHERE f.followee_id = c.user_id), "
        "(SELECT COUNT(*) FROM follows f WHERE f.owner_id = c.user_id), "
        "(SELECT COUNT(*) FROM posts p WHERE p.author_id = c.user_id AND p.deleted_at IS NULL))"
    )
    posts = await queries.fetch(
        "SELECT p.id FROM posts p LEFT JOIN post_counts c ON c.author_id = p.author_id AND c.post_id = p.id "
        "WHERE (COALESCE(c.likes, 0), COALESCE(c.comments, 0)) <> ("
        "(SELECT COUNT(*) FROM likes l WHERE l.owner_id = p.author_id AND l.post_id = p.id), "
        "(SELECT COUNT(*) FROM comments m "
        "WHERE m.owner_id = p.author_id AND m.post_id = p.id AND m.deleted_at IS NULL))"
    )
    return [
        *_unequal("counts of people", [row["user_id"] for row in people], []),
        *_unequal("counts of posts", [row["id"] for row in posts], []),
        *_unequal("counts not folded", [row["id"] for row in await queries.fetch("SELECT id FROM count_deltas")], []),
    ]


async def _inboxes(queries: Queries, world: World) -> list[str]:
    facts = await queries.fetch(
        "SELECT kind, fact_id FROM notification_facts WHERE notification_id > $1",
        world.first_id,
    )
    told = await queries.fetch("SELECT owner_id, id, actor_count FROM notifications WHERE id > $1", world.first_id)
    counted_actors = await queries.fetch(
        "SELECT owner_id, notification_id AS id, COUNT(DISTINCT actor_id) AS actor_count FROM notification_facts "
        "WHERE notification_id > $1 GROUP BY owner_id, notification_id",
        world.first_id,
    )
    commented = await queries.fetch(
        "SELECT c.owner_id, c.author_id, c.id FROM comments c JOIN posts p ON p.author_id = c.owner_id "
        "AND p.id = c.post_id WHERE c.id > $1 AND c.author_id <> c.owner_id AND p.deleted_at IS NULL",
        world.first_id,
    )
    of_comments = {row["fact_id"] for row in facts if row["kind"] == "COMMENT"}
    untold = [row["id"] for row in commented if row["id"] not in of_comments]
    actors, expected = ([tuple(row.values()) for row in rows] for rows in (told, counted_actors))
    counted = {row["owner_id"]: row["unread"] for row in await queries.fetch("SELECT * FROM notification_counts")}
    return [
        *_unequal("comments without a notification", untold, []),
        *_unequal("actors of notifications", actors, expected),
        *_unequal("badges", _grown(counted, world.unread).items(), Counter(row["owner_id"] for row in told).items()),
    ]


def _grown(after: Mapping[int, int], before: Mapping[int, int]) -> dict[int, int]:
    return {owner: count - before.get(owner, 0) for owner, count in after.items() if count != before.get(owner, 0)}
