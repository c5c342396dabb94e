"""Creates seeded PostgreSQL databases, which later runs reuse, and access tokens of some of their users."""

import json
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from core.clock import system_clock
from core.keys import KeyRing
from core.settings import Settings
from core.viewer import SignedIn
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import open_resources
from services.security.access_tokens import AccessTokens
from services.security.revocations import Revocations

PROJECT = Path(__file__).parent.parent
CALLERS = 200
_SEED_NUMBER = 1
_TOKEN_LIFETIME = timedelta(hours=12)


class BenchError(Exception):
    """Raised when a measurement is impossible or invalid. Its message is one line."""


@dataclass(frozen=True, slots=True)
class World:
    """Holds a seeded database and the users that send requests."""

    people: int
    url: str
    callers: Sequence[int]


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Any]:
    """Yields a connection of asyncpg."""
    try:
        connection: Any = await asyncpg.connect(url, timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise BenchError(f"PostgreSQL is not available at {url}: {error}") from error
    try:
        yield connection
    finally:
        await connection.close()


async def open_world(admin_url: str, people: int) -> World:
    """Returns the database `bff_bench_<people>`. Creates and seeds it if it is missing.

    Deletes what it knows about secret keys: each run has another one, and reads nothing that is encrypted.
    """
    name = f"bff_bench_{people}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    async with open_resources(Settings(database_url=url)) as resources:
        await migrate(resources.database, lambda migration: say(f"{name}: {migration}"))
        found = [row["id"] for row in await resources.database.fetch("SELECT id FROM users ORDER BY id")]
        for table in ("key_states", "key_holders"):
            await resources.database.fetch(f"DELETE FROM {table} RETURNING 1 AS one")  # noqa: S608 - constants
        if not found:
            say(f"{name}: seeding {people} people")
            await seed(resources, _SEED_NUMBER, people=people)
            found = [row["id"] for row in await resources.database.fetch("SELECT id FROM users ORDER BY id")]
    if len(found) != people:
        raise BenchError(f"the database {name} has {len(found)} people; drop it, and the next run creates it")
    return World(people, url, found[:: max(people // CALLERS, 1)][:CALLERS])


def tokens(world: World, secret_keys: str) -> list[str]:
    """Returns an access token for each user that sends requests."""
    access_tokens = AccessTokens(KeyRing(secret_keys), system_clock, _TOKEN_LIFETIME, Revocations(_TOKEN_LIFETIME))
    return [access_tokens.issue(SignedIn(user_id, device_id=1))[0] for user_id in world.callers]


def home_request() -> bytes:
    """Returns the body of the request, as an app sends it."""
    query = (PROJECT / "schema-operations/home.graphql").read_text()
    return json.dumps({"query": query, "operationName": "Home"}).encode()
