"""Opens response stores for tests."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import pytest
import redis.asyncio

from adapters.response_store import ResponseStore, StoreUnavailable, open_response_store
from tests.support.engines import REDIS_URL
from tests.support.timing import DEADLINE, no_hang, until

LIFE = 600_000
"""Milliseconds that a response lives."""


def url_of(engine: str, request: pytest.FixtureRequest) -> str:
    """Returns the URL of an engine, and starts the cluster if it is that."""
    if engine == "cluster":
        return request.getfixturevalue("cluster").url
    return {"memory": "memory://", "redis": REDIS_URL}[engine]


def new_name() -> str:
    return f"test-{secrets.token_hex(6)}"


@asynccontextmanager
async def opened(url: str, name: str = "", deadline: float = DEADLINE) -> AsyncGenerator[ResponseStore]:
    """Yields a store that may not be available yet."""
    store = open_response_store(url, name or new_name(), deadline)
    assert store is not None
    yield store
    await store.close()


@asynccontextmanager
async def processes(url: str, name: str = "", deadline: float = DEADLINE) -> AsyncGenerator[list[ResponseStore]]:
    """Yields two available stores with the same responses: one store twice, if it cannot be shared."""
    name = name or new_name()
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(url, name, deadline)) for _ in range(2)]
        if url.startswith("memory"):
            stores = [stores[0], stores[0]]
        for store in stores:
            await until(lambda store=store: store.is_available)
        yield stores


async def is_current(store: ResponseStore, position: int, *tags: str) -> bool:
    """Returns whether a response is current after everything that was announced."""
    await store.read("any")
    return store.tail.is_current(position, tags)


async def position_of(store: ResponseStore) -> int:
    await store.read("any")
    return store.tail.position


async def is_unavailable(store: ResponseStore) -> bool:
    """Returns whether a call fails, even if no call has noticed it yet."""
    try:
        await store.read("any")
    except StoreUnavailable:
        return True
    return False


async def eventually(condition: Callable[[], Awaitable[object]]) -> None:
    """Waits until a condition holds that a call finds out."""
    async with no_hang():
        while not await condition():  # noqa: ASYNC110 - the condition is not an event
            await asyncio.sleep(0.02)


@asynccontextmanager
async def client_of(url: str) -> AsyncGenerator[redis.asyncio.Redis | redis.asyncio.RedisCluster]:
    parts = urlsplit(url)
    kind = redis.asyncio.RedisCluster if "+cluster" in parts.scheme else redis.asyncio.Redis
    async with kind.from_url(parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()) as client:
        yield client
