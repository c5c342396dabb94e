"""Opens the key-value cache of an engine URL."""

from adapters.cache.base import KeyValueCache
from adapters.cache.memory import MemoryCache
from core.settings.documents import DocumentSettings

DEADLINE = 0.06
"""Maximum seconds for Redis to answer. If a document is not found, the client sends it."""


def open_cache(settings: DocumentSettings, deadline: float = DEADLINE) -> KeyValueCache:
    """Returns the cache of `settings.apq_url`. It connects when it is first used."""
    url = settings.apq_url
    if url.partition(":")[0] in {"", "memory"}:
        return MemoryCache()
    from adapters.cache.redis import RedisCache  # noqa: PLC0415 - as above
    from adapters.redis import open_redis  # noqa: PLC0415 - redis-py takes 0.3 s to import

    return RedisCache(open_redis("BFF_APQ_URL", url, deadline, "persisted queries"), settings.apq_name)
