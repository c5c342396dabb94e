"""Following and blocking people."""

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

_ALONE_WITH = DialectSQL(
    "SELECT pg_advisory_xact_lock(hashint8(least($1::bigint, $2::bigint)), hashint8(greatest($1::bigint, $2::bigint)))",
    "SELECT $1, $2",
)
"""Until the transaction ends, no other one like it runs for these two. SQLite's transactions take turns anyway."""

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
    """Returns the followed user. `ProblemError` for the viewer, an unknown user, or one with a block in between."""
    _check_other(viewer, user_id, "You cannot follow yourself.")
    transaction, other = await work.writing(), user_id.id
    await transaction.fetch(_ALONE_WITH, viewer.user_id, other)
    person = await _seen(viewer, transaction, user_id)
    if person["blocked"]:
        raise forbidden("input.userId", "You have blocked this person. Unblock them first.")
    if await transaction.fetch(_FOLLOW, viewer.user_id, other, resources.ids.next(), resources.clock()):
        await change_counts(transaction, resources.ids, _changes_of_follow(viewer.user_id, other, 1))
        work.emit(UserFollowed(actor_id=viewer.user_id, followee_id=other))
    return {"__typename": "FollowUserSuccess", "user": {**person, "followed_by_viewer": True}}


async def unfollow_user(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """Returns the unfollowed user. `ProblemError` for an unknown user, or one who has blocked the viewer."""
    transaction, other = await work.writing(), user_id.id
    person = await _seen(viewer, transaction, user_id)
    if await transaction.fetch(_UNFOLLOW, viewer.user_id, other):
        await change_counts(transaction, resources.ids, _changes_of_follow(viewer.user_id, other, -1))
        work.emit(UserUnfollowed(actor_id=viewer.user_id, followee_id=other))
    return {"__typename": "UnfollowUserSuccess", "user": _shown({**person, "followed_by_viewer": False})}


async def block_user(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """The person, blocked by the viewer, now or before; neither follows the other any more.

    `ProblemError` when it is nobody, oneself, or somebody who has blocked the viewer.
    """
    _check_other(viewer, user_id, "You cannot block yourself.")
    transaction, me, other = await work.writing(), viewer.user_id, user_id.id
    await transaction.fetch(_ALONE_WITH, me, other)
    person = await _seen(viewer, transaction, user_id)
    if await transaction.fetch(_BLOCK, me, other, resources.ids.next(), resources.clock()):
        work.emit(UserBlocked(actor_id=me, blocked_id=other))
        await _part(work, resources, me, other)
    return {"__typename": "BlockUserSuccess", "user": _shown({**person, "blocked": True, "followed_by_viewer": False})}


async def unblock_user(
    viewer: SignedIn, work: UnitOfWork, _resources: Resources, user_id: GlobalId
) -> RelationshipChangedRow:
    """Returns the unblocked user. `ProblemError` for an unknown user, or one who has blocked the viewer."""
    transaction, other = await work.writing(), user_id.id
    await transaction.fetch(_ALONE_WITH, viewer.user_id, other)
    person = await _seen(viewer, transaction, user_id)
    if await transaction.fetch(_UNBLOCK, viewer.user_id, other):
        work.emit(UserUnblocked(actor_id=viewer.user_id, blocked_id=other))
    return {"__typename": "UnblockUserSuccess", "user": {**person, "blocked": False}}


async def _part(work: UnitOfWork, resources: Resources, me: int, other: int) -> None:
    """Ends what follows there are between the two, in the same order whoever of them asks."""
    transaction, changes = await work.writing(), list[CountChange]()
    for follower, followee in sorted([(me, other), (other, me)]):
        if await transaction.fetch(_UNFOLLOW, follower, followee):
            changes += _changes_of_follow(follower, followee, -1)
            work.emit(FollowEnded(actor_id=me, follower_id=follower, followee_id=followee))
    await change_counts(transaction, resources.ids, changes)


def _changes_of_follow(follower: int, followee: int, delta: int) -> list[CountChange]:
    return [CountChange(follower, follower, "following", delta), CountChange(followee, followee, "followers", delta)]


def _check_other(viewer: SignedIn, user_id: GlobalId, message: str) -> None:
    if user_id.id == viewer.user_id:
        raise invalid_input("input.userId", message)


async def _seen(viewer: SignedIn, transaction: Queries, user_id: GlobalId) -> FeedUserRow:
    person = await find_feed_user(viewer, transaction, user_id.id)
    if person is None:
        raise not_found("input.userId", "There is no such person.")
    return person


def _shown(person: FeedUserRow) -> Row:
    return {**person, **HIDDEN_FROM_BLOCKER} if person["blocked"] else person
