"""Random histories of facts, undone facts, blocks and reads leave an inbox that is equal to that of a simple model."""

from random import Random

import pytest

from tests.notifications.support.inbox_model import Fact, InboxModel
from tests.support.app import App
from tests.support.client import Client
from tests.support.notifications import empty_inboxes, set_seen, shown
from tests.support.relay import drained

OTHERS = ("ben", "chi", "dia", "lina")
STEPS = 80


class History:
    """Changes the inbox of ana, and the model of it."""

    def __init__(self, client: Client, chance: Random) -> None:
        self._client = client
        self._random = chance
        self._ana = App(client, "ana")
        self._blockers = dict[str, str]()
        self._posts: list[str] = []
        self.model = InboxModel()

    async def begin(self) -> None:
        for table in ("blocks", "follows"):
            await self._client.resources.database.fetch(f"DELETE FROM {table}")
        self._posts = [await self._ana.publishes(str(number)) for number in range(2)]
        await drained(self._client.resources)
        await empty_inboxes(self._client)

    async def change(self) -> None:
        other, post = self._random.choice(OTHERS), self._random.choice(self._posts)
        match self._random.choices(["like", "comment", "follow", "block", "see", "relay"], [8, 4, 4, 3, 1, 6])[0]:
            case "see":
                await set_seen(self._client, "ana")
                self.model.see()
            case "relay":
                await self.relay()
            case "block":
                await self._toggle_block(other)
            case _ if other in self.model.blocked:
                """Users with a block between them do nothing to each other."""
            case "like":
                await self._toggle(Fact("LIKE", post, other, post), "LikePost", "UnlikePost", postId=post)
            case "follow":
                ana = await self._ana.global_id()
                await self._toggle(Fact("FOLLOW", "", other, other), "FollowUser", "UnfollowUser", userId=ana)
            case _:
                await self._comment(other, post)

    async def relay(self) -> None:
        await drained(self._client.resources)
        self.model.relay()

    async def check(self) -> None:
        assert await shown(self._client, "ana") == self.model.shown()
        assert await self._ana.badge() == self.model.badge()

    async def _toggle(self, fact: Fact, do: str, undo: str, **given: str) -> None:
        app = App(self._client, fact.actor)
        if fact in self.model.existing:
            await app.does(undo, **given)
            self.model.undo(fact)
        else:
            await app.does(do, **given)
            self.model.happen(fact)

    async def _comment(self, other: str, post: str) -> None:
        app = App(self._client, other)
        mine = [fact for fact in self.model.waiting if fact.kind == "COMMENT" and fact.actor == other]
        if mine and mine[-1] in self.model.existing and self._random.random() < 0.5:
            await app.does("DeleteComment", commentId=mine[-1].subject)
            self.model.undo(mine[-1])
        else:
            self.model.happen(Fact("COMMENT", post, other, await app.comments(post)))

    async def _toggle_block(self, other: str) -> None:
        if other in self._blockers:
            await self._act_of_block("UnblockUser", self._blockers.pop(other), other)
            self.model.blocked.discard(other)
        else:
            self._blockers[other] = self._random.choice(["ana", other])
            await self._act_of_block("BlockUser", self._blockers[other], other)
            self.model.block(other)

    async def _act_of_block(self, act: str, blocker: str, other: str) -> None:
        blocked = other if blocker == "ana" else "ana"
        await App(self._client, blocker).does(act, userId=await App(self._client, blocked).global_id())


@pytest.mark.parametrize("seed", range(3))
async def test_the_inbox_is_that_of_the_model_after_each_change(client: Client, seed: int) -> None:
    history = History(client, Random(seed))  # noqa: S311 - not for secrets
    await history.begin()
    for _ in range(STEPS):
        await history.change()
        await history.check()
    await history.relay()
    await history.check()
    assert history.model.told
