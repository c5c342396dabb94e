"""A seeded database of one run, and events that are appended to its streams."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.world import PROJECT, connected, say
from core.clock import system_clock
from core.global_ids import global_id
from core.keys import KeyRing
from core.settings import Settings
from core.viewer import SignedIn
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.event_log.topics import wake_streams
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources, open_resources
from services.security.access_tokens import AccessTokens
from services.security.revocations import Revocations
from services.unit_of_work import unit_of_work

_SEED_NUMBER = 1
_TOKEN_LIFETIME = timedelta(hours=12)
_WITHOUT_BLOCKS = "SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = u.id) ORDER BY id"
_POSTS = "SELECT author_id, id FROM posts WHERE deleted_at IS NULL ORDER BY id DESC LIMIT $1"
_COMMENTS = ("owner_id", "post_id", "id", "author_id", "body", "created_at")


class Subject(NamedTuple):
    """A user or a post, and the id of the row that an event is about."""

    stream: RowKey
    row: RowKey


class LiveDatabase:
    """The database, its users without blocks, and one of its posts."""

    def __init__(self, resources: Resources, users: Sequence[int], posts: Sequence[RowKey]) -> None:
        self.resources = resources
        self.users = users
        self.posts = posts

    @property
    def url(self) -> str:
        return self.resources.settings.database_url

    @property
    def secret_keys(self) -> str:
        return self.resources.settings.secret_keys

    def tokens(self, count: int) -> list[str]:
        """Returns access tokens of different users."""
        keys = KeyRing(self.secret_keys)
        tokens = AccessTokens(keys, system_clock, _TOKEN_LIFETIME, Revocations(_TOKEN_LIFETIME))
        return [tokens.issue(SignedIn(user_id, device_id=user_id))[0] for user_id in self.users[:count]]

    async def add_comments(self, count: int) -> list[Subject]:
        """Adds comments to the post, without events."""
        post, now = self.posts[0], self.resources.clock()
        keys = [RowKey(post.owner_id, self.resources.ids.next()) for _ in range(count)]
        rows = [
            (*post, key.id, self.users[number % len(self.users)], f"Comment number {number} of the measurement.", now)
            for number, key in enumerate(keys)
        ]
        async with self.resources.database.transaction() as transaction:
            await transaction.copy("comments", _COMMENTS, rows)
        return [Subject(post, key) for key in keys]

    def feed_posts(self, count: int) -> list[Subject]:
        """Returns a post for each of the users."""
        return [
            Subject(RowKey(user_id, user_id), self.posts[number % len(self.posts)])
            for number, user_id in enumerate(self.users[:count])
        ]

    async def append(self, kind: StreamEventKind, subjects: Sequence[Subject]) -> None:
        """Appends an event for each subject, and wakes the servers after the commit, as the relay does."""
        now = self.resources.clock()
        events = [
            StreamEvent(stream, kind, row, LogPosition(1, self.resources.ids.next()), now) for stream, row in subjects
        ]
        async with unit_of_work(self.resources) as work:
            streams = await append_to_streams(await work.transaction(), events)
            work.after_commit(lambda: wake_streams(self.resources.bus, streams))


@asynccontextmanager
async def live_database(admin_url: str, people: int, secret_keys: str) -> AsyncGenerator[LiveDatabase]:
    """Yields a new database with so many users. Drops it at the end."""
    name = f"bff_bench_live_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            async with open_resources(Settings(database_url=url, secret_keys=secret_keys)) as resources:
                await migrate(resources.database, lambda _: None)
                say(f"{name}: seeding {people} people")
                await seed(resources, _SEED_NUMBER, people=people)
                users = [row["id"] for row in await resources.database.fetch(_WITHOUT_BLOCKS)]
                posts = await resources.database.fetch(_POSTS, people)
                yield LiveDatabase(resources, users, [RowKey(p["author_id"], p["id"]) for p in posts])
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def subscription(field: str, post: RowKey | None = None) -> dict[str, object]:
    """Returns the payload of `subscribe`, as an app sends it: `ViewerEvents` or `PostEvents`."""
    query = (PROJECT / "schema-operations/live.graphql").read_text()
    variables = {} if post is None else {"postId": global_id("Post", *post)}
    return {"query": query, "operationName": field[0].upper() + field[1:], "variables": variables}
