"""Measures posts that are published with and without a concurrent erasure, and a post behind an erasure's events."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.erasing.account import Account, popular_account
from bench.erasing.http import Server
from bench.erasing.publishing import Post, Publishing
from bench.fan_out.copy import Copy
from bench.fan_out.relays import blocked_relays, relays
from bench.fan_out.spans import Times, times
from bench.world import BenchError, connected

POLL_SECONDS = 0.05
SETTLING = 1.5
"""Seconds at the start of a span whose posts do not count, while the erasure pauses or resumes."""

_PAUSE_SECONDS = 0.02
_TIMEOUT = 600.0
_JOB = "owner_id = $1 AND handler = 'erase_account'"
_HAS_JOB = f"SELECT EXISTS (SELECT 1 FROM jobs WHERE {_JOB})"  # noqa: S608 - built from constants
_PAUSE = f"UPDATE jobs SET due_at = now() + interval '1 hour' WHERE {_JOB} AND due_at < now() + interval '1 minute'"  # noqa: S608 - as above
_RESUME = f"UPDATE jobs SET due_at = now() WHERE {_JOB}"  # noqa: S608 - as above
_CANCEL = "DELETE FROM jobs WHERE owner_id = $1"
_DELETED = "SELECT COUNT(*) FROM event_log WHERE actor_id = $1 AND type = 'PostDeleted'"
_LEFT = "SELECT COUNT(*) FROM event_log WHERE actor_id = $1 AND type = 'FollowEnded'"


@dataclass(frozen=True, slots=True)
class Span:
    """Holds the times from when posts were due to their responses, and to their entries in a reader's feed."""

    calls: Times
    entries: Times


@dataclass(frozen=True, slots=True)
class Round:
    """Holds the times without and with a running erasure, and the follows that it ended per second."""

    without: Span
    beside: Span
    followers_per_second: float

    @property
    def ratio(self) -> float:
        return self.beside.entries.p99 / self.without.entries.p99


@dataclass(frozen=True, slots=True)
class Pending:
    """Holds the seconds until a reader had a post that was published after an erasure's deletions."""

    deletions: int
    followers: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Holds the database, server and load of a measurement."""

    copy: Copy
    server: Server
    publishing: Publishing
    posts: int


async def measure_round(stage: Stage, seconds: float, pairs: int) -> Round:
    """Alternates short spans with and without the erasure, so that other load affects both alike."""
    account = await popular_account(stage.copy.url, stage.server, stage.posts)
    await asyncio.to_thread(account.delete, stage.server)
    posts: dict[bool, list[Post]] = {False: [], True: []}
    followers, took = 0, 0.0
    async with connected(stage.copy.url) as connection:
        await _until(lambda: connection.fetchval(_HAS_JOB, account.user_id), "the erasure has no job")
        for number in range(2 * pairs):
            is_beside = number % 4 in (0, 3)
            before, begun = await connection.fetchval(_LEFT, account.user_id), time.perf_counter()
            async with _resumed(connection, account) if is_beside else _paused(stage, account):
                posts[is_beside] += await _span(stage, seconds)
            if is_beside:
                followers += await connection.fetchval(_LEFT, account.user_id) - before
                took += time.perf_counter() - begun
        if not await connection.fetchval(_HAS_JOB, account.user_id):
            raise BenchError("the account was erased before the end: use fewer --pairs or --seconds")
        await connection.execute(_CANCEL, account.user_id)
    return Round(_times(posts[False]), _times(posts[True]), followers / took)


async def _span(stage: Stage, seconds: float) -> list[Post]:
    begun = time.perf_counter()
    posts = await stage.publishing.until(asyncio.sleep(SETTLING + seconds))
    return [post for post in posts if post.due >= begun + SETTLING]


def _times(posts: Iterable[Post]) -> Span:
    found = list(posts)
    return Span(times(post.answered - post.due for post in found), times(post.seen - post.due for post in found))


@asynccontextmanager
async def _resumed(connection: Any, account: Account) -> AsyncGenerator[None]:
    await connection.execute(_RESUME, account.user_id)
    yield


@asynccontextmanager
async def _paused(stage: Stage, account: Account) -> AsyncGenerator[None]:
    """Keeps the erasure paused. A run in progress makes its job due again, so the job is rescheduled repeatedly."""
    async with connected(stage.copy.url) as connection:

        async def pause() -> None:
            while True:
                await connection.execute(_PAUSE, account.user_id)
                await asyncio.sleep(_PAUSE_SECONDS)

        pausing = asyncio.create_task(pause())
        try:
            yield
        finally:
            pausing.cancel()
            await asyncio.wait([pausing])


async def measure_pending(stage: Stage, posts: int) -> Pending:
    """Blocks the relay until the erasure has deleted its first batch and a post is published. Returns the delay."""
    copy, server = stage.copy, stage.server
    account = await popular_account(copy.url, server, posts)
    async with relays(copy, [None]), connected(copy.url) as connection:
        await asyncio.to_thread(account.delete, server)
        await _until(lambda: connection.fetchval(_HAS_JOB, account.user_id), "the erasure has no job")
        async with blocked_relays(copy.url) as unblock, relays(copy, [None], "jobs"):
            await _until(lambda: connection.fetchval(_LEFT, account.user_id), "the erasure does not begin")
            deletions = await connection.fetchval(_DELETED, account.user_id)
            seconds = await _time(stage.publishing, unblock)
        await connection.execute(_CANCEL, account.user_id)
    return Pending(deletions, account.followers, seconds)


async def _time(publishing: Publishing, unblock: Callable[[], Awaitable[None]]) -> float:
    """Returns the seconds from unblocking the relay, after a post, until a reader has the post."""

    async def is_published() -> bool:
        return publishing.has_waiting()

    async def go() -> float:
        await _until(is_published, "a post is not published")
        await unblock()
        return time.perf_counter()

    going = asyncio.ensure_future(go())
    post: Post = await publishing.one()
    return post.seen - await going


async def _until(is_so: Callable[[], Awaitable[object]], trouble: str) -> None:
    until = time.monotonic() + _TIMEOUT
    while not await is_so():
        if time.monotonic() > until:
            raise BenchError(f"{trouble} after {_TIMEOUT:.0f} s")
        await asyncio.sleep(POLL_SECONDS)
