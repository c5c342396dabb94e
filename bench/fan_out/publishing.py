"""Publishes posts by another process, and observes when they are in feeds."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

import msgspec

from bench.fan_out.copy import Copy
from bench.fan_out.publisher import REJECTED, Order, Published
from bench.world import PROJECT, BenchError, connected

TIMEOUT = 30.0
POLL_SECONDS = 0.004
OBSERVED_PER_SECOND = 150
"""The approximate number of posts per second whose feed entry is observed."""

_HAVE = (
    "SELECT w.number FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (number, owner_id, post_id) "
    "JOIN feed_entries e ON e.owner_id = w.owner_id AND e.post_id = w.post_id"
)


class Post(NamedTuple):
    """Holds the author of a post and its due time in seconds from the start."""

    offset: float
    author: int


class Outcome(NamedTuple):
    """Holds when a post was published, and when it was in a reader's feed, if observed."""

    post: Post
    published: Published
    seen: float | None


def paced(chance: random.Random, authors: Sequence[int], rate: float, begin: float, seconds: float) -> list[Post]:
    """Returns `rate` posts per second at random instants of a span, by random authors."""
    offset, posts = begin, list[Post]()
    while (offset := offset + chance.expovariate(rate)) < begin + seconds:
        posts.append(Post(offset, chance.choice(authors)))
    return posts


async def publish(copy: Copy, posts: Sequence[Post], at_most: int, together: int = 1) -> AsyncGenerator[Published]:
    """Publishes posts in another process, at most `at_most` at a time. Yields each one after it is published."""
    order = msgspec.json.encode(
        Order(copy.url, copy.push_followers, [(post.offset, post.author) for post in posts], at_most, together)
    )
    command = [sys.executable, "-m", "bench.fan_out.publisher"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin is not None  # noqa: S101 - for the type checker, like the next two
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    errors = asyncio.create_task(process.stderr.read())
    try:
        process.stdin.write(order)
        process.stdin.close()
        async for line in process.stdout:
            yield msgspec.json.decode(line, type=Published)
        if await process.wait():
            lines = [line.strip(" |+-") for line in (await errors).decode().splitlines()]
            raise BenchError(f"the publisher failed: {[line for line in lines if line][-1]}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await errors


async def publish_all(copy: Copy, posts: Sequence[Post], at_most: int) -> list[Published]:
    """Publishes all posts as fast as possible."""
    async with aclosing(publish(copy, posts, at_most)) as publishing:
        found = [published async for published in publishing]
    if any(published.post_id == REJECTED for published in found):
        raise BenchError("posts were rejected: the database is too slow")
    return found


async def follow(copy: Copy, posts: Sequence[Post], rate: float, chance: random.Random, together: int) -> list[Outcome]:
    """Publishes each post when it is due, without a limit, and observes a reader's feed for some of them."""
    every = max(round(rate / OBSERVED_PER_SECOND), 1)
    outcomes: dict[int, Outcome] = {}
    async with connected(copy.url) as connection, asyncio.TaskGroup() as tasks:
        looking = _FeedPoller(connection, outcomes)
        task = tasks.create_task(looking.look())
        async with aclosing(publish(copy, posts, len(posts), together)) as publishing:
            async for published in publishing:
                post = posts[published.number]
                outcomes[published.number] = Outcome(post, published, None)
                readers = copy.people.readers.get(post.author)
                if readers and published.number % every == 0 and published.post_id != REJECTED:
                    looking.waiting[published.number] = (chance.choice(readers), published.post_id)
        looking.over = True
        await task
    return [outcomes[number] for number in sorted(outcomes)]


class _FeedPoller:
    """Polls the feeds of readers for expected posts."""

    def __init__(self, connection: Any, outcomes: dict[int, Outcome]) -> None:
        self._connection = connection
        self._outcomes = outcomes
        self.waiting = dict[int, tuple[int, int]]()
        self.over = False

    async def look(self) -> None:
        while self.waiting or not self.over:
            if self.waiting:
                await self._look_once()
            await asyncio.sleep(POLL_SECONDS)

    async def _look_once(self) -> None:
        readers, ids = zip(*self.waiting.values(), strict=True)
        found = await self._connection.fetch(_HAVE, list(self.waiting), readers, ids)
        now = time.perf_counter()
        for row in found:
            number = row["number"]
            del self.waiting[number]
            self._outcomes[number] = self._outcomes[number]._replace(seen=now)
        if self.waiting and now - self._outcomes[min(self.waiting)].published.begun > TIMEOUT:
            raise BenchError(f"a post is in no feed after {TIMEOUT:.0f} s")
