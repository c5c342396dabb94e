"""Measures what protects the service costs a request: `python -m bench.protection --help`.

Sends requests to the protocol of the server without sockets, with different settings in turn: a query that a stored
response answers, and one that is executed each time. With a Redis, its round trips are real; only the CPU of this
process counts.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time_ns
from typing import Any

import orjson
import uvloop
from uvicorn import Config

from bench.connections import MemoryConnection
from bench.load import CONNECTIONS
from bench.world import PROJECT, BenchError
from cli.runtime import tune_garbage_collection
from cli.serve import configure_server
from core.settings import Settings
from core.telemetry import configure_logging
from core.viewer import SignedIn
from gateway.app import create_app
from services.maintenance.migrations import migrate
from services.resources import open_resources

REQUESTS = 384
CONCURRENT = (8, CONNECTIONS)
"""Requests at a time. With few, the process sleeps in each turn until Redis answers, and each request pays for it."""

STORED = "{ viewer { __typename } }"
EXECUTED = "{ __typename }"


QUERIES = {STORED: "a stored response", EXECUTED: "an executed operation"}

OFF: Mapping[str, Any] = {"rates": "off", "overload": "off", "max_cost": 0, "metrics": False, "slow_seconds": 0.0}
MORE: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "rates": {"rates": "on"},
    "the limit of executions": {"overload": "on"},
    "the limit of costs": {"max_cost": 5000},
    "metrics and the log of slow operations": {"metrics": True, "slow_seconds": 1.0},
    "everything": {"rates": "on", "overload": "on", "max_cost": 5000, "metrics": True, "slow_seconds": 1.0},
}
"""The settings that are switched on. Some protection is always on, such as the isolation of features."""

GOAL_MICROSECONDS = 30.0
Taken = dict[tuple[int, str, str], list[float]]
"""Microseconds of a request in each round, by requests at a time, query and what is switched on."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.protection", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, metavar="N", help="number of rounds (default 60)")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/9", metavar="URL", help="response store and limits")
    parser.add_argument("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR")
    parsed = parser.parse_args(arguments)
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        in_memory = runner.run(_measure(parsed.rounds, ""))
        in_redis = runner.run(_measure(parsed.rounds, parsed.redis))
    lines = list(_page(parsed.rounds, {"in memory": in_memory, "in Redis": in_redis}))
    (parsed.output / "protection.md").write_text("\n".join(lines) + "\n")
    sys.stdout.write("\n".join(lines[4:]) + "\n")


async def _measure(rounds: int, redis: str) -> Taken:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        configure_logging("INFO", stack.enter_context((Path(folder) / "log").open("w")))
        asks = {
            (concurrent, query, name): _Asker(*application, query, concurrent)
            for number, (name, more) in enumerate(MORE.items())
            for application in [await stack.enter_async_context(_application(folder, redis, number, more))]
            for query in QUERIES
            for concurrent in CONCURRENT
        }
        taken: Taken = {key: [] for key in asks}
        tune_garbage_collection()
        for _ in range(rounds):
            for key, asker in asks.items():
                taken[key].append(await asker.microseconds())
        return taken


def _page(rounds: int, measured: Mapping[str, Taken]) -> Iterator[str]:
    yield "# What protects the service costs a request"
    yield ""
    yield (
        f"Written by `make bench-protection` on {datetime.now(UTC).date().isoformat()}, with Python "
        f"{platform.python_version()}: medians of {rounds} interleaved rounds of {REQUESTS} requests. The protocol of "
        "the server gets the bytes of requests without sockets. CPU is that of the process, with the system calls of "
        "its round trips to Redis. Isolation, deadlines and counting are always on."
    )
    yield ""
    for place, taken in measured.items():
        for concurrent in CONCURRENT:
            yield f"## Stored responses and limits {place}, {concurrent} requests at a time"
            yield ""
            yield from _table(taken, concurrent)
            yield ""


def _table(taken: Taken, concurrent: int) -> Iterator[str]:
    yield "| switched on | " + " | ".join(f"{name}, µs | more, µs" for name in QUERIES.values()) + " |"
    yield "|---|" + "---|---|" * len(QUERIES)
    for name in MORE:
        keys = [(concurrent, query, name) for query in QUERIES]
        cells = [f"{median(taken[key]):.1f} | {_more(taken, key):+.1f}" for key in keys]
        yield f"| {name} | {' | '.join(cells)} |"
    most = max(_more(taken, (concurrent, query, "everything")) for query in QUERIES)
    verdict = "reached" if most <= GOAL_MICROSECONDS else "**not reached**"
    yield ""
    yield f"Everything costs at most {most:.1f} µs more. The goal is at most {GOAL_MICROSECONDS:.0f} µs: {verdict}."


def _more(taken: Taken, key: tuple[int, str, str]) -> float:
    """Returns the median of the differences to nothing, in the same round."""
    concurrent, query, _ = key
    return median(a - b for a, b in zip(taken[key], taken[concurrent, query, "nothing"], strict=True))


@asynccontextmanager
async def _application(
    folder: str, redis: str, number: int, more: Mapping[str, Any]
) -> AsyncGenerator[tuple[Config, dict[str, Any], str]]:
    settings = Settings(
        database_url=f"sqlite://{folder}/{number}.sqlite3",
        cache_url=redis or "memory://",
        cache_name=f"bench-{number}",
        cache_explain="off",
        limits_url=redis,
        rate_reads="user=1000000000,device=1000000000,address=1000000000,seconds=1",
    )
    settings = replace(settings, **{**OFF, **more})
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda _: None)
    app = create_app(settings)
    config = configure_server(settings, app)
    config.load()
    async with app.router.lifespan_context(app) as state:
        resources = app.state.resources
        for part in (resources.responses, resources.buckets):
            while part is not None and not part.is_available:  # noqa: ASYNC110 - it connects in the background
                await asyncio.sleep(0.01)
        yield config, dict(state or {}), resources.access_tokens.issue(SignedIn(1, 1))[0]


class _Asker:
    """Sends the same request again and again, some at the same time, each on a connection of its own."""

    def __init__(self, config: Config, state: dict[str, Any], token: str, query: str, concurrent: int) -> None:
        body = orjson.dumps({"query": query})
        self._request = (
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "Accept: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        self._connections = [MemoryConnection(config, state) for _ in range(concurrent)]

    async def microseconds(self) -> float:
        """Returns the CPU time of a request."""
        started = process_time_ns()
        await asyncio.gather(*map(self._ask_some, self._connections))
        return (process_time_ns() - started) / 1000 / REQUESTS

    async def _ask_some(self, connection: MemoryConnection) -> None:
        for _ in range(REQUESTS // len(self._connections)):
            response = await connection.ask(self._request)
            if not response.startswith(b"HTTP/1.1 200") or b'"errors":' in response:
                raise BenchError(f"a request was rejected: {response.decode()}")


if __name__ == "__main__":
    main()
