"""The processes of the campaign for each engine of the cache, and what is killed."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.campaign.support.roles import Role
from tests.response_cache.support.scale import Scale
from tests.support.programs import free_port
from tests.support.redis_servers import RedisCluster, RedisServer, redis_cluster, redis_server
from tests.support.timing import DEADLINES

ENGINES = ("redis", "cluster", "memory", "off")
_SERVE = ["-m", "cli.main", "serve"]
_WORK = ["-m", "cli.main", "worker"]
_DEV = ["-m", "cli.main", "dev"]
_PAUSE = (0.1, 2.0)
"""Random seconds without Redis."""

_UNLIMITED = ",".join(f"{currency}=1000000000" for currency in ("USD", "EUR", "GBP", "JPY", "INR"))

_WEIGHTS = {"worker": 3, "server": 2, "server stopped": 2, "redis": 3, "redis paused": 2}


class Deployment(NamedTuple):
    """Holds the processes of one engine. `servers` contain the worker's loops if there are no workers."""

    servers: Sequence[Role]
    workers: Sequence[Role]
    redis: Sequence[RedisServer]
    ports: Sequence[str]
    cluster: RedisCluster | None = None


@asynccontextmanager
async def deployed(engine: str, database_url: str, folder: Path, scale: Scale) -> AsyncGenerator[Deployment]:
    """Starts the Redis servers of an engine, and yields its processes, which are not started."""
    environment = _environment(database_url, folder, scale)
    if engine == "memory":
        yield _one_process({**environment, "BFF_CACHE_URL": "memory://"}, folder)
    elif engine == "cluster":
        async with redis_cluster(folder) as cluster:
            cached = {**environment, "BFF_BUS_URL": cluster.url, "BFF_CACHE_URL": cluster.url}
            yield _processes(cached, folder, cluster.servers, cluster)
    else:
        async with redis_server(folder) as redis:
            cached = {**environment, "BFF_BUS_URL": redis.url}
            if engine == "redis":
                cached["BFF_CACHE_URL"] = redis.url
            yield _processes(cached, folder, [redis])


def _environment(database_url: str, folder: Path, scale: Scale) -> dict[str, str]:
    """Returns settings: no limits of attempts and amounts, and authors of whom some are popular."""
    unlimited = dict.fromkeys(
        ("LOG_IN_PER_ACCOUNT", "LOG_IN_PER_ADDRESS", "SIGN_UP_PER_ADDRESS", "REFRESH_PER_ADDRESS"), "1000000"
    )
    return {
        **DEADLINES,
        **{f"BFF_{name}": value for name, value in unlimited.items()},
        "BFF_DATABASE_URL": database_url,
        "BFF_BUS_NAME": f"campaign-{secrets.token_hex(4)}",
        "BFF_PUSH_FOLLOWERS": str(scale.push_followers),
        "BFF_ACCESS_TOKEN_SECONDS": "3600",
        "BFF_PAYMENTS_URL": f"sandbox://{folder / 'sandbox.sqlite3'}",
        **dict.fromkeys(("BFF_PAYMENTS_MAX_AMOUNT", "BFF_PAYMENTS_MAX_DAILY", "BFF_STEP_UP_AMOUNT"), _UNLIMITED),
    }


def _processes(
    environment: dict[str, str], folder: Path, redis: Sequence[RedisServer], cluster: RedisCluster | None = None
) -> Deployment:
    ports = [str(free_port()) for _ in range(2)]
    servers = [Role(_SERVE, {**environment, "PORT": port}, folder / f"server{port}.log") for port in ports]
    workers = [Role(_WORK, environment, folder / f"worker{number}.log") for number in range(2)]
    return Deployment(servers, workers, redis, ports, cluster)


def _one_process(environment: dict[str, str], folder: Path) -> Deployment:
    port = str(free_port())
    role = Role(_DEV, {**environment, "PORT": port}, folder / f"server{port}.log")
    return Deployment([role], [], [], [port])


class Kills:
    """Kills something at random each time. Everything comes back; a killed Redis comes back empty."""

    def __init__(self, deployment: Deployment, chance: Random) -> None:
        self._deployment = deployment
        self._random = chance
        possible = dict(_WEIGHTS)
        if not deployment.workers:
            del possible["worker"]
        if not deployment.redis:
            del possible["redis"], possible["redis paused"]
        self._weights = possible
        self._next = chance.sample(list(possible), len(possible))
        """The kinds of the first kills, so that each occurs."""
        self.done = Counter[str](dict.fromkeys(possible, 0))

    async def kill(self) -> None:
        kind = self._next.pop() if self._next else self._random.choices(*zip(*self._weights.items(), strict=True))[0]
        if kind.startswith("redis"):
            await self._interrupt(self._random.choice(self._deployment.redis), is_killed=kind == "redis")
        else:
            roles = self._deployment.workers if kind == "worker" else self._deployment.servers
            role = self._random.choice(roles)
            while not (role.stop() if kind == "server stopped" else role.kill()):  # noqa: ASYNC110 - it is restarted
                await asyncio.sleep(0.05)
        self.done[kind] += 1

    async def _interrupt(self, redis: RedisServer, *, is_killed: bool) -> None:
        """Ends a Redis and starts it again, or makes it silent for a moment."""
        if is_killed:
            await redis.kill()
        else:
            redis.pause()
        await asyncio.sleep(self._random.uniform(*_PAUSE))
        if is_killed:
            await redis.start()
        else:
            redis.resume()
        if self._deployment.cluster is not None:
            await self._deployment.cluster.until_complete()
