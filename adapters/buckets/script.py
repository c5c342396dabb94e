"""The script that moves buckets in Redis, and the bytes of its calls."""

import hashlib
from collections.abc import Sequence

from adapters.buckets.base import Bucket
from adapters.redis_connection.commands import pack

SCRIPT = """
local count, force, now = #KEYS, ARGV[1] == '1', tonumber(ARGV[2])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local step = #ARGV > 2 * count + 4 and 2 or 0
local stored = redis.call('MGET', unpack(KEYS))
local full, tightest, remaining, reset, wait = {}, 0, math.huge, 0, 0
for i = 1, count do
  local quota, window, at = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2]), 2 * count + 3 + step * (i - 1)
  local taken, kept = math.min(tonumber(ARGV[at]), quota), math.min(tonumber(ARGV[at + 1]), quota)
  local moved = math.ceil(kept * window / quota) - math.ceil(taken * window / quota)
  local until_full = math.max(tonumber(stored[i] or 0) - now, 0) + moved
  local excess = until_full - window
  if force then
    until_full = math.min(until_full, 2 * window)
  elseif excess > wait then
    tightest, wait, reset = i - 1, excess, until_full - moved
    remaining = (window - reset) * quota / window
  elseif wait == 0 then
    local left = (window - until_full) * quota / window
    if left < remaining then
      tightest, remaining, reset = i - 1, left, until_full
    end
  end
  full[i] = until_full
end
if wait == 0 then
  for i, key in ipairs(KEYS) do
    if full[i] > 0 then
      redis.call('SET', key, string.format('%.0f', now + full[i]), 'PX', math.ceil(full[i] / 1000))
    else
      redis.call('DEL', key)
    end
  end
end
if force then
  return full
end
return {tightest, math.max(math.floor(remaining), 0), reset, wait}
"""
"""Moves buckets as `MemoryBuckets` does, and returns the items of `Taken`.

If they move in any case, it returns the microseconds until each of them is full.

The value of a key is the time in microseconds at which the bucket is full. The arguments are whether the buckets move
even if there is no room, the time or 0 for that of Redis, the quota and the window of each bucket, and the costs that
were taken before and that are kept now: once for all buckets, or for each.
"""

SHA = hashlib.sha1(SCRIPT.encode()).hexdigest()  # noqa: S324 - Redis identifies scripts by SHA-1


class PackedCall:
    """The calls of the script for some buckets. Everything but the costs is serialized once."""

    __slots__ = ("_arguments", "_forced", "_one", "_tried", "first_key")

    def __init__(self, buckets: Sequence[Bucket], prefix: str, now: int = 0) -> None:
        keys = [prefix + bucket.key for bucket in buckets]
        limits = [limit for bucket in buckets for limit in (bucket.quota, bucket.window)]
        self.first_key = keys[0].encode()
        self._arguments = (len(keys), *keys, 0, now, *limits)
        self._tried, self._forced = (_head((len(keys), *keys, force, now, *limits)) for force in (0, 1))
        self._one = self._tried + _bulk(0) + _bulk(1)

    def take(self, cost: int, taken: int) -> bytes:
        """Returns the call that takes a cost if there is room for it, in place of one that was taken."""
        return self._one if cost == 1 and not taken else self._tried + _bulk(taken) + _bulk(cost)

    def take_with_script(self, cost: int, taken: int) -> bytes:
        """Returns the same call for a server that does not have the script."""
        return pack(("EVAL", SCRIPT, *self._arguments, taken, cost))

    def put_back(self, taken: int, kept: int) -> bytes:
        """Returns the call that replaces a cost that was taken."""
        return self._forced + _bulk(taken) + _bulk(kept)


def packed_charges(charges: Sequence[tuple[Bucket, int]], prefix: str) -> bytes:
    """Returns the call that takes a cost from each of several buckets, with the script."""
    keys = [prefix + bucket.key for bucket, _ in charges]
    limits = [limit for bucket, _ in charges for limit in (bucket.quota, bucket.window)]
    costs = [cost for _, each in charges for cost in (0, each)]
    return pack(("EVAL", SCRIPT, len(keys), *keys, 1, 0, *limits, *costs))


def _head(arguments: Sequence[str | int]) -> bytes:
    """Returns the bytes of a call without its last two arguments."""
    command = ("EVALSHA", SHA, *arguments)
    return b"*%d\r\n" % (len(command) + 2) + pack(command).partition(b"\r\n")[2]


def _bulk(number: int) -> bytes:
    text = b"%d" % number
    return b"$%d\r\n%b\r\n" % (len(text), text)
