"""Measures the time from publishing to a follower's feed. Writes `bench/results/relay-latency.md`."""

import argparse
import asyncio
import http.client
import json
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.servers import Contender, started
from bench.world import PROJECT, BenchError, connected, say
from core.global_ids import read_global_id
from core.settings import Settings
from core.viewer import SignedIn
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources, open_resources
from services.users import find_user_id

PAGE = PROJECT / "bench/results/relay-latency.md"
SECRET_KEYS = f"bench:{secrets.token_hex(32)}"
PUBLISH = (
    "mutation ($body: String!) { publishPost(input: {body: $body}) { ... on PublishPostSuccess { post { id } } } }"
)

_TIMEOUT = 10.0
_POLL_SECONDS = 0.0003
_PAUSES = (0.03, 0.07)


class Sample(NamedTuple):
    """Holds the seconds from the request to the response, and from the response to the follower's entry."""

    answer: float
    entry: float


class Case(NamedTuple):
    """Describes a deployment: a database, and the settings of a separate worker, or None for one in the server."""

    name: str
    url: str
    worker: Mapping[str, str] | None


@asynccontextmanager
async def databases(admin_url: str) -> AsyncGenerator[tuple[Case, Case, Case]]:
    """Yields the cases with an empty database each. Drops the databases at the end."""
    name = f"bff_bench_relay_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        with tempfile.TemporaryDirectory() as folder:
            yield (
                Case("PostgreSQL, `bff serve` and `bff worker`", url, {}),
                Case("the same without the bus", url, {"BFF_BUS_URL": "memory://"}),
                Case("SQLite, `bff dev`", f"sqlite://{Path(folder) / 'bench.sqlite3'}", None),
            )
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running(case: Case, **settings: str) -> Generator[int]:
    """Yields the port of a server with a worker."""
    environment = {"PATH": os.defpath, "BFF_DATABASE_URL": case.url, "BFF_SECRET_KEYS": SECRET_KEYS, **settings}
    environment["BFF_LOG_LEVEL"] = "WARNING"
    command = [sys.executable, "-m", "cli.main"]
    server = Contender(case.name, [*command, "dev" if case.worker is None else "serve"], environment)
    with started(server) as found:
        if case.worker is None:
            yield found.ports[0]
            return
        worker = subprocess.Popen([*command, "worker"], cwd=PROJECT, env={**environment, **case.worker})
        try:
            yield found.ports[0]
        finally:
            worker.terminate()
            worker.wait(20)


class Publisher:
    """Publishes as ana, and polls ben's feed."""

    def __init__(self, resources: Resources, port: int, author: int, follower: int) -> None:
        self._resources = resources
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        token, _ = resources.access_tokens.issue(SignedIn(author, device_id=1))
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self._follower = follower

    async def publish(self, number: int) -> Sample:
        body = json.dumps({"query": PUBLISH, "variables": {"body": f"Number {number}"}})
        begun = time.perf_counter()
        self._http.request("POST", "/graphql", body, self._headers)
        answer = json.loads(self._http.getresponse().read())
        answered = time.perf_counter()
        await self._has_entry(read_global_id(answer["data"]["publishPost"]["post"]["id"], "id").id)
        return Sample(answered - begun, time.perf_counter() - answered)

    async def _has_entry(self, post_id: int) -> None:
        sql = "SELECT 1 AS one FROM feed_entries WHERE owner_id = $1 AND post_id = $2"
        until = time.perf_counter() + _TIMEOUT
        while not await self._resources.database.fetch(sql, self._follower, post_id):
            if time.perf_counter() > until:
                raise BenchError(f"no entry after {_TIMEOUT:.0f} s")
            await asyncio.sleep(_POLL_SECONDS)


@asynccontextmanager
async def seeded(case: Case) -> AsyncGenerator[Resources]:
    """Yields the resources of a database with the demo data, which is created if it is empty."""
    async with open_resources(Settings(database_url=case.url, secret_keys=SECRET_KEYS)) as resources:
        await migrate(resources.database, lambda _name: None)
        if not await resources.database.fetch("SELECT 1 AS one FROM users LIMIT 1"):
            await seed(resources, 1)
        yield resources


async def measure(case: Case, samples: int) -> list[Sample]:
    """Returns the samples of a case, without other load."""
    chance = random.Random(1)  # noqa: S311 - not for secrets
    async with seeded(case) as resources:
        author, follower = [await find_user_id(resources.database, handle) or 0 for handle in ("ana", "ben")]
        with running(case) as port:
            publisher = Publisher(resources, port, author, follower)
            found: list[Sample] = []
            for number in range(samples + 20):
                found.append(await publisher.publish(number))
                await asyncio.sleep(chance.uniform(*_PAUSES))
            return found[20:]


def row(case: Case, samples: Sequence[Sample]) -> str:
    def cell(seconds: Sequence[float]) -> str:
        ordered = sorted(seconds)
        median, high = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        return f"{median * 1000:.1f} ms | {high * 1000:.1f} ms"

    whole = [sample.answer + sample.entry for sample in samples]
    parts = ([sample.answer for sample in samples], [sample.entry for sample in samples], whole)
    return f"| {case.name} | {' | '.join(cell(part) for part in parts)} |"


def page(rows: Sequence[str], samples: int) -> str:
    return (
        f"""# From publishing to a follower's feed

Written by `make bench-relay` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.

An author with about 25 followers publishes {samples} posts (a fifth of that without the bus), one after the other with
pauses and without other load. The response is timed from the request, the entry in a follower's feed from the response;
then both together. The entry is found by polling the database, which makes the times slightly too long. Without the bus
the worker polls every second, and each post is published just after a poll.

| | response, median | p99 | entry after that, median | p99 | both, median | p99 |
|---|---:|---:|---:|---:|---:|---:|
"""
        + "\n".join(rows)
        + "\n"
    )


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=int, default=500)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    rows: list[str] = []
    async with databases(options.database) as cases:
        for case in cases:
            count = options.samples if case.worker != {"BFF_BUS_URL": "memory://"} else options.samples // 5
            rows.append(row(case, await measure(case, count)))
            say(rows[-1])
    PAGE.write_text(page(rows, options.samples))


if __name__ == "__main__":
    asyncio.run(main())
