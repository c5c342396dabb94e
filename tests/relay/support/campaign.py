"""Writers beside a worker that is killed: `python -m tests.relay.support.campaign` writes `bench/results/relay.md`."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from random import Random
from time import perf_counter
from typing import NamedTuple

from core.settings import Settings
from services.maintenance.migrations import migrate
from services.relay import measure_lag
from services.resources import Resources, open_resources
from tests.relay.support.verify import faults
from tests.relay.support.writers import Writers, Written
from tests.support.engines import Engine, PostgresEngine, SqliteEngine
from tests.support.timing import HANG_SECONDS

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/relay.md"
BFF = Path(sys.executable).parent / "bff"
WRITERS = 50
LONGEST = {"postgres": 0.5, "sqlite": 0.01}
"""Seconds that a late transaction stays open. On SQLite it blocks all other writers."""

_PATIENCE = 300


class Outcome(NamedTuple):
    """Holds the transactions and times of a campaign. `faults` lists the errors found."""

    written: Written
    killed: int
    writing: float
    draining: float
    faults: list[str]


class Worker:
    """Runs `bff worker` as a process."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "BFF_DATABASE_URL": settings.database_url,
            "BFF_LOG_LEVEL": "WARNING",
        }
        self._folder = folder
        self.killed = 0
        self._process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        await self._start()
        try:
            yield
        finally:
            assert self._process is not None
            self._process.send_signal(signal.SIGTERM)
            status = await asyncio.wait_for(self._process.wait(), HANG_SECONDS)
        assert status == 0, f"the worker ended with {status}: {(self._folder / 'worker.log').read_text()[-3000:]}"

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        self.killed += 1
        await self._start()

    async def _start(self) -> None:
        with (self._folder / "worker.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                BFF, "worker", env=self._environment, stdout=log, stderr=log
            )


class Plan(NamedTuple):
    """Holds the minimum numbers of events and kills, and the random seed."""

    events: int
    kills: int
    seed: int


async def run(url: str, engine: Engine, folder: Path, plan: Plan) -> Outcome:
    """Runs the campaign in an empty database."""
    settings = Settings(database_url=url, database_pool=WRITERS + 2, database_deadline=60.0)
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda _name: None)
        writers = Writers(resources, plan.seed, LONGEST[engine.name])
        await writers.prepare()
        worker, started = Worker(settings, folder), perf_counter()
        async with worker.running():
            writing = asyncio.create_task(writers.write(WRITERS))
            await _kill_at_work(resources, worker, writers, plan)
            writers.stop()
            await writing
            written = perf_counter()
            await _drained(resources)
        drained = perf_counter()
        found = await faults(resources.database, writers.written)
        return Outcome(writers.written, worker.killed, written - started, drained - written, found)


async def _kill_at_work(resources: Resources, worker: Worker, writers: Writers, plan: Plan) -> None:
    """Kills the worker at equal distances, but only when it has moved since it was started, so that it was at work."""
    chance = Random(plan.seed)  # noqa: S311 - not for secrets
    for number in range(1, plan.kills + 1):
        await _until_committed(writers, number * plan.events // (plan.kills + 1))
        await _has_moved(resources)
        await asyncio.sleep(chance.random() * 0.05)
        await worker.kill()
    await _until_committed(writers, plan.events)
    await _has_moved(resources)


async def _until_committed(writers: Writers, events: int) -> None:
    async with asyncio.timeout(_PATIENCE):
        while writers.written.committed < events:  # noqa: ASYNC110 - a count is watched
            await asyncio.sleep(0.005)


async def _has_moved(resources: Resources) -> None:
    async def position() -> object:
        return await resources.database.fetch("SELECT tx, id FROM relay_positions")

    async with asyncio.timeout(_PATIENCE):
        before = await position()
        while await position() == before:  # noqa: ASYNC110 - a table is watched
            await asyncio.sleep(0.005)


async def _drained(resources: Resources) -> None:
    async with asyncio.timeout(_PATIENCE):
        while (await measure_lag(resources.database, resources.clock())).events:  # noqa: ASYNC110 - a table is watched
            await asyncio.sleep(0.02)


async def campaign(engine: Engine, folder: Path, plan: Plan) -> Outcome:
    async with engine.empty() as url:
        return await run(url, engine, folder, plan)


def line(name: str, outcome: Outcome) -> str:
    """Returns a row of the page."""
    written = outcome.written
    cells = (
        name,
        f"{written.committed:,}",
        f"{written.undone:,}",
        f"{written.late:,}",
        f"{outcome.killed}",
        f"{outcome.writing:.1f} s",
        f"{outcome.draining:.1f} s",
        f"**{len(outcome.faults)}**",
    )
    return f"| {' | '.join(cells)} |"


def page(events: int, seed: int, rows: list[str]) -> str:
    return f"""# The relay with {WRITERS} concurrent writers

Written by `make campaign-relay` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {seed}.

{WRITERS} concurrent writers publish at least {events:,} posts, each in a transaction that stays open for a random time;
one in a hundred stays open long, and one in ten is rolled back. `bff worker` projects the events; it is killed with
-9 during work, and restarted. These are faults: an event that is missing, duplicated or out of order in an event
stream of its author or of a follower; a gap between offsets; a feed or a count that differs from the committed rows; a
dead letter.

| Database | committed | rolled back | late | kills | writing | drained after | faults |
|---|---:|---:|---:|---:|---:|---:|---:|
""" + "\n".join([*rows, ""])


async def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    rows: list[str] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        engines = (PostgresEngine(f"bff_campaign_{os.getpid()}"), SqliteEngine(Path(name) / "sqlite"))
        (Path(name) / "sqlite").mkdir()
        for engine in engines:
            for kills in (0, 10):
                outcome = await campaign(engine, Path(name), Plan(asked.events, kills, asked.seed))
                rows.append(line({"postgres": "PostgreSQL", "sqlite": "SQLite"}[engine.name], outcome))
                sys.stdout.write(f"{rows[-1]}\n" + "".join(f"  {fault}\n" for fault in outcome.faults[:10]))
                sys.stdout.flush()
                wrong += outcome.faults
    PAGE.write_text(page(asked.events, asked.seed, rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
