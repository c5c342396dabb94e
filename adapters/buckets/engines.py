"""Opens the token buckets of an engine URL."""

import asyncio
from contextlib import suppress

from adapters.buckets.base import Buckets
from adapters.buckets.memory import MemoryBuckets
from adapters.response_store import ResponseStore
from core.background import Background
from core.settings.rate_limits import RateLimitSettings


def open_buckets(settings: RateLimitSettings, responses: ResponseStore | None, background: Background) -> Buckets:
    """Returns the buckets of `settings.limits_url`. They connect in the background.

    If the response store is on the same server, its connection is used, so that a request takes one round trip for
    both. The URL is that of `open_rate_limiter`, which rejects others.
    """
    url, name = settings.limits_url, settings.limits_name
    if url.partition(":")[0] in {"", "memory"}:
        return MemoryBuckets()
    from adapters.buckets.redis import RedisBuckets  # noqa: PLC0415 - redis-py takes 0.3 s to import
    from adapters.redis_connection.cluster import ClusterNodes  # noqa: PLC0415 - as above
    from adapters.redis_connection.endpoint import endpoint_of  # noqa: PLC0415 - as above
    from adapters.redis_connection.outages import Outages  # noqa: PLC0415 - as above
    from adapters.redis_connection.single import SingleServer  # noqa: PLC0415 - as above
    from adapters.response_store.stream_store import StreamStore  # noqa: PLC0415 - as above

    is_cluster = "+cluster" in url.partition(":")[0]
    endpoint = endpoint_of(url.replace("+cluster", "", 1))
    if isinstance(responses, StreamStore) and responses.is_at(endpoint, is_cluster=is_cluster):
        return RedisBuckets(responses, name, is_cluster=is_cluster)
    servers: ClusterNodes | SingleServer = (ClusterNodes if is_cluster else SingleServer)(
        url, settings.limits_deadline, Outages("rate limits"), background
    )
    with suppress(RuntimeError):  # without a running event loop, the first call does
        asyncio.get_running_loop()
        servers.start()
    return RedisBuckets(servers, name, is_cluster=is_cluster, start=servers.start, close=servers.close)
