"""Commenting on posts."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from core import text
from core.errors import forbidden, invalid_input, not_found
from core.global_ids import GlobalId
from core.viewer import SignedIn
from events import CommentAdded, CommentDeleted
from models.feed import CommentRow, PostRow
from services.event_log.counts import CountChange, change_counts
from services.feed.visible_rows import VISIBLE_POST, find_comment, find_post
from services.idempotency import CreatedRow, IdempotentRequest, claim
from services.resources import Resources
from services.unit_of_work import UnitOfWork

MAX_COMMENT_LENGTH = 2000

_ADD = (
    "INSERT INTO comments (owner_id, post_id, id, author_id, body, created_at) "  # noqa: S608 - built from constants
    "SELECT p.author_id, p.id, $4, $3, $5, $6 FROM posts p "
    f"WHERE p.author_id = $1 AND p.id = $2 AND {VISIBLE_POST} RETURNING id"
)
_THEIRS = (
    "owner_id = $1 AND id = $2 AND $3 IN (owner_id, author_id) AND NOT EXISTS (SELECT 1 FROM blocks b "
    "WHERE b.owner_id = $3 AND b.other_id = comments.author_id AND NOT b.outgoing)"
)
"""A predicate: the comment is the viewer's own, or under their post and not by somebody who hides from them."""

_DELETE = f"UPDATE comments SET deleted_at = $4 WHERE {_THEIRS} AND deleted_at IS NULL RETURNING post_id"  # noqa: S608 - built from constants
_DELETED = f"SELECT post_id FROM comments WHERE {_THEIRS} AND deleted_at IS NOT NULL"  # noqa: S608 - as above

AddCommentSuccessRow = TypedDict(
    "AddCommentSuccessRow", {"__typename": Literal["AddCommentSuccess"], "comment": CommentRow}
)
DeleteCommentSuccessRow = TypedDict(
    "DeleteCommentSuccessRow",
    {"__typename": Literal["DeleteCommentSuccess"], "owner_id": int, "id": int, "post": PostRow},
)


@dataclass(frozen=True, slots=True)
class AddComment:
    """What an app sends to comment on a post; the same `idempotency_key` adds it once."""

    post_id: GlobalId
    body: str
    idempotency_key: str | None = None


async def add_comment(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, wanted: AddComment
) -> AddCommentSuccessRow:
    """The comment. `ProblemError` when the text or the key is not right, or the viewer sees no such post."""
    body = text.prose(wanted.body, max_length=MAX_COMMENT_LENGTH)
    if body is None:
        raise invalid_input("input.body", f"Write 1 to {MAX_COMMENT_LENGTH} letters, without control characters.")
    post = (wanted.post_id.owner_id, wanted.post_id.id)
    fresh = CreatedRow(wanted.post_id.owner_id, resources.ids.next())
    request = IdempotentRequest("addComment", (*post, body), wanted.idempotency_key)
    made = await claim(viewer, work, resources, request, fresh)
    transaction = await work.writing()
    if made == fresh:
        if not await transaction.fetch(_ADD, *post, viewer.user_id, made.id, body, resources.clock()):
            raise not_found("input.postId", "There is no such post.")
        await change_counts(transaction, resources.ids, [CountChange(*post, "comments", 1)])
        author_id, post_id = post
        work.emit(CommentAdded(actor_id=viewer.user_id, author_id=author_id, post_id=post_id, comment_id=made.id))
    comment = await find_comment(viewer, transaction, *made)
    if comment is None:
        raise not_found("input.postId", "The comment or its post has been deleted.")
    return {"__typename": "AddCommentSuccess", "comment": comment}


async def delete_comment(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, comment_id: GlobalId
) -> DeleteCommentSuccessRow:
    """Which comment is gone, now or before, and its post.

    One's own may be deleted, and any under one's own post. `ProblemError` when it is none of these, or cannot be seen.
    """
    transaction = await work.writing()
    owner_id, key = comment_id.owner_id, (comment_id.owner_id, comment_id.id, viewer.user_id)
    deleted = await transaction.fetch(_DELETE, *key, resources.clock())
    found = deleted or await transaction.fetch(_DELETED, *key)
    if not found:
        if await find_comment(viewer, transaction, owner_id, comment_id.id) is not None:
            raise forbidden("input.commentId", "Only who wrote a comment, or the post above it, can delete it.")
        raise _no_comment()
    post_id = found[0]["post_id"]
    if deleted:
        await change_counts(transaction, resources.ids, [CountChange(owner_id, post_id, "comments", -1)])
        work.emit(
            CommentDeleted(actor_id=viewer.user_id, author_id=owner_id, post_id=post_id, comment_id=comment_id.id)
        )
    post = await find_post(viewer, transaction, owner_id, post_id)
    if post is None:
        raise _no_comment()
    return {"__typename": "DeleteCommentSuccess", "owner_id": owner_id, "id": comment_id.id, "post": post}


def _no_comment() -> Exception:
    return not_found("input.commentId", "There is no such comment.")
