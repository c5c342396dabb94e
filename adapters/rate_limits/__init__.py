"""Rate limiters: exact limits of operations per key and sliding window.

No window of a limit's length admits more than the limit. A token bucket (GCRA too) admits almost twice as much in its
first window, and fixed windows do so around their borders; so a limiter stores the time of each admission. To keep
large limits small, admissions within a sixtieth of the window are one entry with the time of the last one. An admission
thus counts for the length of the window and at most a sixtieth more.
"""

from adapters.rate_limits.base import Decision, RateLimit, RateLimiter
from adapters.rate_limits.engines import open_rate_limiter

__all__ = ["Decision", "RateLimit", "RateLimiter", "open_rate_limiter"]
