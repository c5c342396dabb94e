"""Counts and events after many people did many things at the same time."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest

from core.ids import id_at
from events import (
    CommentAdded,
    CommentDeleted,
    Event,
    PostDeleted,
    PostLiked,
    PostPublished,
    PostUnliked,
    UserBlocked,
    UserFollowed,
    UserUnblocked,
    UserUnfollowed,
)
from services.maintenance.seed.world import NOW
from services.resources import Resources
from tests.support.client import Client
from tests.support.feed import act, document, field_of, person, post_of
from tests.support.kept import Changed, Snapshot, changes, events_of, snapshot
from tests.support.recount import recounted, shown

HANDLES = ("ana", "ben", "chi", "dia", "eli", "ema", "kira")
WORKERS, ACTIONS = 8, 25
OWN = 0.7
"""The probability that a user tries to delete their own content."""

WEIGHTS = {
    "PublishPost": 2,
    "DeletePost": 1,
    "AddComment": 4,
    "DeleteComment": 3,
    "LikePost": 6,
    "UnlikePost": 4,
    "FollowUser": 4,
    "UnfollowUser": 2,
    "BlockUser": 1,
    "UnblockUser": 2,
}


class Town:
    """Holds the users and the content that they know, which grows as they publish and comment."""

    def __init__(self, client: Client, tokens: dict[str, str], people: list[str]) -> None:
        self.client = client
        self.tokens = tokens
        self.people = people
        self.posts: list[str] = []
        self.comments: list[str] = []
        self.authors: dict[str, str] = {}
        self.outcomes = Counter[str]()

    async def work(self, chance: Random) -> None:
        for _ in range(ACTIONS):
            (name,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            sent = self._input(name, chance.random())
            handle = chance.choice(HANDLES)
            if name in ("DeletePost", "DeleteComment") and chance.random() < OWN:
                (deleted,) = sent.values()
                handle = self.authors[deleted]
            answer = (await self.client.post(document(name), {"input": sent}, token=self.tokens[handle])).json()
            assert "errors" not in answer, answer
            self.note(handle, answer["data"][field_of(name)])

    def note(self, author: str, answer: dict[str, Any]) -> None:
        """Adds the created content, on which others can act from now on."""
        self.outcomes[answer["__typename"]] += 1
        for typename, known in (("PublishPostSuccess", self.posts), ("AddCommentSuccess", self.comments)):
            if answer["__typename"] == typename:
                made = (answer.get("post") or answer["comment"])["id"]
                known.append(made)
                self.authors[made] = author

    def _input(self, name: str, place: float) -> dict[str, Any]:
        """Returns the input of a mutation for random known content, with equal probabilities."""

        def one_of(known: list[str]) -> str:
            return known[int(place * len(known))]

        if name == "PublishPost":
            return {"body": "A post"}
        if name == "AddComment":
            return {"body": "A comment", "postId": one_of(self.posts)}
        if name == "DeleteComment":
            return {"commentId": one_of(self.comments)}
        return {"postId": one_of(self.posts)} if "Post" in name else {"userId": one_of(self.people)}


async def town(client: Client) -> Town:
    tokens = {handle: await client.token(handle) for handle in HANDLES}
    made = Town(client, tokens, [(await person(client, handle)).id for handle in HANDLES])
    for author in HANDLES[:4]:
        post = await post_of(client, author)
        made.posts.append(post.id)
        made.authors[post.id] = author
        made.note("ben", await act(client, "AddComment", "ben", postId=post.id, body="The first"))
    made.outcomes.clear()
    return made


async def check_counts(client: Client) -> None:
    counted = await recounted(client)
    assert await shown(client, list(counted)) == counted


async def check_blocks(resources: Resources) -> None:
    """A block stands in both people's partitions, and no follow crosses it.

    The seeded world has such a follow; what was there before is passed over.
    """
    rows = await resources.database.fetch("SELECT owner_id, other_id, outgoing, id FROM blocks")
    blocks = {(row["owner_id"], row["other_id"], bool(row["outgoing"])) for row in rows}
    assert blocks == {(other, owner, not outgoing) for owner, other, outgoing in blocks}
    since = {(row["owner_id"], row["other_id"]): row["id"] for row in rows}
    follows = await resources.database.fetch("SELECT owner_id, followee_id, id FROM follows")
    crossing = [row for row in follows if (row["owner_id"], row["followee_id"]) in since]
    new = [row for row in crossing if max(row["id"], since[row["owner_id"], row["followee_id"]]) > id_at(NOW)]
    assert new == []


async def check_events(resources: Resources, before: Snapshot) -> None:
    """Checks that the number of events of each type matches the changed rows."""
    told = Counter(type(event) for event in await events_of(resources))
    changed = await changes(resources, before)
    deltas = Counter((row["counter"], row["delta"]) for row in changed["count_deltas"].new)
    assert told[PostPublished] == deltas["posts", 1]
    assert told[PostDeleted] == deltas["posts", -1]
    assert told[CommentAdded] == deltas["comments", 1]
    assert told[CommentDeleted] == deltas["comments", -1]
    assert told[PostLiked] == deltas["likes", 1]
    assert told[PostUnliked] == deltas["likes", -1]
    assert told[UserFollowed] == deltas["followers", 1] == deltas["following", 1]
    ended_by_blocks = deltas["followers", -1] - told[UserUnfollowed]
    assert 0 <= ended_by_blocks <= 2 * told[UserBlocked]
    blocks = changed.get("blocks", Changed([], []))
    assert 2 * (told[UserBlocked] - told[UserUnblocked]) == len(blocks.new) - len(blocks.gone)


def check_order_of_likes(events: list[Event]) -> None:
    """A like is told of once before it is taken back, and the other way round."""
    last: dict[tuple[int, int], type[Event]] = {}
    for event in events:
        if isinstance(event, PostLiked | PostUnliked):
            key = (event.actor_id, event.post_id)
            assert last.get(key) is not type(event), event
            last[key] = type(event)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_after_many_changes_at_the_same_time_all_counts_and_events_are_right(client: Client, number: int) -> None:
    there = await town(client)
    await check_counts(client)
    before = await snapshot(client.resources)
    before["event_log"] = {}
    await client.resources.database.fetch("DELETE FROM event_log")
    chances = [Random(number * 1000 + worker) for worker in range(WORKERS)]  # noqa: S311 - not for secrets
    await asyncio.gather(*[there.work(chance) for chance in chances])
    assert there.outcomes.total() == WORKERS * ACTIONS
    assert all(there.outcomes[f"{name}Success"] for name in WEIGHTS), there.outcomes
    await check_counts(client)
    await check_blocks(client.resources)
    await check_events(client.resources, before)
    check_order_of_likes(await events_of(client.resources))


async def test_a_block_beside_follows_leaves_no_follow(client: Client) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    before = await snapshot(client.resources)
    for _ in range(20):
        await asyncio.gather(
            act(client, "FollowUser", "ana", userId=ben.id),
            act(client, "BlockUser", "ben", userId=ana.id),
            act(client, "FollowUser", "ben", userId=ana.id),
            act(client, "UnfollowUser", "ana", userId=ben.id),
        )
        await check_blocks(client.resources)
        await act(client, "UnblockUser", "ben", userId=ana.id)
        await act(client, "FollowUser", "ana", userId=ben.id)
    await check_counts(client)
    await check_events(client.resources, before)


async def test_of_two_people_who_block_each_other_at_once_one_is_first_and_the_other_sees_nobody(
    client: Client,
) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    for _ in range(10):
        answers = await asyncio.gather(
            act(client, "BlockUser", "ana", userId=ben.id), act(client, "BlockUser", "ben", userId=ana.id)
        )
        assert sorted(answer["__typename"] for answer in answers) == ["BlockUserSuccess", "NotFoundProblem"]
        await check_blocks(client.resources)
        first, other = ("ana", ben) if answers[0]["__typename"] == "BlockUserSuccess" else ("ben", ana)
        await act(client, "UnblockUser", first, userId=other.id)


async def test_blocking_and_unblocking_at_the_same_time_leave_a_whole_block_or_none(client: Client) -> None:
    ben = await person(client, "ben")
    before = await snapshot(client.resources)
    for _ in range(20):
        names = ("BlockUser", "UnblockUser", "BlockUser", "UnblockUser", "BlockUser")
        await asyncio.gather(*[act(client, name, "ana", userId=ben.id) for name in names])
        await check_blocks(client.resources)
    await check_counts(client)
    await check_events(client.resources, before)
