"""Runs clients while processes are killed, and writes `bench/results/log.md`:

python -m tests.campaign.support.campaign
"""

import argparse
import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from random import Random
from time import perf_counter
from typing import NamedTuple

from httpx2 import AsyncClient

from core.errors import Unavailable
from core.settings import Settings
from core.viewer import SignedIn
from services.jobs import measure_backlog
from services.relay import measure_lag
from services.resources import Resources, open_resources
from tests.campaign.support.clients import Acknowledged, Person
from tests.campaign.support.roles import Role, running
from tests.campaign.support.verify import faults
from tests.campaign.support.world import World, prepare
from tests.support.engines import REDIS_URL
from tests.support.postgres_server import PostgresServer, running_postgres
from tests.support.programs import free_port, until_ready

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/log.md"
WORKER = ["-m", "tests.campaign.support.worker"]
_PATIENCE = 180
_BETWEEN_KILLS = 40
"""Writes that are acknowledged before the next kill."""

_MAX_WAIT = 1.0


class Plan(NamedTuple):
    """Holds the number of kills of servers, workers and PostgreSQL, the queue of the jobs, and the random seed."""

    kills: int
    database_kills: int
    queue_url: str
    seed: int


class Outcome(NamedTuple):
    """Holds the operations and times of a campaign. `faults` lists the errors found."""

    told: Acknowledged
    events: int
    killed: int
    database_killed: int
    writing: float
    draining: float
    faults: list[str]


async def run(folder: Path, plan: Plan) -> Outcome:
    """Runs the campaign in a database of its own."""
    async with running_postgres(folder) as postgres:
        return await _run(postgres, folder, plan)


async def _run(postgres: PostgresServer, folder: Path, plan: Plan) -> Outcome:
    environment = {
        "BFF_DATABASE_URL": postgres.url,
        "BFF_WORK_DEADLINE": "2",
        "BFF_JOB_PAUSE": "0.02",
        "BFF_JOB_ATTEMPTS": "8",
        "BFF_QUEUE_URL": plan.queue_url,
        "BFF_QUEUE_NAME": f"campaign-{secrets.token_hex(6)}",
        "BFF_FEED_LENGTH": "100000",
        "PORT": str(free_port()),
    }
    server = Role(["-m", "cli.main", "serve"], environment, folder / "server.log")
    workers = [Role(WORKER, environment, folder / f"worker{number}.log") for number in range(2)]
    async with _world(postgres.url) as (resources, world), _http(environment["PORT"]) as http:
        told, started = Acknowledged(), perf_counter()
        async with running([server, *workers]):
            await until_ready(http)
            killed = await _write_and_kill(Clients(resources, http, world, told), [server, *workers], postgres, plan)
            written = perf_counter()
            await _drained(resources)
            drained = perf_counter()
        found = await faults(resources.database, world, told)
        events = (await resources.database.fetch("SELECT COUNT(*) AS number FROM event_log"))[0]["number"]
    return Outcome(told, events, killed, plan.database_kills, written - started, drained - written, found)


@asynccontextmanager
async def _world(url: str) -> AsyncGenerator[tuple[Resources, World]]:
    async with open_resources(Settings(database_url=url, database_deadline=60.0, bus_url="memory://")) as resources:
        yield resources, await prepare(resources)


@asynccontextmanager
async def _http(port: str) -> AsyncGenerator[AsyncClient]:
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
        yield http


class Clients(NamedTuple):
    """Holds everything that the writing clients need."""

    resources: Resources
    http: AsyncClient
    world: World
    told: Acknowledged

    async def write(self, stopped: asyncio.Event, seed: int) -> None:
        people = [
            Person(self.http, user_id, self._token(user_id), Random(seed + number))  # noqa: S311 - not for secrets
            for number, user_id in enumerate(self.world.people)
        ]
        await asyncio.gather(*(person.write(self.told, self.world.people, stopped) for person in people))

    def _token(self, user_id: int) -> str:
        return self.resources.access_tokens.issue(SignedIn(user_id, 1))[0]


async def _write_and_kill(clients: Clients, roles: Sequence[Role], postgres: PostgresServer, plan: Plan) -> int:
    """Kills random processes, each after more acknowledged writes, and PostgreSQL at regular intervals."""
    chance, stopped = Random(plan.seed), asyncio.Event()  # noqa: S311 - not for secrets
    writing = asyncio.create_task(clients.write(stopped, plan.seed))
    every = plan.kills / (plan.database_kills + 1)
    database_at = {round(every * number) for number in range(1, plan.database_kills + 1)}
    killed = 0
    while killed < plan.kills:
        await _more_written(clients.told)
        await asyncio.sleep(chance.uniform(0, _MAX_WAIT))
        if killed in database_at:
            database_at.discard(killed)
            await postgres.kill()
            await postgres.start()
        killed += chance.choice(roles).kill()
    await _more_written(clients.told)
    stopped.set()
    async with asyncio.timeout(_PATIENCE):
        await writing
    return killed


async def _more_written(told: Acknowledged) -> None:
    before = told.acknowledged
    async with asyncio.timeout(_PATIENCE):
        while told.acknowledged < before + _BETWEEN_KILLS:  # noqa: ASYNC110 - a count is watched
            await asyncio.sleep(0.01)


async def _drained(resources: Resources) -> None:
    """Waits until no event and no job waits."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                lag, backlog = (
                    await measure_lag(resources.database, resources.clock()),
                    await measure_backlog(resources.database),
                )
            except Unavailable:
                lag = backlog = None
            if lag and backlog and not lag.events and not backlog.jobs:
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def folder_of(kind: str) -> AsyncGenerator[Path]:
    """Yields a folder that an unprivileged user can access."""
    folder = Path(tempfile.mkdtemp(prefix=f"campaign-{kind}-"))
    folder.chmod(0o755)  # noqa: ASYNC240 - nothing waits for it
    yield folder
    shutil.rmtree(folder)


def line(name: str, outcome: Outcome) -> str:
    """Returns a row of the page."""
    told = outcome.told
    cells = (
        name,
        f"{told.acknowledged:,}",
        f"{told.repeated:,}",
        f"{outcome.events:,}",
        f"{outcome.killed}",
        f"{outcome.database_killed}",
        f"{outcome.writing:.0f} s",
        f"{outcome.draining:.1f} s",
        f"**{len(outcome.faults)}**",
    )
    return f"| {' | '.join(cells)} |"


def page(seed: int, rows: Sequence[str]) -> str:
    return f"""# Twenty clients while processes are killed

Written by `make campaign-log` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {seed}.

Twenty users publish, comment, like, follow, undo and delete over HTTP, and repeat requests without a response.
Meanwhile `bff serve` and two workers are killed with -9 at random times and restarted, and so is the campaign's own
PostgreSQL. Each event has a handler that records it, fails one time in ten, and always fails for one event in 101. At
the end, when nothing is waiting, these are faults: an acknowledged write that does not exist exactly once; an event
that is not in the log exactly once; an effect of a handler, a dead letter, an entry of a feed or event stream, a
notification or a count that differs from a recount; a gap between offsets; a position that is not the end of the log; a
response with a code that the client cannot handle.

| Queue | acknowledged | repeated | events | kills | of PostgreSQL | writing | drained after | faults |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
""" + "\n".join([*rows, ""])


async def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--redis", default=REDIS_URL)
    asked = arguments.parse_args()
    rows: list[str] = []
    wrong: list[str] = []
    for name, queue_url in (("the worker itself", ""), ("docket on Redis", asked.redis)):
        async with folder_of(str(os.getpid())) as folder:
            outcome = await run(folder, Plan(asked.kills, max(1, asked.kills // 20), queue_url, asked.seed))
        rows.append(line(name, outcome))
        sys.stdout.write(f"{rows[-1]}\n" + "".join(f"  {fault}\n" for fault in outcome.faults[:20]))
        sys.stdout.flush()
        wrong += outcome.faults
    PAGE.write_text(page(asked.seed, rows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
