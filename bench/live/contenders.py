"""The compared servers, each with sockets that follow, and how events are published to them."""

import asyncio
import http.client
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from bench.live.clients import Clients, clients
from bench.live.waiting import in_thread, settle
from bench.processes import tool
from bench.servers import NODE, NODE_OPTIONS, Contender, Running, ServerSettings, started
from bench.world import PROJECT, BenchError

OURS, GRAPHQL_WS, BARE = "ours", "graphql-ws on Node", "bare ASGI"

PEER = PROJECT / "bench/peers/graphql-ws"

_PUBLISH_SECONDS = 120.0


class Following(NamedTuple):
    """A server, sockets that follow events there, and a function that publishes so many events."""

    running: Running
    clients: Clients
    publish: Callable[[int], Awaitable[None]]

    @property
    def name(self) -> str:
        return self.running.contender.name

    @property
    def pid(self) -> int:
        return self.running.pids[0]

    @property
    def port(self) -> int:
        return self.running.ports[0]


def graphql_ws(settings: ServerSettings) -> Contender:
    """Returns a server with graphql-ws, which publishes in its process."""
    if not (PEER / "node_modules/.package-lock.json").exists():
        raise BenchError("the peer's packages are not installed: run 'make bench-live', or 'npm ci' in its folder")
    environment = {**settings.environment(), "NODE_ENV": "production"}
    return Contender(GRAPHQL_WS, [tool("node", NODE), *NODE_OPTIONS, str(PEER / "server.mjs")], environment)


def bare(settings: ServerSettings) -> Contender:
    """Returns an application without GraphQL in the same HTTP server."""
    options = ["--no-access-log", "--no-server-header", "--log-level=warning", "--lifespan=off", "--factory"]
    options += ["--ws=websockets-sansio", "--ws-per-message-deflate=false", "--ws-ping-timeout=120"]
    command = [sys.executable, "-m", "uvicorn", "bench.live.bare:create_app", *options]
    return Contender(BARE, command, settings.environment())


@asynccontextmanager
async def following(
    contender: Contender, tokens: Sequence[str], subscribe: Any, publish: Callable[[Running, int], Awaitable[None]]
) -> AsyncGenerator[Following]:
    """Yields a server with a socket for each token. All follow, because the server is idle again."""
    async with in_thread(started(contender)) as running, in_thread(clients()) as opened:
        await asyncio.to_thread(opened.open, running.ports[0], tokens, subscribe)
        await settle(running.pids[0])
        yield Following(running, opened, partial(publish, running))


async def not_published(_running: Running, _count: int) -> None:
    """Publishes nothing: the measurement writes by itself."""


def post_publish(running: Running, command: Mapping[str, Any]) -> None:
    """Has a peer publish events."""
    connection = http.client.HTTPConnection("127.0.0.1", running.ports[0], timeout=_PUBLISH_SECONDS)
    try:
        connection.request("POST", "/publish", json.dumps(command))
        if connection.getresponse().status != http.client.OK:
            raise BenchError(f"{running.contender.name}: the events were not published")
    finally:
        connection.close()
