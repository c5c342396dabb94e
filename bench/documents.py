"""Measures other requests while a server reads new documents. Writes `bench/results/documents.md`."""

import argparse
import asyncio
import http.client
import os
import secrets
import statistics
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from platform import python_version
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from bench.processes import cpu_seconds
from bench.servers import Contender, ServerSettings, ours, started
from bench.world import PROJECT, BenchError, connected, home_request, say
from core.global_ids import global_id
from core.settings import Settings
from core.viewer import SignedIn
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import open_resources
from services.users import find_user_id

PAGE = PROJECT / "bench/results/documents.md"
SECRET_KEYS = f"bench:{secrets.token_hex(32)}"
DOCUMENTS = 1_500
SENDERS = 8
ADDRESSES = 4
ROOT_FIELDS = 50
GOAL_SECONDS = 0.1
GOAL_MEBIBYTES = 64
TIMEOUT = 60.0
PAUSE_SECONDS = 0.005
QUIET_SECONDS = 10.0
WARM_UP = 100
"""The number of documents before the measurement. They open the connections to the database."""

SELECTED = {
    "id": "id",
    "user": "__typename id ... on User { handle name bio avatarUrl createdAt postCount followerCount followingCount }",
}


class Served(NamedTuple):
    """Names the port and process of a server."""

    port: int
    pid: int


class Probe(NamedTuple):
    """Describes a request with a known document, and the first bytes of its response."""

    name: str
    method: str
    path: str
    body: bytes | None
    token: str | None
    begins: bytes


@dataclass(slots=True)
class Tally:
    """Collects the wall-clock and CPU seconds of each response, and counts wrong responses."""

    clock: list[float] = field(default_factory=list[float])
    processor: list[float] = field(default_factory=list[float])
    failed: int = 0

    def shown(self) -> str:
        return f"{_spread(self.clock)} | {_spread(self.processor)}"


def _spread(seconds: Sequence[float]) -> str:
    """Returns the median, p99 and maximum in milliseconds."""
    ordered = sorted(seconds)
    chosen = statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1]
    return " | ".join(f"{each * 1000:.1f} ms" for each in chosen)


class Found(NamedTuple):
    """Holds one round: the times of each probe without and with documents, and the server's CPU time and memory."""

    selected: str
    alone: dict[str, Tally]
    beside: dict[str, Tally]
    documents: Tally
    processor: float
    seconds: float
    mebibytes: float

    @property
    def longest(self) -> float:
        return max(max(tally.clock) for tally in self.beside.values())


def document(selected: str, node_id: str, number: int) -> bytes:
    """Returns a request body with a document that is unique to the number."""
    root = f'node(id: "{node_id}") {{ {SELECTED[selected]} }}'
    return orjson.dumps({"query": f"{{ {' '.join(f'a{number}x{place}: {root}' for place in range(ROOT_FIELDS))} }}"})


def ask(connection: http.client.HTTPConnection, probe: Probe, address: str = "192.0.2.1") -> bytes:
    headers = {"X-Forwarded-For": address}
    headers |= {"Content-Type": "application/json"} if probe.body else {}
    headers |= {"Authorization": f"Bearer {probe.token}"} if probe.token else {}
    connection.request(probe.method, probe.path, probe.body, headers)
    return connection.getresponse().read()


def processor_time(pid: int) -> float:
    """Returns the CPU seconds of all threads of a process, from Linux's CPU clock of the process."""
    return time.clock_gettime((~pid << 3) | 2)


def watch(server: Served, probe: Probe, tally: Tally, done: threading.Event) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    while not done.is_set():
        begun, processor = time.perf_counter(), processor_time(server.pid)
        answer = ask(connection, probe)
        tally.clock.append(time.perf_counter() - begun)
        tally.processor.append(processor_time(server.pid) - processor)
        tally.failed += not answer.startswith(probe.begins)
        time.sleep(PAUSE_SECONDS)


@contextmanager
def watched(server: Served, probes: Sequence[Probe]) -> Generator[dict[str, Tally]]:
    """Repeats each probe until the block ends."""
    done, tallies = threading.Event(), {probe.name: Tally() for probe in probes}
    with together([lambda probe=probe: watch(server, probe, tallies[probe.name], done) for probe in probes]):
        try:
            yield tallies
        finally:
            done.set()


@contextmanager
def together(works: Sequence[Callable[[], None]]) -> Generator[None]:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def send(port: int, bodies: Iterator[bytes]) -> Tally:
    """Sends each document once, over `SENDERS` connections with `ADDRESSES` client addresses."""
    tally, taking = Tally(), threading.Lock()

    def work(sender: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        while True:
            with taking:
                body = next(bodies, None)
            if body is None:
                break
            begun = time.perf_counter()
            answer = ask(
                connection, Probe("", "POST", "/graphql", body, None, b""), f"192.0.2.{2 + sender % ADDRESSES}"
            )
            tally.clock.append(time.perf_counter() - begun)
            tally.failed += not answer.startswith(b'{"data":') or b'"errors":' in answer

    with together([lambda sender=sender: work(sender) for sender in range(SENDERS)]):
        pass
    return tally


def resident(pid: int) -> float:
    """Returns the resident memory of a process in MiB."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def measure(server: Contender, probes: Sequence[Probe], selected: str, node_id: str, documents: int) -> Found:
    """Measures one round with a new process, since earlier documents would have grown its memory."""
    numbers = count()
    with started(server) as running:
        (port,), (pid,) = running.ports, running.pids

        def sent(most: int) -> Tally:
            return send(port, (document(selected, node_id, number) for number in islice(numbers, most)))

        before = resident(pid)
        with watched(Served(port, pid), probes):
            warm = sent(WARM_UP)
        with watched(Served(port, pid), probes) as alone:
            time.sleep(QUIET_SECONDS)
        processor, begun = cpu_seconds([pid]), time.perf_counter()
        with watched(Served(port, pid), probes) as beside:
            measured = sent(documents)
        seconds, taken = time.perf_counter() - begun, cpu_seconds([pid]) - processor
        found = Found(selected, alone, beside, measured, taken, seconds, resident(pid) - before)
    failed = sum(tally.failed for tally in (warm, measured, *alone.values(), *beside.values()))
    if failed:
        raise BenchError(f"{failed} responses were wrong")
    return found


def rows(found: Found) -> str:
    lines = [
        f"| {found.selected} | {name} | {when} | {tallies[name].shown()} |"
        for name in found.beside
        for when, tallies in (("alone", found.alone), ("meanwhile", found.beside))
    ]
    return "\n".join(lines)


def costs(found: Found) -> str:
    reached = found.longest <= GOAL_SECONDS and found.mebibytes <= GOAL_MEBIBYTES
    each = found.processor / len(found.documents.clock) * 1000
    return (
        f"| {found.selected} | {len(found.documents.clock)} | {found.seconds:.0f} s | {found.processor:.0f} s | "
        f"{each:.0f} ms | {found.mebibytes:.0f} MiB | {'reached' if reached else '**not reached**'} |"
    )


def page(rounds: Sequence[Found], load: float) -> str:
    lines = "\n".join
    return f"""# New documents

Written by `make bench-documents` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, on PostgreSQL.

One process of `bff serve` has one CPU; load and database share the other. {SENDERS} connections with {ADDRESSES} client
addresses send new documents of {ROOT_FIELDS} root fields: `node` with its `id`, or with 9 fields of a user. Two other
connections request `/livez` and a home screen, alone and meanwhile. The goal: no other request takes more than
{GOAL_SECONDS * 1000:.0f} ms, and the memory of the process grows by at most {GOAL_MEBIBYTES} MiB.

Each response has its wall-clock time, and the CPU time of all server threads between request and response. The CPU time
includes documents that the server reads while the response waits for the database. The wall-clock time includes delays
by other processes: the load average was {load:.1f} on {os.cpu_count()} CPUs at the start.

| selected | request | | clock: median | p99 | max | CPU: median | p99 | max |
|---|---|---|---:|---:|---:|---:|---:|---:|
{lines(map(rows, rounds))}

| selected | documents | time | CPU | CPU per document | growth | goal |
|---|---:|---:|---:|---:|---:|---|
{lines(map(costs, rounds))}
"""


@asynccontextmanager
async def world(admin_url: str) -> AsyncGenerator[tuple[str, str, str]]:
    """Yields the URL of a database with demo users, and an access token and the id of ana. Drops it at the end."""
    name = f"bff_bench_documents_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            async with open_resources(Settings(database_url=url, secret_keys=SECRET_KEYS)) as resources:
                await migrate(resources.database, lambda _name: None)
                await seed(resources, 1)
                ana = await find_user_id(resources.database, "ana") or 0
                token, _ = resources.access_tokens.issue(SignedIn(ana, device_id=1))
            async with connected(url) as seeded:
                await seeded.execute("VACUUM ANALYZE")  # otherwise autovacuum runs during the measurement
            yield url, token, global_id("User", ana, ana)
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.documents", description=__doc__)
    arguments.add_argument("--documents", type=int, default=DOCUMENTS)
    arguments.add_argument(
        "--selected", choices=SELECTED, action="append", help="what documents select (default: each)"
    )
    arguments.add_argument("--page", type=Path, default=PAGE)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    load, *_ = os.getloadavg()
    async with world(options.database) as (url, token, node_id):
        server = ours("ours", ServerSettings(url, SECRET_KEYS), BFF_TRUSTED_PROXIES="127.0.0.1")
        probes = (
            Probe("/livez", "GET", "/livez", None, None, b""),
            Probe("home screen", "POST", "/graphql", home_request(), token, b'{"data":{"viewer":{'),
        )
        rounds: list[Found] = []
        for selected in options.selected or SELECTED:
            rounds.append(await asyncio.to_thread(measure, server, probes, selected, node_id, options.documents))
            say(f"{rows(rounds[-1])}\n{costs(rounds[-1])}")
    options.page.write_text(page(rounds, load))


if __name__ == "__main__":
    asyncio.run(main())
