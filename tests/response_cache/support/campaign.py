"""Reads and writes while processes are killed, checks every response, and writes `bench/results/cache-campaign.md`:

python -m tests.response_cache.support.campaign
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from httpx2 import AsyncClient

from services.maintenance.migrations import migrate
from services.resources import open_resources
from tests.campaign.support.roles import running
from tests.response_cache.support.checker import Checker
from tests.response_cache.support.connections import Connections
from tests.response_cache.support.deployment import ENGINES, Kills, deployed
from tests.response_cache.support.history import History
from tests.response_cache.support.operations import SCHEMA, check_mutations
from tests.response_cache.support.people import People
from tests.response_cache.support.projected import Projected
from tests.response_cache.support.readers import Readers
from tests.response_cache.support.reading import Reader, Session, Tally
from tests.response_cache.support.report import Outcome, page
from tests.response_cache.support.scale import Scale
from tests.response_cache.support.writers import Writer, sign_up_until
from tests.response_cache.support.writing import Mutations, Written
from tests.support.engines import PostgresEngine
from tests.support.programs import until_ready
from tests.support.timing import settings_for

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/cache-campaign.md"
MAX_AGE = 6.0
"""The maximum age of a count of what others do: 5 s, and a margin for busy machines."""

_MAX_LOGGED = 100_000
"""Characters of the errors in logs that are printed."""

_POSTS = 3
_CONCURRENT = 8

Connect = Callable[[list[str], Random], Connections]


async def run(folder: Path, engine: str, scale: Scale, connect: Connect = Connections) -> Outcome:
    """Runs the campaign with one engine, in a database of its own. Without a cache no count may be old."""
    database = PostgresEngine(f"bff_cache_campaign_{os.getpid()}")
    async with database.empty() as url:
        async with open_resources(settings_for(url)) as resources:
            await migrate(resources.database, lambda _name: None)
        async with (
            deployed(engine, url, folder, scale) as deployment,
            running([*deployment.servers, *deployment.workers]),
        ):
            for port in deployment.ports:
                async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                    await until_ready(http)
            kills = Kills(deployment, Random(scale.seed))  # noqa: S311 - not for secrets
            load = Load(list(deployment.ports), scale, connect, 0.0 if engine == "off" else MAX_AGE)
            await load.prepare()
            outcome = await load.run(url, engine, kills)
        return outcome._replace(logged=_logged(folder))


def _logged(folder: Path) -> str:
    return "".join(log.read_text(errors="replace") for log in sorted(folder.glob("*.log")))


class Load:
    """Holds the clients of a campaign, and what they know together."""

    def __init__(self, ports: list[str], scale: Scale, connect: Connect, max_age: float) -> None:
        self._ports = ports
        self._scale = scale
        self._connect = connect
        self._history = History()
        self._people = People(self._history)
        self._projected = Projected(self._history)
        self._checker = Checker(self._history, self._projected, max_age)
        self._tally = Tally()
        self._written = Written()
        self._writers: list[Writer] = []
        self._readers: list[tuple[Reader, Session]] = []
        self._opened: list[Connections] = []

    async def prepare(self) -> None:
        """Creates the accounts, the first posts and the follows."""
        handles = [f"w{number:03}" for number in range(self._scale.writers)]
        handles += [f"r{number:03}" for number in range(self._scale.readers)]
        await _together(self._sign_up(handle) for handle in handles)
        await _together(writer.prepare(self._scale.follows, _POSTS) for writer in self._writers)
        for writer in self._writers[:2]:
            writer.begin_with_rare()

    async def _sign_up(self, handle: str) -> None:
        chance = Random(f"{self._scale.seed} {handle}")  # noqa: S311 - not for secrets
        mutations = Mutations(self._open(chance), self._written)
        session = await sign_up_until(self._people, mutations, handle)
        self._people.add(session)
        reader = Reader(self._open(chance), self._checker, self._tally, chance)
        writer = Writer(session, mutations, self._people, reader)
        if handle.startswith("w"):
            self._writers.append(writer)
        else:
            self._readers.append((reader, session))
            await writer.prepare(self._scale.follows, 0)

    def _open(self, chance: Random) -> Connections:
        self._opened.append(self._connect(self._ports, chance))
        return self._opened[-1]

    async def run(self, url: str, engine: str, kills: Kills) -> Outcome:
        self._written.begun = 0
        stopped = asyncio.Event()
        watching = asyncio.create_task(self._projected.watch(url, stopped))
        started = perf_counter()
        try:
            async with asyncio.TaskGroup() as tasks:
                readers = Readers(self._people)
                for reader, session in self._readers:
                    tasks.create_task(readers.run(reader, session, self._tally, self._scale.reads))
                for writer in self._writers:
                    tasks.create_task(writer.run(self._tally, self._written, self._scale.reads))
                tasks.create_task(self._kill(kills))
            seconds = perf_counter() - started
        finally:
            stopped.set()
            await asyncio.wait([watching])
            for connections in self._opened:
                connections.close()
        watching.result()
        lost = sum(connections.lost for connections in self._opened)
        return Outcome(engine, seconds, self._tally, self._written, kills.done, lost, self._checker)

    async def _kill(self, kills: Kills) -> None:
        """Kills at equal distances in the number of reads."""
        for number in range(1, self._scale.kills + 1):
            while self._tally.reads < number * self._scale.reads // (self._scale.kills + 1):  # noqa: ASYNC110 - counted
                await asyncio.sleep(0.01)
            await kills.kill()


async def _together(steps: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Awaits coroutines, a few at a time."""
    slots = asyncio.Semaphore(_CONCURRENT)

    async def run_one(step: Coroutine[Any, Any, None]) -> None:
        async with slots:
            await step

    await asyncio.gather(*(run_one(step) for step in steps))


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engine", choices=ENGINES, action="append", help="default: redis, cluster and memory")
    arguments.add_argument("--reads", type=int, default=100_000)
    arguments.add_argument("--writers", type=int, default=50)
    arguments.add_argument("--readers", type=int, default=50)
    arguments.add_argument("--kills", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--output", type=Path, default=PAGE)
    return arguments.parse_args()


async def main() -> int:
    asked = _arguments()
    if wrong := check_mutations(SCHEMA.read_text()):
        sys.stderr.write("".join(f"{line}\n" for line in wrong))
        return 1
    scale = Scale(asked.reads, asked.writers, asked.readers, asked.kills, asked.seed)
    outcomes: list[Outcome] = []
    for engine in asked.engine or [name for name in ENGINES if name != "off"]:
        with tempfile.TemporaryDirectory() as folder:
            outcomes.append(await run(Path(folder), engine, scale))
        asked.output.write_text(page(scale, outcomes))
        sys.stdout.write("".join(f"{engine}: {fault}\n" for fault in outcomes[-1].checker.faults.described))
        sys.stdout.write(outcomes[-1].logged[:_MAX_LOGGED])
    sys.stdout.write(page(scale, outcomes))
    return 1 if any(outcome.is_wrong for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
