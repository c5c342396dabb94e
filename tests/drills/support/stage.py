"""The deployment of a drill: two servers and two workers, with HAProxy on both sides of them."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from core.settings import Settings
from services.maintenance.migrations import migrate
from services.resources import open_resources
from tests.campaign.support.roles import Role, running
from tests.drills.support.backups import Backups
from tests.drills.support.database_proxy import database_proxy
from tests.drills.support.load import Load
from tests.drills.support.patroni import Cluster, patroni_cluster
from tests.drills.support.record import Record, RecordingClient
from tests.payments.support.sandbox import Sandbox
from tests.payments.support.snapshots import Unreadable
from tests.support import proxies
from tests.support.programs import free_port
from tests.support.redis_servers import RedisCluster, RedisServer, redis_cluster
from tests.support.timing import no_hang

REQUEST_SECONDS = 30.0
_LARGE = ",".join(f"{currency}=1000000000" for currency in ("USD", "EUR", "GBP", "JPY", "INR"))
_UNLIMITED = "user=1000000000,device=1000000000,address=1000000000,seconds=60"
_DISK = "64m"
_CHECK_SECONDS = 2.0
"""The seconds in which HAProxy finds out which nodes are standbys."""


class Plan:
    """The parts of the deployment: nodes of the database, Redis, and backups."""

    def __init__(self, *, nodes: int = 3, has_redis: bool = True, has_backups: bool = True) -> None:
        self.nodes, self.has_redis, self.has_backups = nodes, has_redis, has_backups


class Redis:
    """Has a cluster for the bus and stored responses, and one server for limits, persisted queries and the queue."""

    def __init__(self, cluster: RedisCluster, single: RedisServer, folder: Path, *, is_small: bool) -> None:
        self.cluster, self.single, self.folder = cluster, single, folder
        self.is_small = is_small
        """Whether the single server has a disk of its own, which can be filled."""

    @property
    def environment(self) -> dict[str, str]:
        cluster, single = self.cluster.url, f"{self.single.url}/0"
        return {
            "BFF_BUS_URL": cluster,
            "BFF_CACHE_URL": cluster,
            "BFF_LIMITS_URL": single,
            "BFF_APQ_URL": single,
            "BFF_QUEUE_URL": single,
        }


@dataclass
class Stage:
    """The running deployment."""

    folder: Path
    url: str
    environment: dict[str, str]
    database: Cluster
    redis: Redis | None
    backups: Backups | None
    servers: Sequence[Role]
    workers: Sequence[Role]
    sandbox: Sandbox
    load: Load

    @property
    def record(self) -> Record:
        return self.load.record

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Runs servers and workers."""
        async with running([*self.servers, *self.workers]):
            yield


@asynccontextmanager
async def staged(folder: Path, plan: Plan, seed: int = 1) -> AsyncGenerator[Stage]:
    """Starts everything but the servers and workers."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        backups = Backups(folder) if plan.has_backups else None
        starting = asyncio.create_task(enter(_redis(folder))) if plan.has_redis else None
        database = await enter(patroni_cluster(folder, backups.environment if backups else {}, plan.nodes))
        if backups:
            await backups.run(await database.primary(), "stanza-create")
        redis = await starting if starting else None
        port = await enter(database_proxy(folder, database.nodes))
        url = await _create_database(database, port)
        await _until_primary(url)
        async with open_resources(Settings(database_url=url, bus_url="memory://")) as resources:
            await migrate(resources.database, lambda _name: None)
        ports = [str(free_port()) for _ in range(2)]
        sandbox = Sandbox(folder, str(free_port()), f"http://127.0.0.1:{ports[0]}", seed)
        environment = _environment(url, sandbox) | (redis.environment if redis else {})
        proxy = await enter(proxies.running("haproxy", folder, [f"127.0.0.1:{each}" for each in ports], requests=10**9))
        record = Record()
        options: dict[str, Any] = {"base_url": proxy.url, "http2": True, "verify": proxy.tls}
        http = await enter(RecordingClient(record, timeout=REQUEST_SECONDS, **options))
        await enter(running(sandbox.roles))
        yield Stage(
            folder,
            url,
            environment,
            database,
            redis,
            backups,
            [_role(["serve"], {**environment, "PORT": each}, folder / f"server{each}.log") for each in ports],
            [_role(["worker"], environment, folder / f"worker{number}.log") for number in range(2)],
            sandbox,
            Load(http, record, environment["BFF_SECRET_KEYS"]),
        )


def _role(command: list[str], environment: dict[str, str], log: Path) -> Role:
    return Role(["-m", "cli.main", *command], environment, log)


def _environment(url: str, sandbox: Sandbox) -> dict[str, str]:
    """Returns settings with the deadlines of production, and without limits of attempts and amounts."""
    return {
        "BFF_DATABASE_URL": url,
        "BFF_TRUSTED_PROXIES": "127.0.0.1",
        "BFF_SECRET_KEYS": f"drill:{secrets.token_hex(32)}",
        "BFF_LEAVE_SECONDS": "3",
        "BFF_RATES": "on",
        "BFF_OVERLOAD": "on",
        **dict.fromkeys(("BFF_RATE_READS", "BFF_RATE_WRITES", "BFF_RATE_SIGN_IN", "BFF_RATE_MONEY"), _UNLIMITED),
        "BFF_SIGN_UP_PER_ADDRESS": "1000000",
        "BFF_PAYMENTS_MAX_AMOUNT": _LARGE,
        "BFF_PAYMENTS_MAX_DAILY": _LARGE,
        "BFF_STEP_UP_AMOUNT": _LARGE,
        **sandbox.environment,
    }


async def _create_database(database: Cluster, port: int) -> str:
    """Creates the user and the database of the application. Returns the URL that leads to the primary."""
    password = secrets.token_hex(8)
    admin = await asyncpg.connect(database.admin_url(await database.primary()))
    try:
        await admin.execute(f"CREATE ROLE bff LOGIN PASSWORD '{password}'")
        await admin.execute("CREATE DATABASE bff OWNER bff")
    finally:
        await admin.close()
    return f"postgres://bff:{password}@127.0.0.1:{port}/bff"


async def _until_primary(url: str) -> None:
    """Waits until the proxy has checked the nodes: at first it sends connections to all of them."""
    async with no_hang():
        while True:
            with suppress(*Unreadable):
                connection = await asyncpg.connect(url, timeout=2)
                try:
                    if not await connection.fetchval("SELECT pg_is_in_recovery()"):
                        break
                finally:
                    await connection.close()
            await asyncio.sleep(0.1)
    await asyncio.sleep(_CHECK_SECONDS)


@asynccontextmanager
async def _redis(folder: Path) -> AsyncGenerator[Redis]:
    disk = folder / "disk"
    disk.mkdir()
    mounted = _mount(disk)
    single = RedisServer(disk / "redis", "--appendonly", "yes")
    try:
        async with redis_cluster(folder) as cluster:
            await single.start()
            try:
                yield Redis(cluster, single, disk / "redis", is_small=mounted)
            finally:
                await single.kill()
    finally:
        if mounted:
            subprocess.run(["umount", disk], check=True)  # noqa: ASYNC221, S607 - nothing else runs


def _mount(folder: Path) -> bool:
    """Gives a folder a small file system in memory. Returns whether that is permitted."""
    if os.geteuid() != 0 or sys.platform != "linux" or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", folder]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
