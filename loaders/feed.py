"""Loaders of posts, comments and likes."""

from adapters.database import ColumnVariants, Database, DialectSQL, TaggedSQL
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest, SortKey
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids, with_columns
from loaders.paged import pages, rows_per_key
from models import cache_tags
from models.feed import COMMENT_COLUMNS, COMMENT_JOINS, POST_COLUMNS, POST_JOINS, CommentRow, PostRow, liked_by
from models.users import unblocked

_POSTS = ColumnVariants(
    POST_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM posts p {POST_JOINS} "  # noqa: S608 - built from constants
        "WHERE p.author_id = ANY($1) AND p.id = ANY($2) AND p.deleted_at IS NULL"
    ),
    cache_tags.reads_posts_by_id,
)
_COMMENTS = ColumnVariants(
    COMMENT_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM comments c {COMMENT_JOINS} "  # noqa: S608 - built from constants
        "JOIN posts p ON p.author_id = c.owner_id AND p.id = c.post_id AND p.deleted_at IS NULL "
        "WHERE c.owner_id = ANY($1) AND c.id = ANY($2) AND c.deleted_at IS NULL"
    ),
    cache_tags.reads_comments,
)
_LIKES = TaggedSQL.of(
    "SELECT owner_id, post_id FROM likes WHERE owner_id = ANY($1) AND post_id = ANY($2) AND user_id = $3",
    cache_tags.reads_own_rows,
)

_COMMENTS_BY_POST = ColumnVariants(
    COMMENT_COLUMNS,
    lambda columns, _: rows_per_key(
        columns,
        f"comments c {COMMENT_JOINS}",
        keys=("c.owner_id", "c.post_id"),
        where=f"c.id > $4 AND c.deleted_at IS NULL AND {unblocked('$3', 'c.author_id')}",
        order="c.id ASC",
        limit="$5",
    ),
    cache_tags.reads_comments_of_posts,
)
_POSTS_OF_AUTHOR = POST_COLUMNS.extended({"liked_by_viewer": liked_by("$2")})
_POSTS_BY_AUTHOR = ColumnVariants(
    _POSTS_OF_AUTHOR,
    lambda columns, _: rows_per_key(
        columns,
        f"posts p {POST_JOINS}",
        keys=("p.author_id",),
        where=f"p.id < $3 AND p.deleted_at IS NULL AND {unblocked('$2', 'p.author_id')}",
        order="p.id DESC",
        limit="$4",
    ),
    cache_tags.reads_posts_of_authors,
)
_LATER = DialectSQL(
    postgres="e.log_tx >= $3 AND e.log_tx < CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT)",
    sqlite="e.log_tx >= $3",
)
"""A predicate: an event of this cluster's transaction $3 or a later one. Only restored events have numbers ahead."""

_POSITIONS = TaggedSQL.of(
    DialectSQL(
        *(
            "SELECT s.owner_id, s.id, s.epoch, s.last_place, "  # noqa: S608 - built from constants
            "(SELECT MIN(e.place) FROM stream_entries e WHERE e.owner_id = s.owner_id AND e.stream_id = s.id "
            f"AND {later}) AS next_place FROM streams s WHERE s.owner_id = ANY($1) AND s.id = ANY($2)"
            for later in _LATER
        )
    ),
    cache_tags.reads_own_rows,
)


@with_columns(POST_COLUMNS)
async def post_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[PostRow | None]:
    rows = await database.fetch(_POSTS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["author_id"], row["id"]))


@with_columns(COMMENT_COLUMNS)
async def comment_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[CommentRow | None]:
    rows = await database.fetch(_COMMENTS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))


async def liked_by_viewer(database: Database, viewer: Viewer, posts: list[OwnedKey]) -> list[bool]:
    rows = await database.fetch(_LIKES, *owners_and_ids(posts), viewer.user_id)
    liked = {(row["owner_id"], row["post_id"]) for row in rows}
    return [post in liked for post in posts]


async def live_position_by_post(
    database: Database, _viewer: Viewer, keys: list[tuple[OwnedKey, int]]
) -> list[dict[str, int] | None]:
    """Returns `epoch` and `place` of the last event in each post's stream that precedes a transaction of the log.

    Keys are posts with that transaction, which is the same for all. Posts without a stream have None.
    """
    posts, horizon = [post for post, _ in keys], keys[0][1]
    rows = await database.fetch(_POSITIONS, *owners_and_ids(posts), horizon)
    for row in rows:
        row["place"] = row["last_place"] if row["next_place"] is None else row["next_place"] - 1
    return in_order(posts, rows, lambda row: (row["owner_id"], row["id"]))


@with_columns(COMMENT_COLUMNS)
async def comments_by_post(
    database: Database,
    viewer: Viewer,
    keys: list[tuple[OwnedKey, PageRequest]],
    columns: ColumnNames | None = None,
) -> list[Page[CommentRow]]:
    """Returns a page of comments with their authors for each post, oldest first."""
    statement = _COMMENTS_BY_POST.of(columns)

    async def read(posts: list[OwnedKey], limit: int, after: SortKey | None) -> list[CommentRow]:
        since = after[0] if after else 0
        return await database.fetch(statement, *owners_and_ids(posts), viewer.user_id, since, limit)

    return await pages(keys, read, lambda row: (row["owner_id"], row["post_id"]))


@with_columns(_POSTS_OF_AUTHOR)
async def posts_by_author(
    database: Database, viewer: Viewer, keys: list[tuple[int, PageRequest]], columns: ColumnNames | None = None
) -> list[Page[PostRow]]:
    """Returns a page of posts for each author, newest first."""
    statement = _POSTS_BY_AUTHOR.of(columns)

    async def read(author_ids: list[int], limit: int, after: SortKey | None) -> list[PostRow]:
        before = after[0] if after else MAX_ID
        return await database.fetch(statement, author_ids, viewer.user_id, before, limit)

    return await pages(keys, read, lambda row: row["author_id"])
