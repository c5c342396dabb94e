"""Publishes posts of ordinary authors over HTTP, and observes when they are in a follower's feed."""

import asyncio
import random
import time
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.erasing.http import Server
from bench.world import BenchError, connected
from core.global_ids import read_global_id
from schema_check.wording import count_of

PUBLISH = 'mutation { publishPost(input: {body: "A post."}) { ... on PublishPostSuccess { post { id } } } }'
POLL_SECONDS = 0.002
THREADS = 16

_TIMEOUT = 240.0
_HAVE = (
    "SELECT w.post_id FROM unnest($1::bigint[], $2::bigint[]) AS w (owner_id, post_id) "
    "JOIN feed_entries e ON e.owner_id = w.owner_id AND e.post_id = w.post_id"
)


@dataclass(frozen=True, slots=True)
class Author:
    """Holds the access token of an author and the accounts whose feeds receive the posts."""

    token: str
    readers: Sequence[int]


@dataclass(slots=True)
class Post:
    """Holds the instants at which a post was due, answered, and in a reader's feed."""

    reader: int
    due: float
    answered: float = 0.0
    seen: float = 0.0


@dataclass(slots=True)
class Publishing:
    """Publishes `rate` posts a second at random instants, independent of how long each takes."""

    url: str
    server: Server
    authors: Sequence[Author]
    rate: float
    chance: random.Random
    _waiting: dict[int, Post] = field(default_factory=dict[int, Post])

    async def until(self, over: Awaitable[object]) -> list[Post]:
        """Returns all posts that were due before `over` ended, once all are in a feed."""
        ending = asyncio.ensure_future(over)
        posts: list[Post] = []
        with ThreadPoolExecutor(THREADS) as threads:
            async with connected(self.url) as connection, asyncio.TaskGroup() as tasks:
                looking = tasks.create_task(self._look(connection))
                calls: list[asyncio.Task[None]] = []
                while not (posts and ending.done()):
                    author = self.chance.choice(self.authors)
                    posts.append(Post(self.chance.choice(author.readers), time.perf_counter()))
                    calls.append(tasks.create_task(self._publish(threads, author, posts[-1])))
                    await asyncio.sleep(self.chance.expovariate(self.rate))
                await asyncio.gather(*calls)
                await self._until_seen()
                looking.cancel()
        await ending
        return posts

    async def one(self) -> Post:
        """Returns one post, once it is in a feed."""
        (post,) = await self.until(asyncio.sleep(0))
        return post

    def has_waiting(self) -> bool:
        """Returns whether a published post is not in its reader's feed yet."""
        return bool(self._waiting)

    async def _publish(self, threads: ThreadPoolExecutor, author: Author, post: Post) -> None:
        running = asyncio.get_running_loop()
        post_id = await running.run_in_executor(threads, self._ask, author)
        post.answered = time.perf_counter()
        self._waiting[post_id] = post

    def _ask(self, author: Author) -> int:
        answer = self.server.ask(PUBLISH, {}, author.token)
        return read_global_id(answer["publishPost"]["post"]["id"], "id").id

    async def _until_seen(self) -> None:
        until = time.perf_counter() + _TIMEOUT
        while self._waiting:
            if time.perf_counter() > until:
                raise BenchError(f"{count_of(len(self._waiting), 'post')} missing in feeds after {_TIMEOUT:.0f} s")
            await asyncio.sleep(POLL_SECONDS)

    async def _look(self, connection: Any) -> None:
        while True:
            if self._waiting:
                waiting = dict(self._waiting)
                found = await connection.fetch(_HAVE, [post.reader for post in waiting.values()], list(waiting))
                now = time.perf_counter()
                for row in found:
                    self._waiting.pop(row["post_id"]).seen = now
            await asyncio.sleep(POLL_SECONDS)
