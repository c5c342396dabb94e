"""From a URL to limits."""

from adapters.limits.base import Limits
from adapters.limits.memory import MemoryLimits
from core.settings.rate_limits import RateLimitSettings


def open_limits(settings: RateLimitSettings) -> Limits:
    """The limits of `settings.limits_url`. Nothing is connected before they are used."""
    url = settings.limits_url
    if url.partition(":")[0] in {"", "memory"}:
        return MemoryLimits()
    from adapters.limits.redis import RedisLimits  # noqa: PLC0415 - redis-py takes 0.3 s to import
    from adapters.redis import open_redis  # noqa: PLC0415 - as above

    redis = open_redis("BFF_LIMITS_URL", url, settings.limits_deadline, "limits")
    return RedisLimits(redis, settings.limits_name)
