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
from itertools import count, pairwise
from platform import python_version
from typing import Any, NamedTuple

from bench.payments_isolation import Connection, connect
from bench.servers import ServerSettings, ours, started
from bench.world import PROJECT, World, connected, home_request, open_world, say, tokens

PAGE = PROJECT / "bench/results/isolation.md"
GOAL, RECOVERY_GOAL = 1.2, 2.0
HOME = "Home"
_SETTLE_SECONDS, _AFTER_SECONDS = 3.0, 10.0
NOTHING = "nothing"
"""Names the spans in which no feature is hung, which show how much p99 varies by itself."""
_IDLE_SECONDS = 2.0

TABLES = {
    "users": "devices",
    "feed": "feed_entries",
    "payments": "payment_parties",
    "notifications": "inbox_marks",
    "search": "search_gate.gate",
    NOTHING: "",
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

    begun: float
    hung: float
    returned: float
    ended: float


class Plan(NamedTuple):
    """The rounds, the seconds for which a feature is hung, and the requests of each operation per second."""

    rounds: int
    seconds: float
    rate: float


Hang = tuple[Phases, list[Sample]]
"""One hang of a feature, and the requests before, during and after it."""
Results = dict[str, list[Hang]]
"""The hangs of each feature."""


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
    if feature == NOTHING:
        yield
        return
    async with connected(url) as connection, connection.transaction():
        await connection.execute(f"LOCK TABLE {TABLES[feature]} IN ACCESS EXCLUSIVE MODE")
        yield


async def measure(world: World, plan: Plan) -> Results:
    """Hangs each feature in turn, round by round, and returns the requests before, during and after it."""
    keys, results = f"bench:{secrets.token_hex(32)}", Results({feature: [] for feature in TABLES})
    url = f"{world.url}?options=-c%20search_path%3Dsearch_gate,public"
    with started(ours("ours", ServerSettings(url, keys))) as running:
        load = Load(running.ports[0], tokens(world, keys), plan.rate)
        task = asyncio.create_task(load.run())
        await asyncio.sleep(2 * _SETTLE_SECONDS)
        for _ in range(plan.rounds):
            for feature in TABLES:
                results[feature].append(await hang(world.url, load, feature, plan.seconds))
                say(row(feature, results[feature]))
        task.cancel()
        await asyncio.wait([task])
    return results


async def hang(url: str, load: Load, feature: str, seconds: float) -> Hang:
    """Hangs one feature, and returns the requests before, during and after it."""
    loop = asyncio.get_running_loop()
    load.samples.clear()
    begun = loop.time()
    await asyncio.sleep(seconds)
    async with hung(url, feature):
        locked = loop.time()
        await asyncio.sleep(seconds)
        returned = loop.time()
    await asyncio.sleep(_AFTER_SECONDS)
    phases = Phases(begun, locked, returned, loop.time())
    await asyncio.sleep(_SETTLE_SECONDS)
    return phases, [each for each in load.samples if begun <= each.due < phases.ended]


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


def row(feature: str, hangs: Sequence[Hang]) -> str:
    """Returns the row of a feature. p99 is that of the requests of all rounds together."""
    spans: tuple[list[Sample], ...] = [], [], []
    for phases, samples in hangs:
        ends = (phases.begun, phases.hung, phases.returned, phases.ended)
        for span, (begin, end) in zip(spans, pairwise(ends), strict=True):
            others = (each for each in samples if each.operation not in {feature, HOME})
            span += [each for each in others if begin <= each.due < end]
    before, during, after = map(p99, spans)
    everything = [each for span in spans for each in span]
    failed = sum(1 for each in everything if each.missing)
    operations = (HOME,) if feature == NOTHING else (feature, HOME)
    back = max(recovery(*each, operation) for each in hangs for operation in operations)
    table = TABLES[feature] and f"`{TABLES[feature]}`"
    return (
        f"| {feature} | {table} | {before:.1f} ms | {during:.1f} ms | {after:.1f} ms | "
        f"{during / before:.2f} | {failed} of {len(everything)} | {back:.2f} s |"
    )


def home_row(feature: str, hangs: Sequence[Hang]) -> str:
    homes, late = list[Sample](), list[Sample]()
    for phases, samples in hangs:
        during = [each for each in samples if each.operation == HOME and phases.hung <= each.due < phases.returned]
        homes += during
        late += [each for each in during if each.due >= phases.hung + 2 * _SETTLE_SECONDS]
    answers = Counter((", ".join(sorted(each.nulls)), ", ".join(sorted(each.missing))) for each in homes)
    text = "; ".join(
        f"{times} {f'without {nulls} ({errors})' if nulls or errors else 'complete'}"
        for (nulls, errors), times in answers.most_common()
    )
    return f"| {feature} | {text} | {p99(late or homes):.0f} ms |"


def page(results: Results, plan: Plan) -> str:
    rows, homes = ("\n".join(make(*each) for each in results.items()) for make in (row, home_row))
    _, seconds, rate = plan
    return f"""# The other features while one hangs

Written by `make bench-isolation` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}; {plan.rounds} rounds.

One process of `bff serve` on PostgreSQL, with the default settings and no response cache. Each of
{len(QUERIES) + 1} operations, one of each feature and Home, is sent {rate:g} times a second, whether earlier ones have
been answered or not. For {seconds:g} seconds, another session holds a lock on a table that only one feature reads, so
all of that feature's statements hang. p99 is that of the operations of the four other features in all rounds, from the
instant at which a request was due. "Back" is the longest time from the end of the lock to the first complete response,
of the feature's operation and of Home, whichever was later. The goals are a ratio below {GOAL:g}, and
{RECOVERY_GOAL:g} seconds. In the row "{NOTHING}" there is no lock: its ratio is that of chance.

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
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--rate", type=float, default=10.0, help="requests per second of each operation")
    arguments.add_argument("--people", type=int, default=1_000)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    plan = Plan(options.rounds, options.seconds, options.rate)
    world = await open_world(options.database, options.people)
    async with connected(world.url) as connection:
        await connection.execute("DROP SCHEMA IF EXISTS search_gate CASCADE")
        await connection.execute(_GATE)
        try:
            results = await measure(world, plan)
        finally:
            await connection.execute("DROP SCHEMA search_gate CASCADE")
    PAGE.write_text(page(results, plan))


if __name__ == "__main__":
    asyncio.run(main())
