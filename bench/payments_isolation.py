"""Measures the home screen while top-ups wait for a provider that hangs.

Writes `bench/results/payments-isolation.md`.
"""

import argparse
import asyncio
import json
import secrets
import statistics
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from platform import python_version
from typing import Any, NamedTuple

from bench.servers import ServerSettings, ours, started
from bench.world import PROJECT, BenchError, World, home_request, open_world, say, tokens
from core.global_ids import global_id

PAGE = PROJECT / "bench/results/payments-isolation.md"
TOP_UPS = 100
HANG_SECONDS = 30
"""The deadline of the provider's calls in this measurement."""

READERS = 4
GOAL = 1.2
TIMEOUT = 60.0
WARM_UP_SECONDS = 3.0
TOP_UP = """mutation ($input: TopUpWalletInput!) { topUpWallet(input: $input) {
  __typename ... on TopUpWalletSuccess { payment { status } } ... on Problem { code field } } }"""


class Phase(NamedTuple):
    """Holds the seconds of each home screen, and whether top-ups were waiting meanwhile."""

    hanging: bool
    seconds: Sequence[float]

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


class Connection:
    """Sends one request after the other over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, body: bytes, token: str) -> bytes:
        """Returns the body of the response, which must have the status 200."""
        head = (
            "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept-Encoding: identity\r\n"
            f"Content-Length: {len(body)}\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if not answer.startswith(b"http/1.1 200 "):
            raise BenchError(f"the server answers {answer.splitlines()[0].decode()}")
        length = int(answer.partition(b"content-length:")[2].split(b"\r\n")[0])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


class HangingProvider:
    """A sandbox's address that accepts requests and never answers. It counts them."""

    def __init__(self) -> None:
        self.waiting = 0
        self._open: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def serve(self) -> AsyncGenerator[int]:
        """Yields the port."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            for writer in self._open:
                writer.close()
            server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        if await reader.read(1):
            self.waiting += 1


async def connect(port: int) -> Connection:
    return Connection(*await asyncio.open_connection("127.0.0.1", port))


def top_up_of(user_id: int) -> bytes:
    """Returns the body of a top-up with the card that the seed has made for a user."""
    sent = {
        "amount": {"minorUnits": "100", "currency": "EUR"},
        "paymentMethodId": global_id("PaymentMethod", user_id, user_id),
        "idempotencyKey": secrets.token_hex(16),
    }
    return json.dumps({"query": TOP_UP, "variables": {"input": sent}}).encode()


async def read_home(port: int, callers: Sequence[str], seconds: float) -> list[float]:
    """Reads home screens of many users over `READERS` connections, and returns the seconds of each."""
    loop, body = asyncio.get_running_loop(), home_request()
    until, found = loop.time() + seconds, list[float]()

    async def read(number: int) -> None:
        connection, place = await connect(port), number
        while (begun := loop.time()) < until:
            answer = await connection.post(body, callers[place % len(callers)])
            found.append(loop.time() - begun)
            place += READERS
            if b'"errors"' in answer or b'"viewer":null' in answer:
                raise BenchError("a home screen is not complete")
        connection.close()

    await asyncio.gather(*(read(number) for number in range(READERS)))
    return found


async def measure(world: World, keys: str, seconds: float, *, hanging: bool) -> Phase:
    """Returns one phase with a server of its own, since a hanging provider opens the breaker in the end."""
    provider, callers = HangingProvider(), tokens(world, keys)
    async with provider.serve() as at:
        settings: dict[str, Any] = {
            "BFF_PAYMENTS_URL": f"sandbox+http://127.0.0.1:{at}",
            "BFF_PAYMENTS_DEADLINE": str(HANG_SECONDS),
            "BFF_PAYMENTS_CALLS": str(TOP_UPS),
            "BFF_PAYMENTS_MAX_DAILY": "USD=900000,EUR=900000,GBP=900000,JPY=900000,INR=900000",
        }
        contender = ours("ours", ServerSettings(world.url, keys), **settings)
        with started(contender) as running:
            (port,) = running.ports
            await read_home(port, callers, WARM_UP_SECONDS)
            if not hanging:
                return Phase(hanging, await read_home(port, callers, seconds))
            waiting = [asyncio.create_task(_top_up(port, world, callers, number)) for number in range(TOP_UPS)]
            try:
                async with asyncio.timeout(TIMEOUT):
                    while provider.waiting < TOP_UPS:  # noqa: ASYNC110 - a number is watched
                        await asyncio.sleep(0.05)
                found = await read_home(port, callers, seconds)
                if any(task.done() for task in waiting):
                    raise BenchError("a top-up ended during the measurement")
            finally:
                for task in waiting:
                    task.cancel()
                await asyncio.wait(waiting)
            return Phase(hanging, found)


async def _top_up(port: int, world: World, callers: Sequence[str], number: int) -> None:
    connection = await connect(port)
    await connection.post(top_up_of(world.callers[number]), callers[number])


def page(phases: Sequence[Phase], rounds: int, seconds: float) -> str:
    """Returns the page of results."""
    rows, medians = list[str](), dict[bool, float]()
    for hanging in (False, True):
        chosen = [phase for phase in phases if phase.hanging is hanging]
        medians[hanging] = statistics.median(phase.p99 for phase in chosen)
        middle = statistics.median(statistics.median(phase.seconds) for phase in chosen)
        count = sum(len(phase.seconds) for phase in chosen) / len(chosen) / seconds
        each = ", ".join(f"{phase.p99 * 1000:.1f}" for phase in chosen)
        name = f"{TOP_UPS} top-ups wait" if hanging else "no top-up waits"
        rows.append(f"| {name} | {middle * 1000:.1f} ms | {medians[hanging] * 1000:.1f} ms | {each} | {count:.0f} |")
    ratio = medians[True] / medians[False]
    verdict = "reached" if ratio < GOAL else "**not reached**"
    return (
        f"""# The home screen while the payment provider hangs

Written by `make bench-payments-isolation` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.

One process of `bff serve` on PostgreSQL answers home screens of {READERS} connections, for {seconds:.0f} seconds in
each of {rounds} rounds. In one half of each round, {TOP_UPS} top-ups wait for a provider that accepts requests and
never answers; its deadline is {HANG_SECONDS} seconds. The halves alternate, each with a process of its own.

| | median | p99 (median of the rounds) | p99 of each round, ms | screens/s |
|---|---:|---:|---|---:|
"""
        + "\n".join(rows)
        + f"\n\nThe p99 is {ratio:.2f} times that without waiting top-ups; the goal is less than {GOAL}: {verdict}.\n"
    )


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=12.0)
    arguments.add_argument("--people", type=int, default=1_000)
    arguments.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = arguments.parse_args()
    if options.seconds > HANG_SECONDS / 2:
        raise BenchError(f"at most {HANG_SECONDS / 2:.0f} seconds: the top-ups have to wait for longer")
    world, phases = await open_world(options.database, options.people), list[Phase]()
    keys = f"bench:{secrets.token_hex(32)}"
    for number in range(options.rounds):
        for hanging in (False, True) if number % 2 == 0 else (True, False):
            phases.append(await measure(world, keys, options.seconds, hanging=hanging))
            say(f"{'hanging' if hanging else 'alone'}: p99 {phases[-1].p99 * 1000:.1f} ms, {len(phases[-1].seconds)}")
    PAGE.write_text(page(phases, options.rounds, options.seconds))


if __name__ == "__main__":
    asyncio.run(main())
