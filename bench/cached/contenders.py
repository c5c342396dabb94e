"""The compared servers, and where each has its cache."""

from collections.abc import Mapping

from bench.cached.redis import RedisServer
from bench.servers import Contender, ServerSettings, on_node
from bench.servers import ours as own_server
from bench.world import PROJECT

OURS, APOLLO, YOGA = "ours, cached", "Apollo Server, cached", "GraphQL Yoga, cached"
BARE, UNCACHED = "bare ASGI, same bytes", "ours, not cached"

DATABASES = {OURS: 0, APOLLO: 1, YOGA: 2}
"""The number of each contender's database in Redis."""

PEERS = {APOLLO: PROJECT / "bench/peers/apollo-cached", YOGA: PROJECT / "bench/peers/yoga-cached"}


def ours(settings: ServerSettings, redis: RedisServer, *, is_cached: bool) -> Contender:
    """Returns `bff serve`, with or without its cache."""
    if is_cached:
        return own_server(OURS, settings, BFF_METRICS="true", BFF_CACHE_URL=redis.url(DATABASES[OURS]))
    return own_server(OURS, settings, BFF_METRICS="true")


def uncached(settings: ServerSettings) -> Contender:
    return own_server(UNCACHED, settings, BFF_METRICS="true")


def peer(name: str, settings: ServerSettings, redis: RedisServer, statements: Mapping[str, str]) -> Contender:
    """Returns a server on Node with a cache in Redis. `statements` is the variable of `bench.peer_statements`."""
    return on_node(name, settings, PEERS[name], {**statements, "PEER_CACHE_URL": redis.url(DATABASES[name])})
