"""Measures what a statement costs PostgreSQL whose client leaves while it runs: cancelled, and left to end.

Starts a server of its own, and reads the CPU time of its processes. Writes `bench/results/cancelling.md`.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from adapters.database.postgres_connection import GRACE_SECONDS, PatientConnection
from bench.world import PROJECT, say
from tests.support.postgres_server import PostgresServer

PAGE = PROJECT / "bench/results/cancelling.md"
LENGTHS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)
"""The seconds of CPU of a statement."""

LEFT_AFTER = 0.0005
"""The seconds after which its client leaves."""

_TICKS = os.sysconf("SC_CLK_TCK")
_SPIN = "SELECT count(*) FROM generate_series(1, $1)"


class Costs(NamedTuple):
    """Milliseconds of CPU of the server for one statement, and those until its connection is free."""

    cpu: float
    free: float


class Server(NamedTuple):
    """The URL of a server, and the id of its first process."""

    url: str
    postmaster: int


Measure = Callable[[Any, int], Coroutine[Any, Any, None]]


async def finished(pool: Any, rows: int) -> None:
    connection = await pool.acquire()
    await connection.fetch(_SPIN, rows)
    await pool.release(connection)


async def left(pool: Any, rows: int) -> None:
    connection = await pool.acquire()
    task = asyncio.ensure_future(connection.fetch(_SPIN, rows))
    await asyncio.sleep(LEFT_AFTER)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await pool.release(connection)


def server_seconds(postmaster: int) -> float:
    """Returns the CPU time of a server: of its process, of children that have ended, and of those that run."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(folder.name) == postmaster:
                total += sum(map(int, fields[11:15]))
            elif int(fields[1]) == postmaster:
                total += sum(map(int, fields[11:13]))
    return total / _TICKS


async def _measured(server: Server, kind: type[Any], measure: Measure, rows: int, times: int) -> Costs:
    url, postmaster = server
    async with asyncpg.create_pool(url, min_size=1, max_size=1, connection_class=kind) as pool:
        await finished(pool, 10)
        begun, before = asyncio.get_running_loop().time(), server_seconds(postmaster)
        for _ in range(times):
            await measure(pool, rows)
        seconds = asyncio.get_running_loop().time() - begun
    await asyncio.sleep(0.05)
    return Costs((server_seconds(postmaster) - before) / times * 1000, seconds / times * 1000)


async def _rows_per_second(server: Server) -> float:
    """Returns the rows that a statement generates in one second of CPU."""
    connection = await asyncpg.connect(server.url)
    before = server_seconds(server.postmaster)
    for _ in range(5):
        await connection.fetch(_SPIN, 2_000_000)
    spent = server_seconds(server.postmaster) - before
    await connection.close()
    return 10_000_000 / spent


async def measure(rounds: int, seconds: float) -> list[tuple[float, list[Costs]]]:
    with tempfile.TemporaryDirectory(prefix="bff-cancelling-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - PostgreSQL runs as another user
        server = PostgresServer(folder)
        server.create()
        await server.start()
        try:
            measured = Server(server.url, await _postmaster(server.url))
            rate, results = await _rows_per_second(measured), list[tuple[float, list[Costs]]]()
            for length in LENGTHS:
                times, rows = max(5, int(seconds / max(length, 0.005))), int(rate * length)
                kinds: Sequence[tuple[type[Any], Measure]] = (
                    (asyncpg.Connection, finished),
                    (asyncpg.Connection, left),
                    (PatientConnection, left),
                )
                found = [[await _measured(measured, *kind, rows, times) for kind in kinds] for _ in range(rounds)]
                results.append(
                    (
                        length,
                        [Costs(*map(statistics.median, zip(*each, strict=True))) for each in zip(*found, strict=True)],
                    )
                )
                say(f"{length * 1000:g} ms: {results[-1][1]}")
            return results
        finally:
            await server.stop()


async def _postmaster(url: str) -> int:
    connect: Any = asyncpg.connect
    connection = await connect(url)
    try:
        backend: Any = await connection.fetchval("SELECT pg_backend_pid()")
        return _parent(int(backend))
    finally:
        await connection.close()


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def page(results: Sequence[tuple[float, list[Costs]]]) -> str:
    rows = "\n".join(
        f"| {length * 1000:g} ms | "
        + " | ".join(f"{costs.cpu:.2f} ms" for costs in each)
        + " | "
        + " | ".join(f"{costs.free:.1f} ms" for costs in each[1:])
        + " |"
        for length, each in results
    )
    return f"""# Statements whose client has left

Written by `make bench-cancelling` on {datetime.now(UTC).date()}.

A client leaves {LEFT_AFTER * 1000:g} ms after its statement began. asyncpg cancels the statement at once; our
connections wait {GRACE_SECONDS * 1000:g} ms for its end. CPU is that of all processes of the server, for one
statement. "Free" is the time until the connection serves other statements.

| The statement takes | CPU, not left | CPU, cancelled at once | CPU, ours | free, cancelled at once | free, ours |
|---:|---:|---:|---:|---:|---:|
{rows}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    options = parser.parse_args()
    PAGE.write_text(page(asyncio.run(measure(options.rounds, options.seconds))))
    say(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
