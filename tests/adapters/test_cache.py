"""The key-value caches, and the failures of the one with a server."""

import secrets
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis.asyncio

from adapters.cache import KeyValueCache, open_cache
from adapters.cache.base import MAX_LENGTH
from adapters.cache.memory import MemoryCache
from adapters.cache.redis import TTL_SECONDS, RedisCache
from core.errors import SettingsError
from core.settings import Settings
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.timing import DEADLINE, no_hang

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not reached")


def opened(url: str, name: str = "", deadline: float = DEADLINE) -> KeyValueCache:
    return open_cache(Settings(apq_url=url, apq_name=name or f"test-{secrets.token_hex(6)}"), deadline)


@pytest.fixture(params=["memory://", "", pytest.param(REDIS_URL, marks=needs_redis, id="redis")])
async def cache(request: pytest.FixtureRequest) -> AsyncGenerator[KeyValueCache]:
    made = opened(request.param)
    yield made
    await made.close()


async def test_what_is_put_is_found(cache: KeyValueCache) -> None:
    assert (cache.get_local("a"), await cache.get("a")) == (None, None)
    await cache.put("a", "first ✓")
    assert (cache.get_local("a"), await cache.get("a"), await cache.get("b")) == ("first ✓", "first ✓", None)
    await cache.put("a", "second")
    assert await cache.get("a") == "second"


async def test_what_is_too_long_is_not_kept(cache: KeyValueCache) -> None:
    await cache.put("longest", "ü" * MAX_LENGTH)
    await cache.put("longer", "ü" * (MAX_LENGTH + 1))
    assert await cache.get("longest") == "ü" * MAX_LENGTH
    assert await cache.get("longer") is None


async def test_a_process_keeps_so_many_and_forgets_what_was_not_asked_for_longest() -> None:
    cache = MemoryCache(max_keys=3)
    for key in "abc":
        await cache.put(key, key)
    await cache.get("a")
    await cache.put("d", "d")
    assert [await cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]


async def test_a_process_keeps_no_more_than_so_many_letters() -> None:
    cache = MemoryCache(max_characters=100)
    for number in range(1000):
        await cache.put(f"{number % 7}", "x" * 30)
    assert len(cache) == 3
    await cache.put("large", "x" * 100)
    assert len(cache) == 1
    await cache.close()
    assert len(cache) == 0


@needs_redis
async def test_processes_find_what_others_have_put_and_redis_forgets_by_itself() -> None:
    name = f"test-{secrets.token_hex(6)}"
    here, there = opened(REDIS_URL, name), opened(REDIS_URL, name)
    await here.put("a", "text")
    assert there.get_local("a") is None
    assert await there.get("a") == "text"
    assert there.get_local("a") == "text"
    client: Any = redis.asyncio.from_url(REDIS_URL)
    async with client:
        assert 0 <= TTL_SECONDS - await client.ttl(f"{name}:store:a") <= 5
        await client.set(f"{name}:store:b", b"\xff" * (4 * MAX_LENGTH + 1))
        assert await there.get("b") is None
        await client.delete(f"{name}:store:a", f"{name}:store:b")
    await here.close()
    await there.close()


@needs_redis
async def test_a_silent_redis_costs_the_deadline_and_then_only_local_texts_are_found() -> None:
    url = urlsplit(REDIS_URL)
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        cache = opened(url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl(), deadline=1.0)
        assert isinstance(cache, RedisCache)
        await cache.put("a", "text")
        proxy.silence()
        async with no_hang():
            assert await cache.get("b") is None
            await cache.put("c", "kept here")
        assert (await cache.get("a"), await cache.get("c"), cache.failures) == ("text", "kept here", 2)
        await cache.close()


async def test_without_a_redis_a_process_keeps_what_it_was_sent() -> None:
    cache = opened("redis://127.0.0.1:1/0")
    await cache.put("a", "text")
    assert (await cache.get("a"), await cache.get("b")) == ("text", None)
    await cache.close()


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "nonsense", "redis://127.0.0.1:port/0"])
def test_a_url_that_is_wrong_is_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_APQ_URL: "):
        opened(url)
