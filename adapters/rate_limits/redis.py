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
local wait, kept = 0, {}
for i, key in ipairs(KEYS) do
  local most, per = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local excess, takes = cost - most, {}
  local stored = redis.call('GET', key)
  local all = stored and cmsgpack.unpack(stored) or takes
  for n = 1, #all, 2 do
    if all[n] + per > now then
      takes[#takes + 1], takes[#takes + 2] = all[n], all[n + 1]
      excess = excess + all[n + 1]
    end
  end
  if excess > 0 then
    local room = per
    for n = 1, #takes, 2 do
      excess = excess - takes[n + 1]
      if excess <= 0 then
        room = takes[n] + per - now
        break
      end
    end
    wait = math.max(wait, room)
  end
  kept[i] = takes
end
if wait > 0 then
  return wait
end
for i, key in ipairs(KEYS) do
  local takes, per = kept[i], tonumber(ARGV[2 * i + 2])
  local last, width = #takes - 1, per / slices
  if last > 0 and math.floor(takes[last] / width) == math.floor(now / width) then
    takes[last], takes[last + 1] = now, takes[last + 1] + cost
  else
    takes[last + 2], takes[last + 3] = now, cost
  end
  redis.call('SET', key, cmsgpack.pack(takes), 'PX', math.ceil(per / 1000) + 1)
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
