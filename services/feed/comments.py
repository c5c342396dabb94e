"""Adds and deletes comments."""

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
"""A predicate: the comment is the viewer's own, or under their post and its author has not blocked them."""

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
    """The input of `addComment`. It has one effect per `idempotency_key`."""

    post_id: GlobalId
    body: str
    idempotency_key: str | None = None


async def add_comment(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, comment_input: AddComment
) -> AddCommentSuccessRow:
    """Adds a comment and returns it. Raises `ProblemError` if text or key is invalid, or the post is not visible."""
    body = text.prose(comment_input.body, max_length=MAX_COMMENT_LENGTH)
    if body is None:
        raise invalid_input("input.body", f"Write 1 to {MAX_COMMENT_LENGTH} letters, without control characters.")
    post = (comment_input.post_id.owner_id, comment_input.post_id.id)
    candidate = CreatedRow(comment_input.post_id.owner_id, resources.ids.next())
    request = IdempotentRequest("addComment", (*post, body), comment_input.idempotency_key)
    created = await claim(viewer, work, resources, request, candidate)
    transaction = await work.transaction()
    author_id, post_id = post
    event = CommentAdded(actor_id=viewer.user_id, author_id=author_id, post_id=post_id, comment_id=created.id)
    if created == candidate:
        if not await transaction.fetch(_ADD, *post, viewer.user_id, created.id, body, resources.clock()):
            raise not_found("input.postId", "The post does not exist.")
        await change_counts(transaction, resources.ids, [CountChange(*post, "comments", 1)])
        work.emit(event)
    else:
        work.repeat(event)
    comment = await find_comment(viewer, transaction, *created)
    if comment is None:
        raise not_found("input.postId", "The comment or its post has been deleted.")
    return {"__typename": "AddCommentSuccess", "comment": comment}


async def delete_comment(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, comment_id: GlobalId
) -> DeleteCommentSuccessRow:
    """Deletes a comment and returns its key and its post, also if it was deleted before.

    The authors of the comment and of the post may delete it. Raises `ProblemError` for others, and if it is not
    visible.
    """
    transaction = await work.transaction()
    owner_id, key = comment_id.owner_id, (comment_id.owner_id, comment_id.id, viewer.user_id)
    deleted = await transaction.fetch(_DELETE, *key, resources.clock())
    rows = deleted or await transaction.fetch(_DELETED, *key)
    if not rows:
        if await find_comment(viewer, transaction, owner_id, comment_id.id) is not None:
            raise forbidden("input.commentId", "Only the author of the comment or of its post can delete it.")
        raise _no_comment()
    post_id = rows[0]["post_id"]
    event = CommentDeleted(actor_id=viewer.user_id, author_id=owner_id, post_id=post_id, comment_id=comment_id.id)
    if deleted:
        await change_counts(transaction, resources.ids, [CountChange(owner_id, post_id, "comments", -1)])
        work.emit(event)
    else:
        work.repeat(event)
    post = await find_post(viewer, transaction, owner_id, post_id)
    if post is None:
        raise _no_comment()
    return {"__typename": "DeleteCommentSuccess", "owner_id": owner_id, "id": comment_id.id, "post": post}


def _no_comment() -> Exception:
    return not_found("input.commentId", "The comment does not exist.")
