"""From a URL to limits."""

from adapters.limits.base import Limits
from adapters.limits.memory import MemoryLimits
from adapters.limits.redis import RedisLimits, one_redis, redis_cluster
from core.errors import SettingsError
from core.settings import Settings

_CLIENTS = {
    "redis": one_redis,
    "rediss": one_redis,
    "redis+cluster": redis_cluster,
    "rediss+cluster": redis_cluster,
}


def open_limits(settings: Settings) -> Limits:
    """The limits of `settings.limits_url`. Nothing is connected before they are used."""
    url = settings.limits_url
    scheme = url.partition(":")[0]
    if scheme in {"", "memory"}:
        return MemoryLimits()
    if scheme not in _CLIENTS:
        raise SettingsError(f"BFF_LIMITS_URL: no driver for {scheme}://; use redis://, or nothing")
    try:
        client = _CLIENTS[scheme](url, settings.limits_deadline)
    except ValueError as error:
        raise SettingsError(f"BFF_LIMITS_URL: {error}; write redis://HOST:PORT/NUMBER") from error
    return RedisLimits(client, settings.limits_name, settings.limits_deadline)
