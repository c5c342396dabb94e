"""`redis://`: for all processes together, in Redis or Valkey. One that evicts what was not used lately is right."""

from typing import Any

from adapters.cache.base import LONGEST, KeyValueCache
from adapters.cache.memory import MemoryCache
from adapters.redis import GONE, PromptRedis

KEPT_SECONDS = 30 * 24 * 3600
"""From the last time that a process asked Redis for it."""


class RedisCache(KeyValueCache):
    """Holds in this process what it has read or written, and asks Redis for the rest."""

    def __init__(self, redis: PromptRedis, name: str) -> None:
        self._redis = redis
        self._prefix = f"{name}:store:"
        self._here = MemoryCache()

    @property
    def failures(self) -> int:
        """How often Redis gave no answer."""
        return self._redis.failures

    def known(self, key: str) -> str | None:
        return self._here.known(key)

    async def get(self, key: str) -> str | None:
        text = self._here.known(key)
        if text is None:
            text = _text(await self._asked(key))
            if text is not None:
                self._here.keep(key, text)
        return text

    async def put(self, key: str, text: str) -> None:
        if len(text) > LONGEST:
            return
        self._here.keep(key, text)
        client: Any = self._redis.client
        try:
            await self._redis.call(lambda: client.set(self._prefix + key, text.encode(), ex=KEPT_SECONDS))
        except GONE:
            return

    async def close(self) -> None:
        await self._redis.close()

    async def _asked(self, key: str) -> bytes | None:
        client: Any = self._redis.client
        try:
            return await self._redis.call(lambda: client.getex(self._prefix + key, ex=KEPT_SECONDS))
        except GONE:
            return None


def _text(found: bytes | None) -> str | None:
    """Nothing, when it is not what this could have written."""
    if found is None or len(found) > 4 * LONGEST:
        return None
    text = found.decode(errors="replace")
    return text if len(text) <= LONGEST else None
