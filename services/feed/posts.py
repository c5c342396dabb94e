"""Publishes, edits and deletes posts."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from core import text
from core.errors import account_deleted, forbidden, invalid_input, not_found
from core.global_ids import GlobalId
from core.viewer import SignedIn
from events import AuthorBecamePopular, PostDeleted, PostEdited, PostPublished
from models.counts import current_count
from models.feed import FeedEntryModel, PostRow
from services.event_log.counts import CountChange, change_counts
from services.feed.visible_rows import find_post
from services.idempotency import CreatedRow, IdempotentRequest, claim
from services.resources import Resources
from services.search import index_of_post
from services.unit_of_work import UnitOfWork

MAX_POST_LENGTH = 5000

_FOLDED_FOLLOWERS = "(SELECT c.followers FROM user_counts c WHERE c.user_id = $1)"
_PUBLISH = (
    "INSERT INTO posts (author_id, id, body, created_at, words, words_key, pulled) "  # noqa: S608 - built from constants
    "VALUES ($1, $2, $3, $4, $6, $7, "
    f"{current_count(_FOLDED_FOLLOWERS, '$1', '$1', 'followers')} > $5) RETURNING pulled"
)
_IS_POPULAR = (
    "INSERT INTO popular_authors (author_id, since_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING author_id"
)
_EDIT = (
    "UPDATE posts SET body = $3, edited_at = $4, words = $5, words_key = $6 "
    "WHERE author_id = $1 AND id = $2 AND deleted_at IS NULL AND body <> $3 RETURNING id"
)
_DELETE = "UPDATE posts SET deleted_at = $3 WHERE author_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id"
_WAS_THERE = "SELECT 1 AS one FROM posts WHERE author_id = $1 AND id = $2"

PublishPostSuccessRow = TypedDict(
    "PublishPostSuccessRow", {"__typename": Literal["PublishPostSuccess"], "post": PostRow}
)
EditPostSuccessRow = TypedDict("EditPostSuccessRow", {"__typename": Literal["EditPostSuccess"], "post": PostRow})
DeletePostSuccessRow = TypedDict(
    "DeletePostSuccessRow", {"__typename": Literal["DeletePostSuccess"], "author_id": int, "id": int}
)


@dataclass(frozen=True, slots=True)
class PublishPost:
    """The input of `publishPost`. It has one effect per `idempotency_key`."""

    body: str
    idempotency_key: str | None = None


async def publish_post(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, post_input: PublishPost
) -> PublishPostSuccessRow:
    """Publishes a post and returns it. Raises `ProblemError` if text or key is invalid.

    The post is in its author's own feed immediately.
    """
    body = _checked_body(post_input.body)
    candidate = CreatedRow(viewer.user_id, resources.ids.next())
    request = IdempotentRequest("publishPost", (body,), post_input.idempotency_key)
    created = await claim(viewer, work, resources, request, candidate)
    if created == candidate:
        await _write(viewer, work, resources, created.id, body)
    else:
        work.repeat(PostPublished(actor_id=viewer.user_id, post_id=created.id))
    post = await find_post(viewer, await work.transaction(), *created)
    if post is None and created == candidate:
        raise account_deleted()
    if post is None:
        raise not_found("input.idempotencyKey", "The post that this key published has been deleted.")
    return {"__typename": "PublishPostSuccess", "post": post}


async def _write(viewer: SignedIn, work: UnitOfWork, resources: Resources, post_id: int, body: str) -> None:
    """Writes the post. The number of followers decides whether it is pushed into their feeds or looked up."""
    transaction = await work.transaction()
    author_id, now, max_pushed = viewer.user_id, resources.clock(), resources.settings.push_followers
    (post,) = await transaction.fetch(_PUBLISH, author_id, post_id, body, now, max_pushed, *index_of_post(body))
    if post["pulled"] and await transaction.fetch(_IS_POPULAR, author_id, now):
        work.emit(AuthorBecamePopular(actor_id=author_id))
    await FeedEntryModel.create(using_db=transaction.client, owner_id=author_id, post_id=post_id, author_id=author_id)
    await change_counts(transaction, resources.ids, [CountChange(author_id, author_id, "posts", 1)])
    work.emit(PostPublished(actor_id=author_id, post_id=post_id))


async def edit_post(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, post_id: GlobalId, body: str
) -> EditPostSuccessRow:
    """Replaces the text of a post and returns it.

    Raises `ProblemError` if the text is invalid, or the post does not exist or is not the viewer's.
    """
    text_body = _checked_body(body)
    await _check_owner(viewer, work, post_id)
    transaction = await work.transaction()
    index = index_of_post(text_body)
    if await transaction.fetch(_EDIT, viewer.user_id, post_id.id, text_body, resources.clock(), *index):
        work.emit(PostEdited(actor_id=viewer.user_id, post_id=post_id.id))
    else:
        work.repeat(PostEdited(actor_id=viewer.user_id, post_id=post_id.id))
    post = await find_post(viewer, transaction, viewer.user_id, post_id.id)
    if post is None:
        raise _no_post()
    return {"__typename": "EditPostSuccess", "post": post}


async def delete_post(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, post_id: GlobalId
) -> DeletePostSuccessRow:
    """Deletes a post and returns its key, also if it was deleted before.

    Raises `ProblemError` if it never existed or is not the viewer's.
    """
    await _check_owner(viewer, work, post_id)
    transaction = await work.transaction()
    key = (viewer.user_id, post_id.id)
    if await transaction.fetch(_DELETE, *key, resources.clock()):
        await change_counts(transaction, resources.ids, [CountChange(viewer.user_id, viewer.user_id, "posts", -1)])
        work.emit(PostDeleted(actor_id=viewer.user_id, post_id=post_id.id))
    elif await transaction.fetch(_WAS_THERE, *key):
        work.repeat(PostDeleted(actor_id=viewer.user_id, post_id=post_id.id))
    else:
        raise _no_post()
    return {"__typename": "DeletePostSuccess", "author_id": viewer.user_id, "id": post_id.id}


async def _check_owner(viewer: SignedIn, work: UnitOfWork, post_id: GlobalId) -> None:
    """Raises `ProblemError` for posts of others: FORBIDDEN if the post is visible, NOT_FOUND otherwise."""
    if post_id.owner_id == viewer.user_id:
        return
    if await find_post(viewer, work.queries, post_id.owner_id, post_id.id) is None:
        raise _no_post()
    raise forbidden("input.postId", "Only the author of this post may change it.")


def _checked_body(body: str) -> str:
    text_body = text.prose(body, max_length=MAX_POST_LENGTH)
    if text_body is None:
        raise invalid_input("input.body", f"Write 1 to {MAX_POST_LENGTH} letters, without control characters.")
    return text_body


def _no_post() -> Exception:
    return not_found("input.postId", "The post does not exist.")
