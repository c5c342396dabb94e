"""The home feed."""

from adapters.database import Database
from core.ids import HIGHEST
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.feed import POST_COLUMNS, POST_JOINS, PostRow, liked_by
from models.users import unblocked

_HOME_FEED = (
    f"SELECT {POST_COLUMNS}, {liked_by('$1')} AS liked_by_viewer "  # noqa: S608 - built from constants
    f"FROM feed_entries e JOIN posts p ON p.author_id = e.author_id AND p.id = e.post_id {POST_JOINS} "
    f"WHERE e.owner_id = $1 AND e.post_id < $2 AND p.deleted_at IS NULL AND {unblocked('$1', 'p.author_id')} "
    "ORDER BY e.post_id DESC LIMIT $3"
)


async def home_feed(viewer: SignedIn, database: Database, wanted: PageRequest) -> Page[PostRow]:
    """Posts of the people the viewer follows and the viewer's own, newest first."""
    rows = await database.fetch(_HOME_FEED, viewer.user_id, wanted.after_or(HIGHEST), wanted.limit)
    return wanted.page(rows)
