"""Makes posts with their comments and likes, and feeds."""

from collections.abc import Iterator

from services.maintenance.seed.texts import OPENINGS, REPLIES, THINGS
from services.maintenance.seed.world import Chunk, Row, World, in_groups, instant
from services.search import index_of_post

FEED_LENGTH = 100
_AUTHORS_AT_ONCE = 500
_POSTS = (3, 17)
_MAX_COMMENTS = 6
_MAX_LIKES = 4
_EDITED = 0.1

_COLUMNS = {
    "posts": ("author_id", "id", "body", "created_at", "edited_at", "words", "words_key"),
    "comments": ("owner_id", "post_id", "id", "author_id", "body", "created_at"),
    "likes": ("owner_id", "post_id", "user_id", "created_at"),
    "post_counts": ("author_id", "post_id", "likes", "comments"),
    "user_counts": ("user_id", "followers", "following", "posts"),
}


def make_posts(world: World) -> Iterator[Chunk]:
    for authors in in_groups(range(world.size), _AUTHORS_AT_ONCE):
        tables: dict[str, list[Row]] = {table: [] for table in _COLUMNS}
        for author in authors:
            count = world.between(*_POSTS)
            for _ in range(count):
                _post(world, author, tables)
            counts = (world.user_ids[author], world.followers[author], len(world.followees[author]), count)
            tables["user_counts"].append(counts)
            world.newest_posts[author].sort(reverse=True)
        for table, rows in tables.items():
            yield Chunk(table, _COLUMNS[table], rows)


def _post(world: World, author: int, tables: dict[str, list[Row]]) -> None:
    author_id, posted = world.user_ids[author], world.moment()
    post_id = world.id_at(posted)
    edited = instant(world.soon(posted, 300)) if world.chance() < _EDITED else None
    body = f"{world.one_of(OPENINGS)} {world.one_of(THINGS)}."
    tables["posts"].append((author_id, post_id, body, instant(posted), edited, *index_of_post(body)))
    world.newest_posts[author].append(post_id)
    commenters = world.others(author, world.between(0, _MAX_COMMENTS))
    for person in commenters:
        user_id, milliseconds = world.user_ids[person], world.moment(posted)
        comment_id = world.id_at(milliseconds)
        comment = (author_id, post_id, comment_id, user_id, world.one_of(REPLIES), instant(milliseconds))
        tables["comments"].append(comment)
        world.note(author_id, "COMMENT", user_id, milliseconds, ("Comment", author_id, comment_id))
    likers = world.others(author, world.between(0, _MAX_LIKES))
    for person in likers:
        user_id, milliseconds = world.user_ids[person], world.moment(posted)
        tables["likes"].append((author_id, post_id, user_id, instant(milliseconds)))
        world.note(author_id, "LIKE", user_id, milliseconds, ("Post", author_id, post_id))
    tables["post_counts"].append((author_id, post_id, len(likers), len(commenters)))


def make_feeds(world: World) -> Iterator[Chunk]:
    """The newest posts of the followed users and one's own."""
    for readers in in_groups(range(world.size), _AUTHORS_AT_ONCE):
        rows: list[Row] = []
        for reader in readers:
            candidates = [
                (post, author) for author in (reader, *world.followees[reader]) for post in world.newest_posts[author]
            ]
            newest = sorted(candidates, reverse=True)[:FEED_LENGTH]
            rows.extend((world.user_ids[reader], post, world.user_ids[author]) for post, author in newest)
        yield Chunk("feed_entries", ("owner_id", "post_id", "author_id"), rows)
