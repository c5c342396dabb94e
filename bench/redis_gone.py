"""Measures requests while Redis is killed, stopped or blackholed: `python -m bench.redis_gone --help`.

Two processes of `bff serve` on PostgreSQL use one Redis for rates, sign-in limits, the response cache, persisted
queries and the bus. Clients send queries that stored responses answer, queries that are executed, and sign-ins, before,
during and after the outage. Writes `bench/results/redis-gone.md`.
"""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from bench.redis_outages import Outage, outages
from bench.servers import Contender, started
from bench.world import PROJECT, connected, say
from core.settings import Settings
from core.viewer import SignedIn
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import open_resources
from services.users import find_user_id

PAGE = PROJECT / "bench/results/redis-gone.md"
SECRET_KEYS = f"bench:{secrets.token_hex(32)}"
QUERY = "{ viewer { user { handle } } }"
LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { ... on LogInSuccess { session { accessToken } } } }"
STORED, EXECUTED, SIGN_IN = "stored", "executed", "sign-in"
CLIENTS = {STORED: 3, EXECUTED: 3, SIGN_IN: 1}
"""The clients of each process."""

BEFORE_SECONDS, GONE_SECONDS, AFTER_SECONDS = 3.0, 5.0, 5.0
MAX_LOST = 0.1
_PAUSE = 0.005
_UNLIMITED = "1000000"


class Sent(NamedTuple):
    """A request: its kind, its process, when it began, how long it took, and its status; 0 without a response."""

    kind: str
    process: int
    at: float
    seconds: float
    status: int


class Result(NamedTuple):
    """The effects of one outage on clients, and how long requests waited before the breaker of each process opened."""

    name: str
    requests: int
    server_errors: int
    slowest: dict[str, float]
    usual: dict[str, float]
    lost: list[float]
    recovery: float | None


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.redis_gone", description=__doc__)
    parser.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = parser.parse_args()
    results: list[Result] = []
    async with _database(options.database) as (url, token):
        for name in ("killed", "stopped", "blackholed"):
            with tempfile.TemporaryDirectory() as folder:
                async with outages(Path(folder)) as outage:
                    results.append(await _measure(name, outage, url, token))
            say(_row(results[-1]))
    PAGE.write_text(_page(results))


@asynccontextmanager
async def _database(admin_url: str) -> AsyncGenerator[tuple[str, str]]:
    """Yields a seeded database, and an access token of ana."""
    name = f"bff_bench_redis_gone_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            async with open_resources(Settings(database_url=url, secret_keys=SECRET_KEYS)) as resources:
                await migrate(resources.database, lambda _: None)
                await seed(resources, 1)
                ana = await find_user_id(resources.database, "ana") or 0
                yield url, resources.access_tokens.issue(SignedIn(ana, 1))[0]
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def _measure(name: str, outage: Outage, url: str, token: str) -> Result:
    redis = outage.proxied_url if name == "blackholed" else outage.url
    uses = ("CACHE", "LIMITS", "APQ", "BUS")
    environment = {
        "PATH": os.defpath,
        "BFF_DATABASE_URL": url,
        "BFF_SECRET_KEYS": SECRET_KEYS,
        "BFF_LOG_LEVEL": "ERROR",
        "BFF_METRICS": "true",
        "BFF_RATES": "on",
        "BFF_RATE_READS": "user=1000000000,device=1000000000,address=1000000000,seconds=60",
        "BFF_RATE_SIGN_IN": "address=1000000000,seconds=60",
        "BFF_LOG_IN_PER_ACCOUNT": _UNLIMITED,
        "BFF_LOG_IN_PER_ADDRESS": _UNLIMITED,
        "BFF_CACHE_EXPLAIN": "off",
        **{f"BFF_{use}_URL": redis for use in uses},
    }
    contender = Contender(name, [sys.executable, "-m", "cli.main", "serve"], environment, 2, on_one_machine=True)
    with started(contender) as running:
        sent, ends = list[Sent](), asyncio.Event()
        clients = [
            asyncio.create_task(_send_until(ends, sent, kind, process, port, token))
            for process, port in enumerate(running.ports)
            for kind, count in CLIENTS.items()
            for _ in range(count)
        ]
        await asyncio.sleep(BEFORE_SECONDS)
        await outage.begin(name)
        begun = time.perf_counter()
        await asyncio.sleep(GONE_SECONDS)
        await outage.end(name)
        ended = time.perf_counter()
        recovery = await _recovery(running.ports, ended)
        lost = [_value(await _metrics(port), "bff_rate_limiter_longest_wait_seconds") for port in running.ports]
        await asyncio.sleep(AFTER_SECONDS)
        ends.set()
        await asyncio.gather(*clients)
    return _result(name, sent, (begun, ended), lost, recovery)


async def _send_until(  # noqa: PLR0913, PLR0917 - the parts of a client
    ends: asyncio.Event, sent: list[Sent], kind: str, process: int, port: int, token: str
) -> None:
    """Sends requests over one connection, one after another."""
    device = {"platform": "IOS", "name": "a phone", "appVersion": "1"}
    credentials = {"email": "ana@example.com", "password": "open-sesame-ana", "device": device}
    body = {
        STORED: {"query": QUERY},
        EXECUTED: {"query": QUERY, "extensions": {"cost": True}},
        SIGN_IN: {"query": LOG_IN, "variables": {"input": credentials}},
    }[kind]
    content = orjson.dumps(body)
    authorization = "" if kind == SIGN_IN else f"Authorization: Bearer {token}\r\n"
    request = (
        f"POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{authorization}"
        f"Content-Length: {len(content)}\r\n\r\n"
    ).encode() + content
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not ends.is_set():
        started_at, status = time.perf_counter(), 0
        with suppress(OSError, asyncio.IncompleteReadError):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            answer = await reader.readexactly(int(length))
            status = 599 if b'"UNAVAILABLE"' in answer else int(head[9:12])
        sent.append(Sent(kind, process, started_at, time.perf_counter() - started_at, status))
        if not status:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(_PAUSE)
    writer.close()


async def _recovery(ports: Sequence[int], ended: float) -> float | None:
    """Returns the seconds until both processes use Redis again."""
    while time.perf_counter() - ended < 2 * AFTER_SECONDS:
        pages = [await _metrics(port) for port in ports]
        if all("bff_rate_limiter_available 1.0" in page for page in pages):
            return time.perf_counter() - ended
        await asyncio.sleep(0.05)
    return None


async def _metrics(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.0\r\nHost: bench\r\n\r\n")
    page = (await reader.read()).decode()
    writer.close()
    return page


def _value(page: str, metric: str) -> float:
    found = [line for line in page.splitlines() if line.startswith(f"{metric} ")]
    return float(found[0].partition(" ")[2])


def _result(
    name: str, sent: Sequence[Sent], outage: tuple[float, float], lost: list[float], recovery: float | None
) -> Result:
    begun, ended = outage
    gone = [each for each in sent if begun <= each.at + each.seconds and each.at < ended]
    return Result(
        name,
        len(sent),
        sum(each.status >= 500 or not each.status for each in sent),  # noqa: PLR2004 - server errors
        {kind: max(each.seconds for each in gone if each.kind == kind) for kind in CLIENTS},
        {kind: max(each.seconds for each in sent if each.kind == kind and each.at < begun - 0.5) for kind in CLIENTS},
        lost,
        recovery,
    )


def _row(result: Result) -> str:
    times = " | ".join(f"{result.usual[kind] * 1000:.0f} → {result.slowest[kind] * 1000:.0f} ms" for kind in CLIENTS)
    lost = ", ".join(f"{delay * 1000:.0f} ms" for delay in result.lost)
    recovery = "not within 10 s" if result.recovery is None else f"{result.recovery:.1f} s"
    return f"| {result.name} | {result.requests:,} | {result.server_errors} | {times} | {lost} | {recovery} |"


def _page(results: Sequence[Result]) -> str:
    errors = sum(result.server_errors for result in results)
    late = [result.name for result in results if max(result.lost) > MAX_LOST]
    reached = f"is not reached when Redis is {' and '.join(late)}" if late else "is reached in all cases"
    rows = "\n".join(map(_row, results))
    return f"""\
# Requests while Redis is gone

Written by `make bench-redis-gone` on {datetime.now(UTC).date().isoformat()}. Two processes of `bff serve` on PostgreSQL
use one Redis for rates, sign-in limits, the response cache, persisted queries and the bus. For each process,
{CLIENTS[STORED]} clients send a query that a stored response answers, {CLIENTS[EXECUTED]} one that is executed, and
{CLIENTS[SIGN_IN]} signs in. After {BEFORE_SECONDS:.0f} s Redis is gone for {GONE_SECONDS:.0f} s: killed (SIGKILL),
stopped (SIGSTOP), or behind a network that swallows everything. Latencies are the largest before and during the
outage. *Lost* is the longest time that a call of each process waited for Redis before the circuit breaker opened.
*Recovery* is the time until both processes use Redis again.

| Redis | requests | 5xx | {STORED} | {EXECUTED} | {SIGN_IN} | lost | recovery |
|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

{errors} responses have a status of 5xx or the code UNAVAILABLE. The goal of at most {MAX_LOST * 1000:.0f} ms lost per
process {reached}. A sign-in is a write: it announces its changes to the response cache, and while other processes may
still serve stored responses, for at most three seconds after the outage began, it waits for them
([decision 22](../../docs/decisions/0022-response-cache.md)).
"""


if __name__ == "__main__":
    asyncio.run(main())
