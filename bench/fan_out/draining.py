"""Measures how fast relays write a backlog of posts into feeds."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.fan_out.copy import Copy, vacuum
from bench.fan_out.publisher import Published
from bench.fan_out.publishing import Post, publish_all
from bench.fan_out.relays import blocked_relays, relays
from bench.processes import CPUS, LOAD_CPU, SERVER_CPU, backends, busy_between, cpu_clocks, cpu_seconds, on_cpus
from bench.world import BenchError, connected, say
from core.clock import system_clock
from core.settings import Settings
from services.relay import measure_lag
from services.resources import Resources, open_resources

CONCURRENT_POSTS = 32
"""The number of concurrent publications while a backlog is created."""

_TIMEOUT = 300.0
_POLL_SECONDS = 0.05
_OTHERS_SECONDS = 2.0
_ENTRIES = (
    "SELECT COUNT(*) FROM feed_entries e JOIN unnest($1::bigint[]) AS p (id) ON e.post_id = p.id "
    "WHERE e.owner_id <> e.author_id"
)
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Drained:
    """Holds the measurement of one backlog. Entries are those of readers; CPU is in seconds."""

    relays: int
    posts: int
    entries: int
    seconds: float
    relay_cpu: float
    database_cpu: float
    busy: Sequence[float]
    failed: int
    deadlocks: int

    @property
    def posts_per_second(self) -> float:
        return self.posts / self.seconds

    @property
    def entries_per_second(self) -> float:
        return self.entries / self.seconds


@dataclass(frozen=True, slots=True)
class _Meter:
    """Holds the CPU times at one instant."""

    at: float
    relay_cpu: float
    database_cpu: float
    clocks: dict[int, tuple[int, int]]


async def drain(copy: Copy, database: int | None, count: int, posts: int, chance: random.Random) -> Drained:
    """Measures `count` relays, each on its own CPU, with a backlog of `posts`.

    With one relay, PostgreSQL has the other CPU. With two, it shares both.
    """
    posts_due = [Post(0.0, author) for author in chance.choices(copy.people.authors, k=posts)]
    published = await publish_all(copy, posts_due, CONCURRENT_POSTS)
    await vacuum(copy.url)
    before = await _deadlocks(copy)
    cpus = CPUS[:count] if count > 1 else (SERVER_CPU,)
    with on_cpus(database, set(CPUS) if count > 1 else {LOAD_CPU}):
        begun, over, failed = await _timed(copy, [{cpu} for cpu in cpus])
    entries = await _entries(copy, posts_due, published)
    return Drained(
        relays=count,
        posts=posts,
        entries=entries,
        seconds=over.at - begun.at,
        relay_cpu=over.relay_cpu - begun.relay_cpu,
        database_cpu=over.database_cpu - begun.database_cpu,
        busy=[busy_between(begun.clocks, over.clocks, cpu) for cpu in CPUS],
        failed=failed,
        deadlocks=await _deadlocks(copy) - before,
    )


async def others() -> float:
    """Returns the busy share of all CPUs, from 0 to 1, before a measurement."""
    before = cpu_clocks()
    await asyncio.sleep(_OTHERS_SECONDS)
    return busy_of_all(before, cpu_clocks())


def busy_of_all(before: dict[int, tuple[int, int]], after: dict[int, tuple[int, int]]) -> float:
    """Returns the busy share of all CPUs between two readings, from 0 to 1."""
    return sum(busy_between(before, after, cpu) for cpu in CPUS) / len(CPUS)


async def _timed(copy: Copy, cpus: Sequence[set[int] | None]) -> tuple[_Meter, _Meter, int]:
    """Measures from unblocking the relays until no event waits. Returns the number of failures, too."""
    settings = Settings(database_url=copy.url, database_pool=1)
    async with (
        open_resources(settings) as resources,
        blocked_relays(copy.url) as unblock,
        relays(copy, cpus) as running,
    ):
        (own,) = await resources.database.fetch("SELECT pg_backend_pid() AS pid")
        pids = [relay.process.pid for relay in running]
        begun = await _read(copy, pids, own["pid"])
        await unblock()
        dead = await _until_done(resources)
        over = await _read(copy, pids, own["pid"])
        warnings = [line for relay in running for line in relay.warnings()]
    for line in warnings:
        say(f"  a relay logs: {line[:500]}")
    return begun, over, dead + len(warnings)


async def _read(copy: Copy, relays: Sequence[int], own: int) -> _Meter:
    at, relay_cpu, clocks = time.perf_counter(), cpu_seconds(relays), cpu_clocks()
    return _Meter(at, relay_cpu, cpu_seconds(pid for pid in await backends(copy.url) if pid != own), clocks)


async def _until_done(resources: Resources) -> int:
    """Waits until no event waits. Returns the number of dead letters."""
    until = time.perf_counter() + _TIMEOUT
    while (lag := await measure_lag(resources.database, system_clock())).events:
        if time.perf_counter() > until:
            raise BenchError(f"{lag.events} events still wait after {_TIMEOUT:.0f} s")
        await asyncio.sleep(_POLL_SECONDS)
    return lag.dead


async def _entries(copy: Copy, posts_due: Sequence[Post], published: Sequence[Published]) -> int:
    """Returns the number of feed entries of the posts. Raises `BenchError` when some are missing."""
    expected = sum(len(copy.people.readers[post.author]) for post in posts_due)
    async with connected(copy.url) as connection:
        found: int = await connection.fetchval(_ENTRIES, [each.post_id for each in published])
    if found != expected:
        raise BenchError(f"the feeds have {found} entries instead of {expected}")
    return found


async def _deadlocks(copy: Copy) -> int:
    async with connected(copy.url) as connection:
        found: int = await connection.fetchval(_DEADLOCKS)
    return found
