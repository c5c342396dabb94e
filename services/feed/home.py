"""The home feed."""

from adapters.database import ColumnVariants, Database, DialectSQL
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.feed import POST_COLUMNS, POST_JOINS, PostRow, liked_by
from models.users import unblocked

_OF_POSTS = ("author_id", "id", "body", "created_at", "edited_at")
"""The columns of `posts` that `POST_COLUMNS` uses. Candidates have those of them that are selected."""
_EXISTS = "EXISTS (SELECT 1 FROM users x WHERE x.id ="
"""Begins a predicate: the author's account is not deleted. Their posts are erased later."""

_PUSHED = (
    "FROM feed_entries e JOIN posts p ON p.author_id = e.author_id AND p.id = e.post_id "  # noqa: S608 - built from constants
    "WHERE e.owner_id = $1 AND e.post_id < $2 AND p.deleted_at IS NULL AND (e.author_id = $1 "
    "OR EXISTS (SELECT 1 FROM follows f WHERE f.owner_id = $1 AND f.followee_id = e.author_id)) "
    f"AND {unblocked('$1', 'e.author_id')} AND {_EXISTS} e.author_id) ORDER BY e.post_id DESC LIMIT $3"
)
_PULLED_OF = "q.author_id = a.author_id AND q.pulled AND q.deleted_at IS NULL AND q.id"
_POPULAR = (
    "SELECT a.author_id, COALESCE((SELECT q.id FROM posts q "  # noqa: S608 - as above
    f"WHERE {_PULLED_OF} < $2 ORDER BY q.id DESC LIMIT 1), 0) AS newest_id "
    "FROM popular_authors a JOIN follows f ON f.owner_id = $1 AND f.followee_id = a.author_id "
    f"WHERE {unblocked('$1', 'a.author_id')} AND {_EXISTS} a.author_id) ORDER BY newest_id DESC LIMIT $3"
)
"""As many authors as the page has rows, by their newest posts. Other authors have no post on the page."""
_OF_EACH = DialectSQL(
    postgres="CROSS JOIN LATERAL (SELECT q.* FROM posts q "  # noqa: S608 - as above
    f"WHERE {_PULLED_OF} <= a.newest_id ORDER BY q.id DESC LIMIT $3) p",
    sqlite="JOIN posts p ON p.author_id = a.author_id AND p.pulled AND p.deleted_at IS NULL AND p.id <= a.newest_id "  # noqa: S608 - as above
    "AND p.id >= COALESCE((SELECT q.id FROM posts q "
    f"WHERE {_PULLED_OF} <= a.newest_id ORDER BY q.id DESC LIMIT 1 OFFSET $3 - 1), 0)",
)
"""A page of each author's posts. PostgreSQL would look for its end at each post; SQLite has no LATERAL."""


_PULLED_AUTHORS = DialectSQL(
    *(
        f"CASE WHEN lag(p.id) OVER (ORDER BY p.id DESC) IS NULL THEN (SELECT {listed} FROM popular_authors a "  # noqa: S608 - as above
        "JOIN follows f ON f.owner_id = $1 AND f.followee_id = a.author_id) END AS pulled_authors"
        for listed in ("string_agg(CAST(a.author_id AS TEXT), ' ')", "group_concat(a.author_id, ' ')")
    )
)
"""The ids of the popular authors whom the viewer follows, in the first row. A cached page depends on their posts."""


def _home_feed(columns: str, names: ColumnNames, of_each: str, pulled_authors: str) -> str:
    """Returns the statement. It selects the page first, so that joins run for the rows of the page only."""
    of_posts = ", ".join(f"p.{name}" for name in _OF_POSTS if name in names)
    pushed = f"SELECT {of_posts} {_PUSHED}"
    pulled = f"SELECT {of_posts} FROM ({_POPULAR}) a {of_each} ORDER BY p.id DESC LIMIT $3"  # noqa: S608 - as above
    return (
        f"SELECT {columns}, {pulled_authors} FROM ("  # noqa: S608 - as above
        f"SELECT * FROM (SELECT * FROM ({pushed}) pushed UNION ALL SELECT * FROM ({pulled}) pulled) candidates "
        f"ORDER BY id DESC LIMIT $3) p {POST_JOINS} ORDER BY p.id DESC"
    )


_HOME_FEED = ColumnVariants(
    POST_COLUMNS.extended({"liked_by_viewer": liked_by("$1")}),
    lambda columns, names: DialectSQL(
        *(_home_feed(columns, names, *parts) for parts in zip(_OF_EACH, _PULLED_AUTHORS, strict=True))
    ),
    cache_tags.reads_feed,
)


async def home_feed(
    viewer: SignedIn, database: Database, page_request: PageRequest, columns: ColumnNames | None = None
) -> Page[PostRow]:
    """Returns posts of the users that the viewer follows and the viewer's own, newest first.

    The relay writes and deletes feed entries later, so the statement checks that the viewer still follows the author.
    Posts of popular authors have no entries; the statement reads at most a page of each such author.
    """
    after = page_request.after_or(MAX_ID)
    rows = await database.fetch(_HOME_FEED.of(columns), viewer.user_id, after, page_request.limit)
    return page_request.page(rows)
