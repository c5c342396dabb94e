"""Runs followers while processes are killed, and writes `bench/results/live-campaign.md`:

python -m tests.live.support.campaign
"""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from random import Random
from time import perf_counter
from typing import NamedTuple

from httpx2 import AsyncClient

from core.settings import Settings
from services.relay import measure_lag
from services.resources import Resources, open_resources
from tests.campaign.support.roles import Role, running
from tests.live.support.campaign_clients import Identity, LiveClient
from tests.live.support.campaign_kills import Deployment, Kills
from tests.live.support.campaign_verify import Recorded, Verdict, is_complete, read_recorded, verify
from tests.live.support.campaign_world import Scale, World, prepare, record_entries
from tests.live.support.campaign_writers import WRITERS, Writers
from tests.support.engines import PostgresEngine
from tests.support.programs import free_port, until_ready
from tests.support.redis_servers import RedisServer, redis_server
from tests.support.timing import DEADLINES, until

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/live-campaign.md"
SERVE = ["-m", "cli.main", "serve"]
WORK = ["-m", "cli.main", "worker"]
_TOKEN_SECONDS = 300
"""Servers close WebSockets with 4403 then, and clients resume with new tokens."""

_PATIENCE_SECONDS = 300.0
"""Seconds until all clients have received everything after the last event."""


class Plan(NamedTuple):
    """Holds the scale, the number of kills, the maximum seconds of writing, and the random seed."""

    scale: Scale
    kills: int
    seconds: float
    seed: int


class Outcome(NamedTuple):
    """Holds the numbers and times of a campaign."""

    events: int
    entries: int
    received: int
    subscriptions: int
    codes: Counter[int]
    killed: Counter[str]
    writing: float
    draining: float
    verdict: Verdict


async def run(folder: Path, plan: Plan) -> Outcome:
    """Runs the campaign in a database of its own, with a Redis of its own."""
    engine = PostgresEngine(f"bff_live_campaign_{os.getpid()}")
    async with engine.empty() as url, redis_server(folder) as redis:
        settings = Settings(
            database_url=url,
            bus_url=redis.url,
            bus_name=f"campaign-{secrets.token_hex(4)}",
            push_followers=plan.scale.push_followers,
            access_token_seconds=_TOKEN_SECONDS,
            database_pool=WRITERS + 4,
            database_deadline=60.0,
        )
        async with open_resources(settings) as resources:
            world = await prepare(resources, plan.scale, Random(plan.seed))  # noqa: S311 - not for secrets
            await record_entries(resources.database)
            return await _run(resources, world, _deployment(settings, redis, folder), plan)


def _deployment(settings: Settings, redis: RedisServer, folder: Path) -> Deployment:
    environment = {
        **DEADLINES,
        "BFF_DATABASE_URL": settings.database_url,
        "BFF_BUS_URL": settings.bus_url,
        "BFF_BUS_NAME": settings.bus_name,
        "BFF_PUSH_FOLLOWERS": str(settings.push_followers),
        "BFF_ACCESS_TOKEN_SECONDS": str(settings.access_token_seconds),
    }
    ports = [str(free_port()) for _ in range(2)]
    servers = [Role(SERVE, {**environment, "PORT": port}, folder / f"server{port}.log") for port in ports]
    workers = [Role(WORK, environment, folder / f"worker{number}.log") for number in range(2)]
    return Deployment(servers, workers, redis, ports)


async def _run(resources: Resources, world: World, deployment: Deployment, plan: Plan) -> Outcome:
    clients = _clients(resources, world, deployment.ports, plan.seed)
    async with running([*deployment.servers, *deployment.workers]):
        for port in deployment.ports:
            async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                await until_ready(http)
        async with _following(clients):
            writers = Writers(resources, world, plan.seed)
            kills = Kills(deployment, clients, world, plan.seed)
            started = perf_counter()
            await _write_and_kill(writers, kills, plan)
            written = perf_counter()
            recorded = await _drained(resources, clients, world)
            drained = perf_counter()
    return Outcome(
        events=writers.events,
        entries=sum(map(len, recorded.entries.values())),
        received=sum(len(client.received) for client in clients),
        subscriptions=sum(client.subscriptions for client in clients),
        codes=sum((client.codes for client in clients), Counter[int]()),
        killed=kills.done,
        writing=written - started,
        draining=drained - written,
        verdict=verify(clients, recorded, world),
    )


def _clients(resources: Resources, world: World, ports: Sequence[str], seed: int) -> list[LiveClient]:
    """Returns clients: half of them follow a user, and half a post."""
    clients: list[LiveClient] = []
    for number in range(world.scale.sockets):
        user = world.users[number // 2 % len(world.users)]
        post = world.posts[number // 2 % len(world.posts)] if number % 2 else None
        chance = Random(f"{seed} {number}")  # noqa: S311 - not for secrets
        clients.append(LiveClient(Identity(user, post), ports, resources, chance))
    return clients


@asynccontextmanager
async def _following(clients: Sequence[LiveClient]) -> AsyncGenerator[None]:
    """Runs the clients. All of them follow when the block begins."""
    tasks = [asyncio.create_task(client.run()) for client in clients]
    try:
        await until(lambda: all(client.is_following for client in clients))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _write_and_kill(writers: Writers, kills: Kills, plan: Plan) -> None:
    """Kills at equal distances in the number of committed events. Stops after the seconds of the plan."""
    tasks = [asyncio.create_task(writers.write()), asyncio.create_task(_kill(writers, kills, plan))]
    await asyncio.wait(tasks, timeout=plan.seconds, return_when=asyncio.FIRST_EXCEPTION)
    writers.stop()
    await asyncio.gather(*tasks)
    kills.end()


async def _kill(writers: Writers, kills: Kills, plan: Plan) -> None:
    for number in range(1, plan.kills + 1):
        while writers.events < number * plan.scale.events // (plan.kills + 1):
            if writers.is_stopped:
                return
            await asyncio.sleep(0.01)
        await kills.kill(number / plan.kills)


async def _has_work(resources: Resources) -> bool:
    """Returns whether events or growing notifications will still be appended to event streams."""
    growing = await resources.database.fetch("SELECT 1 AS one FROM jobs WHERE handler = 'announce_growth' LIMIT 1")
    return bool(growing) or (await measure_lag(resources.database, resources.clock())).events > 0


async def _drained(resources: Resources, clients: Sequence[LiveClient], world: World) -> Recorded:
    """Waits until all events are projected and all clients have received them, or until it takes too long."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await _has_work(resources):  # noqa: ASYNC110 - tables are watched
            await asyncio.sleep(0.1)
    recorded = await read_recorded(resources.database)
    end = perf_counter() + _PATIENCE_SECONDS
    while perf_counter() < end and not all(  # noqa: ASYNC110 - other processes are watched
        is_complete(client, recorded, world) for client in clients
    ):
        await asyncio.sleep(0.5)
    return recorded


def page(plan: Plan, outcome: Outcome) -> str:
    """Returns the page with the figures."""
    found, scale = outcome.verdict.found, plan.scale
    killed = outcome.killed
    rows = {
        "WebSockets": f"{scale.sockets:,}: half of them follow {scale.users} users, half {scale.posts} posts",
        "events written": f"{outcome.events:,} by {WRITERS} concurrent writers, in {outcome.writing:.0f} s",
        "entries of event streams": f"{outcome.entries:,}",
        "events received": f"{outcome.received:,}, of which {outcome.verdict.counts:,} only announced counts",
        "servers killed": f"{killed['server']}, and {killed['server stopped']} stopped with SIGTERM",
        "workers killed": f"{killed['worker']}",
        "Redis killed": f"{killed['redis']}",
        "connections cut": f"{killed['connection']:,}",
        "subscriptions resumed": f"{outcome.subscriptions - scale.sockets:,}",
        "close codes": ", ".join(f"{code}: {number:,}" for code, number in sorted(outcome.codes.items())),
        "all clients complete": f"{outcome.draining:.1f} s after the last event",
        "resets, all justified": f"{outcome.verdict.resets - found['unjustified reset']}",
        "**lost**": f"**{found['lost'] + found['lost popular']}**",
        "**received twice**": f"**{found['repeated']}**",
        "**unjustified resets**": f"**{found['unjustified reset']}**",
        "**all faults**": f"**{len(outcome.verdict.faults)}**",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"""# Subscribers while processes are killed

Written by `make campaign-live` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {plan.seed}.

Two `bff serve`, two `bff worker`, PostgreSQL, and a Redis for the bus. Writers publish, edit and delete posts, comment,
like, follow and sign devices out. Authors with more than {scale.push_followers} followers are popular, so their posts
are in the stream that all users have in common. Meanwhile processes are killed with -9 and restarted, connections are
cut, access tokens end after {_TOKEN_SECONDS} s, and the followers of the most active subjects stay away for a third of
the time. Each client resumes after its last cursor. At the end, its events are compared with the entries of its
streams, from the cursor at which it began: its own stream without a gap, the popular posts of the authors that its user
follows, and the final counts. A reset is justified if entries after the cursor were deleted.

| | |
|---|---|
{table}
"""


async def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sockets", type=int, default=1000)
    arguments.add_argument("--events", type=int, default=50_000)
    arguments.add_argument("--kills", type=int, default=60)
    arguments.add_argument("--seconds", type=float, default=3600)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    plan = Plan(Scale(asked.sockets, asked.events), asked.kills, asked.seconds, asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        outcome = await run(Path(folder), plan)
    written = page(plan, outcome)
    PAGE.write_text(written)
    sys.stdout.write(written + "".join(f"{fault}\n" for fault in outcome.verdict.faults[:50]))
    return 1 if outcome.verdict.faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
