"""Puts load on `bff serve` with wrk, and on the hand-written program, and measures the resources used."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import orjson

from bench.load import WRK
from bench.processes import LOAD_CPU, SERVER_CPU, backends, busy_between, cpu_clocks, cpu_seconds, pinned, tool
from bench.servers import Running, ServerSettings
from bench.transfers.people import Bank
from bench.world import PROJECT, BenchError, World, tokens

CONNECTIONS = 32
"""HTTP connections of wrk."""

_SCRIPT = str(PROJECT / "bench/transfers/transfers.lua")
_QUERY = (PROJECT / "bench/transfers/send_payment.graphql").read_text()


@dataclass(frozen=True, slots=True)
class Span:
    """Holds one measured span. CPU is in milliseconds per transfer; busy shares are from 0 to 1."""

    transfers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    database_cpu_ms: float
    server_cpu_busy: float
    load_cpu_busy: float


class Meter:
    """Measures the CPU time of a program and of the database while transfers are made."""

    def __init__(self, pids: Sequence[int], url: str) -> None:
        self._pids = pids
        self._database = asyncio.run(backends(url))
        self._before = cpu_seconds(pids), cpu_seconds(self._database), cpu_clocks()

    def span(self, result: dict[str, float]) -> Span:
        """Returns the span since the creation. `result` is what the load printed."""
        cpu, database_cpu, clocks = self._before
        busy = cpu_clocks()
        transfers = int(result["requests"])
        return Span(
            transfers=transfers,
            per_second=transfers * 1e6 / result["microseconds"],
            p50_ms=result["p50"] / 1e3,
            p99_ms=result["p99"] / 1e3,
            cpu_ms=(cpu_seconds(self._pids) - cpu) * 1e3 / transfers,
            database_cpu_ms=(cpu_seconds(self._database) - database_cpu) * 1e3 / transfers,
            server_cpu_busy=busy_between(clocks, busy, SERVER_CPU),
            load_cpu_busy=busy_between(clocks, busy, LOAD_CPU),
        )


class GraphQLLoad:
    """Sends the mutation to a running server."""

    def __init__(self, folder: Path, bank: Bank, running: Running, secret_keys: str) -> None:
        self._bank = bank
        self._running = running
        self._query = folder / "query.json"
        self._people = folder / "people.txt"
        self._query.write_text(json.dumps(_QUERY))
        issued = tokens(World(len(bank.people), bank.url, bank.people), secret_keys)
        lines = zip(issued, bank.recipients, strict=True)
        self._people.write_text("".join(f"{token} {recipient}\n" for token, recipient in lines))

    def run(self, seconds: float, *, is_hot: bool) -> Span:
        meter = Meter(self._running.pids, self._bank.url)
        hot = str(len(self._bank.people) if is_hot else 0)
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "--timeout", "30s", "-s", _SCRIPT]
        url = f"http://127.0.0.1:{self._running.ports[0]}/graphql"
        files = [str(self._query), str(self._people), secrets.token_hex(8), hot]
        command = pinned({LOAD_CPU}, [tool("wrk", WRK), *options, url, "--", *files])
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        return meter.span(_result(done.stdout, done.stderr))


class HandwrittenLoad:
    """Commands the hand-written program."""

    def __init__(self, bank: Bank, process: "subprocess.Popen[str]") -> None:
        self._bank = bank
        self._pid = process.pid
        self.stdin = cast("IO[str]", process.stdin)
        self.stdout = cast("IO[str]", process.stdout)

    def run(self, seconds: float, *, is_hot: bool) -> Span:
        meter = Meter([self._pid], self._bank.url)
        self.stdin.write(f"{seconds} {int(is_hot)}\n")
        self.stdin.flush()
        return meter.span(_result(self.stdout.readline(), "the hand-written program ended"))


def _result(output: str, errors: str) -> dict[str, float]:
    lines = [line.removeprefix("RESULT ") for line in output.splitlines() if line.startswith("RESULT ")]
    if len(lines) != 1:
        raise BenchError(f"no results: {output[-300:]} {errors[-300:]}")
    result: dict[str, float] = orjson.loads(lines[0])
    if result["failed"] or result["lost"] or not result["requests"]:
        raise BenchError(f"some transfers failed: {lines[0]} {errors[:300]}")
    return result


@contextmanager
def handwritten(bank: Bank, settings: ServerSettings) -> Generator[HandwrittenLoad]:
    """Yields the hand-written program, with as many connections as the server has."""
    command = [sys.executable, "-m", "bench.transfers.handwritten", bank.url, str(settings.database_pool)]
    pipe = subprocess.PIPE
    with subprocess.Popen(pinned({SERVER_CPU}, command), cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) as process:
        load = HandwrittenLoad(bank, process)
        try:
            if load.stdout.readline() != "ready\n":
                raise BenchError("the hand-written program did not start")
            yield load
        finally:
            load.stdin.close()
