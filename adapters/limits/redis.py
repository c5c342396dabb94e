"""`redis://`: counts for all processes, in Redis or Valkey, by one script in one round trip.

The time is Redis's own, so the clocks of processes do not matter. All keys share a hash tag, so a cluster keeps them on
one of its nodes: a script sees only keys of one node, and those of an account and of an address have to be judged
together. Give limits a Redis that evicts nothing (`maxmemory-policy noeviction`), or what it evicts is forgotten.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import redis.exceptions

from adapters.limits.base import MICROSECONDS, SLICES, Answer, Limits, Wanted, check
from adapters.limits.memory import MemoryLimits
from adapters.redis import GONE, PromptRedis

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
"""Microseconds to wait, 0 when it was taken. A key's value is times and costs in turn, as `MemoryLimits` keeps them.

Keys are the limits'; arguments are the cost, the slices of a window, and per key its `most` and window in microseconds.
"""

_SHA = hashlib.sha1(SCRIPT.encode()).hexdigest()  # noqa: S324 - Redis names scripts so


class RedisLimits(Limits):
    """Answers within a deadline, whatever Redis does: nothing is tried twice.

    While Redis is gone, each process counts what is strict by itself, with what it has admitted before: so it admits no
    more than a limit says, and all processes together as many times that. What they admit then, Redis does not learn.
    All else is admitted.
    """

    def __init__(self, redis: PromptRedis, name: str) -> None:
        self._redis = redis
        self._prefix = f"{name}:{{limits}}:"
        self.kept_here = MemoryLimits()
        """The admissions under strict limits in the current window, no more than a limit admits."""

    @property
    def failures(self) -> int:
        """How often Redis gave no answer."""
        return self._redis.failures

    async def take(self, wanted: Wanted, cost: int = 1, *, strict: bool = False) -> Answer:
        check(wanted, cost)
        if not wanted:
            return Answer(taken=True)
        try:
            wait = await self._redis.call(lambda: self._run(wanted, cost))
        except GONE:
            return self.kept_here.take_now(wanted, cost) if strict else Answer(taken=True)
        if strict and not wait:
            self.kept_here.note(wanted, cost)
        return Answer(taken=not wait, wait=wait / MICROSECONDS)

    async def close(self) -> None:
        await self._redis.close()

    async def _run(self, wanted: Wanted, cost: int) -> int:
        keys = [f"{self._prefix}{key}:{limit.per_seconds}" for key, limit in wanted]
        arguments = [cost, SLICES]
        for _, limit in wanted:
            arguments += (limit.most, limit.per_seconds * MICROSECONDS)
        evalsha: Callable[..., Any] = self._redis.client.evalsha
        evaluate: Callable[..., Any] = self._redis.client.eval
        try:
            return int(await evalsha(_SHA, len(keys), *keys, *arguments))
        except redis.exceptions.NoScriptError:
            return int(await evaluate(SCRIPT, len(keys), *keys, *arguments))
