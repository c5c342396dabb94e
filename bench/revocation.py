"""Measures how soon another process rejects a signed-out device. Writes `bench/results/revocation.md`."""

import argparse
import asyncio
import http.client
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bench.servers import Contender, started
from bench.world import PROJECT, BenchError, connected, say
from core.global_ids import global_id
from core.settings import Settings
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources, open_resources
from services.unit_of_work import unit_of_work
from services.users import NewDevice, find_user_id, open_session

PAGE = PROJECT / "bench/results/revocation.md"
SECRET_KEYS = f"bench:{secrets.token_hex(32)}"
REVOKE = "mutation ($id: ID!) { revokeDevice(input: {deviceId: $id}) { __typename } }"
ASK = "{ viewer { id } }"
TIMEOUT = 10.0
POLL_SECONDS = 0.001


class Case(NamedTuple):
    """Describes the bus of two servers, and the goal for the p99 in seconds."""

    name: str
    url: str
    bus: str
    goal: float


class Session(NamedTuple):
    """Holds the id of a device and its access token."""

    device_id: str
    token: str


@asynccontextmanager
async def cases(admin_url: str, redis_url: str) -> AsyncGenerator[Sequence[Case]]:
    """Yields the cases with an empty PostgreSQL and SQLite database. Drops them at the end."""
    name = f"bff_bench_revocation_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        with tempfile.TemporaryDirectory() as folder:
            yield (
                Case("PostgreSQL, bus on Redis", url, redis_url, 1.0),
                Case("PostgreSQL, its own bus", url, "", 1.0),
                Case("PostgreSQL, no bus", url, "memory://", 2.0),
                Case("SQLite, no bus", f"sqlite://{Path(folder) / 'bench.sqlite3'}", "memory://", 2.0),
            )
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Server:
    """Sends requests over one connection to one process."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def ask(self, query: str, token: str, variables: Mapping[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self._http.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), headers)
        return json.loads(self._http.getresponse().read())["data"]


async def sessions(resources: Resources, count: int) -> list[Session]:
    """Creates sessions of ana."""
    ana = await find_user_id(resources.database, "ana") or 0
    found: list[Session] = []
    for _ in range(count):
        async with unit_of_work(resources) as work:
            made = await open_session(work, resources, ana, NewDevice("A phone", "IOS", "1"))
        found.append(Session(global_id("Device", ana, made["device"]["id"]), made["access_token"]))
    return found


async def measure(case: Case, samples: int) -> list[float]:
    """Returns the seconds from the response to the revocation until the other process first rejects the token."""
    chance = random.Random(1)  # noqa: S311 - not for secrets
    async with open_resources(Settings(database_url=case.url, secret_keys=SECRET_KEYS)) as resources:
        await migrate(resources.database, lambda _name: None)
        if not await resources.database.fetch("SELECT 1 AS one FROM users LIMIT 1"):
            await seed(resources, 1)
        mine, *others = await sessions(resources, samples + 1)
    environment = {"PATH": os.defpath, "BFF_DATABASE_URL": case.url, "BFF_SECRET_KEYS": SECRET_KEYS}
    environment |= {"BFF_BUS_URL": case.bus, "BFF_BUS_NAME": f"bench-{os.getpid()}", "BFF_LOG_LEVEL": "WARNING"}
    contender = Contender(case.name, [sys.executable, "-m", "cli.main", "serve"], environment, processes=2)
    with started(contender) as running:
        here, there = (Server(port) for port in running.ports)
        found: list[float] = []
        for other in others:
            await asyncio.sleep(chance.uniform(0.02, 0.5))
            found.append(_until_rejected(here, there, mine, other))
    return found


def _until_rejected(here: Server, there: Server, mine: Session, other: Session) -> float:
    if there.ask(ASK, other.token)["viewer"] is None:
        raise BenchError("a session that was not revoked is rejected")
    here.ask(REVOKE, mine.token, {"id": other.device_id})
    begun = time.perf_counter()
    while there.ask(ASK, other.token)["viewer"] is not None:
        if time.perf_counter() - begun > TIMEOUT:
            raise BenchError(f"not rejected after {TIMEOUT:.0f} s")
        time.sleep(POLL_SECONDS)
    return time.perf_counter() - begun


def row(case: Case, seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[int(len(ordered) * 0.99)]
    shown = " | ".join(f"{each * 1000:.0f} ms" for each in (statistics.median(ordered), p99, ordered[-1]))
    return f"| {case.name} | {shown} | {case.goal:.0f} s, {'reached' if p99 <= case.goal else '**not reached**'} |"


def page(rows: Sequence[str], samples: int) -> str:
    return (
        f"""# Time until other processes reject a signed-out device

Written by `make bench-revocation` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.

One of two processes of `bff serve` signs out a device {samples} times, at random instants. Requests with the device's
access token go to the other process until it rejects them. The time begins with the response of the first process.
Without a bus, the other process polls the database every second.

| | median | p99 | max | goal for the p99 |
|---|---:|---:|---:|---|
"""
        + "\n".join(rows)
        + "\n"
    )


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=int, default=120)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    arguments.add_argument("--redis", default="redis://127.0.0.1:6379/0")
    options = arguments.parse_args()
    rows: list[str] = []
    async with cases(options.database, options.redis) as found:
        for case in found:
            rows.append(row(case, await measure(case, options.samples)))
            say(rows[-1])
    PAGE.write_text(page(rows, options.samples))


if __name__ == "__main__":
    asyncio.run(main())
