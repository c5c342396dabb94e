"""`redis://`: counts for all processes, in Redis or Valkey, by one script in one round trip.

The time is Redis's own, so the clocks of processes do not matter. All keys share a hash tag, so a cluster keeps them on
one of its nodes: a script sees only keys of one node, and those of an account and of an address have to be judged
together. Give limits a Redis that evicts nothing (`maxmemory-policy noeviction`), or what it evicts is forgotten.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.limits.base import MICROSECONDS, SLICES, Answer, Limits, Wanted, check
from adapters.limits.memory import MemoryLimits

logger = logging.getLogger(__name__)

CONNECTIONS = 20
"""To each Redis; more calls wait for one, which the pool of a cluster would not have them do."""

_SECONDS_BETWEEN_LINES = 1.0
_GONE = (redis.exceptions.RedisError, redis.exceptions.RedisClusterException, OSError, TimeoutError)

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
    """Answers within `deadline` seconds, whatever Redis does: nothing is tried twice.

    While Redis is gone, each process counts what is strict by itself, with what it has admitted before: so it admits no
    more than a limit says, and all processes together as many times that. What they admit then, Redis does not learn.
    All else is admitted. A line in the log, one a second at most, says how often that was.
    """

    def __init__(self, client: Redis | RedisCluster, name: str, deadline: float) -> None:
        self._client = client
        self._prefix = f"{name}:{{limits}}:"
        self._deadline = deadline
        self._here = MemoryLimits()
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._running = set[asyncio.Task[int]]()
        self._told_at = 0.0
        self._untold = 0
        self.failures = 0
        """How often Redis gave no answer."""

    async def take(self, wanted: Wanted, cost: int = 1, *, strict: bool = False) -> Answer:
        check(wanted, cost)
        if not wanted:
            return Answer(taken=True)
        try:
            wait = await self._in_time(self._run(wanted, cost))
        except _GONE as error:
            self._note_failure(error)
            return self._here.take_now(wanted, cost) if strict else Answer(taken=True)
        if strict and not wait:
            self._here.note(wanted, cost)
        return Answer(taken=not wait, wait=wait / MICROSECONDS)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._client.aclose()

    async def _in_time(self, call: Coroutine[Any, Any, int]) -> int:
        """`TimeoutError` at the deadline; redis-py misses some cancellations when many calls wait for a connection."""
        task = asyncio.create_task(call)
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait([task], timeout=self._deadline)
        finally:
            task.cancel()
        if not done:
            raise TimeoutError
        return task.result()

    def _ended(self, task: asyncio.Task[int]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    async def _run(self, wanted: Wanted, cost: int) -> int:
        keys = [f"{self._prefix}{key}:{limit.per_seconds}" for key, limit in wanted]
        arguments = [cost, SLICES]
        for _, limit in wanted:
            arguments += (limit.most, limit.per_seconds * MICROSECONDS)
        evalsha: Callable[..., Any] = self._client.evalsha
        evaluate: Callable[..., Any] = self._client.eval
        async with self._turns:
            try:
                return int(await evalsha(_SHA, len(keys), *keys, *arguments))
            except redis.exceptions.NoScriptError:
                return int(await evaluate(SCRIPT, len(keys), *keys, *arguments))

    def _note_failure(self, error: BaseException) -> None:
        self.failures += 1
        self._untold += 1
        now = time.monotonic()
        if now - self._told_at >= _SECONDS_BETWEEN_LINES:
            logger.warning("limits do not answer: %s", type(error).__name__, extra={"times": self._untold})
            self._told_at, self._untold = now, 0


def one_redis(url: str, deadline: float) -> Redis:
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=deadline,
        socket_timeout=deadline,
        socket_connect_timeout=deadline,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def redis_cluster(url: str, deadline: float) -> RedisCluster:
    return RedisCluster.from_url(
        url.replace("+cluster", "", 1),
        max_connections=CONNECTIONS,
        socket_timeout=deadline,
        socket_connect_timeout=deadline,
        retry=Retry(NoBackoff(), 0),
    )
