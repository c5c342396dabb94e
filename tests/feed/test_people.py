import asyncio
from typing import Any

import pytest

from events import Event, UserFollowed, UserUnfollowed
from tests.support.client import Client
from tests.support.feed import Thing, act, authors_in_feed_of, counts, document, person, problem, profile
from tests.support.kept import Changed, changes, events_of, snapshot

STRANGER = "kira"
"""A user whom ben does not follow, as a test verifies."""


def answer_of(name: str, other: Thing, followers: int, *, followed: bool) -> dict[str, Any]:
    user = {"id": other.id, "followerCount": followers, "followedByViewer": followed}
    return {"__typename": f"{name}Success", "user": user}


def deltas(follower: Thing, followee: Thing, by: int) -> list[dict[str, Any]]:
    rows = [
        {"owner_id": each.row_id, "subject_id": each.row_id, "counter": counter, "id": "new", "delta": by}
        for each, counter in ((follower, "following"), (followee, "followers"))
    ]
    return sorted(rows, key=repr)


async def stand_apart(client: Client, follower: Thing, followee: Thing) -> None:
    """Removes a follow of the seeded data, with its counts."""
    fetch = client.resources.database.fetch
    key = (follower.row_id, followee.row_id)
    if await fetch("DELETE FROM follows WHERE owner_id = $1 AND followee_id = $2 RETURNING id", *key):
        await fetch("UPDATE user_counts SET following = following - 1 WHERE user_id = $1", follower.row_id)
        await fetch("UPDATE user_counts SET followers = followers - 1 WHERE user_id = $1", followee.row_id)


async def people(client: Client) -> tuple[Thing, Thing]:
    """Returns ben and a user whom he does not follow."""
    ben, kira = await person(client, "ben"), await person(client, STRANGER)
    await stand_apart(client, ben, kira)
    return ben, kira


async def test_a_follow_is_answered_kept_and_told_of(client: Client) -> None:
    ben, kira = await people(client)
    (followers, *_), before = await counts(client, STRANGER), await snapshot(client.resources)
    followed = await act(client, "FollowUser", "ben", userId=kira.id)
    assert followed == answer_of("FollowUser", kira, followers + 1, followed=True)
    follow = {"owner_id": ben.row_id, "followee_id": kira.row_id, "id": "new", "created_at": "now"}
    assert await changes(client.resources, before) == {
        "follows": Changed([], [follow]),
        "count_deltas": Changed([], deltas(ben, kira, 1)),
    }
    assert await events_of(client.resources) == [UserFollowed(actor_id=ben.row_id, followee_id=kira.row_id)]


async def test_a_follow_is_read_by_everybody_at_once(client: Client) -> None:
    _, kira = await people(client)
    bens, kiras = await counts(client, "ben"), await counts(client, STRANGER)
    await act(client, "FollowUser", "ben", userId=kira.id)
    assert await counts(client, "ben") == (bens[0], bens[1] + 1, bens[2])
    assert await counts(client, STRANGER) == (kiras[0] + 1, kiras[1], kiras[2])
    found = {reader: await profile(client, STRANGER, reader) for reader in ("ben", STRANGER, None)}
    assert [each["followedByViewer"] for each in found.values()] == [True, False, False]
    latest = [each["followers"]["edges"][0]["node"]["handle"] for each in found.values()]
    assert latest == ["ben"] * 3


async def test_a_follow_that_ends_is_answered_gone_and_told_of(client: Client) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    (followers, *_), before = await counts(client, "ben"), await snapshot(client.resources)
    unfollowed = await act(client, "UnfollowUser", "ana", userId=ben.id)
    assert unfollowed == answer_of("UnfollowUser", ben, followers - 1, followed=False)
    changed = await changes(client.resources, before)
    (follow,) = changed.pop("follows").gone
    assert (follow["owner_id"], follow["followee_id"]) == (ana.row_id, ben.row_id)
    assert changed == {"count_deltas": Changed([], deltas(ana, ben, -1))}
    assert await events_of(client.resources) == [UserUnfollowed(actor_id=ana.row_id, followee_id=ben.row_id)]


async def test_following_ends_in_ones_own_direction_alone(client: Client) -> None:
    ben = await person(client, "ben")
    anas, bens = await counts(client, "ana"), await counts(client, "ben")
    await act(client, "UnfollowUser", "ana", userId=ben.id)
    assert await counts(client, "ana") == (anas[0], anas[1] - 1, anas[2])
    assert await counts(client, "ben") == (bens[0] - 1, bens[1], bens[2])
    assert (await profile(client, "ben", "ana"))["followedByViewer"] is False
    assert (await profile(client, "ana", "ben"))["followedByViewer"] is True


async def test_whom_one_follows_no_longer_is_out_of_ones_feed_at_once(client: Client) -> None:
    ben = await person(client, "ben")
    bens_own = await authors_in_feed_of(client, "ben")
    before = await authors_in_feed_of(client, "ana")
    assert "ben" in before
    await act(client, "UnfollowUser", "ana", userId=ben.id)
    # The page is filled up with older posts, so others may come in.
    assert "ben" not in await authors_in_feed_of(client, "ana")
    assert before - {"ben"} <= await authors_in_feed_of(client, "ana")
    assert await authors_in_feed_of(client, "ben") == bens_own


async def test_following_again_and_ending_what_is_not_there_change_nothing(client: Client) -> None:
    _, kira = await people(client)
    (followers, *_), before = await counts(client, STRANGER), await snapshot(client.resources)
    for _ in range(2):
        unfollowed = await act(client, "UnfollowUser", "ben", userId=kira.id)
        assert unfollowed == answer_of("UnfollowUser", kira, followers, followed=False)
    assert await snapshot(client.resources) == before
    first = await act(client, "FollowUser", "ben", userId=kira.id)
    before = await snapshot(client.resources)
    for _ in range(2):
        assert await act(client, "FollowUser", "ben", userId=kira.id) == first
    assert await snapshot(client.resources) == before


async def test_ten_follows_at_once_by_the_same_person_are_one(client: Client) -> None:
    ben, kira = await people(client)
    followers, following, posts = await counts(client, STRANGER)
    told: list[Event] = []
    both = (("FollowUser", UserFollowed, 1), ("UnfollowUser", UserUnfollowed, 0))
    for name, made, more in both:
        answers = await asyncio.gather(*[act(client, name, "ben", userId=kira.id) for _ in range(10)])
        assert answers == [answer_of(name, kira, followers + more, followed=more == 1)] * 10
        told.append(made(actor_id=ben.row_id, followee_id=kira.row_id))
        assert await events_of(client.resources) == told
        assert await counts(client, STRANGER) == (followers + more, following, posts)


@pytest.mark.parametrize(
    ("name", "message"),
    [("FollowUser", "You cannot follow yourself."), ("BlockUser", "You cannot block yourself.")],
)
async def test_nobody_can_follow_or_block_themselves_and_trying_costs_no_statement(
    client: Client, statements: list[str], name: str, message: str
) -> None:
    ana, token = await person(client, "ana"), await client.token("ana")
    statements.clear()
    answer = (await client.post(document(name), {"input": {"userId": ana.id}}, token=token)).json()
    refused = problem("InvalidInputProblem", "INVALID_INPUT", message, "userId")
    assert list(answer["data"].values()) == [refused]
    assert statements == []


@pytest.mark.parametrize("name", ["UnfollowUser", "UnblockUser"])
async def test_to_follow_or_block_oneself_no_longer_changes_nothing(client: Client, name: str) -> None:
    ana, before = await person(client, "ana"), await snapshot(client.resources)
    assert (await act(client, name, "ana", userId=ana.id))["__typename"] == f"{name}Success"
    assert await snapshot(client.resources) == before
