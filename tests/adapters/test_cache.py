"""Both kinds of stores, and what only the one with a server can go through."""

import secrets
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis.asyncio

from adapters.cache import KeyValueCache, open_cache
from adapters.cache.base import LONGEST
from adapters.cache.memory import MemoryCache
from adapters.cache.redis import KEPT_SECONDS, RedisCache
from core.errors import SettingsError
from core.settings import Settings
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.proxy import Proxy
from tests.support.timing import no_hang

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not reached")


def opened(url: str, name: str = "") -> KeyValueCache:
    return open_cache(Settings(apq_url=url, apq_name=name or f"test-{secrets.token_hex(6)}"))


@pytest.fixture(params=["memory://", "", pytest.param(REDIS_URL, marks=needs_redis, id="redis")])
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[KeyValueCache]:
    made = opened(request.param)
    yield made
    await made.close()


async def test_what_is_put_is_found(store: KeyValueCache) -> None:
    assert (store.known("a"), await store.get("a")) == (None, None)
    await store.put("a", "first ✓")
    assert (store.known("a"), await store.get("a"), await store.get("b")) == ("first ✓", "first ✓", None)
    await store.put("a", "second")
    assert await store.get("a") == "second"


async def test_what_is_too_long_is_not_kept(store: KeyValueCache) -> None:
    await store.put("longest", "ü" * LONGEST)
    await store.put("longer", "ü" * (LONGEST + 1))
    assert await store.get("longest") == "ü" * LONGEST
    assert await store.get("longer") is None


async def test_a_process_keeps_so_many_and_forgets_what_was_not_asked_for_longest() -> None:
    store = MemoryCache(most_keys=3)
    for key in "abc":
        await store.put(key, key)
    await store.get("a")
    await store.put("d", "d")
    assert [await store.get(key) for key in "abcd"] == ["a", None, "c", "d"]


async def test_a_process_keeps_no_more_than_so_many_letters() -> None:
    store = MemoryCache(most_letters=100)
    for number in range(1000):
        await store.put(f"{number % 7}", "x" * 30)
    assert len(store) == 3
    await store.put("large", "x" * 100)
    assert len(store) == 1
    await store.close()
    assert len(store) == 0


@needs_redis
async def test_processes_find_what_others_have_put_and_redis_forgets_by_itself() -> None:
    name = f"test-{secrets.token_hex(6)}"
    here, there = opened(REDIS_URL, name), opened(REDIS_URL, name)
    await here.put("a", "text")
    assert there.known("a") is None
    assert await there.get("a") == "text"
    assert there.known("a") == "text"
    client: Any = redis.asyncio.from_url(REDIS_URL)
    async with client:
        assert 0 <= KEPT_SECONDS - await client.ttl(f"{name}:store:a") <= 5
        await client.set(f"{name}:store:b", b"\xff" * (4 * LONGEST + 1))
        assert await there.get("b") is None
        await client.delete(f"{name}:store:a", f"{name}:store:b")
    await here.close()
    await there.close()


@needs_redis
async def test_a_silent_redis_costs_the_deadline_and_then_nothing_is_found_but_what_is_known_here() -> None:
    url = urlsplit(REDIS_URL)
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        store = opened(url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl())
        assert isinstance(store, RedisCache)
        await store.put("a", "text")
        proxy.silence()
        async with no_hang():
            assert await store.get("b") is None
            await store.put("c", "kept here")
        assert (await store.get("a"), await store.get("c"), store.failures) == ("text", "kept here", 2)
        await store.close()


async def test_without_a_redis_a_process_keeps_what_it_was_sent() -> None:
    store = opened("redis://127.0.0.1:1/0")
    await store.put("a", "text")
    assert (await store.get("a"), await store.get("b")) == ("text", None)
    await store.close()


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "nonsense", "redis://127.0.0.1:port/0"])
def test_a_url_that_is_wrong_is_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_APQ_URL: "):
        opened(url)
