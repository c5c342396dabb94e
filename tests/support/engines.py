"""Creates the databases of tests. Each engine has seeded data that tests copy quickly."""

import asyncio
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import redis.asyncio
import redis.exceptions

from services.maintenance.migrations import migrate
from services.maintenance.partitions import apply_partitions
from services.maintenance.seed import seed
from services.resources import Resources, open_resources
from tests.support.partitions import narrow_partitions
from tests.support.timing import settings_for

POSTGRES_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
SEED_NUMBER = 1
PARTITION_WIDTH = 40
"""The transactions of a partition of tests. The whole server has few more while one test runs."""


def reachable_postgres() -> bool:
    async def connect() -> None:
        await (await asyncpg.connect(POSTGRES_URL, timeout=30)).close()

    try:
        asyncio.run(connect())
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True


def reachable_redis() -> bool:
    async def connect() -> None:
        client = redis.asyncio.from_url(REDIS_URL, socket_connect_timeout=30, socket_timeout=30)
        async with client:
            await client.ping()

    try:
        asyncio.run(connect())
    except (OSError, redis.exceptions.RedisError):
        return False
    return True


class Engine(ABC):
    name: str

    async def open(self) -> None:
        await self.create_template()
        async with open_resources(settings_for(self.template_url)) as resources:
            await migrate(resources.database, lambda _name: None)
            await seed(resources, SEED_NUMBER)

    @property
    @abstractmethod
    def template_url(self) -> str: ...

    @abstractmethod
    async def create_template(self) -> None: ...

    @abstractmethod
    def copy(self) -> AbstractAsyncContextManager[str]:
        """Yields the URL of a copy of the seeded data, and deletes it at the end."""

    @abstractmethod
    def empty(self) -> AbstractAsyncContextManager[str]:
        """Yields the URL of a database without tables, and deletes it at the end."""

    @abstractmethod
    def stalled(self, resources: Resources) -> AbstractAsyncContextManager[None]:
        """Blocks all statements on feeds in the block."""

    @abstractmethod
    async def close(self) -> None: ...


class SqliteEngine(Engine):
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    @property
    def template_url(self) -> str:
        return f"sqlite://{self._folder / 'template.sqlite3'}"

    async def create_template(self) -> None:
        pass

    @asynccontextmanager
    async def copy(self) -> AsyncGenerator[str]:
        async with self.empty() as url:
            shutil.copy(self._folder / "template.sqlite3", url.removeprefix("sqlite://"))
            yield url

    @asynccontextmanager
    async def empty(self) -> AsyncGenerator[str]:
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        try:
            yield f"sqlite://{path}"
        finally:
            for leftover in self._folder.glob(f"{path.name}*"):
                leftover.unlink()

    @asynccontextmanager
    async def stalled(self, resources: Resources) -> AsyncGenerator[None]:
        async with resources.database.transaction():
            yield

    async def close(self) -> None:
        shutil.rmtree(self._folder)


class PostgresEngine(Engine):
    name = "postgres"

    def __init__(self, database: str) -> None:
        self._template = database
        self._numbers = count()

    @property
    def template_url(self) -> str:
        return self._url(self._template)

    async def create_template(self) -> None:
        await self._run(f'CREATE DATABASE "{self._template}"')

    @asynccontextmanager
    async def copy(self) -> AsyncGenerator[str]:
        async with self._created(f'TEMPLATE "{self._template}" STRATEGY FILE_COPY') as url:
            yield url

    @asynccontextmanager
    async def empty(self) -> AsyncGenerator[str]:
        async with self._created("") as url:
            yield url

    @asynccontextmanager
    async def _created(self, how: str) -> AsyncGenerator[str]:
        name = f"{self._template}_{next(self._numbers)}"
        await self._run(f'CREATE DATABASE "{name}" {how}')
        try:
            yield self._url(name)
        finally:
            await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @asynccontextmanager
    async def stalled(self, resources: Resources) -> AsyncGenerator[None]:
        connection = await asyncpg.connect(resources.settings.database_url)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE feed_entries IN ACCESS EXCLUSIVE MODE")
                yield
        finally:
            await connection.close()

    async def close(self) -> None:
        await self._run(f'DROP DATABASE "{self._template}" WITH (FORCE)')

    async def _run(self, sql: str) -> None:
        connection = await asyncpg.connect(POSTGRES_URL)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def _url(self, database: str) -> str:
        return urlsplit(POSTGRES_URL)._replace(path=f"/{database}").geturl()


class PartitionedEngine(PostgresEngine):
    """PostgreSQL with partitions of so few transactions that a test writes to several of them."""

    async def open(self) -> None:
        await super().open()
        async with open_resources(settings_for(self.template_url)) as resources:
            with narrow_partitions(PARTITION_WIDTH):
                await apply_partitions(resources, (), lambda _line: None)
