"""Prepares the users, follows and posts of campaigns, and records all entries of event streams."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from adapters.database import Queries
from core.global_ids import GlobalId
from core.viewer import SignedIn
from services import feed
from services.event_log.event_streams import RowKey
from services.maintenance.migrations import migrate
from services.resources import Resources
from services.unit_of_work import unit_of_work

DEVICE = 1
"""The device of all WebSockets. It is never signed out."""

_CONCURRENT = 8
_FOLLOWED = 4
_POPULAR_AUTHORS = 4
_RECORD = (
    "CREATE TABLE recorded_entries (LIKE stream_entries)",
    """CREATE FUNCTION record_entries() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO recorded_entries SELECT * FROM added; RETURN NULL; END $$""",
    """CREATE TRIGGER record_entries AFTER INSERT ON stream_entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION record_entries()""",
)
"""Streams keep about 1,000 entries; the campaign compares clients with all of them."""


class Scale(NamedTuple):
    """The number of WebSockets and of events, and how many of each kind of subject the sockets follow."""

    sockets: int
    events: int

    @property
    def users(self) -> int:
        """The users. Half of the sockets follow them, several each."""
        return max(16, self.sockets // 6)

    @property
    def posts(self) -> int:
        """The followed posts. The other half of the sockets follows them."""
        return max(4, self.sockets // 20)

    @property
    def push_followers(self) -> int:
        """The setting above which an author is popular."""
        return self.users // 4

    @property
    def devices(self) -> int:
        """The devices of each user that can be signed out."""
        return min(max(1, self.events // 50 // self.users), 100)


class World(NamedTuple):
    """Holds users, popular authors and followed posts.

    `lasting` are the authors whom a user follows for good. Other follows may end and begin again.
    """

    scale: Scale
    users: Sequence[int]
    popular: Sequence[int]
    posts: Sequence[RowKey]
    lasting: Mapping[int, frozenset[int]]

    @property
    def hot_post(self) -> RowKey:
        """A post with so many comments that its stream does not keep all of them."""
        return self.posts[0]


def may_change(follower: int, author: int) -> bool:
    """Returns whether writers may begin and end this follow."""
    return (follower + author) % 5 == 0


async def prepare(resources: Resources, scale: Scale, chance: Random) -> World:
    """Fills an empty database."""
    await migrate(resources.database, lambda _name: None)
    users = range(1, scale.users + 1)
    await _write_users(resources, users, scale.devices)
    popular = list(users[-_POPULAR_AUTHORS:])
    follows = _follows(users, popular, chance)
    await _all(_follow(resources, *pair) for pair in sorted(follows))
    authors = [users[number % (scale.users - _POPULAR_AUTHORS)] for number in range(scale.posts)]
    posts = [await publish(resources, author, "followed") for author in authors]
    lasting = {
        user: frozenset(author for follower, author in follows if follower == user and not may_change(user, author))
        for user in users
    }
    return World(scale, users, popular, posts, lasting)


async def record_entries(queries: Queries) -> None:
    """Copies all entries of event streams from now on into the table `recorded_entries`, on PostgreSQL."""
    for statement in _RECORD:
        await queries.fetch(statement)


def _follows(users: Sequence[int], popular: Sequence[int], chance: Random) -> set[tuple[int, int]]:
    """Returns pairs of follower and author. Half of the users follow each popular author."""
    pairs = {(user, author) for user in users for author in popular if chance.random() < 1 / 2}
    ordinary = users[: len(users) - len(popular)]
    pairs |= {(user, author) for user in users for author in chance.sample(list(ordinary), _FOLLOWED)}
    return {(user, author) for user, author in pairs if user != author}


async def _write_users(resources: Resources, users: Sequence[int], devices: int) -> None:
    now = resources.clock()
    async with resources.database.transaction() as transaction:
        rows = [(user, f"user{user}", f"User {user}", now) for user in users]
        await transaction.copy("users", ("id", "handle", "name", "created_at"), rows)
        columns = ("owner_id", "id", "name", "platform", "app_version", "created_at", "last_seen_at")
        owned = [
            (user, device_id(user, number), "Phone", "IOS", "1.0", now, now)
            for user in users
            for number in range(devices)
        ]
        await transaction.copy("devices", columns, owned)


def device_id(user: int, number: int) -> int:
    """Returns the id of a user's device that can be signed out. Ids of devices are unique."""
    return 1000 + user * 10_000 + number


async def _follow(resources: Resources, follower: int, author: int) -> None:
    async with unit_of_work(resources) as work:
        await feed.follow_user(SignedIn(follower, DEVICE), work, resources, GlobalId("User", author, author))


async def publish(resources: Resources, author: int, body: str) -> RowKey:
    """Publishes a post in a unit of work of its own, and returns its key."""
    async with unit_of_work(resources) as work:
        written = await feed.publish_post(SignedIn(author, DEVICE), work, resources, feed.PublishPost(body))
    return RowKey(author, written["post"]["id"])


async def _all(steps: Any) -> None:
    """Awaits coroutines, a few at a time."""
    slots = asyncio.Semaphore(_CONCURRENT)

    async def run(step: Coroutine[Any, Any, None]) -> None:
        async with slots:
            await step

    await asyncio.gather(*(run(step) for step in steps))
