from typing import Any

from events import FollowEnded, UserBlocked, UserUnblocked
from tests.support.client import Client
from tests.support.feed import (
    Thing,
    act,
    authors_in_feed_of,
    comment,
    counts,
    document,
    person,
    post_of,
    problem,
    profile,
    thread,
)
from tests.support.kept import Changed, changes, events_of, snapshot

NOT_FOUND = problem("NotFoundProblem", "NOT_FOUND", "The user does not exist.", "userId")
BLOCKED = problem("ForbiddenProblem", "FORBIDDEN", "You have blocked this user. Unblock them first.", "userId")


def answer_of(name: str, other: Thing, *, blocked: bool) -> dict[str, Any]:
    return {"__typename": f"{name}Success", "user": {"id": other.id, "blockedByViewer": blocked}}


def rows_of_block(blocker: Thing, blocked: Thing) -> list[dict[str, Any]]:
    rows = [
        {"owner_id": owner.row_id, "other_id": other.row_id, "outgoing": outgoing, "id": "new", "created_at": "now"}
        for owner, other, outgoing in ((blocker, blocked, True), (blocked, blocker, False))
    ]
    return sorted(rows, key=lambda row: row["owner_id"])


def deltas(*people: Thing) -> list[dict[str, Any]]:
    """Returns the count changes of two ended follows, one in each direction."""
    return [
        {"owner_id": each.row_id, "subject_id": each.row_id, "counter": counter, "id": "new", "delta": -1}
        for each in people
        for counter in ("followers", "following")
    ]


async def blocked_by(client: Client, handle: str) -> list[str]:
    viewer = (await client.data(document("BlockedUsers"), as_=handle))["viewer"]
    return [edge["node"]["handle"] for edge in viewer["blockedUsers"]["edges"]]


async def test_a_block_is_answered_kept_and_told_of_and_ends_follows_each_way(client: Client) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    before = await snapshot(client.resources)
    assert await act(client, "BlockUser", "ana", userId=ben.id) == answer_of("BlockUser", ben, blocked=True)
    changed = await changes(client.resources, before)
    follows = changed.pop("follows")
    ended = [(row["owner_id"], row["followee_id"]) for row in follows.gone]
    assert (ended, follows.new) == ([(ana.row_id, ben.row_id), (ben.row_id, ana.row_id)], [])
    assert changed == {
        "blocks": Changed([], rows_of_block(ana, ben)),
        "count_deltas": Changed([], deltas(ana, ben)),
    }
    assert await events_of(client.resources) == [
        UserBlocked(actor_id=ana.row_id, blocked_id=ben.row_id),
        FollowEnded(actor_id=ana.row_id, follower_id=ana.row_id, followee_id=ben.row_id),
        FollowEnded(actor_id=ana.row_id, follower_id=ben.row_id, followee_id=ana.row_id),
    ]


async def test_a_block_ends_a_follow_of_the_other_alone_where_there_is_no_more(client: Client) -> None:
    ben = await person(client, "ben")
    await act(client, "UnfollowUser", "ana", userId=ben.id)
    anas, bens = await counts(client, "ana"), await counts(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    assert await counts(client, "ana") == (anas[0] - 1, anas[1], anas[2])
    assert await counts(client, "ben") == (bens[0], bens[1] - 1, bens[2])


async def test_a_block_takes_each_out_of_what_the_other_reads_at_once(client: Client) -> None:
    post, ben = await post_of(client, "ana"), await person(client, "ben")
    added = await comment(client, "ben", post)
    assert "ben" in await authors_in_feed_of(client, "ana")
    assert "ana" in await authors_in_feed_of(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    assert "ben" not in await authors_in_feed_of(client, "ana")
    assert "ana" not in await authors_in_feed_of(client, "ben")
    assert added.id not in [edge["node"]["id"] for edge in (await thread(client, post, "ana"))["comments"]["edges"]]
    assert await thread(client, post, "ben") is None
    assert await profile(client, "ana", "ben") is None
    assert (await thread(client, post, "dia"))["comments"]["edges"][-1]["node"]["id"] == added.id


async def test_the_blocker_sees_whom_they_blocked_and_the_blocked_is_not_told(client: Client) -> None:
    ben = await person(client, "ben")
    (blocked_before,) = await blocked_by(client, "ana")
    await act(client, "BlockUser", "ana", userId=ben.id)
    found = await profile(client, "ben", "ana")
    assert (found["blockedByViewer"], found["followedByViewer"], found["bio"]) == (True, False, None)
    assert (found["followerCount"], found["followingCount"], found["postCount"]) == (0, 0, 0)
    assert (found["posts"]["edges"], found["followers"]["edges"]) == ([], [])
    assert await blocked_by(client, "ana") == ["ben", blocked_before]
    assert "ana" not in await blocked_by(client, "ben")


async def test_the_end_of_a_block_is_answered_gone_and_told_of(client: Client) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    before = await snapshot(client.resources)
    assert await act(client, "UnblockUser", "ana", userId=ben.id) == answer_of("UnblockUser", ben, blocked=False)
    assert await changes(client.resources, before) == {"blocks": Changed(rows_of_block(ana, ben), [])}
    assert (await events_of(client.resources))[3:] == [UserUnblocked(actor_id=ana.row_id, blocked_id=ben.row_id)]


async def test_after_a_block_ends_each_sees_the_other_again_and_follows_nobody(client: Client) -> None:
    post, ana, ben = await post_of(client, "ana"), await person(client, "ana"), await person(client, "ben")
    anas, bens = await counts(client, "ana"), await counts(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    await act(client, "UnblockUser", "ana", userId=ben.id)
    for reader, other in (("ana", "ben"), ("ben", "ana")):
        found = await profile(client, other, reader)
        assert (found["blockedByViewer"], found["followedByViewer"]) == (False, False)
        assert found["posts"]["edges"]
        assert other not in await authors_in_feed_of(client, reader)
    assert (await thread(client, post, "ben"))["id"] == post.id
    assert await counts(client, "ana") == (anas[0] - 1, anas[1] - 1, anas[2])
    assert await counts(client, "ben") == (bens[0] - 1, bens[1] - 1, bens[2])
    followed = await act(client, "FollowUser", "ben", userId=ana.id)
    assert followed["user"] == {"id": ana.id, "followerCount": anas[0], "followedByViewer": True}


async def test_blocking_again_and_ending_what_is_not_there_change_nothing(client: Client) -> None:
    ben = await person(client, "ben")
    before = await snapshot(client.resources)
    for _ in range(2):
        unblocked = await act(client, "UnblockUser", "ana", userId=ben.id)
        assert unblocked == answer_of("UnblockUser", ben, blocked=False)
    assert await snapshot(client.resources) == before
    await act(client, "BlockUser", "ana", userId=ben.id)
    before = await snapshot(client.resources)
    for _ in range(2):
        assert await act(client, "BlockUser", "ana", userId=ben.id) == answer_of("BlockUser", ben, blocked=True)
    assert await snapshot(client.resources) == before


async def test_whom_one_has_blocked_can_be_followed_after_the_block_alone(client: Client) -> None:
    ben = await person(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    before = await snapshot(client.resources)
    assert await act(client, "FollowUser", "ana", userId=ben.id) == BLOCKED
    assert await snapshot(client.resources) == before
    await act(client, "UnblockUser", "ana", userId=ben.id)
    assert (await act(client, "FollowUser", "ana", userId=ben.id))["__typename"] == "FollowUserSuccess"


async def test_what_a_blocker_asks_of_the_blocked_tells_nothing_of_them(client: Client) -> None:
    ben = await person(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    answer = await act(client, "UnfollowUser", "ana", userId=ben.id)
    assert answer == {
        "__typename": "UnfollowUserSuccess",
        "user": {"id": ben.id, "followerCount": 0, "followedByViewer": False},
    }


async def test_only_who_blocked_can_end_it_and_the_blocked_cannot_block_back(client: Client) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    await act(client, "BlockUser", "ana", userId=ben.id)
    before = await snapshot(client.resources)
    for name in ("UnblockUser", "BlockUser", "FollowUser", "UnfollowUser"):
        assert await act(client, name, "ben", userId=ana.id) == NOT_FOUND
    assert await snapshot(client.resources) == before
