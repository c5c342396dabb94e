"""From a URL to a store."""

from adapters.cache.base import KeyValueCache
from adapters.cache.memory import MemoryCache
from core.settings.documents import DocumentSettings

_DEADLINE = 0.25
"""Seconds that Redis has to answer: a client that is told that a document is not known sends it."""


def open_cache(settings: DocumentSettings) -> KeyValueCache:
    """The store of `settings.apq_url`. Nothing is connected before it is used."""
    url = settings.apq_url
    if url.partition(":")[0] in {"", "memory"}:
        return MemoryCache()
    from adapters.cache.redis import RedisCache  # noqa: PLC0415 - as above
    from adapters.redis import open_redis  # noqa: PLC0415 - redis-py takes 0.3 s to import

    return RedisCache(open_redis("BFF_APQ_URL", url, _DEADLINE, "persisted queries"), settings.apq_name)
