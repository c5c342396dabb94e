"""Restarts two servers behind HAProxy under load, and kills one; writes `bench/results/rolling.md`: `make rolling`."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from httpx2 import AsyncClient, HTTPError

from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import open_resources
from tests.support import proxies
from tests.support.postgres_server import running_postgres
from tests.support.programs import free_port, until_ready
from tests.support.proxies import Proxy
from tests.support.timing import DEADLINES, HANG_SECONDS, settings_for

PROJECT = Path(__file__).parent.parent.parent.parent
PAGE = PROJECT / "bench/results/rolling.md"
LOAD = 0.7
"""The share of the capacity that the load takes."""

_QUERY = "{ viewer { user { handle } } }"
_LEAVE_SECONDS = 5
_CALIBRATION_REQUESTS = 600
_CONCURRENCY = 16
_MIN_RATE, _MAX_RATE = 5.0, 2000.0


class Load:
    """Sends requests at a constant rate through the proxy, however long responses take. Counts what became of them."""

    def __init__(self, http: AsyncClient) -> None:
        self._http = http
        self.results = Counter[str]()
        self.pending = self.begun = 0

    @property
    def failed(self) -> int:
        return sum(number for result, number in self.results.items() if result != "ok")

    async def send(self) -> None:
        self.pending += 1
        self.begun += 1
        try:
            response = await self._http.post("/graphql", json={"query": _QUERY})
            is_ok = response.status_code == 200 and response.json() == {"data": {"viewer": None}}
            self.results["ok" if is_ok else f"status {response.status_code}"] += 1
        except HTTPError as error:
            self.results[type(error).__name__] += 1
        finally:
            self.pending -= 1

    async def keep(self, rate: float, stopped: asyncio.Event) -> None:
        """Sends until stopped, and waits for the last responses."""
        began, sent = perf_counter(), 0
        async with asyncio.TaskGroup() as tasks:
            while not stopped.is_set():
                while sent < (perf_counter() - began) * rate:
                    tasks.create_task(self.send())
                    sent += 1
                await asyncio.sleep(0.005)

    async def capacity(self, requests: int) -> float:
        """Returns the requests per second of some clients that pause never."""
        left, began = [requests], perf_counter()

        async def client() -> None:
            while left[0] > 0:
                left[0] -= 1
                await self.send()

        await asyncio.gather(*(client() for _ in range(_CONCURRENCY)))
        return requests / (perf_counter() - began)


class Server:
    """A process of `bff serve` on a port of its own."""

    def __init__(self, name: str, url: str, folder: Path) -> None:
        self.name, self.port = name, free_port()
        self._log = folder / f"{name}.log"
        self._environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "BFF_DATABASE_URL": url,
            "BFF_TRUSTED_PROXIES": "127.0.0.1",
            "BFF_LEAVE_SECONDS": str(_LEAVE_SECONDS),
            "BFF_LOG_LEVEL": "ERROR",
            **DEADLINES,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts the process, and waits until it is ready."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "cli.main", "serve", cwd=PROJECT, env=self._environment, stdout=log, stderr=log
            )
        async with AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=HANG_SECONDS) as http:
            await until_ready(http)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Sends a signal, and waits for the end of the process."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await asyncio.wait_for(self._process.wait(), HANG_SECONDS)


class Stage(NamedTuple):
    """A proxy in front of running servers."""

    proxy: Proxy
    servers: Sequence[Server]

    async def restart(self, server: Server) -> None:
        """Restarts a server like an operator: the next one follows after the proxy has this one back."""
        await server.stop()
        await self.proxy.until_server(server.name, "DOWN")
        await server.start()
        await self.proxy.until_server(server.name, "UP")


class Outcome(NamedTuple):
    """The counts of one phase: requests that were sent and that failed.

    `in_flight` are those without a response when a server was killed, and those that were sent until it had ended.
    """

    sent: int
    failed: int
    in_flight: int
    results: dict[str, int]
    rate: float


@asynccontextmanager
async def staged(url: str, folder: Path) -> AsyncGenerator[Stage]:
    """Runs two servers of a migrated database behind HAProxy."""
    async with AsyncExitStack() as stack:
        servers = [Server(f"bff-{number}", url, folder) for number in (1, 2)]
        for server in servers:
            stack.push_async_callback(server.stop)
            await server.start()
        addresses = [f"127.0.0.1:{server.port}" for server in servers]
        proxy = await stack.enter_async_context(proxies.running("haproxy", folder, addresses, requests=10**9))
        for server in servers:
            await proxy.until_server(server.name, "UP")
        yield Stage(proxy, servers)


async def restarted(stage: Stage, rate: float, least: int) -> Outcome:
    """Restarts all servers under load, again and again until enough requests were sent."""
    async with _loaded(stage, rate) as load:
        while True:
            for server in stage.servers:
                await stage.restart(server)
            if sum(load.results.values()) >= least:
                break
    return _outcome(load, 0, rate)


async def killed(stage: Stage, rate: float, least: int) -> Outcome:
    """Kills a server under load, and starts it again."""
    async with _loaded(stage, rate) as load:
        await _more(load, least // 2)
        in_flight, begun = load.pending, load.begun
        await stage.servers[0].stop(signal.SIGKILL)
        in_flight += load.begun - begun
        await _more(load, least // 2)
        await stage.servers[0].start()
        await stage.proxy.until_server(stage.servers[0].name, "UP")
    return _outcome(load, in_flight, rate)


@asynccontextmanager
async def _loaded(stage: Stage, rate: float) -> AsyncGenerator[Load]:
    stopped = asyncio.Event()
    async with stage.proxy.client(http2=False) as http:
        load = Load(http)
        keeping = asyncio.create_task(load.keep(rate, stopped))
        try:
            yield load
        finally:
            stopped.set()
            await keeping


async def _more(load: Load, number: int) -> None:
    """Waits until that many more requests have ended."""
    before = sum(load.results.values())
    async with asyncio.timeout(HANG_SECONDS):
        while sum(load.results.values()) < before + number:  # noqa: ASYNC110 - a count is watched
            await asyncio.sleep(0.01)


def _outcome(load: Load, in_flight: int, rate: float) -> Outcome:
    return Outcome(sum(load.results.values()), load.failed, in_flight, dict(load.results), rate)


async def measured_rate(stage: Stage) -> float:
    """Returns the rate of `LOAD` of the capacity."""
    async with stage.proxy.client(http2=False) as http:
        capacity = await Load(http).capacity(_CALIBRATION_REQUESTS)
    return min(max(LOAD * capacity, _MIN_RATE), _MAX_RATE)


@asynccontextmanager
async def database(folder: Path) -> AsyncGenerator[str]:
    """Runs a PostgreSQL server with a seeded database."""
    async with running_postgres(folder) as postgres:
        async with open_resources(settings_for(postgres.url)) as resources:
            await migrate(resources.database, lambda _name: None)
            await seed(resources, 1)
        yield postgres.url


def page(restart: Outcome, kill: Outcome) -> str:
    """Returns the page of the results."""
    return f"""# Restarts behind HAProxy

`make rolling`, {datetime.now(UTC).date()}: two servers behind [HAProxy](../../deploy/haproxy/haproxy.cfg), with a
constant load of {LOAD:.0%} of the requests per second that they answered before to {_CONCURRENCY} clients. The load,
the proxy, the servers and PostgreSQL share this machine.

| | Requests | Per second | Failed | In flight at the kill | Kinds of failures |
|---|---|---|---|---|---|
| Both servers restarted, one after the other | {_cells(restart)} |
| One server killed, and started again | {_cells(kill)} |
"""


def _cells(outcome: Outcome) -> str:
    kinds = ", ".join(f"{name}: {number}" for name, number in sorted(outcome.results.items()) if name != "ok")
    return f"{outcome.sent:,} | {outcome.rate:.0f} | {outcome.failed} | {outcome.in_flight or ''} | {kinds}"


async def main(requests: int) -> int:
    with tempfile.TemporaryDirectory(prefix="rolling-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # noqa: ASYNC240 - nothing waits for it
        async with database(folder) as url, staged(url, folder) as stage:
            rate = await measured_rate(stage)
            restart = await restarted(stage, rate, requests)
            kill = await killed(stage, rate, requests // 5)
    PAGE.write_text(page(restart, kill))
    sys.stdout.write(page(restart, kill))
    return int(restart.failed > 0 or kill.failed > kill.in_flight)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=5000, help="least number of requests during the restarts")
    if not proxies.INSTALLED["haproxy"]:
        sys.exit("rolling: install haproxy")
    sys.exit(asyncio.run(main(parser.parse_args().requests)))
