"""`redis://`: a rate limiter for all processes, in Redis or Valkey, by one script in one round trip.

The script uses the time of Redis, so the clocks of processes do not matter. All keys share a hash tag, so a cluster
stores them on one node: a script sees only the keys of one node, and it checks the limits of an account and of an
address together. Use a Redis that evicts nothing (`maxmemory-policy noeviction`), since evicted keys lose their counts.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import redis.exceptions

from adapters.rate_limits.base import MICROSECONDS, SLICES, Decision, KeyLimits, RateLimiter, check
from adapters.rate_limits.memory import MemoryRateLimiter
from adapters.redis import REDIS_ERRORS, DeadlineRedis

SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, slices = tonumber(ARGV[1]), tonumber(ARGV[2])
local wait, live_entries = 0, {}
for i, key in ipairs(KEYS) do
  local max_cost, per = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local excess, entries = cost - max_cost, {}
  local stored = redis.call('GET', key)
  local previous = stored and cmsgpack.unpack(stored) or entries
  for n = 1, #previous, 2 do
    if previous[n] + per > now then
      entries[#entries + 1], entries[#entries + 2] = previous[n], previous[n + 1]
      excess = excess + previous[n + 1]
    end
  end
  if excess > 0 then
    local key_wait = per
    for n = 1, #entries, 2 do
      excess = excess - entries[n + 1]
      if excess <= 0 then
        key_wait = entries[n] + per - now
        break
      end
    end
    wait = math.max(wait, key_wait)
  end
  live_entries[i] = entries
end
if wait > 0 then
  return wait
end
for i, key in ipairs(KEYS) do
  local entries, per = live_entries[i], tonumber(ARGV[2 * i + 2])
  local last, width = #entries - 1, per / slices
  if last > 0 and math.floor(entries[last] / width) == math.floor(now / width) then
    entries[last], entries[last + 1] = now, entries[last + 1] + cost
  else
    entries[last + 2], entries[last + 3] = now, cost
  end
  redis.call('SET', key, cmsgpack.pack(entries), 'PX', math.ceil(per / 1000) + 1)
end
return 0
"""
"""Returns the microseconds to wait, or 0 if the request was admitted.

The value of a key is a list of alternating times and costs, the entries of `MemoryRateLimiter`. The arguments are the
cost, the slices of a window, and for each key its maximum cost and its window in microseconds.
"""

_SHA = hashlib.sha1(SCRIPT.encode()).hexdigest()  # noqa: S324 - Redis identifies scripts by SHA-1


class RedisRateLimiter(RateLimiter):
    """Decides within a deadline and without retries, whether Redis answers or not.

    While Redis does not answer, each process counts strict requests by itself, including those that it has admitted
    before. So one process admits at most the limit, and all processes together admit a multiple of it. Redis does not
    count these requests afterwards. All other requests are admitted.
    """

    def __init__(self, redis: DeadlineRedis, name: str) -> None:
        self._redis = redis
        self._prefix = f"{name}:{{limits}}:"
        self.local = MemoryRateLimiter()
        """The strict admissions of this process in the current window, at most as many as a limit admits."""

    @property
    def is_available(self) -> bool:
        """Whether calls reach Redis. If not, the process counts by itself at once."""
        return self._redis.is_available

    @property
    def failures(self) -> int:
        """The number of calls that Redis did not answer."""
        return self._redis.failures

    async def take(self, limits: KeyLimits, cost: int = 1, *, strict: bool = False) -> Decision:
        check(limits, cost)
        if not limits:
            return Decision(admitted=True)
        try:
            wait = await self._redis.call(lambda: self._run(limits, cost))
        except REDIS_ERRORS:
            return self.local.take_now(limits, cost) if strict else Decision(admitted=True)
        if strict and not wait:
            self.local.note(limits, cost)
        return Decision(admitted=not wait, wait=wait / MICROSECONDS)

    async def close(self) -> None:
        await self._redis.close()

    async def _run(self, limits: KeyLimits, cost: int) -> int:
        keys = [f"{self._prefix}{key}:{limit.per_seconds}" for key, limit in limits]
        arguments = [cost, SLICES]
        for _, limit in limits:
            arguments += (limit.max_cost, limit.per_seconds * MICROSECONDS)
        evalsha: Callable[..., Any] = self._redis.client.evalsha
        evaluate: Callable[..., Any] = self._redis.client.eval
        try:
            return int(await evalsha(_SHA, len(keys), *keys, *arguments))
        except redis.exceptions.NoScriptError:
            return int(await evaluate(SCRIPT, len(keys), *keys, *arguments))
