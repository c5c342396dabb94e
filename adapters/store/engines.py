"""From a URL to a store."""

from adapters.store.base import Store
from adapters.store.memory import MemoryStore
from core.settings.documents import DocumentSettings

_DEADLINE = 0.25
"""Seconds that Redis has to answer: a client that is told that a document is not known sends it."""


def open_store(settings: DocumentSettings) -> Store:
    """The store of `settings.apq_url`. Nothing is connected before it is used."""
    url = settings.apq_url
    if url.partition(":")[0] in {"", "memory"}:
        return MemoryStore()
    from adapters.redis import open_redis  # noqa: PLC0415 - redis-py takes 0.3 s to import
    from adapters.store.redis import RedisStore  # noqa: PLC0415 - as above

    return RedisStore(open_redis("BFF_APQ_URL", url, _DEADLINE, "persisted queries"), settings.apq_name)
