"""Follows and blocks users."""

from typing import Literal, TypedDict

from adapters.database import DialectSQL, Queries
from core.errors import forbidden, invalid_input, not_found
from core.global_ids import GlobalId
from core.viewer import SignedIn
from events import FollowEnded, UserBlocked, UserFollowed, UserUnblocked, UserUnfollowed
from services.authorization.policy import HIDDEN_FROM_BLOCKER, Row
from services.event_log.counts import CountChange, change_counts
from services.feed.visible_rows import FeedUserRow, find_feed_user
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_LOCK_PAIR = DialectSQL(
    "SELECT pg_advisory_xact_lock(hashint8(least($1::bigint, $2::bigint)), hashint8(greatest($1::bigint, $2::bigint)))",
    "SELECT $1, $2",
)
"""Locks the pair of users until the transaction ends. SQLite's transactions run one at a time anyway."""

_FOLLOW = (
    "INSERT INTO follows (owner_id, followee_id, id, created_at) "
    "SELECT u.id, $2, $3, $4 FROM users u WHERE u.id = $1 ON CONFLICT DO NOTHING RETURNING id"
)
_UNFOLLOW = "DELETE FROM follows WHERE owner_id = $1 AND followee_id = $2 RETURNING id"
_BLOCK = (
    "INSERT INTO blocks (owner_id, other_id, outgoing, id, created_at) "
    "VALUES ($1, $2, true, $3, $4), ($2, $1, false, $3, $4) ON CONFLICT DO NOTHING RETURNING id"
)
_UNBLOCK = (
    "DELETE FROM blocks WHERE (owner_id = $1 AND other_id = $2 AND outgoing) "
    "OR (owner_id = $2 AND other_id = $1 AND NOT outgoing) RETURNING id"
)

RelationshipChangedRow = TypedDict(
    "RelationshipChangedRow",
    {
        "__typename": Literal["FollowUserSuccess", "UnfollowUserSuccess", "BlockUserSuccess", "UnblockUserSuccess"],
        "user": Row,
    },
)


async def follow_user(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """Follows a user and returns them, also if they were followed before.

    Raises `ProblemError` if there is no such user, or it is the viewer or a blocked user.
    """
    _check_other(viewer, user_id, "You cannot follow yourself.")
    transaction, other = await work.transaction(), user_id.id
    await transaction.fetch(_LOCK_PAIR, viewer.user_id, other)
    user = await _visible_user(viewer, transaction, user_id)
    if user["blocked"]:
        raise forbidden("input.userId", "You have blocked this user. Unblock them first.")
    if await transaction.fetch(_FOLLOW, viewer.user_id, other, resources.ids.next(), resources.clock()):
        await change_counts(transaction, resources.ids, _changes_of_follow(viewer.user_id, other, 1))
        work.emit(UserFollowed(actor_id=viewer.user_id, followee_id=other))
    else:
        work.repeat(UserFollowed(actor_id=viewer.user_id, followee_id=other))
    return {"__typename": "FollowUserSuccess", "user": {**user, "followed_by_viewer": True}}


async def unfollow_user(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """Unfollows a user and returns them. Raises `ProblemError` if there is none or they have blocked the viewer."""
    transaction, other = await work.transaction(), user_id.id
    user = await _visible_user(viewer, transaction, user_id)
    if await transaction.fetch(_UNFOLLOW, viewer.user_id, other):
        await change_counts(transaction, resources.ids, _changes_of_follow(viewer.user_id, other, -1))
        work.emit(UserUnfollowed(actor_id=viewer.user_id, followee_id=other))
    else:
        work.repeat(UserUnfollowed(actor_id=viewer.user_id, followee_id=other))
    return {"__typename": "UnfollowUserSuccess", "user": _reduced({**user, "followed_by_viewer": False})}


async def block_user(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """Blocks a user and returns them, also if they were blocked before. Neither follows the other any more.

    Raises `ProblemError` if there is no such user, it is the viewer, or the user has blocked the viewer.
    """
    _check_other(viewer, user_id, "You cannot block yourself.")
    transaction, viewer_id, other = await work.transaction(), viewer.user_id, user_id.id
    await transaction.fetch(_LOCK_PAIR, viewer_id, other)
    user = await _visible_user(viewer, transaction, user_id)
    if await transaction.fetch(_BLOCK, viewer_id, other, resources.ids.next(), resources.clock()):
        work.emit(UserBlocked(actor_id=viewer_id, blocked_id=other))
        await _end_follows(work, resources, viewer_id, other)
    else:
        work.repeat(UserBlocked(actor_id=viewer_id, blocked_id=other))
        for follower, followee in ((viewer_id, other), (other, viewer_id)):
            work.repeat(FollowEnded(actor_id=viewer_id, follower_id=follower, followee_id=followee))
    return {"__typename": "BlockUserSuccess", "user": _reduced({**user, "blocked": True, "followed_by_viewer": False})}


async def unblock_user(
    viewer: SignedIn, work: UnitOfWork, _resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """Unblocks a user and returns them. Raises `ProblemError` if there is none or they have blocked the viewer."""
    transaction, other = await work.transaction(), user_id.id
    await transaction.fetch(_LOCK_PAIR, viewer.user_id, other)
    user = await _visible_user(viewer, transaction, user_id)
    if await transaction.fetch(_UNBLOCK, viewer.user_id, other):
        work.emit(UserUnblocked(actor_id=viewer.user_id, blocked_id=other))
    else:
        work.repeat(UserUnblocked(actor_id=viewer.user_id, blocked_id=other))
    return {"__typename": "UnblockUserSuccess", "user": {**user, "blocked": False}}


async def _end_follows(work: UnitOfWork, resources: Resources, viewer_id: int, other: int) -> None:
    """Ends the follows between the two, in the same order for both."""
    transaction, changes = await work.transaction(), list[CountChange]()
    for follower, followee in sorted([(viewer_id, other), (other, viewer_id)]):
        if await transaction.fetch(_UNFOLLOW, follower, followee):
            changes += _changes_of_follow(follower, followee, -1)
            work.emit(FollowEnded(actor_id=viewer_id, follower_id=follower, followee_id=followee))
    await change_counts(transaction, resources.ids, changes)


def _changes_of_follow(follower: int, followee: int, delta: int) -> list[CountChange]:
    return [CountChange(follower, follower, "following", delta), CountChange(followee, followee, "followers", delta)]


def _check_other(viewer: SignedIn, user_id: GlobalId, message: str) -> None:
    if user_id.id == viewer.user_id:
        raise invalid_input("input.userId", message)


async def _visible_user(viewer: SignedIn, transaction: Queries, user_id: GlobalId) -> FeedUserRow:
    user = await find_feed_user(viewer, transaction, user_id.id)
    if user is None:
        raise not_found("input.userId", "The user does not exist.")
    return user


def _reduced(user: FeedUserRow) -> Row:
    return {**user, **HIDDEN_FROM_BLOCKER} if user["blocked"] else user
