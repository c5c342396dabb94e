"""Measures the other features while the tables of one feature are locked, so that all its statements hang.

Writes `bench/results/isolation.md`.
"""

import argparse
import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from platform import python_version
from typing import Any, NamedTuple

from bench.payments_isolation import Connection, connect
from bench.servers import ServerSettings, ours, started
from bench.world import PROJECT, World, connected, home_request, open_world, say, tokens

PAGE = PROJECT / "bench/results/isolation.md"
GOAL, RECOVERY_GOAL = 1.2, 2.0
HOME = "Home"
_SETTLE_SECONDS, _AFTER_SECONDS = 3.0, 10.0
_IDLE_SECONDS = 2.0

TABLES = {
    "users": "devices",
    "feed": "feed_entries",
    "payments": "payment_parties",
    "notifications": "inbox_marks",
    "search": "search_gate.gate",
}
"""A table that statements of only this feature read."""

_ROWS = "edges { node { id } }"
QUERIES = {
    "users": f"{{ viewer {{ devices(first: 10) {{ {_ROWS} }} }} }}",
    "feed": f"{{ viewer {{ feed(first: 20) {{ {_ROWS} }} }} }}",
    "payments": f"{{ viewer {{ payments(first: 5) {{ {_ROWS} }} }} }}",
    "notifications": f"{{ viewer {{ notifications(first: 10) {{ {_ROWS} }} }} }}",
    "search": '{ search(query: "ana", types: [USER], first: 10) { edges { node { __typename } } } }',
}
_GATE = """CREATE SCHEMA search_gate;
CREATE TABLE search_gate.gate (one INTEGER);
CREATE FUNCTION search_gate.resembles(a TEXT, b TEXT) RETURNS BOOLEAN STABLE LANGUAGE plpgsql AS
'BEGIN PERFORM 1 FROM search_gate.gate; RETURN public.resembles(a, b); END'"""
"""No table belongs to search alone. A function of its own reads a table first: it precedes the product's function."""


class Sample(NamedTuple):
    """One request: when it was due, the seconds until its response, and the features that its errors name."""

    operation: str
    due: float
    seconds: float
    missing: frozenset[str]
    nulls: frozenset[str]


class Phases(NamedTuple):
    """The instants at which a feature was hung and returned."""

    feature: str
    begun: float
    hung: float
    returned: float
    ended: float


class Load:
    """Sends each operation at a constant rate, however long responses take, for many users in turn."""

    def __init__(self, port: int, callers: Sequence[str], rate: float) -> None:
        self.samples: list[Sample] = []
        self._port = port
        self._callers = callers
        self._interval = 1 / rate
        self._idle: list[tuple[Connection, float]] = []
        self._turn = count()
        self._running = set[asyncio.Task[None]]()

    async def run(self) -> None:
        """Sends until it is cancelled."""
        bodies = {name: json.dumps({"query": query}).encode() for name, query in QUERIES.items()}
        bodies[HOME] = home_request()
        async with asyncio.TaskGroup() as group:
            for place, (name, body) in enumerate(bodies.items()):
                group.create_task(self._send_all(name, body, place / len(bodies)))

    async def _send_all(self, name: str, body: bytes, share: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + share * self._interval
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            task = asyncio.create_task(self._send(name, body, due))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            due += self._interval

    async def _connection(self) -> Connection:
        """Returns an idle connection, which the server has not closed yet, or a new one."""
        while self._idle:
            connection, since = self._idle.pop()
            if asyncio.get_running_loop().time() - since < _IDLE_SECONDS:
                return connection
            connection.close()
        return await connect(self._port)

    async def _send(self, name: str, body: bytes, due: float) -> None:
        connection = await self._connection()
        answer = json.loads(await connection.post(body, self._callers[next(self._turn) % len(self._callers)]))
        seconds = asyncio.get_running_loop().time() - due
        self._idle.append((connection, asyncio.get_running_loop().time()))
        data: Mapping[str, Any] = answer.get("data") or {}
        fields = data.get("viewer") or data
        self.samples.append(
            Sample(name, due, seconds, _missing(answer), frozenset(k for k, v in fields.items() if v is None))
        )


def _missing(answer: Mapping[str, Any]) -> frozenset[str]:
    errors: list[Mapping[str, Any]] = answer.get("errors", [])
    return frozenset(f"{e['extensions']['code']} of {e['extensions'].get('feature')}" for e in errors)


@asynccontextmanager
async def hung(url: str, feature: str) -> AsyncGenerator[None]:
    """Locks the table of a feature within the block."""
    async with connected(url) as connection, connection.transaction():
        await connection.execute(f"LOCK TABLE {TABLES[feature]} IN ACCESS EXCLUSIVE MODE")
        yield


async def measure(world: World, seconds: float, rate: float) -> list[tuple[Phases, list[Sample]]]:
    """Hangs each feature in turn for `seconds`, and returns the requests before, during and after it."""
    keys, results, loop = (
        f"bench:{secrets.token_hex(32)}",
        list[tuple[Phases, list[Sample]]](),
        asyncio.get_running_loop(),
    )
    url = f"{world.url}?options=-c%20search_path%3Dsearch_gate,public"
    with started(ours("ours", ServerSettings(url, keys))) as running:
        load = Load(running.ports[0], tokens(world, keys), rate)
        task = asyncio.create_task(load.run())
        await asyncio.sleep(2 * _SETTLE_SECONDS)
        for feature in TABLES:
            begun = loop.time()
            await asyncio.sleep(seconds)
            async with hung(world.url, feature):
                locked = loop.time()
                await asyncio.sleep(seconds)
                returned = loop.time()
            await asyncio.sleep(max(_AFTER_SECONDS, seconds / 2))
            phases = Phases(feature, begun, locked, returned, loop.time())
            await asyncio.sleep(_SETTLE_SECONDS)
            results.append((phases, [each for each in load.samples if begun <= each.due < phases.ended]))
            say(row(*results[-1]))
            load.samples.clear()
        task.cancel()
        await asyncio.wait([task])
    return results


def p99(samples: Sequence[Sample]) -> float:
    return sorted(each.seconds for each in samples)[int(len(samples) * 0.99)] * 1000


def recovery(phases: Phases, samples: Sequence[Sample], operation: str) -> float:
    """Returns the seconds from the feature's return to the first complete response of a request sent after it."""
    complete = [
        each.due + each.seconds - phases.returned
        for each in samples
        if each.operation == operation and each.due >= phases.returned and not each.missing
    ]
    return min(complete)


def row(phases: Phases, samples: Sequence[Sample]) -> str:
    others = [each for each in samples if each.operation not in (phases.feature, HOME)]
    spans = ((phases.begun, phases.hung), (phases.hung, phases.returned), (phases.returned, phases.ended))
    before, during, after = (p99([each for each in others if a <= each.due < b]) for a, b in spans)
    failed = sum(1 for each in others if each.missing)
    back = max(recovery(phases, samples, operation) for operation in (phases.feature, HOME))
    return (
        f"| {phases.feature} | `{TABLES[phases.feature]}` | {before:.1f} ms | {during:.1f} ms | {after:.1f} ms | "
        f"{during / before:.2f} | {failed} of {len(others)} | {back:.2f} s |"
    )


def home_row(phases: Phases, samples: Sequence[Sample]) -> str:
    homes = [each for each in samples if each.operation == HOME and phases.hung <= each.due < phases.returned]
    answers = Counter((", ".join(sorted(each.nulls)), ", ".join(sorted(each.missing))) for each in homes)
    text = "; ".join(
        f"{times} {f'without {nulls} ({errors})' if nulls or errors else 'complete'}"
        for (nulls, errors), times in answers.most_common()
    )
    late = [each for each in homes if each.due >= phases.hung + 2 * _SETTLE_SECONDS]
    return f"| {phases.feature} | {text} | {p99(late or homes):.0f} ms |"


def page(results: Sequence[tuple[Phases, list[Sample]]], seconds: float, rate: float) -> str:
    rows, homes = ("\n".join(make(*each) for each in results) for make in (row, home_row))
    return f"""# The other features while one hangs

Written by `make bench-isolation` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.

One process of `bff serve` on PostgreSQL, with the default settings and no response cache. Each of
{len(QUERIES) + 1} operations, one of each feature and Home, is sent {rate:g} times a second, whether earlier ones have
been answered or not. For {seconds:g} seconds, another session holds a lock on a table that only one feature reads, so
all of that feature's statements hang. p99 is that of the operations of the four other features, from the instant at
which a request was due. "Back" is the time from the end of the lock to the first complete response, of the feature's
operation and of Home, whichever was later. The goals are a ratio below {GOAL:g}, and {RECOVERY_GOAL:g} seconds.

| Hung | Table | p99 before | during | after | ratio | others with errors | back |
|---|---|---:|---:|---:|---:|---:|---:|
{rows}

What Home answered meanwhile, and its p99 from {2 * _SETTLE_SECONDS:g} seconds after the lock on:

| Hung | Home | p99 |
|---|---|---:|
{homes}

`devices` and `inbox_marks` stand for their features, because `Viewer.user` is not nullable: its statement also reads
`users`, `blocks` and `notifications` for the counts of the badge, so Home cannot be answered without them.
"""


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--rate", type=float, default=10.0, help="requests per second of each operation")
    arguments.add_argument("--people", type=int, default=1_000)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    world = await open_world(options.database, options.people)
    async with connected(world.url) as connection:
        await connection.execute("DROP SCHEMA IF EXISTS search_gate CASCADE")
        await connection.execute(_GATE)
        try:
            results = await measure(world, options.seconds, options.rate)
        finally:
            await connection.execute("DROP SCHEMA search_gate CASCADE")
    PAGE.write_text(page(results, options.seconds, options.rate))


if __name__ == "__main__":
    asyncio.run(main())
