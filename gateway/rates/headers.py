"""The headers `RateLimit-Policy` and `RateLimit`.

They follow https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (version 10).
"""

from adapters.buckets import Taken
from adapters.buckets.base import MICROSECONDS
from gateway.rates.quotas import CallerBuckets


class RateHeaders:
    """The headers with the remaining cost of a caller.

    The policy names all buckets, and the limit the one with the least room.
    """

    __slots__ = ("_buckets", "_taken")

    def __init__(self, buckets: CallerBuckets, taken: Taken) -> None:
        self._buckets = buckets
        self._taken = taken

    @property
    def constant(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header that is the same for many responses."""
        return self._buckets.policy

    @property
    def limit(self) -> tuple[bytes, bytes]:
        """The header with the room that is left, and the seconds until the bucket is full."""
        name, taken = self._buckets.names[self._taken.tightest], self._taken
        return b"ratelimit", b'"%b";r=%d;t=%d' % (name, taken.remaining, -(-taken.reset // MICROSECONDS))

    def put_back(self, cost: int) -> None:
        """Notes that a part of the cost was given back."""
        bucket, taken = self._buckets.group.buckets[self._taken.tightest], self._taken
        remaining, reset = taken.remaining + cost, taken.reset + bucket.moved(cost, 0)
        self._taken = taken._replace(remaining=min(remaining, bucket.quota), reset=max(reset, 0))
