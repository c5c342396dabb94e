"""How fast relays bring a backlog of posts to feeds."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.fan_out.copy import Copy, vacuum
from bench.fan_out.publisher import Published
from bench.fan_out.publishing import Post, publish_all
from bench.fan_out.relays import held_back, relays
from bench.processes import CPUS, LOAD_CPU, SERVER_CPU, backends, busy_between, cpu_clocks, cpu_seconds, on_cpus
from bench.world import BenchError, connected, say
from core.clock import system_clock
from core.settings import Settings
from services.relay import measure_lag
from services.resources import Resources, open_resources

AT_A_TIME = 32
"""Posts that are being published at a time while a backlog is made."""

_PATIENCE = 300.0
_BETWEEN_LOOKS = 0.05
_LOOKED_AT_OTHERS = 2.0
_ENTRIES = (
    "SELECT COUNT(*) FROM feed_entries e JOIN unnest($1::bigint[]) AS p (id) ON e.post_id = p.id "
    "WHERE e.owner_id <> e.author_id"
)
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Drained:
    """A backlog that was brought to feeds: entries are those of readers, CPU is in seconds."""

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
    """What has been used so far."""

    at: float
    relay_cpu: float
    database_cpu: float
    clocks: dict[int, tuple[int, int]]


async def drain(copy: Copy, database: int | None, count: int, posts: int, chance: random.Random) -> Drained:
    """So many relays, each on a CPU of its own, with a backlog of so many posts.

    One has PostgreSQL on the other CPU; two have it on theirs.
    """
    wanted = [Post(0.0, author) for author in chance.choices(copy.people.authors, k=posts)]
    published = await publish_all(copy, wanted, AT_A_TIME)
    await vacuum(copy.url)
    before = await _deadlocks(copy)
    cpus = CPUS[:count] if count > 1 else (SERVER_CPU,)
    with on_cpus(database, set(CPUS) if count > 1 else {LOAD_CPU}):
        begun, over, failed = await _timed(copy, [{cpu} for cpu in cpus])
    entries = await _entries(copy, wanted, published)
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
    """The part of all CPUs, from 0 to 1, that is busy while nothing is measured."""
    before = cpu_clocks()
    await asyncio.sleep(_LOOKED_AT_OTHERS)
    return busy_of_all(before, cpu_clocks())


def busy_of_all(before: dict[int, tuple[int, int]], after: dict[int, tuple[int, int]]) -> float:
    """The part of the time of all CPUs, from 0 to 1."""
    return sum(busy_between(before, after, cpu) for cpu in CPUS) / len(CPUS)


async def _timed(copy: Copy, cpus: Sequence[set[int] | None]) -> tuple[_Meter, _Meter, int]:
    """From when the relays are let go until nothing waits; and how often they complained or set something aside."""
    settings = Settings(database_url=copy.url, database_pool=1)
    async with open_resources(settings) as resources, held_back(copy.url) as let_go, relays(copy, cpus) as running:
        (own,) = await resources.database.fetch("SELECT pg_backend_pid() AS pid")
        pids = [relay.process.pid for relay in running]
        begun = await _read(copy, pids, own["pid"])
        await let_go()
        dead = await _until_done(resources)
        over = await _read(copy, pids, own["pid"])
        complaints = [line for relay in running for line in relay.complaints()]
    for line in complaints:
        say(f"  a relay says: {line[:500]}")
    return begun, over, dead + len(complaints)


async def _read(copy: Copy, relays: Sequence[int], own: int) -> _Meter:
    at, relay_cpu, clocks = time.perf_counter(), cpu_seconds(relays), cpu_clocks()
    return _Meter(at, relay_cpu, cpu_seconds(pid for pid in await backends(copy.url) if pid != own), clocks)


async def _until_done(resources: Resources) -> int:
    """How many events were set aside."""
    until = time.perf_counter() + _PATIENCE
    while (lag := await measure_lag(resources.database, system_clock())).events:
        if time.perf_counter() > until:
            raise BenchError(f"{lag.events} events still wait after {_PATIENCE:.0f} s")
        await asyncio.sleep(_BETWEEN_LOOKS)
    return lag.dead


async def _entries(copy: Copy, wanted: Sequence[Post], published: Sequence[Published]) -> int:
    """Of the readers of these posts; all of them are there."""
    expected = sum(len(copy.people.readers[post.author]) for post in wanted)
    async with connected(copy.url) as connection:
        found: int = await connection.fetchval(_ENTRIES, [each.post_id for each in published])
    if found != expected:
        raise BenchError(f"{found} entries are in feeds, and {expected} should be")
    return found


async def _deadlocks(copy: Copy) -> int:
    async with connected(copy.url) as connection:
        found: int = await connection.fetchval(_DEADLOCKS)
    return found
