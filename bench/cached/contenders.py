"""The compared servers, and where each has its cache."""

import http.client
import sys
from collections.abc import Sequence

from bench.cached.redis import RedisServer
from bench.processes import tool
from bench.servers import NODE, NODE_OPTIONS, PEER, Contender, Running, ServerSettings
from bench.servers import ours as own_server
from bench.world import PROJECT, BenchError

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


def peer(name: str, settings: ServerSettings, redis: RedisServer) -> Contender:
    """Returns a server on Node with a cache in Redis. It uses modules of the Mercurius server."""
    folder = PEERS[name]
    for needed in (folder, PEER):
        if not (needed / "node_modules/.package-lock.json").exists():
            raise BenchError(
                "the peers' packages are not installed: run 'make bench-cached', or 'npm ci' in each folder"
            )
    cache = {"NODE_ENV": "production", "PEER_CACHE_URL": redis.url(DATABASES[name])}
    command = [tool("node", NODE), *NODE_OPTIONS, str(folder / "server.mjs")]
    return Contender(name, command, {**settings.environment(), **cache})


def bare(settings: ServerSettings) -> Contender:
    """Returns an application without GraphQL in the same HTTP server."""
    options = ["--no-access-log", "--no-server-header", "--log-level=warning", "--lifespan=off"]
    command = [sys.executable, "-m", "uvicorn", "bench.cached.bare:application", *options]
    return Contender(BARE, command, settings.environment())


def store(running: Running, tokens: Sequence[str], answers: Sequence[bytes]) -> None:
    """Has the application without GraphQL answer each token with the given bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", running.ports[0], timeout=10)
    for token, answer in zip(tokens, answers, strict=True):
        connection.request("PUT", "/graphql", answer, {"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
    connection.close()
