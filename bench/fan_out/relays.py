"""`bff worker --only relay`: started, held back, and listened to."""

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
from bench.servers import Surroundings
from bench.world import PROJECT, BenchError, connected

SECRET_KEYS = f"bench:{secrets.token_hex(32)}"

_START_SECONDS = 30.0
_END_SECONDS = 20.0
_READY = "the worker is at work"
_FINE = ("DEBUG", "INFO")


@dataclass(frozen=True, slots=True)
class Relay:
    """A worker's process, and what it logs."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_ready(self) -> bool:
        return _READY in self.log.read_text()

    def complaints(self) -> list[str]:
        """What it logged that is more than information."""
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
    """One for each set of CPUs, ready; None lets it run on any. `only` is what it does; None lets it do everything."""
    environment = {**Surroundings(copy.url, SECRET_KEYS).environment(), "BFF_LOG_LEVEL": "INFO"}
    environment["BFF_PUSH_FOLLOWERS"] = str(copy.push_followers)
    # What is put up before they start is old. That is no alarm.
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
            said = " ".join(relay.log.read_text()[-300:] for relay in running)
            raise BenchError(f"a worker does not start: {said}")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def held_back(url: str) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
    """No relay gets at the log until the function is called: all positions are locked."""
    async with connected(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT 1 FROM relay_positions ORDER BY partition FOR UPDATE")
        yield transaction.rollback
