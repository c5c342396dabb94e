"""Opens the rate limiter of an engine URL."""

from adapters.rate_limits.base import RateLimiter
from adapters.rate_limits.memory import MemoryRateLimiter
from core.settings.rate_limits import RateLimitSettings


def open_rate_limiter(settings: RateLimitSettings) -> RateLimiter:
    """Returns the rate limiter of `settings.limits_url`. It connects when it is first used."""
    url = settings.limits_url
    if url.partition(":")[0] in {"", "memory"}:
        return MemoryRateLimiter()
    from adapters.rate_limits.redis import RedisRateLimiter  # noqa: PLC0415 - redis-py takes 0.3 s to import
    from adapters.redis import open_redis  # noqa: PLC0415 - as above

    redis = open_redis("BFF_LIMITS_URL", url, settings.limits_deadline, "rate limits")
    return RedisRateLimiter(redis, settings.limits_name)
