"""Puts load on a contender with wrk, and measures the resources used."""

import asyncio
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.operations import Operation
from bench.processes import LOAD_CPU, SERVER_CPU, backends, busy_between, cpu_clocks, cpu_seconds, pinned, tool
from bench.servers import Running
from bench.world import PROJECT, BenchError

CONNECTIONS = 32
PER_CPU = 16
"""Connections to each process, if processes have a CPU each and the load shares it."""
WRK = "wrk (Debian and Ubuntu: apt-get install wrk)"
_SETTLE_SECONDS = 20.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """Holds one measured span. CPU is in milliseconds per request; busy shares are from 0 to 1."""

    requests: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    database_cpu_ms: float
    server_cpu_busy: float
    load_cpu_busy: float


class Load:
    """Posts an operation for many users in turn, over persistent connections."""

    def __init__(self, folder: Path, operation: Operation, tokens: Sequence[str]) -> None:
        self._wrk = tool("wrk", WRK)
        self._expected = operation.expected
        self._bodies = folder / "bodies.txt"
        self._tokens = folder / "tokens.txt"
        self._bodies.write_bytes(b"".join(body + b"\n" for body in operation.bodies))
        self._tokens.write_text("".join(f"{token}\n" for token in tokens))

    def run(self, running: Running, database_url: str, seconds: float) -> Sample:
        """Returns the sample of a span. Raises `BenchError` when a response has an error."""
        database = asyncio.run(backends(database_url))
        cpu, database_cpu, clocks = cpu_seconds(running.pids), cpu_seconds(database), cpu_clocks()
        results = self._load(running, seconds)
        busy = cpu_clocks()
        _wait_until_idle(running)
        requests = sum(result["requests"] for result in results)
        # Connections do not pause, so each has a pending request at the end. Servers complete these requests, and their
        # CPU time includes them.
        begun = requests + _connections(running)
        return Sample(
            requests=requests,
            requests_per_second=sum(result["requests"] * 1e6 / result["microseconds"] for result in results),
            p50_ms=sum(result["p50"] * result["requests"] for result in results) / requests / 1e3,
            p99_ms=max(result["p99"] for result in results) / 1e3,
            cpu_ms=(cpu_seconds(running.pids) - cpu) * 1e3 / begun,
            database_cpu_ms=(cpu_seconds(database) - database_cpu) * 1e3 / begun,
            server_cpu_busy=busy_between(clocks, busy, SERVER_CPU),
            load_cpu_busy=busy_between(clocks, busy, LOAD_CPU),
        )

    def _load(self, running: Running, seconds: float) -> list[dict[str, int]]:
        connections = _connections(running) // len(running.ports)
        cpus = running.contender.load_cpus
        commands = [pinned(cpus, self._command(port, connections, seconds)) for port in running.ports]
        with ExitStack() as stack:
            processes = [stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE)) for command in commands]
            outputs = [process.communicate()[0].decode() for process in processes]
        return [_result(running, output) for output in outputs]

    def _command(self, port: int, connections: int, seconds: float) -> list[str]:
        script = str(PROJECT / "bench/operation.lua")
        options = ["-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", script]
        arguments = [str(self._bodies), str(self._tokens), self._expected]
        return [self._wrk, *options, f"http://127.0.0.1:{port}/graphql", "--", *arguments]


def _connections(running: Running) -> int:
    return PER_CPU * running.contender.processes if running.contender.on_one_machine else CONNECTIONS


def _result(running: Running, output: str) -> dict[str, int]:
    lines = [line.removeprefix("RESULT ") for line in output.splitlines() if line.startswith("RESULT ")]
    if len(lines) != 1:
        raise BenchError(f"{running.contender.name}: wrk printed no results: {output[-300:]}")
    result: dict[str, int] = orjson.loads(lines[0])
    if result["failed"] or result["lost"] or not result["requests"]:
        raise BenchError(f"{running.contender.name}: some responses had errors: {lines[0]}")
    return result


def _wait_until_idle(running: Running) -> None:
    until = time.monotonic() + _SETTLE_SECONDS
    before = cpu_seconds(running.pids)
    while time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        now = cpu_seconds(running.pids)
        if now - before <= _POLL_SECONDS / 5:
            return
        before = now
    raise BenchError(f"{running.contender.name}: still busy {_SETTLE_SECONDS:.0f} s after the load has ended")
