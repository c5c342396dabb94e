"""Reads posts, comments and users that the viewer may see, inside a unit of work."""

from typing import Any

from adapters.database import Queries
from core.viewer import SignedIn
from models.feed import COMMENT_COLUMNS, COMMENT_JOINS, POST_COLUMNS, POST_JOINS, CommentRow, PostRow, liked_by
from models.users import USER_COLUMNS, UserRow, unblocked

VISIBLE_POST = f"p.deleted_at IS NULL AND {unblocked('$3', 'p.author_id')}"
"""A predicate: post `p` exists and is visible to the viewer `$3`."""

HAS_ACCOUNT = "EXISTS (SELECT 1 FROM users me WHERE me.id = $3)"
"""A predicate: the account of the viewer `$3` exists. A token may be valid after the account is deleted."""

_POST = (
    f"SELECT {POST_COLUMNS.sql()}, {liked_by('$3')} AS liked_by_viewer FROM posts p {POST_JOINS} "  # noqa: S608 - built from constants
    f"WHERE p.author_id = $1 AND p.id = $2 AND {VISIBLE_POST}"
)
_COMMENT = (
    f"SELECT {COMMENT_COLUMNS.sql()} FROM comments c {COMMENT_JOINS} "  # noqa: S608 - built from constants
    "JOIN posts p ON p.author_id = c.owner_id AND p.id = c.post_id "
    f"WHERE c.owner_id = $1 AND c.id = $2 AND c.deleted_at IS NULL AND {VISIBLE_POST} "
    f"AND {unblocked('$3', 'c.author_id')}"
)
_PERSON = (
    f"SELECT {USER_COLUMNS.sql()}, EXISTS (SELECT 1 FROM follows f "  # noqa: S608 - built from constants
    "WHERE f.owner_id = $2 AND f.followee_id = u.id) AS followed_by_viewer, "
    "EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $2 AND b.other_id = u.id AND b.outgoing) AS blocked "
    "FROM users u WHERE u.id = $1 "
    "AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $2 AND b.other_id = u.id AND NOT b.outgoing)"
)


class FeedUserRow(UserRow):
    """A user with the viewer's relationship to them."""

    followed_by_viewer: bool
    blocked: bool


async def find_post(viewer: SignedIn, queries: Queries, author_id: int, post_id: int) -> PostRow | None:
    """Returns a post that the viewer may see, or None."""
    return _first(await queries.fetch(_POST, author_id, post_id, viewer.user_id))


async def find_comment(viewer: SignedIn, queries: Queries, owner_id: int, comment_id: int) -> CommentRow | None:
    """Returns a comment that the viewer may see, or None."""
    return _first(await queries.fetch(_COMMENT, owner_id, comment_id, viewer.user_id))


async def find_feed_user(viewer: SignedIn, queries: Queries, user_id: int) -> FeedUserRow | None:
    """Returns a user who has not blocked the viewer, or None."""
    return _first(await queries.fetch(_PERSON, user_id, viewer.user_id))


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None
