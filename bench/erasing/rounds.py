"""Measures posts that are published beside an erasure and without one, and a post behind an erasure's events."""

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
from bench.fan_out.relays import held_back, relays
from bench.fan_out.spans import Times, times
from bench.world import BenchError, connected

BETWEEN_LOOKS = 0.05
SETTLING = 1.5
"""Seconds at the beginning of a span whose posts do not count: the erasure stops, or goes on, meanwhile."""

_BETWEEN_PAUSES = 0.02
_PATIENCE = 600.0
_JOB = "owner_id = $1 AND handler = 'erase_account'"
_HAS_JOB = f"SELECT EXISTS (SELECT 1 FROM jobs WHERE {_JOB})"  # noqa: S608 - built from constants
_PAUSE = f"UPDATE jobs SET due_at = now() + interval '1 hour' WHERE {_JOB} AND due_at < now() + interval '1 minute'"  # noqa: S608 - as above
_GO_ON = f"UPDATE jobs SET due_at = now() WHERE {_JOB}"  # noqa: S608 - as above
_CALL_OFF = "DELETE FROM jobs WHERE owner_id = $1"
_DELETED = "SELECT COUNT(*) FROM event_log WHERE actor_id = $1 AND type = 'PostDeleted'"
_LEFT = "SELECT COUNT(*) FROM event_log WHERE actor_id = $1 AND type = 'FollowEnded'"


@dataclass(frozen=True, slots=True)
class Span:
    """From when posts were due to their answers, and to when a reader had each of them."""

    calls: Times
    entries: Times


@dataclass(frozen=True, slots=True)
class Round:
    """People who publish while an erasure stands still, and beside it; and how many follows a second it ended."""

    without: Span
    beside: Span
    followers_per_second: float

    @property
    def ratio(self) -> float:
        return self.beside.entries.p99 / self.without.entries.p99


@dataclass(frozen=True, slots=True)
class Pending:
    """Seconds until a reader had a post that was published behind so many deletions of an erased account's posts."""

    deletions: int
    followers: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it is measured."""

    copy: Copy
    server: Server
    publishing: Publishing
    posts: int


async def measure_round(stage: Stage, seconds: float, pairs: int) -> Round:
    """Short spans with and without the erasure take turns, so that both see the same of what else the machine does."""
    account = await popular_account(stage.copy.url, stage.server, stage.posts)
    await asyncio.to_thread(account.delete, stage.server)
    posts: dict[bool, list[Post]] = {False: [], True: []}
    followers, took = 0, 0.0
    async with connected(stage.copy.url) as connection:
        await _until(lambda: connection.fetchval(_HAS_JOB, account.user_id), "the erasure has no job")
        for number in range(2 * pairs):
            is_beside = number % 4 in (0, 3)
            before, begun = await connection.fetchval(_LEFT, account.user_id), time.perf_counter()
            async with _going(connection, account) if is_beside else _paused(stage, account):
                posts[is_beside] += await _span(stage, seconds)
            if is_beside:
                followers += await connection.fetchval(_LEFT, account.user_id) - before
                took += time.perf_counter() - begun
        if not await connection.fetchval(_HAS_JOB, account.user_id):
            raise BenchError("the account was erased before the end: take fewer --pairs or shorter --seconds")
        await connection.execute(_CALL_OFF, account.user_id)
    return Round(_times(posts[False]), _times(posts[True]), followers / took)


async def _span(stage: Stage, seconds: float) -> list[Post]:
    begun = time.perf_counter()
    posts = await stage.publishing.until(asyncio.sleep(SETTLING + seconds))
    return [post for post in posts if post.due >= begun + SETTLING]


def _times(posts: Iterable[Post]) -> Span:
    found = list(posts)
    return Span(times(post.answered - post.due for post in found), times(post.seen - post.due for post in found))


@asynccontextmanager
async def _going(connection: Any, account: Account) -> AsyncGenerator[None]:
    await connection.execute(_GO_ON, account.user_id)
    yield


@asynccontextmanager
async def _paused(stage: Stage, account: Account) -> AsyncGenerator[None]:
    """A run that is under way ends and makes itself due again, so the job is put off again and again."""
    async with connected(stage.copy.url) as connection:

        async def pause() -> None:
            while True:
                await connection.execute(_PAUSE, account.user_id)
                await asyncio.sleep(_BETWEEN_PAUSES)

        pausing = asyncio.create_task(pause())
        try:
            yield
        finally:
            pausing.cancel()
            await asyncio.wait([pausing])


async def measure_pending(stage: Stage, posts: int) -> Pending:
    """The relay stands still until the erasure has deleted what it deletes at once, and a post is published."""
    copy, server = stage.copy, stage.server
    account = await popular_account(copy.url, server, posts)
    async with relays(copy, [None]), connected(copy.url) as connection:
        await asyncio.to_thread(account.delete, server)
        await _until(lambda: connection.fetchval(_HAS_JOB, account.user_id), "the erasure has no job")
        async with held_back(copy.url) as let_go, relays(copy, [None], "jobs"):
            await _until(lambda: connection.fetchval(_LEFT, account.user_id), "the erasure does not begin")
            deletions = await connection.fetchval(_DELETED, account.user_id)
            seconds = await _time(stage.publishing, let_go)
        await connection.execute(_CALL_OFF, account.user_id)
    return Pending(deletions, account.followers, seconds)


async def _time(publishing: Publishing, let_go: Callable[[], Awaitable[None]]) -> float:
    """From letting the relay go, behind a post, to when a reader has it."""

    async def is_published() -> bool:
        return publishing.has_waiting()

    async def go() -> float:
        await _until(is_published, "a post is not published")
        await let_go()
        return time.perf_counter()

    going = asyncio.ensure_future(go())
    post: Post = await publishing.one()
    return post.seen - await going


async def _until(is_so: Callable[[], Awaitable[object]], trouble: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not await is_so():
        if time.monotonic() > until:
            raise BenchError(f"{trouble} after {_PATIENCE:.0f} s")
        await asyncio.sleep(BETWEEN_LOOKS)
