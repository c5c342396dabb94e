"""Measures other requests during many sign-ins and during a key rotation. Writes `bench/results/accounts.md`."""

import argparse
import asyncio
import http.client
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import Any
from urllib.parse import urlsplit

from bench.servers import Contender, ServerSettings, ours, started
from bench.world import PROJECT, BenchError, connected, say
from core.settings import Settings
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources, open_resources

PAGE = PROJECT / "bench/results/accounts.md"
OLD, NEW = (f"{name}:{secrets.token_hex(32)}" for name in ("old", "new"))
PEOPLE = ("ana", "ben", "chi", "dia")
HOME = (PROJECT / "schema-operations/home.graphql").read_text()
DEVICE = {"name": "A phone", "platform": "IOS", "appVersion": "1"}
LOG_IN = "mutation ($input: LogInInput!) { logIn(input: $input) { ... on LogInSuccess { session { accessToken } } } }"
EMAIL = "{ viewer { email } }"
GOAL = 0.1
TIMEOUT = 30.0
SIGN_IN_CONNECTIONS = 20
PAUSE_SECONDS = 0.005


def server(secret_keys: str, url: str) -> Contender:
    """Returns our server, with sign-in limits that the benchmark does not reach."""
    unlimited = str(1_000_000)
    return ours(
        "ours",
        ServerSettings(url, secret_keys),
        BFF_LOG_IN_PER_ACCOUNT=unlimited,
        BFF_LOG_IN_PER_ADDRESS=unlimited,
    )


@dataclass(slots=True)
class Tally:
    """Collects the seconds of each response, and counts wrong responses."""

    seconds: list[float] = field(default_factory=list[float])
    failed: int = 0

    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]

    def median(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2]


class Client:
    """Sends requests over one connection."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def ask(self, query: str, token: str | None = None, variables: Any = None) -> Any:
        """Returns the data of the response, or None when it has errors."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        self._http.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), headers)
        answer = json.loads(self._http.getresponse().read())
        return None if "errors" in answer else answer["data"]

    def sign_in(self, handle: str) -> str | None:
        sent = {"email": f"{handle}@example.com", "password": f"open-sesame-{handle}", "device": DEVICE}
        data = self.ask(LOG_IN, variables={"input": sent})
        return data["logIn"]["session"]["accessToken"] if data and data["logIn"] else None


@contextmanager
def beside(count: int, work: Callable[[int, Tally], object]) -> Generator[list[Tally]]:
    """Runs threads that repeat the work until the block ends."""
    done, tallies = threading.Event(), [Tally() for _ in range(count)]

    def repeat(number: int) -> None:
        while not done.is_set():
            begun = time.perf_counter()
            work(number, tallies[number])
            tallies[number].seconds.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=repeat, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    yield tallies
    done.set()
    for thread in threads:
        thread.join()


def watch(client: Client, token: str, seconds: float) -> Tally:
    """Requests home screens for one viewer, one after another."""
    tally, until = Tally(), time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        data = client.ask(HOME, token)
        tally.seconds.append(time.perf_counter() - begun)
        tally.failed += data is None or data["viewer"] is None
        time.sleep(PAUSE_SECONDS)
    return tally


def signing_in(port: int) -> Callable[[int, Tally], None]:
    clients = [Client(port) for _ in range(SIGN_IN_CONNECTIONS)]

    def work(number: int, tally: Tally) -> None:
        tally.failed += clients[number].sign_in(PEOPLE[number % 4]) is None

    return work


def using_addresses(port: int) -> Callable[[int, Tally], None]:
    """Returns work that uses all keys: it signs in by an address, verifies the token, and decrypts the address."""
    clients = [Client(port) for _ in PEOPLE]

    def work(number: int, tally: Tally) -> None:
        token = clients[number].sign_in(PEOPLE[number])
        data = clients[number].ask(EMAIL, token) if token else None
        tally.failed += data is None or data["viewer"]["email"] != f"{PEOPLE[number]}@example.com"

    return work


def parallel_sign_ins(url: str, seconds: float, rounds: int) -> list[str]:
    rows: list[str] = []
    with started(server(OLD, url)) as running:
        (port,) = running.ports
        client = Client(port)
        token = client.sign_in("ana")
        if token is None:
            raise BenchError("ana cannot sign in")
        watch(client, token, 1.0)
        for number in range(1, rounds + 1):
            quiet = watch(client, token, seconds)
            with beside(SIGN_IN_CONNECTIONS, signing_in(port)) as others:
                time.sleep(1.0)
                busy = watch(client, token, seconds)
            signed_in = sum(len(each.seconds) for each in others)
            failed = busy.failed + quiet.failed + sum(each.failed for each in others)
            shown = " | ".join(
                f"{each * 1000:.1f} ms" for each in (quiet.median(), quiet.p99(), busy.median(), busy.p99())
            )
            verdict = "reached" if busy.p99() < GOAL else "**not reached**"
            rows.append(f"| {number} | {shown} | {signed_in} | {failed} | {verdict} |")
            say(rows[-1])
    return rows


def rotation(url: str) -> list[str]:
    both = f"{NEW},{OLD}"
    command = [sys.executable, "-m", "cli.main", "keys", "rotate"]
    environment = ServerSettings(url, both).environment()
    with (
        started(server(both, url)) as running,
        beside(len(PEOPLE), using_addresses(running.ports[0])) as tallies,
    ):
        time.sleep(1.0)
        begun = time.perf_counter()
        done = subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)
        took = time.perf_counter() - begun
        time.sleep(1.0)
    requests = 2 * sum(len(each.seconds) for each in tallies)
    sealed, failed = done.stdout.decode().strip(), sum(each.failed for each in tallies)
    rows = [f"| {sealed.rpartition(' ')[2]} | {took:.1f} s | {requests} | {failed} |"]
    say(rows[0])
    return rows


ACCOUNT = "INSERT INTO credentials VALUES ($1, $2, '-', $3)"


async def give_addresses(resources: Resources, people: int) -> None:
    """Gives accounts to seeded users who are not demo users. The accounts have no valid password."""
    without = "SELECT id, handle FROM users WHERE id NOT IN (SELECT user_id FROM credentials)"
    rows = await resources.database.fetch(f"{without} LIMIT $1", people)
    vault, now = resources.vault, resources.clock()
    emails = {row["id"]: f"{row['handle']}@example.com" for row in rows}
    async with resources.database.transaction() as transaction:
        for user_id, email in emails.items():
            sealed = vault.seal(user_id, email)
            await transaction.fetch(ACCOUNT, user_id, sealed, now)
            await transaction.fetch(
                "INSERT INTO email_addresses VALUES ($1, $2)", vault.email_indexes(email)[0], user_id
            )


@asynccontextmanager
async def world(admin_url: str, people: int) -> AsyncGenerator[str]:
    """Yields the URL of a database with this number of accounts. Drops it at the end."""
    name = f"bff_bench_accounts_{os.getpid()}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        async with open_resources(Settings(database_url=url, secret_keys=OLD)) as resources:
            await migrate(resources.database, lambda _name: None)
            await seed(resources, 1, people=people)
            await give_addresses(resources, people)
        yield url
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def page(sign_ins: Sequence[str], rotated: Sequence[str], people: int) -> str:
    lines = "\n".join
    return f"""# Sign-ins and key rotation during other requests

Written by `make bench-accounts` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, on PostgreSQL.
One process of `bff serve` has one CPU; the load and the database share the other.

## {SIGN_IN_CONNECTIONS} concurrent sign-ins

One user requests the home screen repeatedly, first alone, then during {SIGN_IN_CONNECTIONS} connections that sign in
repeatedly. The goal is a p99 of the home screen below {GOAL * 1000:.0f} ms during the sign-ins.

| round | alone: median | p99 | during sign-ins: median | p99 | sign-ins | failed | goal |
|---:|---:|---:|---:|---:|---:|---:|---|
{lines(sign_ins)}

## Key rotation

{people} accounts are encrypted with the old key. `bff keys rotate` encrypts them again in a process of its own, while
four users sign in and request their address repeatedly.

| encrypted again | time | requests meanwhile | failed |
|---:|---:|---:|---:|
{lines(rotated)}
"""


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=15.0)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--people", type=int, default=10_000)
    arguments.add_argument("--page", type=Path, default=PAGE)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    async with world(options.database, options.people) as url:
        sign_ins = await asyncio.to_thread(parallel_sign_ins, url, options.seconds, options.rounds)
        rotated = await asyncio.to_thread(rotation, url)
    options.page.write_text(page(sign_ins, rotated, options.people))


if __name__ == "__main__":
    asyncio.run(main())
