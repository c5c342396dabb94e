"""Events that only one socket receives: events per second, CPU and statements."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from bench.live.contenders import OURS, Following, following
from bench.live.database import LiveDatabase, subscription
from bench.live.delivered import Delivered, deliver
from bench.servers import Running, ServerSettings, ours
from bench.world import connected, say
from services.event_log.event_streams import StreamEventKind

_COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
STATISTICS_SECONDS = 12.0
"""An idle connection of PostgreSQL reports its statistics within 10 seconds."""


class OwnEvents(NamedTuple):
    """The rounds, and the statements of an event, or None if they were not counted."""

    rounds: Sequence[Delivered]
    statements: float | None


async def measure_own(database: LiveDatabase, sockets: int, rounds: int, *, statements: bool) -> OwnEvents:
    """Each round appends an event to the stream of each socket's user, all together."""
    subjects = database.feed_posts(sockets)

    async def append(_running: Running, _count: int) -> None:
        await database.append(StreamEventKind.FEED_POST_PUBLISHED, subjects)

    contender = ours(OURS, ServerSettings(database.url, database.secret_keys))
    async with following(contender, database.tokens(sockets), subscription("viewerEvents"), append) as server:
        await deliver(server, sockets, 1, 1)
        before = await _commits(database.url) if statements else None
        found = [await _round(server, sockets, number) for number in range(rounds)]
        if before is None:
            return OwnEvents(found, None)
        # Each round of the writer is one transaction.
        return OwnEvents(found, (await _commits(database.url) - before - rounds) / (sockets * rounds))


async def _round(server: Following, sockets: int, number: int) -> Delivered:
    delivered = await deliver(server, sockets, 1, 1)
    say(f"  {number + 1}. {delivered.per_second:,.0f} events/s, {delivered.cpu_microseconds:.0f} µs")
    return delivered


async def _commits(url: str) -> int:
    """Returns the transactions of the database. A statement of the server is one, unless it is in a transaction."""
    await asyncio.sleep(STATISTICS_SECONDS)
    async with connected(url) as connection:
        return await connection.fetchval(_COMMITS)
