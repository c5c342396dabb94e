"""`redis://`: a cache for all processes, in Redis or Valkey.

Use a `maxmemory-policy` that evicts, such as `allkeys-lru`.
"""

from typing import Any

from adapters.cache.base import MAX_LENGTH, KeyValueCache
from adapters.cache.memory import MemoryCache
from adapters.redis import REDIS_ERRORS, DeadlineRedis

TTL_SECONDS = 30 * 24 * 3600
"""Time to live in Redis, counted from the last read."""


class RedisCache(KeyValueCache):
    """Caches in memory the texts that it has read or written, and reads others from Redis."""

    def __init__(self, redis: DeadlineRedis, name: str) -> None:
        self._redis = redis
        self._prefix = f"{name}:store:"
        self._local = MemoryCache()

    @property
    def failures(self) -> int:
        """The number of calls that Redis did not answer."""
        return self._redis.failures

    @property
    def is_available(self) -> bool:
        """Whether Redis answers. If not, persisted queries are not found."""
        return self._redis.is_available

    def get_local(self, key: str) -> str | None:
        return self._local.get_local(key)

    async def get(self, key: str) -> str | None:
        text = self._local.get_local(key)
        if text is None:
            text = _text(await self._fetch(key))
            if text is not None:
                self._local.put_local(key, text)
        return text

    async def put(self, key: str, text: str) -> None:
        if len(text) > MAX_LENGTH:
            return
        self._local.put_local(key, text)
        client: Any = self._redis.client
        try:
            await self._redis.call(lambda: client.set(self._prefix + key, text.encode(), ex=TTL_SECONDS))
        except REDIS_ERRORS:
            return

    async def close(self) -> None:
        await self._redis.close()

    async def _fetch(self, key: str) -> bytes | None:
        client: Any = self._redis.client
        try:
            return await self._redis.call(lambda: client.getex(self._prefix + key, ex=TTL_SECONDS))
        except REDIS_ERRORS:
            return None


def _text(value: bytes | None) -> str | None:
    """Returns the text of a value, or None for a value that this class cannot have written."""
    if value is None or len(value) > 4 * MAX_LENGTH:
        return None
    text = value.decode(errors="replace")
    return text if len(text) <= MAX_LENGTH else None
