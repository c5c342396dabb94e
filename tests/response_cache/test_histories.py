"""Every response equals that of a server without a cache, for all people, after any history of changes."""

from collections.abc import AsyncGenerator
from random import Random
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from core.viewer import SignedIn
from gateway.app import create_app
from tests.payments.support.wallet_steps import seeded_card
from tests.support.app import App
from tests.support.client import HOME, Client, operation
from tests.support.relay import drained
from tests.support.timing import settings_for

PEOPLE = ("ana", "ben", "chi", "dia")
VIEWERS = (*PEOPLE, None)
CHANGES = 40
READS = 8
QUERIES = {
    "home": HOME,
    "feed": operation("feed.graphql", "FeedPage"),
    "profile": operation("feed.graphql", "Profile"),
    "thread": operation("feed.graphql", "Thread"),
    "blocked": operation("feed.graphql", "BlockedUsers"),
    "inbox": operation("notifications.graphql", "Inbox"),
    "wallet": operation("payments.graphql", "WalletScreen"),
    "payment": operation("payments.graphql", "PaymentScreen"),
    "devices": operation("account.graphql", "Devices"),
    "followers": "query F($handle: String!) "
    "{ user(handle: $handle) { followers(first: 5) { edges { node { id name } } } } }",
    "nodes": "query N($ids: [ID!]!) "
    "{ nodes(ids: $ids) { __typename id ... on Post { body likedByViewer author { name } } } }",
    "viewer": "{ viewer { email notificationPreferences { channels { kind push } } user { name bio postCount } } }",
}

MARKS = {
    "MarkNotificationsSeen": "upTo",
    "MarkAllNotificationsRead": "upTo",
    "MarkNotificationRead": "notificationId",
    "ArchiveNotification": "notificationId",
}
"""The mutations of inboxes, and the field of their input."""


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Counts are strict, and authors with more than two followers are popular."""
    return settings_for(
        database_url, cache_url="memory://", cache_explain="off", cache_max_stale=0, push_followers=2, metrics=True
    )


@pytest.fixture
async def plain(database_url: str, client: Client) -> AsyncGenerator[AsyncClient]:
    """A server without a cache on the same database. It accepts the tokens of the other one."""
    assert client.resources.responses is not None
    app = create_app(settings_for(database_url, push_followers=2))
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://bff") as http:
            yield http


class History:
    """Changes and reads at random, through the server with the cache."""

    def __init__(self, client: Client, plain: AsyncClient, chance: Random) -> None:
        self._client = client
        self._plain = plain
        self._chance = chance
        self._apps = {handle: App(client, handle) for handle in PEOPLE}
        self._posts: list[tuple[str, str]] = []
        self._payments = Payments(client, chance)
        self.compared = 0

    async def begin(self) -> None:
        for handle, app in self._apps.items():
            self._posts.append((handle, await app.publishes(f"First of {handle}")))

    async def change(self) -> None:
        """Makes one change, which may have no effect or be refused."""
        handle, other = self._chance.sample(PEOPLE, 2)
        author, post = self._chance.choice(self._posts)
        number = self._chance.randrange(10**6)
        person = {"userId": await self._apps[other].global_id()}
        match self._chance.randrange(17):
            case 0 | 1:
                self._posts.append((handle, await self._apps[handle].publishes(f"Post {number}")))
            case 2:
                await self._send(author, "EditPost", postId=post, body=f"Edited {number}")
            case 3:
                await self._send(author, "DeletePost", postId=post)
            case 4 | 5:
                await self._send(handle, "AddComment", postId=post, body=f"Comment {number}")
            case 6:
                await self._send(handle, self._chance.choice(["LikePost", "UnlikePost"]), postId=post)
            case 7 | 8:
                await self._send(handle, self._chance.choice(["FollowUser", "UnfollowUser"]), **person)
            case 9 | 10:
                await self._send(handle, self._chance.choice(["BlockUser", "UnblockUser"]), **person)
            case 11 | 12 | 13:
                await self._pay(handle, other, person["userId"], number)
            case 14 | 15:
                await self._mark(handle)
            case _:
                await self._send(handle, "UpdateProfile", file="account.graphql", name=f"{handle} {number}")

    async def relay(self) -> None:
        await drained(self._client.resources)

    async def _pay(self, handle: str, other: str, other_id: str, number: int) -> None:
        """Changes payments, and compares a screen of both users before it and after it."""
        screen = self._chance.choice(["home", "wallet", "payment"])
        for _ in range(2):
            for viewer in (handle, other):
                await self.compare(screen, viewer)
            await self._payments.change(handle, other_id, number)
            number += 1
        for viewer in (handle, other):
            await self.compare(screen, viewer)

    async def _mark(self, handle: str) -> None:
        """Marks or archives a notification, or changes preferences, and compares before it and after it."""
        for name in ("home", "inbox", "viewer"):
            await self.compare(name, handle)
        viewer = (await self._client.data(QUERIES["inbox"], as_=handle))["viewer"]
        told = [edge["node"]["id"] for edge in viewer["notifications"]["edges"]]
        mutation = self._chance.choice([*MARKS, *MARKS, "UpdateNotificationPreferences"])
        if mutation not in MARKS:
            channel = {"kind": "LIKE", "inApp": True, "push": self._chance.random() < 1 / 2, "email": False}
            await self._send(handle, mutation, file="notifications.graphql", channels=[channel])
        elif told:
            sent = {MARKS[mutation]: self._chance.choice(told)}
            await self._send(handle, mutation, file="notifications.graphql", **sent)
        for name in ("home", "inbox", "viewer"):
            await self.compare(name, handle)

    async def compare(self, *query: str) -> None:
        """Compares the responses of both servers to a query, twice, so that the second one may be stored.

        Without the name of a query and its viewer, both are chosen at random.
        """
        name, viewer = query or (self._chance.choice([*QUERIES]), self._chance.choice(VIEWERS))
        _, post = self._chance.choice(self._posts)
        variables = {
            "handle": self._chance.choice(PEOPLE),
            "postId": post,
            "ids": [post, await self._apps[self._chance.choice(PEOPLE)].global_id()],
            "id": self._chance.choice([post, *self._payments.ids]),
            "first": self._chance.choice([3, 20]),
        }
        headers: dict[str, str] = {}
        if viewer is not None:
            signed_in = SignedIn(await self._client.user_id(viewer), self._chance.choice([1, 2]))
            token, _ = self._client.resources.access_tokens.issue(signed_in)
            headers["Authorization"] = f"Bearer {token}"
        body = {"query": QUERIES[name], "variables": variables}
        expected = without_cursors((await self._plain.post("/graphql", json=body, headers=headers)).json())
        for _ in range(2):
            found = without_cursors((await self._client.http.post("/graphql", json=body, headers=headers)).json())
            assert found == expected, (name, viewer)
        self.compared += 1

    async def _send(self, handle: str, mutation: str, /, *, file: str = "feed.graphql", **given: Any) -> None:
        await self._client.data(operation(file, mutation), {"input": given}, as_=handle)


class Payments:
    """Moves money at random, through the server with the cache."""

    def __init__(self, client: Client, chance: Random) -> None:
        self._client = client
        self._chance = chance
        self._cards: dict[str, list[str]] = {handle: [] for handle in PEOPLE}
        self.ids: list[str] = []

    async def change(self, handle: str, other_id: str, number: int) -> None:
        """Makes one change, which may be refused or declined."""
        amount = {"minorUnits": str(self._chance.choice([1, 500, 10**6])), "currency": "EUR"}
        key = {"idempotencyKey": str(number)}
        card = self._chance.choice([await seeded_card(self._client, handle), *self._cards[handle]])
        match self._chance.randrange(7):
            case 0 | 1:
                await self._send(handle, "TopUpWallet", amount=amount, paymentMethodId=card, **key)
            case 2 | 3:
                await self._send(handle, "SendPayment", recipientId=other_id, amount=amount, note=str(number), **key)
            case 4 | 5 if self.ids:
                payment = self._chance.choice(self.ids)
                for party in PEOPLE:
                    await self._send(party, "RefundPayment", paymentId=payment, amount=amount, **key)
            case _:
                token = self._chance.choice(["tok_visa", "tok_charge_declined"])
                answer = await self._send(handle, "AddPaymentMethod", providerToken=token)
                self._cards[handle].append(answer["paymentMethod"]["id"])
                if len(self._cards[handle]) > 1:
                    card = self._cards[handle].pop(0)
                    await self._send(handle, "RemovePaymentMethod", paymentMethodId=card)

    async def _send(self, handle: str, mutation: str, **given: Any) -> dict[str, Any]:
        query, field = operation("payments.graphql", mutation), mutation[0].lower() + mutation[1:]
        answer = (await self._client.data(query, {"input": given}, as_=handle))[field]
        self.ids += [answer[name]["id"] for name in ("payment", "refund") if answer.get(name)]
        return answer


def without_cursors(answer: Any) -> Any:
    """Returns a response without positions in event streams, which may be earlier, and ids of requests."""
    if isinstance(answer, dict):
        return {
            name: without_cursors(value) for name, value in answer.items() if name not in {"liveCursor", "requestId"}
        }
    return [without_cursors(value) for value in answer] if isinstance(answer, list) else answer


async def hits(client: Client) -> float:
    """Returns the number of stored responses that were sent."""
    lines = (await client.http.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if 'result="hit"' in line)


@pytest.mark.parametrize("seed", range(6))
async def test_every_response_equals_that_of_a_server_without_a_cache(
    client: Client, plain: AsyncClient, seed: int
) -> None:
    history = History(client, plain, Random(seed))  # noqa: S311 - not for secrets
    await history.begin()
    for number in range(CHANGES):
        await history.change()
        for _ in range(READS):
            await history.compare()
        if number % 3 == seed % 3:
            await history.relay()
            await history.compare()
    assert history.compared > CHANGES * READS
    assert await hits(client) > CHANGES
