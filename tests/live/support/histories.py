"""Random histories of a user's feed and inbox, and clients that keep a copy of them in different ways."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, NamedTuple

from core.global_ids import global_id
from services.relay import Relay
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import Following, Subscribed
from tests.support.timing import until

READER, OTHER, BELL, POPULAR_BELL = "reader", "other", "bell", "popular_bell"
AUTHORS = ("author1", "author2", "author3")
_HANDLES = (READER, OTHER, *AUTHORS, BELL, POPULAR_BELL)
_SCREEN = (
    "{ viewer { liveCursor feed(first: 100) { edges { node { id body } } } "
    "notifications(first: 100) { edges { node { id } } } } }"
)
_SYNC = (
    "query ($since: String, $first: Int) { sync(since: $since, first: $first) { cursor hasMore reset changes { "
    "__typename ... on NodeChanged { node { __typename id ... on Post { body } } } ... on NodeDeleted { nodeId } } } }"
)


class State(NamedTuple):
    """The texts of the posts in the feed by their ids, and the ids of the notifications."""

    posts: dict[str, str]
    notifications: set[str]

    def without(self, notifications: set[str]) -> "State":
        """Returns the state without these notifications."""
        return State(self.posts, self.notifications - notifications)


async def read_screen(client: Client) -> tuple[str, State]:
    """Returns the cursor and the content of the reader's home screen."""
    viewer = (await client.data(_SCREEN, as_=READER))["viewer"]
    posts = {edge["node"]["id"]: edge["node"]["body"] for edge in viewer["feed"]["edges"]}
    return viewer["liveCursor"], State(posts, {edge["node"]["id"] for edge in viewer["notifications"]["edges"]})


class SyncingClient:
    """Calls `sync` now and then."""

    def __init__(self, client: Client, chance: Random, cursor: str, state: State) -> None:
        self._client = client
        self._random = chance
        self._cursor = cursor
        self.state = state

    async def sync(self) -> None:
        """Calls `sync` until there is no more. Reads everything again after a reset."""
        has_more = True
        while has_more:
            variables = {"since": self._cursor, "first": self._random.randint(1, 5)}
            page = (await self._client.data(_SYNC, variables, as_=READER))["sync"]
            self._cursor, has_more = page["cursor"], page["hasMore"]
            if page["reset"]:
                _, self.state = await read_screen(self._client)
            for change in page["changes"]:
                self._apply(change)

    def _apply(self, change: Any) -> None:
        posts, notifications = self.state
        if change["__typename"] == "NodeDeleted":
            posts.pop(change["nodeId"], None)
            notifications.discard(change["nodeId"])
        elif change["node"]["__typename"] == "Post":
            posts[change["node"]["id"]] = change["node"]["body"]
        elif change["node"]["__typename"] == "Notification":
            notifications.add(change["node"]["id"])


class ListeningClient:
    """Follows the viewer's events over a WebSocket, and reads everything again after a reset."""

    def __init__(self, following: Following, cursor: str, state: State) -> None:
        self._following = following
        self.cursor = cursor
        self.state = state

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Applies events in the block."""
        async with self._following.viewer(READER, self.cursor) as subscribed:
            task = asyncio.create_task(self._listen(subscribed))
            try:
                yield
            finally:
                assert not task.done(), task.result()
                task.cancel()
                await asyncio.wait([task])

    async def _listen(self, subscribed: Subscribed) -> None:
        while True:
            event = await subscribed.event()
            await self._apply(event)
            assert subscribed.cursor is not None
            self.cursor = subscribed.cursor

    async def _apply(self, event: Any) -> None:
        match event["__typename"]:
            case "FeedReset" | "StreamReset":
                _, self.state = await read_screen(self._following.client)
            case "FeedPostPublished" | "FeedPostChanged" if event["post"] is not None:
                self.state.posts[event["post"]["id"]] = event["post"]["body"]
            case "FeedPostRemoved":
                self.state.posts.pop(event["postId"], None)
            case "NotificationReceived" if event["notification"] is not None:
                self.state.notifications.add(event["notification"]["id"])
            case _:
                """The event does not change the state."""

    async def receives(self, *bodies: str) -> None:
        """Waits until posts with these texts were announced."""
        await until(lambda: set(bodies) <= set(self.state.posts.values()))


class History:
    """Changes what the reader sees, at random. Events are projected at random times."""

    def __init__(self, following: Following, chance: Random) -> None:
        self._following = following
        self._client = following.client
        self._random = chance
        self._apps = {handle: App(self._client, handle) for handle in _HANDLES}
        self._posts: list[tuple[str, str]] = []
        self._follows: set[tuple[str, str]] = set()
        self._blocks: set[tuple[str, str]] = set()
        self._blocked_at_times: set[str] = set()
        self._number = 0

    async def begin(self) -> None:
        """Writes the users. The reader follows all of them but `OTHER`."""
        resources = self._client.resources
        for number, handle in enumerate(_HANDLES, 1):
            sql = "INSERT INTO users (id, handle, name, created_at) VALUES ($1, $2, $2, $3)"
            await resources.database.fetch(sql, number, handle, resources.clock())
            await resources.database.fetch("INSERT INTO handles (handle, user_id) VALUES ($1, $2)", handle, number)
        for handle in (*AUTHORS, BELL, POPULAR_BELL):
            await self._follow(READER, handle)
        await self._follow(OTHER, POPULAR_BELL)
        await self._following.project()

    async def change(self) -> None:
        """Makes one change, if it is possible."""
        changes: dict[Callable[[], Awaitable[None]], int] = {
            self._publish: 6,
            self._edit: 3,
            self._delete: 2,
            self._toggle_follow: 4,
            self._toggle_popularity: 1,
            self._toggle_block: 1,
            self._react: 4,
            self._project_some: 5,
        }
        (change,) = self._random.choices(list(changes), list(changes.values()))
        await change()

    async def end(self) -> tuple[str, str]:
        """Projects all events and then two posts, one of each stream. Returns their texts."""
        await self._following.project()
        bodies = (self._text(), self._text())
        for handle, body in zip((BELL, POPULAR_BELL), bodies, strict=True):
            await self._apps[handle].publishes(body)
        await self._following.project()
        return bodies

    async def hidden_at_times(self) -> set[str]:
        """Returns the ids of notifications that a block hid or showed. No event says so: apps read the inbox again."""
        rows = await self._client.resources.database.fetch(
            "SELECT f.owner_id, f.notification_id FROM notification_facts f JOIN users u ON u.id = f.actor_id "
            "WHERE u.handle = ANY($1)",
            sorted(self._blocked_at_times),
        )
        return {global_id("Notification", row["owner_id"], row["notification_id"]) for row in rows}

    async def _publish(self) -> None:
        handle = self._random.choice((READER, *AUTHORS))
        self._posts.append((handle, await self._apps[handle].publishes(self._text())))

    async def _edit(self) -> None:
        if self._posts:
            handle, post = self._random.choice(self._posts)
            await self._apps[handle].does("EditPost", postId=post, body=self._text())

    async def _delete(self) -> None:
        if self._posts:
            handle, post = self._posts.pop(self._random.randrange(len(self._posts)))
            await self._apps[handle].does("DeletePost", postId=post)

    async def _toggle_follow(self) -> None:
        author = self._random.choice(AUTHORS)
        await self._toggle((READER, author) if self._random.random() < 0.8 else (author, READER))

    async def _toggle_popularity(self) -> None:
        await self._toggle((OTHER, self._random.choice(AUTHORS)))

    async def _toggle(self, pair: tuple[str, str]) -> None:
        follower, author = pair
        if pair in self._follows:
            await self._apps[follower].does("UnfollowUser", userId=await self._apps[author].global_id())
            self._follows.discard(pair)
        elif not self._are_blocked(*pair):
            await self._follow(*pair)

    async def _follow(self, follower: str, author: str) -> None:
        await self._apps[follower].does("FollowUser", userId=await self._apps[author].global_id())
        self._follows.add((follower, author))

    async def _toggle_block(self) -> None:
        pair = [READER, self._random.choice(AUTHORS)]
        self._random.shuffle(pair)
        blocker, blocked = pair
        if (blocker, blocked) in self._blocks:
            await self._apps[blocker].does("UnblockUser", userId=await self._apps[blocked].global_id())
            self._blocks.discard((blocker, blocked))
        elif not self._are_blocked(blocker, blocked):
            await self._apps[blocker].does("BlockUser", userId=await self._apps[blocked].global_id())
            self._blocks.add((blocker, blocked))
            self._blocked_at_times |= {blocker, blocked} - {READER}
            self._follows -= {(blocker, blocked), (blocked, blocker)}

    def _are_blocked(self, one: str, other: str) -> bool:
        return not self._blocks.isdisjoint({(one, other), (other, one)})

    async def _react(self) -> None:
        """Comments on a post of the reader, or likes it."""
        handle = self._random.choice(AUTHORS)
        posts = [post for author, post in self._posts if author == READER]
        if posts and not self._are_blocked(handle, READER):
            post = self._random.choice(posts)
            if self._random.random() < 0.5:
                await self._apps[handle].comments(post)
            else:
                await self._apps[handle].does("LikePost", postId=post)

    async def _project_some(self) -> None:
        relay = Relay(self._client.resources, batch=self._random.randint(1, 5))
        for _ in range(self._random.randint(1, 6)):
            await relay.step()

    def _text(self) -> str:
        self._number += 1
        return f"text {self._number}"
