"""Token buckets: quotas of cost that fill up again continuously.

A bucket has the room of its quota, and fills up in its window. It admits bursts, at most twice its quota in any window,
and stores one number: the time at which it is full again (GCRA). The sign-in limits of `adapters/rate_limits` are exact
instead, and store each admission.
"""

from adapters.buckets.base import Bucket, BucketGroup, Buckets, OnEmpty, Taken
from adapters.buckets.engines import open_buckets

__all__ = ["Bucket", "BucketGroup", "Buckets", "OnEmpty", "Taken", "open_buckets"]
