"""Posts that are published by another process, and when they are in feeds."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

import msgspec

from bench.fan_out.copy import Copy
from bench.fan_out.publisher import REFUSED, Order, Published
from bench.world import PROJECT, BenchError, connected

PATIENCE = 30.0
BETWEEN_LOOKS = 0.004
LOOKED_FOR = 150
"""About so many posts a second are looked for in a feed."""

_HAVE = (
    "SELECT w.number FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (number, owner_id, post_id) "
    "JOIN feed_entries e ON e.owner_id = w.owner_id AND e.post_id = w.post_id"
)


class Post(NamedTuple):
    """When it is to be published, in seconds from the beginning, and by whom."""

    offset: float
    author: int


class Outcome(NamedTuple):
    """What became of a post: when it was published, and when one of its readers had it, if that was looked for."""

    post: Post
    published: Published
    seen: float | None


def paced(chance: random.Random, authors: Sequence[int], rate: float, begin: float, seconds: float) -> list[Post]:
    """Posts at random instants of a span, of authors at random, so many a second."""
    offset, posts = begin, list[Post]()
    while (offset := offset + chance.expovariate(rate)) < begin + seconds:
        posts.append(Post(offset, chance.choice(authors)))
    return posts


async def publish(copy: Copy, posts: Sequence[Post], at_most: int, together: int = 1) -> AsyncGenerator[Published]:
    """By a process of its own that runs at most so many at a time, each as soon as it is published."""
    order = msgspec.json.encode(
        Order(copy.url, copy.push_followers, [(post.offset, post.author) for post in posts], at_most, together)
    )
    command = [sys.executable, "-m", "bench.fan_out.publisher"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin is not None  # noqa: S101 - for the type checker, as the next two
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
            raise BenchError(f"publishing ended early: {[line for line in lines if line][-1]}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await errors


async def publish_all(copy: Copy, posts: Sequence[Post], at_most: int) -> list[Published]:
    """As fast as they can be published."""
    async with aclosing(publish(copy, posts, at_most)) as publishing:
        found = [published async for published in publishing]
    if any(published.post_id == REFUSED for published in found):
        raise BenchError("posts were refused: the database does not answer in time")
    return found


async def follow(copy: Copy, posts: Sequence[Post], rate: float, chance: random.Random, together: int) -> list[Outcome]:
    """Publishes each post when it is due, however many are under way, and looks into a reader's feed for some."""
    every = max(round(rate / LOOKED_FOR), 1)
    outcomes: dict[int, Outcome] = {}
    async with connected(copy.url) as connection, asyncio.TaskGroup() as tasks:
        looking = _Looking(connection, outcomes)
        task = tasks.create_task(looking.look())
        async with aclosing(publish(copy, posts, len(posts), together)) as publishing:
            async for published in publishing:
                post = posts[published.number]
                outcomes[published.number] = Outcome(post, published, None)
                readers = copy.people.readers.get(post.author)
                if readers and published.number % every == 0 and published.post_id != REFUSED:
                    looking.waiting[published.number] = (chance.choice(readers), published.post_id)
        looking.over = True
        await task
    return [outcomes[number] for number in sorted(outcomes)]


class _Looking:
    """Eyes on the feeds of readers who wait for a post."""

    def __init__(self, connection: Any, outcomes: dict[int, Outcome]) -> None:
        self._connection = connection
        self._outcomes = outcomes
        self.waiting = dict[int, tuple[int, int]]()
        self.over = False

    async def look(self) -> None:
        while self.waiting or not self.over:
            if self.waiting:
                await self._look_once()
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _look_once(self) -> None:
        readers, ids = zip(*self.waiting.values(), strict=True)
        found = await self._connection.fetch(_HAVE, list(self.waiting), readers, ids)
        now = time.perf_counter()
        for row in found:
            number = row["number"]
            del self.waiting[number]
            self._outcomes[number] = self._outcomes[number]._replace(seen=now)
        if self.waiting and now - self._outcomes[min(self.waiting)].published.begun > PATIENCE:
            raise BenchError(f"a post is in no feed after {PATIENCE:.0f} s")
