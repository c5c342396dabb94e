"""Erases rows that others have seen or that are counted for them, with the same events as undoing each act.

The payment provider has the cards; the event makes a job remove them there.
"""

from adapters.database import Queries
from events import CommentDeleted, FollowEnded, PaymentMethodRemoved, PostDeleted, PostUnliked, UserUnfollowed
from services.event_log.counts import CountChange, change_counts
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_FOLLOWING = (
    "DELETE FROM follows WHERE (owner_id, followee_id) IN "
    "(SELECT owner_id, followee_id FROM follows WHERE owner_id = $1 LIMIT $2) RETURNING followee_id"
)
_FOLLOWERS = (
    "DELETE FROM follows WHERE (owner_id, followee_id) IN "
    "(SELECT owner_id, followee_id FROM follows WHERE followee_id = $1 LIMIT $2) RETURNING owner_id"
)
_LIKES = (
    "DELETE FROM likes WHERE (owner_id, post_id, user_id) IN "
    "(SELECT owner_id, post_id, user_id FROM likes WHERE user_id = $1 LIMIT $2) RETURNING owner_id, post_id"
)
_COMMENTS = (
    "DELETE FROM comments WHERE (owner_id, id) IN "
    "(SELECT owner_id, id FROM comments WHERE author_id = $1 LIMIT $2) RETURNING owner_id, post_id, id, deleted_at"
)
_POSTS = (
    "DELETE FROM posts WHERE (author_id, id) IN "
    "(SELECT author_id, id FROM posts WHERE author_id = $1 LIMIT $2) RETURNING id, deleted_at"
)

_CARDS = (
    "UPDATE payment_methods SET removed_at = $3, is_default = false WHERE (owner_id, id) IN (SELECT owner_id, id "
    "FROM payment_methods WHERE owner_id = $1 AND removed_at IS NULL ORDER BY owner_id, id LIMIT $2 FOR UPDATE) "
    "RETURNING id"
)


async def erase_shared(work: UnitOfWork, resources: Resources, owner_id: int, limit: int) -> bool:
    """Erases up to `limit` rows of each kind and emits their events. Returns whether there may be more."""
    transaction = await work.transaction()
    changes: list[CountChange] = []
    full = [
        await _unfollow(work, transaction, owner_id, limit, changes),
        await _unlike(work, transaction, owner_id, limit, changes),
        await _uncomment(work, transaction, owner_id, limit, changes),
        await _unpublish(work, transaction, owner_id, limit),
        await _remove_cards(work, resources, owner_id, limit),
    ]
    await change_counts(transaction, resources.ids, [change for change in changes if change.owner_id != owner_id])
    return any(full)


async def _unfollow(
    work: UnitOfWork, transaction: Queries, owner_id: int, limit: int, changes: list[CountChange]
) -> bool:
    following = [row["followee_id"] for row in await transaction.fetch(_FOLLOWING, owner_id, limit)]
    for followee in following:
        changes.append(CountChange(followee, followee, "followers", -1))
        work.emit(UserUnfollowed(actor_id=owner_id, followee_id=followee))
    followers = [row["owner_id"] for row in await transaction.fetch(_FOLLOWERS, owner_id, limit)]
    for follower in followers:
        changes.append(CountChange(follower, follower, "following", -1))
        work.emit(FollowEnded(actor_id=owner_id, follower_id=follower, followee_id=owner_id))
    return limit in (len(following), len(followers))


async def _unlike(
    work: UnitOfWork, transaction: Queries, owner_id: int, limit: int, changes: list[CountChange]
) -> bool:
    rows = await transaction.fetch(_LIKES, owner_id, limit)
    for row in rows:
        changes.append(CountChange(row["owner_id"], row["post_id"], "likes", -1))
        work.emit(PostUnliked(actor_id=owner_id, author_id=row["owner_id"], post_id=row["post_id"]))
    return len(rows) == limit


async def _uncomment(
    work: UnitOfWork, transaction: Queries, owner_id: int, limit: int, changes: list[CountChange]
) -> bool:
    rows = await transaction.fetch(_COMMENTS, owner_id, limit)
    for row in rows:
        if row["deleted_at"] is None:
            author_id, post_id = row["owner_id"], row["post_id"]
            changes.append(CountChange(author_id, post_id, "comments", -1))
            work.emit(CommentDeleted(actor_id=owner_id, author_id=author_id, post_id=post_id, comment_id=row["id"]))
    return len(rows) == limit


async def _unpublish(work: UnitOfWork, transaction: Queries, owner_id: int, limit: int) -> bool:
    rows = await transaction.fetch(_POSTS, owner_id, limit)
    for row in rows:
        if row["deleted_at"] is None:
            work.emit(PostDeleted(actor_id=owner_id, post_id=row["id"]))
    return len(rows) == limit


async def _remove_cards(work: UnitOfWork, resources: Resources, owner_id: int, limit: int) -> bool:
    rows = await (await work.transaction()).fetch(_CARDS, owner_id, limit, resources.clock())
    for row in rows:
        work.emit(PaymentMethodRemoved(actor_id=owner_id, method_id=row["id"]))
    return len(rows) == limit
