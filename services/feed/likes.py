"""Likes and unlikes posts."""

from typing import Literal, TypedDict

from adapters.database import Queries
from core.errors import not_found
from core.global_ids import GlobalId
from core.viewer import SignedIn
from events import PostLiked, PostUnliked
from models.feed import PostRow
from services.event_log.counts import CountChange, change_counts
from services.feed.visible_rows import HAS_ACCOUNT, VISIBLE_POST, find_post
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_LIKE = (
    "INSERT INTO likes (owner_id, post_id, user_id, created_at) "  # noqa: S608 - built from constants
    f"SELECT p.author_id, p.id, $3, $4 FROM posts p WHERE p.author_id = $1 AND p.id = $2 AND {VISIBLE_POST} "
    f"AND {HAS_ACCOUNT} ON CONFLICT DO NOTHING RETURNING user_id"
)
_UNLIKE = "DELETE FROM likes WHERE owner_id = $1 AND post_id = $2 AND user_id = $3 RETURNING user_id"

LikePostSuccessRow = TypedDict("LikePostSuccessRow", {"__typename": Literal["LikePostSuccess"], "post": PostRow})
UnlikePostSuccessRow = TypedDict("UnlikePostSuccessRow", {"__typename": Literal["UnlikePostSuccess"], "post": PostRow})


async def like_post(viewer: SignedIn, work: UnitOfWork, resources: Resources, post_id: GlobalId) -> LikePostSuccessRow:
    """Likes a post and returns it, also if it was liked before. Raises `ProblemError` if the post is not visible."""
    transaction = await work.transaction()
    author_id, post = post_id.owner_id, post_id.id
    if await transaction.fetch(_LIKE, author_id, post, viewer.user_id, resources.clock()):
        await change_counts(transaction, resources.ids, [CountChange(author_id, post, "likes", 1)])
        work.emit(PostLiked(actor_id=viewer.user_id, author_id=author_id, post_id=post))
    return {"__typename": "LikePostSuccess", "post": await _visible_post(viewer, transaction, post_id)}


async def unlike_post(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, post_id: GlobalId
) -> UnlikePostSuccessRow:
    """Removes the viewer's like and returns the post. Raises `ProblemError` if the post is not visible."""
    transaction = await work.transaction()
    author_id, post = post_id.owner_id, post_id.id
    if await transaction.fetch(_UNLIKE, author_id, post, viewer.user_id):
        await change_counts(transaction, resources.ids, [CountChange(author_id, post, "likes", -1)])
        work.emit(PostUnliked(actor_id=viewer.user_id, author_id=author_id, post_id=post))
    return {"__typename": "UnlikePostSuccess", "post": await _visible_post(viewer, transaction, post_id)}


async def _visible_post(viewer: SignedIn, transaction: Queries, post_id: GlobalId) -> PostRow:
    post = await find_post(viewer, transaction, post_id.owner_id, post_id.id)
    if post is None:
        raise not_found("input.postId", "The post does not exist.")
    return post
