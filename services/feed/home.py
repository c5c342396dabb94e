"""The home feed."""

from adapters.database import Database
from core.ids import HIGHEST
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.feed import POST_COLUMNS, POST_JOINS, PostRow, liked_by
from models.users import unblocked

_PUSHED = (
    "SELECT e.author_id, e.post_id FROM feed_entries e JOIN posts p ON p.author_id = e.author_id AND p.id = e.post_id "  # noqa: S608 - built from constants
    "WHERE e.owner_id = $1 AND e.post_id < $2 AND p.deleted_at IS NULL AND (e.author_id = $1 "
    "OR EXISTS (SELECT 1 FROM follows f WHERE f.owner_id = $1 AND f.followee_id = e.author_id)) "
    f"AND {unblocked('$1', 'e.author_id')} ORDER BY e.post_id DESC LIMIT $3"
)
_PULLED = (
    "SELECT p.author_id, p.id FROM popular_authors a "  # noqa: S608 - as above
    "JOIN follows f ON f.owner_id = $1 AND f.followee_id = a.author_id "
    "JOIN posts p ON p.author_id = a.author_id AND p.pulled AND p.deleted_at IS NULL AND p.id < $2 AND p.id >= "
    "COALESCE((SELECT q.id FROM posts q WHERE q.author_id = a.author_id AND q.pulled AND q.deleted_at IS NULL "
    "AND q.id < $2 ORDER BY q.id DESC LIMIT 1 OFFSET $3 - 1), 0) "
    f"WHERE {unblocked('$1', 'a.author_id')} ORDER BY p.id DESC LIMIT $3"
)
_CHOSEN = (
    f"SELECT author_id, post_id FROM (SELECT * FROM ({_PUSHED}) pushed "  # noqa: S608 - as above
    f"UNION ALL SELECT * FROM ({_PULLED}) pulled) candidates ORDER BY post_id DESC LIMIT $3"
)
_HOME_FEED = (
    f"SELECT {POST_COLUMNS}, {liked_by('$1')} AS liked_by_viewer FROM ({_CHOSEN}) chosen "  # noqa: S608 - as above
    f"JOIN posts p ON p.author_id = chosen.author_id AND p.id = chosen.post_id {POST_JOINS} ORDER BY p.id DESC"
)
"""The page is chosen first and then read, so that what a post costs is spent on those of the page alone."""


async def home_feed(viewer: SignedIn, database: Database, wanted: PageRequest) -> Page[PostRow]:
    """Posts of the people the viewer follows and the viewer's own, newest first.

    Entries are made and taken away by the relay, so whether the viewer still follows the author is asked here. Posts of
    authors with very many followers have no entries; of each of these authors no more than a page is looked at.
    """
    rows = await database.fetch(_HOME_FEED, viewer.user_id, wanted.after_or(HIGHEST), wanted.limit)
    return wanted.page(rows)
