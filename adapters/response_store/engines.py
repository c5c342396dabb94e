"""Opens the response store of an engine URL."""

from adapters.response_store.base import ResponseStore
from adapters.response_store.memory import MemoryStore
from core.errors import SettingsError

DEADLINE = 0.06
"""Maximum seconds for Redis to answer. Without an answer, an operation is executed."""

_VARIABLE = "BFF_CACHE_URL"


def open_response_store(url: str, name: str, deadline: float = DEADLINE) -> ResponseStore | None:
    """Returns the store of a URL, which connects in the background, or None for an empty URL.

    Raises `SettingsError` for an invalid URL.
    """
    scheme = url.partition(":")[0]
    if not url:
        return None
    if scheme == "memory":
        return MemoryStore()
    if scheme not in {"redis", "rediss", "redis+cluster", "rediss+cluster"}:
        raise SettingsError(
            f"{_VARIABLE}: no driver for {scheme}://; use memory://, redis://, redis+cluster:// or an empty value"
        )
    from adapters.redis import check_redis_url  # noqa: PLC0415 - redis-py takes 0.3 s to import
    from adapters.response_store.cluster import ClusterStore  # noqa: PLC0415 - as above
    from adapters.response_store.redis import RedisStore  # noqa: PLC0415 - as above

    check_redis_url(_VARIABLE, url)
    store = ClusterStore if "+cluster" in scheme else RedisStore
    return store(url, name, deadline)
