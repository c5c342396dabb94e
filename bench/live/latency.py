"""The time from the commit of a change until its frame arrives, through relay, bus and server."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bench.live.clients import Clients
from bench.live.contenders import following, not_published
from bench.live.database import LiveDatabase, subscription
from bench.live.waiting import in_thread
from bench.servers import ServerSettings, ours
from bench.world import PROJECT, say
from core.global_ids import GlobalId
from core.settings import Settings
from core.viewer import SignedIn
from services.feed import edit_post
from services.resources import Resources, open_resources
from services.unit_of_work import unit_of_work

_WARM_UP = 10
_PAUSES = (0.03, 0.07)
_STOP_SECONDS = 20.0


class Deployment(NamedTuple):
    """A server and a worker with a bus, which the writer uses too."""

    name: str
    bus_url: str

    @property
    def bus_name(self) -> str:
        return f"bench-live-{os.getpid()}"


async def measure_latency(
    database: LiveDatabase, deployments: Sequence[Deployment], samples: int, rounds: int
) -> dict[str, list[list[float]]]:
    """Returns the seconds of all samples of each round. Each round starts the processes anew."""
    found: dict[str, list[list[float]]] = {deployment.name: [] for deployment in deployments}
    for number in range(rounds):
        first = number % len(deployments)
        for deployment in (*deployments[first:], *deployments[:first]):
            found[deployment.name].append(await _sample(database, deployment, samples))
            shown = sorted(found[deployment.name][-1])[samples // 2] * 1000
            say(f"  {number + 1}. {deployment.name}: median {shown:.1f} ms")
    return found


async def _sample(database: LiveDatabase, deployment: Deployment, samples: int) -> list[float]:
    post, chance = database.posts[0], random.Random(1)  # noqa: S311 - not for secrets
    settings = ServerSettings(database.url, database.secret_keys)
    contender = ours(deployment.name, settings, BFF_BUS_URL=deployment.bus_url, BFF_BUS_NAME=deployment.bus_name)
    follow = following(contender, database.tokens(1), subscription("postEvents", post), not_published)
    async with (
        in_thread(_worker(contender.environment)),
        open_resources(_settings(database, deployment)) as resources,
        follow as server,
    ):
        seconds: list[float] = []
        for number in range(samples + _WARM_UP):
            seconds.append(await _until_frame(server.clients, resources, GlobalId("Post", *post), number))
            await asyncio.sleep(chance.uniform(*_PAUSES))
        return seconds[_WARM_UP:]


def _settings(database: LiveDatabase, deployment: Deployment) -> Settings:
    return Settings(
        database_url=database.url,
        secret_keys=database.secret_keys,
        bus_url=deployment.bus_url,
        bus_name=deployment.bus_name,
    )


async def _until_frame(clients: Clients, resources: Resources, post: GlobalId, number: int) -> float:
    """Edits the post, and returns the seconds from the commit to the frame."""
    committed = 0.0

    def note() -> None:
        nonlocal committed
        committed = time.monotonic()

    clients.expect(1)
    async with unit_of_work(resources) as work:
        work.after_commit(note)
        await edit_post(SignedIn(post.owner_id, 1), work, resources, post, f"Edit {number} at {time.monotonic()}.")
    return (await asyncio.to_thread(clients.arrived)).at - committed


@contextmanager
def _worker(environment: Mapping[str, str]) -> Generator[None]:
    worker = subprocess.Popen([sys.executable, "-m", "cli.main", "worker"], cwd=PROJECT, env=environment)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(_STOP_SECONDS)
