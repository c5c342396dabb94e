"""Measures how long rejections take, and how long others wait: `python -m tests.gateway.security.hostile.measure`."""

import argparse
import asyncio
import http.client
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import NamedTuple

import orjson

from bench.documents import SECRET_KEYS, Probe, Served, Tally, watched, world
from bench.servers import ServerSettings, ours, started
from bench.world import PROJECT, BenchError, home_request
from core.settings import Settings
from services.documents import NewDocument, import_documents
from services.resources import open_resources
from tests.gateway.security.hostile import DOCUMENTS, Hostile, registered_code
from tests.gateway.security.hostile.requests import REQUESTS, HostileRequest

PAGE = PROJECT / "bench/results/hostile-documents.md"
GOAL_MS = 50.0
GOAL_OTHERS_MS = 100.0
_TIMEOUT = 60.0
_SETTLE_SECONDS = 0.3


class Sent(NamedTuple):
    """A request to measure, the bytes of its code in the response, and whether it has to be rejected."""

    kind: str
    name: str
    request: HostileRequest
    is_rejected: bool = True


@dataclass(slots=True)
class Kind:
    """Collects the milliseconds of requests of one kind by name, one for each round, and those of others."""

    times: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    others: list[float] = field(default_factory=list[float])

    @property
    def median(self) -> float:
        return max(statistics.median(times) for times in self.times.values())

    @property
    def largest(self) -> float:
        return max(max(times) for times in self.times.values())

    @property
    def slowest(self) -> str:
        return max(self.times, key=lambda name: statistics.median(self.times[name]))


def sent_documents() -> list[Sent]:
    return [
        Sent(entry.kind, entry.name, HostileRequest(entry.kind, entry.name, _body(entry), entry.code))
        for entry in DOCUMENTS
    ]


def registered_documents() -> list[Sent]:
    return [
        Sent(
            f"{entry.kind}, registered",
            entry.name,
            HostileRequest(entry.kind, entry.name, _named(number, entry), registered_code(entry)),
            is_rejected=bool(registered_code(entry)),
        )
        for number, entry in enumerate(DOCUMENTS)
    ]


def other_requests() -> list[Sent]:
    return [Sent(entry.kind, entry.name, entry) for entry in REQUESTS]


def _body(entry: Hostile) -> bytes:
    return orjson.dumps({"query": entry.text, "variables": entry.variables})


def _named(number: int, entry: Hostile) -> bytes:
    return orjson.dumps({"documentId": f"hostile-{number}", "variables": entry.variables})


async def register(url: str) -> None:
    documents = [NewDocument(f"hostile-{number}", entry.name, entry.text) for number, entry in enumerate(DOCUMENTS)]
    async with open_resources(Settings(database_url=url, secret_keys=SECRET_KEYS)) as resources:
        await import_documents(resources.database, "web", "1.0.0", documents, resources.clock())


def measure(server: Served, probes: Sequence[Probe], requests: Sequence[Sent], kinds: dict[str, Kind]) -> None:
    """Sends each request once, while other connections repeat the probes."""
    by_kind: dict[str, list[Sent]] = {}
    for sent in requests:
        by_kind.setdefault(sent.kind, []).append(sent)
    for name, group in by_kind.items():
        kind = kinds.setdefault(name, Kind())
        with watched(server, probes) as tallies:
            for sent in group:
                kind.times.setdefault(sent.name, []).append(_milliseconds(server.port, sent))
        kind.others += _all_milliseconds(tallies.values())


def _all_milliseconds(tallies: Sequence[Tally] | object) -> list[float]:
    return [seconds * 1000 for tally in tallies for seconds in tally.clock]  # type: ignore[attr-defined]


def _milliseconds(port: int, sent: Sent) -> float:
    request = sent.request
    path = "/graphql" if request.method == "POST" else f"/graphql?{request.body.decode('latin-1')}"
    body = request.body if request.method == "POST" else None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    connection.connect()
    begun = time.perf_counter()
    try:
        connection.request(request.method, path, body, {**request.headers, "Accept": "application/json"})
        answer = connection.getresponse().read()
    finally:
        connection.close()
    taken = (time.perf_counter() - begun) * 1000
    if sent.is_rejected and b'"data"' in answer:
        raise BenchError(f"{sent.kind}, {sent.name}: was not rejected: {answer[:300]!r}")
    return taken


def page(kinds: dict[str, Kind], quiet: Kind, rounds: int, load: float) -> str:
    rows = "\n".join(
        f"| {name} | {len(kind.times)} | {kind.median:.1f} | {kind.slowest} | {kind.largest:.1f} | "
        f"{max(kind.others):.1f} |"
        for name, kind in kinds.items()
    )
    count = sum(len(kind.times) for kind in kinds.values())
    slowest, others = max(kind.median for kind in kinds.values()), max(max(kind.others) for kind in kinds.values())
    reached = "reached" if slowest < GOAL_MS and others < GOAL_OTHERS_MS else "**not reached**"
    return f"""# Hostile requests

Written by `make hostile` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, on PostgreSQL.

{count} requests of [the catalogue](../../tests/gateway/security/hostile/__init__.py), as sent and as registered
documents, to one process of `bff serve` in production, which has one CPU; the client, the probes and the database share
the other one. Two other connections request `/livez` and a home screen meanwhile. {rounds} rounds, each with a new
process, so that each document is new. The goal: each is rejected in less than {GOAL_MS:.0f} ms, and no other request
takes more than {GOAL_OTHERS_MS:.0f} ms: {reached}. Without hostile requests, the others took
{max(quiet.others):.1f} ms at most. The load average was {load:.1f} on {os.cpu_count()} CPUs at the start.

Times in milliseconds, with the connection open. “Median” is that of the rounds of the slowest request, “largest” is of
all rounds, and “others” is the longest time of a request of the other connections.

| kind | requests | median | of | largest | others |
|---|---:|---:|---|---:|---:|
{rows}
"""


async def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.gateway.security.hostile.measure", description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--page", type=Path, default=PAGE)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    load, *_ = os.getloadavg()
    kinds: dict[str, Kind] = {}
    quiet = Kind()
    async with world(options.database) as (url, token, _):
        await register(url)
        home = Probe("home screen", "POST", "/graphql", home_request(), token, b'{"data":{"viewer":{')
        probes = (Probe("/livez", "GET", "/livez", None, None, b""), home)
        server = ours("ours", ServerSettings(url, SECRET_KEYS))
        for _ in range(options.rounds):
            await asyncio.to_thread(_round, server, probes, kinds, quiet)
    text = page(kinds, quiet, options.rounds, load)
    options.page.write_text(text)
    sys.stdout.write(text)


def _round(server: object, probes: Sequence[Probe], kinds: dict[str, Kind], quiet: Kind) -> None:
    with started(server) as running:  # type: ignore[arg-type]
        served = Served(running.ports[0], running.pids[0])
        with watched(served, probes):
            time.sleep(_SETTLE_SECONDS)
        with watched(served, probes) as tallies:
            time.sleep(_SETTLE_SECONDS * 10)
        quiet.others += _all_milliseconds(tallies.values())
        for requests in (sent_documents(), registered_documents(), other_requests()):
            measure(served, probes, requests, kinds)


if __name__ == "__main__":
    asyncio.run(main())
