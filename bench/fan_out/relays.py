"""Starts `bff worker --only relay`, blocks it, and reads its log."""

import asyncio
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import orjson

from bench.fan_out.copy import Copy
from bench.processes import pinned
from bench.servers import ServerSettings
from bench.world import PROJECT, BenchError, connected

SECRET_KEYS = f"bench:{secrets.token_hex(32)}"

_START_SECONDS = 30.0
_END_SECONDS = 20.0
_READY = "the worker is running"
_FINE = ("DEBUG", "INFO")


@dataclass(frozen=True, slots=True)
class Relay:
    """Holds the process of a worker and its log file."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_ready(self) -> bool:
        return _READY in self.log.read_text()

    def warnings(self) -> list[str]:
        """Returns the log lines above level INFO."""
        return [line for line in self.log.read_text().splitlines() if not _is_fine(line)]


def _is_fine(line: str) -> bool:
    try:
        return orjson.loads(line)["level"] in _FINE
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False


@asynccontextmanager
async def relays(
    copy: Copy, cpus: Sequence[set[int] | None], only: Literal["relay", "jobs"] | None = "relay"
) -> AsyncGenerator[list[Relay]]:
    """Yields one worker for each set of CPUs. None means any CPU; `only=None` means all loops."""
    environment = {**ServerSettings(copy.url, SECRET_KEYS).environment(), "BFF_LOG_LEVEL": "INFO"}
    environment["BFF_PUSH_FOLLOWERS"] = str(copy.push_followers)
    # The backlog is old when they start. It must not cause an alarm.
    environment["BFF_RELAY_ALARM_SECONDS"] = "86400"
    command = [sys.executable, "-m", "cli.main", "worker", *(("--only", only) if only else ())]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        running: list[Relay] = []
        for number, on in enumerate(cpus):
            log = Path(folder) / f"{number}.log"
            whole = pinned(on, command) if on else command
            running.append(stack.enter_context(_started(whole, environment, log)))
        await _until_ready(running)
        yield running
        for relay in running:
            if relay.process.poll() is not None:
                raise BenchError(f"a worker ended: {relay.log.read_text()[-300:]}")


@contextmanager
def _started(command: list[str], environment: dict[str, str], log: Path) -> Generator[Relay]:
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=stream)
    try:
        yield Relay(process, log)
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _until_ready(running: Sequence[Relay]) -> None:
    until = time.monotonic() + _START_SECONDS
    while not all(relay.is_ready for relay in running):
        if time.monotonic() > until or any(relay.process.poll() is not None for relay in running):
            logs = " ".join(relay.log.read_text()[-300:] for relay in running)
            raise BenchError(f"a worker does not start: {logs}")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def blocked_relays(url: str) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
    """Blocks all relays by locking their positions, until the yielded function is called."""
    async with connected(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT 1 FROM relay_positions ORDER BY partition FOR UPDATE")
        yield transaction.rollback
